//! `tackboard key …`

use rusqlite::Connection;

use crate::harness::{Folder, Server};

/// The digests of all keys, and the slugs of their home workspaces.
fn keys(conn: &Connection) -> Vec<(Vec<u8>, String)> {
    let sql = "SELECT k.digest, w.slug FROM integration_key k JOIN workspace w ON w.id = k.home_workspace_id";
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_key_is_printed_alone_and_ends_the_older_one() {
    let folder = Folder::with_demo();
    let first = folder.run("key create --user ann@example.org").ok();
    let key: uuid::Uuid = first.strip_suffix('\n').unwrap().parse().unwrap();
    assert_eq!(key.get_version_num(), 4);
    let before = keys(&folder.open());
    let second = folder.run("key create --user ann@example.org").ok();
    assert_ne!(first, second);
    let after = keys(&folder.open());
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_ne!(before, after);
}

#[test]
fn a_key_has_an_id_and_belongs_to_the_oldest_workspace_unless_said_otherwise() {
    let folder = Folder::with_demo();
    folder.run("workspace create --name Other").ok();
    let user = folder.json("user create --email ann@example.org --workspace other");
    let id = user["id"].as_str().unwrap();
    let made = folder.json(&format!("key create --user {id}"));
    assert_eq!(made["user_id"], id);
    assert_eq!(made["workspace_id"], user["memberships"][0]["workspace_id"]);
    assert!(
        made["key"].is_string() && made["id"].is_string() && made["id"] != made["key"],
        "{made}"
    );
    assert_eq!(keys(&folder.open())[0].1, "demo");
    let other = folder.json("key create --user ann@example.org --workspace other");
    assert_eq!(
        other["workspace_id"],
        user["memberships"][1]["workspace_id"]
    );
    assert_eq!(keys(&folder.open())[0].1, "other");
}

#[test]
fn only_a_member_gets_a_key() {
    let folder = Folder::with_demo();
    folder.run("workspace create --name Other").ok();
    let why = folder
        .run("key create --user ann@example.org --workspace other")
        .refused();
    assert!(why.contains("not a member of other"), "{why}");
    let why = folder.run("key create --user nobody@example.org").refused();
    assert!(why.contains("user list"), "{why}");
    // The last owner cannot leave, but the workspace can go.
    let gone = "PRAGMA foreign_keys = ON; DELETE FROM workspace";
    folder.open().execute_batch(gone).unwrap();
    let why = folder.run("key create --user ann@example.org").refused();
    assert!(
        why.contains("not in any workspace") && why.contains("user create"),
        "{why}"
    );
    assert!(keys(&folder.open()).is_empty());
}

#[test]
fn keys_are_listed_and_revoked() {
    let folder = Folder::with_demo();
    assert!(folder.run("key list").ok().contains("key create --user"));
    let made = folder.json("key create --user ann@example.org");
    let listed = folder.json("key list");
    assert_eq!(listed.as_array().unwrap().len(), 1);
    for field in ["id", "user_id", "workspace_id"] {
        assert_eq!(listed[0][field], made[field], "{field}");
    }
    let table = folder.run("key list").ok();
    assert!(
        table.contains("ann@example.org") && table.contains("demo"),
        "{table}"
    );
    assert!(!table.contains(made["key"].as_str().unwrap()), "{table}");
    let server = Server::start(&folder);
    let key = made["key"].as_str().unwrap();
    let status = || server.get("/api/integration/auth/validate", key).status();
    assert_eq!(status(), 200);
    let revoked = folder.json("key revoke --user ann@example.org");
    assert_eq!(revoked["id"], made["id"]);
    assert_eq!(status(), 401);
    assert_eq!(folder.json("key list").as_array().unwrap().len(), 0);
    let why = folder.run("key revoke --user ann@example.org").refused();
    assert!(why.contains("has no key"), "{why}");
}
