//! Events that commands record.

use crate::harness::{Folder, Server};

/// The types and actors of a workspace's events after a sequence.
fn events(folder: &Folder, slug: &str, since: i64) -> Vec<String> {
    let conn = folder.open();
    let mut statement = conn
        .prepare(
            "SELECT e.type || ' ' || e.actor_kind FROM event e JOIN workspace w ON w.id = e.workspace_id
              WHERE w.slug = ?1 AND e.sequence > ?2 ORDER BY e.sequence",
        )
        .unwrap();
    let rows = statement
        .query_map((slug, since), |row| row.get(0))
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// The sequence of a workspace's newest event.
fn latest(folder: &Folder, slug: &str) -> i64 {
    let sql = "SELECT j.latest FROM journal_state j JOIN workspace w ON w.id = j.workspace_id WHERE w.slug = ?1";
    folder
        .open()
        .query_row(sql, [slug], |row| row.get(0))
        .unwrap()
}

/// Runs a command and fails unless it records exactly these events in `demo`.
#[track_caller]
fn expect(folder: &Folder, command: &str, types: &[&str]) {
    let since = latest(folder, "demo");
    folder.run(command).ok();
    let expected: Vec<_> = types.iter().map(|kind| format!("{kind} command")).collect();
    assert_eq!(events(folder, "demo", since), expected, "{command}");
}

/// The id of the first object in a command's list.
fn first_id(folder: &Folder, command: &str) -> String {
    folder.json(command)[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn every_command_that_changes_a_workspace_leaves_its_events() {
    let folder = Folder::with_demo();
    assert_eq!(events(&folder, "demo", 0), ["member.added command"]);
    for (command, types) in [
        (
            "token create --workspace demo --user ann@example.org --name T --scopes read",
            &["token.created"][..],
        ),
        ("key create --user ann@example.org", &["key.created"]),
        (
            "key create --user ann@example.org",
            &["key.revoked", "key.created"],
        ),
        ("workspace set-plan demo teams", &["workspace.updated"]),
        ("workspace set-plan demo teams", &[]),
        ("workspace top-up demo --calls 5", &["workspace.updated"]),
        ("workspace top-up demo --calls 0", &[]),
        (
            "user create --email ben@example.org --name Ben --workspace demo --role viewer",
            &["member.added"],
        ),
        (
            "email-account add --workspace demo --address a@b.example",
            &["email_account.created"],
        ),
        ("plan set teams --tasks 7", &[]),
        ("token list", &[]),
    ] {
        expect(&folder, command, types);
    }
    let token = first_id(&folder, "token list");
    for (command, types) in [
        (
            "user set-role --user ben@example.org --workspace demo --role admin",
            &["member.updated"][..],
        ),
        (
            "user set-role --user ben@example.org --workspace demo --role admin",
            &[],
        ),
        (
            "token create --workspace demo --user ben@example.org --name B --scopes read",
            &["token.created"],
        ),
        ("key create --user ben@example.org", &["key.created"]),
        (
            "user remove --user ben@example.org --workspace demo",
            &["token.revoked", "key.revoked", "member.removed"],
        ),
        ("key revoke --user ann@example.org", &["key.revoked"]),
    ] {
        expect(&folder, command, types);
    }
    expect(
        &folder,
        &format!("token revoke {token}"),
        &["token.revoked"],
    );
    let account = first_id(&folder, "email-account list");
    expect(
        &folder,
        &format!("email-account remove {account}"),
        &["email_account.deleted"],
    );
}

#[test]
fn the_first_start_leaves_the_events_of_what_it_creates() {
    let folder = Folder::empty();
    let data = folder.path().to_str().unwrap();
    Server::with(&["--data", data, "--listen", "127.0.0.1:0"], &[]).stop();
    let events = events(&folder, "my-workspace", 0);
    assert_eq!(events[0], "member.added system");
    assert_eq!(events.len(), 25, "{events:?}");
    assert!(events.iter().all(|event| event.ends_with(" system")));
}
