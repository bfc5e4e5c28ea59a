//! `tackboard user …`

use serde_json::json;

use crate::harness::Folder;

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
