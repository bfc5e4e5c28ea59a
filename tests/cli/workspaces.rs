//! `tackboard workspace …`

use serde_json::json;

use crate::harness::Folder;

#[test]
fn a_workspace_is_made_and_listed() {
    let folder = Folder::new();
    assert!(
        folder
            .run("workspace list")
            .ok()
            .contains("workspace create --name NAME")
    );
    let text = folder
        .run_args(&["workspace", "create", "--name", "My First"])
        .ok();
    assert!(
        text.contains("my-first") && text.contains("personal"),
        "{text}"
    );
    let made = folder.json("workspace create --name Second --plan teams --slug two");
    assert_eq!(
        [
            &made["name"],
            &made["slug"],
            &made["plan"],
            &made["extra_api_calls"]
        ],
        [&json!("Second"), &json!("two"), &json!("teams"), &json!(0)]
    );
    let members = [
        "id",
        "name",
        "slug",
        "plan",
        "extra_api_calls",
        "created_at",
        "updated_at",
    ];
    assert_eq!(made.as_object().unwrap().len(), members.len());
    assert!(
        members.iter().all(|member| made.get(member).is_some()),
        "{made}"
    );
    let all = folder.json("workspace list");
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert_eq!(all[1], made);
    let table = folder.run("workspace list").ok();
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(
        table.starts_with("ID ") && table.contains("My First"),
        "{table}"
    );
}

#[test]
fn a_slug_is_checked_and_made_where_none_is_given() {
    let folder = Folder::new();
    let id = "0190f3a1-7c1e-7d3a-9b2f-1c2d3e4f5a6b";
    for bad in ["Upper", "two words", "-a", "", id] {
        let slug = format!("--slug={bad}");
        let wrong = folder
            .run_args(&["workspace", "create", "--name", "N", &slug])
            .misused();
        assert!(wrong.contains("lower-case letters"), "{wrong}");
    }
    folder.run("workspace create --name Demo").ok();
    let why = folder
        .run("workspace create --name Other --slug demo")
        .refused();
    assert!(
        why.contains("slug demo already exists") && why.contains("--slug"),
        "{why}"
    );
    let second = folder.json("workspace create --name Demo");
    assert!(
        second["slug"].as_str().unwrap().starts_with("demo-"),
        "{second}"
    );
    assert_eq!(folder.json("workspace list").as_array().unwrap().len(), 2);
}

#[test]
fn a_name_is_checked() {
    let folder = Folder::new();
    let long = "x".repeat(101);
    for bad in ["", "   ", "a\nb", &long] {
        let args = ["workspace", "create", "--name", bad];
        assert!(
            folder
                .run_args(&args)
                .misused()
                .contains("1 to 100 characters"),
            "{bad:?}"
        );
    }
    let made = folder
        .run_args(&["workspace", "create", "--json", "--name", "  Ünder  "])
        .json();
    assert_eq!(made["name"], "Ünder");
}

#[test]
fn an_unknown_plan_is_refused_with_those_there_are() {
    let folder = Folder::new();
    for line in [
        "workspace create --name Demo --plan gold",
        "workspace set-plan demo gold",
    ] {
        if line.contains("set-plan") {
            folder.run("workspace create --name Demo").ok();
        }
        let why = folder.run(line).refused();
        assert!(why.contains("personal, pro, teams"), "{why}");
    }
    assert_eq!(folder.json("workspace list")[0]["plan"], "personal");
}

#[test]
fn a_plan_is_changed_by_slug_or_id() {
    let folder = Folder::with_demo();
    let changed = folder.json("workspace set-plan demo teams");
    assert_eq!(changed["plan"], "teams");
    let id = changed["id"].as_str().unwrap();
    let text = folder
        .run(&format!("workspace set-plan {id} personal"))
        .ok();
    assert_eq!(text, "Changed workspace demo to plan personal.\n");
    assert_eq!(folder.json("workspace list")[0]["plan"], "personal");
}

#[test]
fn top_ups_add_up_and_never_go_below_the_plan() {
    let folder = Folder::with_demo();
    assert!(
        folder
            .run("workspace top-up demo --calls 10000")
            .ok()
            .contains("10000 API calls")
    );
    assert_eq!(
        folder.json("workspace top-up demo --calls 500")["extra_api_calls"],
        10_500
    );
    assert_eq!(
        folder.json("workspace top-up demo --calls -99999")["extra_api_calls"],
        0
    );
    folder.run("workspace top-up demo").misused();
    folder.run("workspace top-up demo --calls many").misused();
    folder
        .run("workspace top-up demo --calls 9223372036854775807")
        .misused();
}

#[test]
fn an_unknown_workspace_is_refused() {
    let folder = Folder::with_demo();
    for line in [
        "workspace set-plan nope pro",
        "workspace top-up nope --calls 1",
        "workspace delete nope",
        "workspace delete nope --yes",
        "user create --email a@b.c --name N --workspace nope",
        "token create --workspace nope --user ann@example.org --name N --scopes read",
        "token list --workspace nope",
        "key create --user ann@example.org --workspace nope",
    ] {
        let why = folder.run(line).refused();
        assert!(
            why.contains("\"nope\"") && why.contains("workspace list"),
            "{line}: {why}"
        );
    }
    assert_eq!(folder.json("user list").as_array().unwrap().len(), 1);
}

#[test]
fn a_workspace_is_deleted_with_what_is_only_in_it() {
    let folder = Folder::with_demo();
    folder.run("workspace create --name Other").ok();
    folder
        .run("user create --email bob@example.org --name Bob --workspace demo")
        .ok();
    folder
        .run("user create --email bob@example.org --workspace other")
        .ok();
    folder
        .run("token create --workspace demo --user bob@example.org --name T --scopes read")
        .ok();
    folder
        .run("key create --user bob@example.org --workspace demo")
        .ok();

    let why = folder.run("workspace delete demo").refused();
    for part in [
        "demo",
        "1 token",
        "1 user who is in no other workspace",
        "--yes",
    ] {
        assert!(why.contains(part), "{why}");
    }
    assert_eq!(folder.json("workspace list").as_array().unwrap().len(), 2);

    let id = folder.json("workspace list")[0]["id"].clone();
    let deleted = folder.json("workspace delete demo --yes");
    assert_eq!(deleted, json!({ "deleted": true, "id": id }));
    assert_eq!(folder.json("workspace list").as_array().unwrap().len(), 1);
    assert_eq!(folder.json("token list"), json!([]));
    let users = folder.json("user list");
    assert_eq!(users.as_array().unwrap().len(), 1);
    assert_eq!(users[0]["email"], "bob@example.org");
    let text = folder.run("workspace delete other --yes").ok();
    assert_eq!(
        text,
        "Deleted workspace other with 1 user who is in no other workspace.\n"
    );
    assert_eq!(folder.run("doctor").status, Some(0));
}
