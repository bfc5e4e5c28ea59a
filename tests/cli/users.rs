//! `tackboard user …`

use serde_json::json;
use ureq::http::StatusCode;

use crate::harness::{Folder, Server};

#[test]
fn a_user_is_made_and_listed() {
    let folder = Folder::new();
    assert!(folder.run("user list").ok().contains("user create --email"));
    let workspace = folder.json("workspace create --name Demo --plan teams");
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

#[test]
fn a_link_signs_a_user_in_on_the_running_server() {
    let folder = Folder::with_demo();
    let server = Server::start(&folder);
    let link = folder.run("user link --user ann@example.org").ok();
    let path = link
        .trim()
        .strip_prefix(server.origin())
        .unwrap()
        .to_owned();
    let code = path.strip_prefix("/sign-in/").unwrap();
    assert_eq!((code.len(), link.lines().count()), (43, 1));
    let signed_in = server.open(&path, &json!({}));
    assert_eq!(signed_in["session"]["user"]["email"], "ann@example.org");
    assert_eq!(
        server.open(&path, &json!({}))["error"]["code"],
        "sign_in_link_invalid"
    );
    let shown = folder.json("user link --user ann@example.org --public-url https://b.example.org");
    let link = shown["link"].as_str().unwrap();
    assert!(link.starts_with("https://b.example.org/sign-in/"), "{link}");
    assert_eq!(shown["id"], folder.json("user list")[0]["id"]);
    let sessions = folder.json("session list --user ann@example.org");
    assert_eq!(sessions[0]["id"], signed_in["session"]["id"]);
    let why = folder.run("user link --user nobody@example.org").refused();
    assert!(why.contains("user list"), "{why}");
}

#[test]
fn a_link_before_the_first_start_has_the_address_that_the_server_will_have() {
    let folder = Folder::with_demo();
    // The database was made by a server on a random port, which is not known any more.
    folder
        .open()
        .execute("UPDATE installation SET origin = NULL", ())
        .unwrap();
    let link = folder.run("user link --user ann@example.org").ok();
    assert!(link.starts_with("http://127.0.0.1:8080/sign-in/"), "{link}");
    let settings = "public_url = \"https://b.example.org\"";
    std::fs::write(folder.path().join("tackboard.toml"), settings).unwrap();
    let link = folder.run("user link --user ann@example.org").ok();
    assert!(link.starts_with("https://b.example.org/sign-in/"), "{link}");
}

#[test]
fn a_password_is_read_from_standard_input_and_ends_sessions() {
    let folder = Folder::with_demo();
    let server = Server::start(&folder);
    let link = folder.run("user link --user ann@example.org").ok();
    server.open(
        link.trim().strip_prefix(server.origin()).unwrap(),
        &json!({}),
    );
    assert_eq!(folder.json("session list").as_array().unwrap().len(), 1);
    let set =
        |password: &str| folder.run_with("user set-password --user ann@example.org", password);
    let told = set("  with blanks  \n").ok();
    assert!(
        told.starts_with("Set the password of ann@example.org."),
        "{told}"
    );
    assert_eq!(folder.json("session list"), json!([]));
    let sign_in = |password: &str| {
        let body = json!({ "email": "ann@example.org", "password": password });
        server.open("/v1/session", &body)
    };
    assert_eq!(
        sign_in("with blanks")["error"]["code"],
        "invalid_credentials"
    );
    assert!(sign_in("  with blanks  ")["session"].is_object());
    for bad in ["", "short\n", &"x".repeat(129)] {
        let why = set(bad).refused();
        assert!(why.contains("10 to 128 characters"), "{why}");
    }
    let hash = "SELECT hash FROM password";
    let hash: String = folder.open().query_row(hash, (), |row| row.get(0)).unwrap();
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
}

#[test]
fn an_invitation_is_accepted_on_the_running_server() {
    let folder = Folder::with_demo();
    folder.run("workspace set-plan demo teams").ok();
    let server = Server::start(&folder);
    let invite = "user invite --email Ben@example.org --workspace demo --role admin";
    let link = folder.run(invite).ok();
    let path = link.trim().strip_prefix(server.origin()).unwrap();
    let joined = server.open(path, &json!({ "name": "Ben" }));
    assert_eq!(joined["session"]["user"]["email"], "ben@example.org");
    assert_eq!(joined["session"]["workspaces"][0]["role"], "admin");
    let why = folder.run(invite).refused();
    assert!(why.contains("already a member"), "{why}");
    let shown = folder.json("user invite --email eve@example.org --workspace demo");
    assert_eq!(
        (&shown["email"], &shown["role"]),
        (&json!("eve@example.org"), &json!("member"))
    );
    folder.run("plan set teams --members 2").ok();
    let why = folder
        .run("user invite --email kay@example.org --workspace demo")
        .refused();
    assert!(
        why.contains("Member limit") && why.contains("set-plan"),
        "{why}"
    );
    folder.run("doctor").ok();
}
