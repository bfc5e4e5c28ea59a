//! `tackboard user …`

use serde_json::json;
use ureq::http::StatusCode;

use crate::harness::{Folder, Server};

#[test]
fn a_user_is_made_and_listed() {
    let folder = Folder::new();
    assert!(folder.run("user list").ok().contains("user create --email"));
    let workspace = folder.json("workspace create --name Demo");
    let made = folder.json("user create --email Ann@Example.ORG --name Ann --workspace demo");
    let id = workspace["id"].as_str().unwrap();
    assert_eq!(made["email"], "ann@example.org");
    assert_eq!(
        made["memberships"],
        json!([{ "workspace_id": id, "role": "owner" }])
    );
    let line =
        format!("user create --email bob@example.org --name Bob --workspace {id} --role viewer");
    let text = folder.run(&line).ok();
    assert!(
        text.starts_with("bob@example.org is now a member of demo with role viewer (id "),
        "{text}"
    );
    assert_eq!(folder.json("user list")[0], made);
    let table = folder.run("user list").ok();
    assert!(
        table.contains("demo (owner)") && table.contains("demo (viewer)"),
        "{table}"
    );
}

#[test]
fn a_user_who_exists_joins_another_workspace() {
    let folder = Folder::with_demo();
    folder.run("workspace create --name Other").ok();
    folder.run("workspace create --name Third").ok();
    let joined = folder.json("user create --email ANN@example.org --workspace other --role member");
    assert_eq!(joined["name"], "Ann");
    let roles = joined["memberships"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| &member["role"]);
    assert_eq!(roles.collect::<Vec<_>>(), ["owner", "member"]);
    folder
        .run("user create --email ann@example.org --name Ann --workspace third")
        .ok();
    assert_eq!(folder.json("user list").as_array().unwrap().len(), 1);
}

#[test]
fn what_looks_like_a_mistake_is_refused_and_changes_nothing() {
    let folder = Folder::with_demo();
    folder.run("workspace create --name Other").ok();
    for (line, hint) in [
        (
            "user create --email ann@example.org --workspace demo --role viewer",
            "already a member of demo with role owner",
        ),
        (
            "user create --email ann@example.org --name Bob --workspace other",
            "omit --name",
        ),
        (
            "user create --email new@example.org --workspace other",
            "add --name",
        ),
    ] {
        let why = folder.run(line).refused();
        assert!(why.contains(hint), "{why}");
    }
    let users = folder.json("user list");
    assert_eq!(users.as_array().unwrap().len(), 1);
    assert_eq!(users[0]["memberships"].as_array().unwrap().len(), 1);
    assert_eq!(users[0]["memberships"][0]["role"], "owner");
}

#[test]
fn an_address_and_a_role_are_checked() {
    let folder = Folder::with_demo();
    for bad in ["ann", "@example.org", "a@b@c", "a b@c", "a@b\nBcc:c@d"] {
        let args = [
            "user",
            "create",
            "--name",
            "N",
            "--workspace",
            "demo",
            "--email",
            bad,
        ];
        assert!(
            folder
                .run_args(&args)
                .misused()
                .contains("must be an email address"),
            "{bad:?}"
        );
    }
    let wrong = folder
        .run("user create --email a@b.c --name N --workspace demo --role king")
        .misused();
    assert!(wrong.contains("owner, admin, member, viewer"), "{wrong}");
}

#[test]
fn a_removed_member_loses_the_credentials_for_the_workspace_only() {
    let folder = Folder::with_demo();
    folder.run("workspace create --name Other").ok();
    for line in [
        "user create --email ben@example.org --name Ben --workspace demo --role admin",
        "user create --email ben@example.org --workspace other",
    ] {
        folder.run(line).ok();
    }
    let token = |slug: &str| {
        let line = format!(
            "token create --workspace {slug} --user ben@example.org --name T --scopes read"
        );
        folder.run(&line).ok().trim().to_owned()
    };
    let (demo, other) = (token("demo"), token("other"));
    let key = folder.run("key create --user ben@example.org --workspace other");
    let key = key.ok().trim().to_owned();
    let server = Server::start(&folder);
    let status = |token: &str| server.get("/v1/boards", token).status();
    assert_eq!(
        (status(&demo), status(&other)),
        (StatusCode::OK, StatusCode::OK)
    );
    let gone = folder.json("user remove --user ben@example.org --workspace demo");
    assert_eq!(gone["deleted"], true);
    assert_eq!(
        (status(&demo), status(&other)),
        (StatusCode::UNAUTHORIZED, StatusCode::OK)
    );
    assert_eq!(
        server.get("/api/integration/auth/validate", &key).status(),
        200
    );
    let ben = &folder.json("user list")[1];
    assert_eq!(
        (&ben["email"], &ben["id"]),
        (&json!("ben@example.org"), &gone["id"])
    );
    assert_eq!(ben["memberships"].as_array().unwrap().len(), 1);
    let why = folder
        .run("user remove --user ben@example.org --workspace demo")
        .refused();
    assert!(why.contains("not a member of demo"), "{why}");
    folder.run("doctor").ok();
}

#[test]
fn a_role_changes_and_limits_existing_tokens() {
    let folder = Folder::with_demo();
    let ben = "user create --email ben@example.org --name Ben --workspace demo --role member";
    folder.run(ben).ok();
    let token = "token create --workspace demo --user ben@example.org --name T --scopes read,write";
    let token = folder.run(token).ok().trim().to_owned();
    let server = Server::start(&folder);
    let create = || server.post("/v1/boards", &token, &json!({ "name": "B" }));
    assert!(create()["board"].is_object());
    let text = folder.run("user set-role --user ben@example.org --workspace demo --role viewer");
    assert_eq!(text.ok(), "ben@example.org now has role viewer in demo.\n");
    assert_eq!(create()["error"]["code"], "insufficient_scope");
    let changed = folder.json("user set-role --user ben@example.org --workspace demo --role admin");
    assert_eq!(changed["memberships"][0]["role"], "admin");
    assert!(create()["board"].is_object());
}

#[test]
fn the_last_owner_is_neither_removed_nor_demoted() {
    let folder = Folder::with_demo();
    let remove = "user remove --user ann@example.org --workspace demo";
    let demote = "user set-role --user ann@example.org --workspace demo --role admin";
    let ben = "user create --email ben@example.org --name Ben --workspace demo --role admin";
    folder.run(ben).ok();
    for line in [remove, demote] {
        let why = folder.run(line).refused();
        assert!(why.contains("ann@example.org is the last owner"), "{why}");
    }
    assert_eq!(
        folder.json("user list")[0]["memberships"][0]["role"],
        "owner"
    );
    let same = "user set-role --user ann@example.org --workspace demo --role owner";
    folder.run(same).ok();
    let promote = "user set-role --user ben@example.org --workspace demo --role owner";
    folder.run(promote).ok();
    folder.run(demote).ok();
    folder.run(remove).ok();
}
