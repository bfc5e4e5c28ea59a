//! `tackboard token …`

use serde_json::json;
use tackboard::model::time::Timestamp;
use tackboard::model::tokens::is_well_formed;

use crate::harness::Folder;

const CREATE: &str = "token create --workspace demo --user ann@example.org --name CI";

#[test]
fn a_token_is_printed_alone() {
    let folder = Folder::with_demo();
    let out = folder.run(&format!("{CREATE} --scopes read,write")).ok();
    let secret = out.strip_suffix('\n').unwrap();
    assert!(is_well_formed(secret), "{out:?}");
    let stored = std::fs::read(folder.database()).unwrap();
    assert!(
        !stored
            .windows(secret.len())
            .any(|bytes| bytes == secret.as_bytes())
    );
}

#[test]
fn a_token_has_the_members_of_the_api_and_is_listed_without_its_secret() {
    let folder = Folder::with_demo();
    let user = folder.json("user list")[0]["id"].clone();
    let workspace = folder.json("workspace list")[0]["id"].clone();
    let mut made = folder.json(&format!(
        "{CREATE} --scopes write --scopes read,read --expires-in-days 7"
    ));
    let secret = made.as_object_mut().unwrap().remove("token").unwrap();
    assert!(is_well_formed(secret.as_str().unwrap()));
    assert_eq!(made["prefix"], secret.as_str().unwrap()[..7]);
    assert_eq!(made["scopes"], json!(["read", "write"]));
    assert_eq!(
        (&made["user_id"], &made["workspace_id"]),
        (&user, &workspace)
    );
    assert_eq!(made["last_used_at"], json!(null));
    assert_eq!(days(&made), 7);
    assert_eq!(folder.json("token list"), json!([made]));
    assert_eq!(folder.json("token list --workspace demo"), json!([made]));
    let table = folder.run("token list").ok();
    assert!(
        table.contains("ann@example.org") && table.contains("read,write"),
        "{table}"
    );
    assert!(
        table.contains("never") && !table.contains(secret.as_str().unwrap()),
        "{table}"
    );
}

#[test]
fn a_token_lives_90_days_unless_said_otherwise() {
    let folder = Folder::with_demo();
    assert_eq!(days(&folder.json(&format!("{CREATE} --scopes read"))), 90);
    assert_eq!(
        days(&folder.json(&format!("{CREATE} --scopes read --expires-in-days 365"))),
        365
    );
    for bad in ["0", "366", "-1", "soon"] {
        folder
            .run(&format!("{CREATE} --scopes read --expires-in-days {bad}"))
            .misused();
    }
}

/// Days from creation to expiry. Both times come from separate readings of the clock, rounded down to seconds.
fn days(token: &serde_json::Value) -> i64 {
    let moment = |member: &str| {
        Timestamp::parse(token[member].as_str().unwrap())
            .unwrap()
            .millis()
    };
    (moment("expires_at") - moment("created_at") + 43_200_000) / 86_400_000
}

#[test]
fn scopes_are_checked() {
    let folder = Folder::with_demo();
    for bad in ["fly", "read,fly", "", "read;write"] {
        let args = [
            &CREATE.split(' ').collect::<Vec<_>>()[..],
            &["--scopes", bad],
        ]
        .concat();
        let wrong = folder.run_args(&args).misused();
        assert!(
            wrong.contains("read, write, delete, admin"),
            "{bad:?}: {wrong}"
        );
    }
    folder.run(CREATE).misused();
}

#[test]
fn only_a_member_gets_a_token_and_one_that_can_do_something() {
    let folder = Folder::with_demo();
    folder.run("workspace create --name Other").ok();
    let other = "token create --workspace other --user ann@example.org --name CI";
    let why = folder.run(&format!("{other} --scopes read")).refused();
    assert!(
        why.contains("not a member of other") && why.contains("user create"),
        "{why}"
    );
    folder
        .run("user create --email ann@example.org --workspace other --role viewer")
        .ok();
    let why = folder
        .run(&format!("{other} --scopes write,delete"))
        .refused();
    assert!(why.contains("viewer") && why.contains("read"), "{why}");
    let run = folder.run(&format!("{other} --scopes read,write"));
    assert_eq!(run.status, Some(0), "{run:?}");
    let why = folder
        .run("token create --workspace demo --user nobody@b.c --name N --scopes read")
        .refused();
    assert!(
        why.contains("nobody@b.c") && why.contains("user list"),
        "{why}"
    );
    assert_eq!(folder.json("token list --workspace demo"), json!([]));
    assert_eq!(folder.json("token list").as_array().unwrap().len(), 1);
}

#[test]
fn the_plan_limits_tokens() {
    let folder = Folder::with_demo();
    folder.run("plan set pro --tokens 1").ok();
    folder.run(&format!("{CREATE} --scopes read")).ok();
    let why = folder.run(&format!("{CREATE} --scopes read")).refused();
    assert!(
        why.contains("Token limit") && why.contains("(1)") && why.contains("set-plan"),
        "{why}"
    );
}

#[test]
fn a_token_is_revoked() {
    let folder = Folder::with_demo();
    let id = folder.json(&format!("{CREATE} --scopes read"))["id"].clone();
    let line = format!("token revoke {}", id.as_str().unwrap());
    assert_eq!(folder.json(&line), json!({ "deleted": true, "id": id }));
    assert!(folder.run("token list").ok().contains("No tokens yet"));
    let why = folder.run(&line).refused();
    assert!(
        why.contains(id.as_str().unwrap()) && why.contains("token list"),
        "{why}"
    );
    assert!(
        folder
            .run("token revoke km_abcd")
            .misused()
            .contains("must be a token id")
    );
    let id = folder.json(&format!("{CREATE} --scopes read"))["id"].clone();
    let id = id.as_str().unwrap();
    assert_eq!(
        folder.run(&format!("token revoke {id}")).ok(),
        format!("Revoked token {id}.\n")
    );
}

#[test]
fn an_expired_token_is_marked() {
    let folder = Folder::with_demo();
    folder.run(&format!("{CREATE} --scopes read")).ok();
    folder
        .open()
        .execute(
            "UPDATE token SET expires_at = 1000, name = 'a' || char(27) || '[2J'",
            (),
        )
        .unwrap();
    let table = folder.run("token list").ok();
    assert!(table.contains("1970-01-01T00:00:01Z (expired)"), "{table}");
    assert!(
        !table.contains('\u{1b}'),
        "a name commands the terminal: {table:?}"
    );
}

#[test]
fn a_role_that_allows_less_than_the_scopes_gets_a_warning() {
    let folder = Folder::with_demo();
    let viewer = "user create --email ben@example.org --name Ben --workspace demo --role viewer";
    folder.run(viewer).ok();
    let create = "token create --workspace demo --user ben@example.org --name T --scopes";
    let run = folder.run(&format!("{create} read,write"));
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(run.out.starts_with("km_"), "{run:?}");
    let warning = run.one_line();
    assert!(
        warning.contains("viewer") && warning.ends_with("allows only these scopes: read"),
        "{warning}"
    );
    folder.run(&format!("{create} read")).ok();
}
