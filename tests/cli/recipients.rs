//! `tackboard recipient`

use serde_json::json;
use tackboard::model::recipients::Address;

use crate::harness::Folder;

/// Creates a recipient of a card, as a running server would.
fn new_recipient(folder: &Folder, workspace: &str, email: &str) {
    let email = Address::of(email);
    let database = folder.open();
    let made = database.execute_batch(
        "INSERT INTO card (workspace_id, id, title, message, accent_color, created_at, updated_at)
           SELECT id, id, 'Hello', '', '#2563eb', 0, 0 FROM workspace WHERE true ON CONFLICT DO NOTHING;
         INSERT INTO edition (workspace_id, card_id, revision, title, message, accent_color)
           SELECT workspace_id, id, 1, title, message, accent_color FROM card WHERE true ON CONFLICT DO NOTHING;",
    );
    made.unwrap();
    let added = database.execute(
        "INSERT INTO recipient (workspace_id, id, card_id, revision, email, email_digest, name, merge_tags, status, created_at)
         SELECT id, randomblob(16), id, 1, ?2, ?3, 'Ada', '{}', 'queued', 0 FROM workspace WHERE slug = ?1",
        (workspace, email.as_str(), email.digest().as_bytes().as_slice()),
    );
    assert_eq!(added.unwrap(), 1);
    database
        .execute_batch(
            "INSERT INTO mail (workspace_id, recipient_id, due_at, created_at)
               SELECT workspace_id, id, 0, 0 FROM recipient WHERE true ON CONFLICT DO NOTHING",
        )
        .unwrap();
}

fn count(folder: &Folder, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    folder.open().query_row(&sql, (), |row| row.get(0)).unwrap()
}

fn folder() -> Folder {
    let folder = Folder::with_demo();
    folder.run("workspace create --name Other").ok();
    for (workspace, email) in [
        ("demo", "ada@example.org"),
        ("demo", "ada@example.org"),
        ("other", "ada@example.org"),
        ("demo", "grace@example.org"),
    ] {
        new_recipient(&folder, workspace, email);
    }
    folder
}

#[test]
fn a_person_is_erased_everywhere_or_in_one_workspace() {
    let folder = folder();
    let one = folder.json("recipient erase Ada@Example.org --workspace other");
    assert_eq!(
        one,
        json!({ "id": "ada@example.org", "email": "ada@example.org", "recipients": 1 })
    );
    assert_eq!(
        (count(&folder, "recipient"), count(&folder, "mail")),
        (3, 3)
    );
    let rest = folder.run("recipient erase ada@example.org").ok();
    assert_eq!(
        rest,
        "Erased 2 recipients with the address ada@example.org. Unsubscribes are kept without the address, and old unsubscribe links still work.\n"
    );
    assert_eq!(
        (count(&folder, "recipient"), count(&folder, "mail")),
        (1, 1)
    );
    assert_eq!(count(&folder, "gone_recipient"), 3);
    let erased = "event WHERE type = 'recipient.erased' AND actor_kind = 'command'";
    assert_eq!(count(&folder, erased), 3);
    let nobody = folder.json("recipient erase ada@example.org");
    assert_eq!(nobody["recipients"], 0);
    assert_eq!(folder.run("doctor").status, Some(0));
}

#[test]
fn that_they_unsubscribed_is_still_known() {
    let folder = folder();
    unsubscribe(&folder);
    folder.run("recipient erase ada@example.org").ok();
    assert_eq!(count(&folder, "suppression"), 3);
    let address = Address::of("ada@example.org");
    let kept: i64 = folder
        .open()
        .query_row(
            "SELECT count(*) FROM suppression WHERE email_digest = ?1",
            [address.digest().as_bytes().as_slice()],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(kept, 2);
}

#[test]
fn the_flag_that_once_confirmed_changes_nothing() {
    let folder = folder();
    let why = folder
        .run("recipient erase ada@example.org --workspace nope")
        .refused();
    assert!(why.contains("\"nope\""), "{why}");
    assert_eq!(count(&folder, "recipient"), 4);
    folder.run("recipient erase ada").misused();
    folder.run("recipient erase").misused();
    let erased = folder.json("recipient erase ada@example.org --yes");
    assert_eq!(erased["recipients"], 3);
    let help = folder.run("recipient erase --help").ok();
    assert!(!help.contains("--yes"), "{help}");
}

/// Unsubscribes all recipients.
fn unsubscribe(folder: &Folder) {
    let suppressed = folder.open().execute_batch(
        "INSERT INTO suppression SELECT workspace_id, email_digest, 0 FROM recipient GROUP BY 1, 2",
    );
    suppressed.unwrap();
}

#[test]
fn an_address_is_allowed_in_one_workspace() {
    let folder = folder();
    unsubscribe(&folder);
    let told = folder
        .run("recipient allow Ada@Example.org --workspace demo")
        .ok();
    assert_eq!(
        told,
        "Cards of demo can be sent to ada@example.org again.\n"
    );
    assert_eq!(count(&folder, "suppression"), 2);
    assert_eq!(
        count(&folder, "recipient WHERE unsubscribed_at IS NOT NULL"),
        2
    );
    assert_eq!(
        count(&folder, "recipient WHERE status = 'failed'"),
        4,
        "canceled mails stay failed"
    );
    let allowed = "event WHERE type = 'card.resubscribed' AND actor_kind = 'command'";
    assert_eq!(count(&folder, allowed), 2);
    let again = folder
        .run("recipient allow ada@example.org --workspace demo")
        .ok();
    assert_eq!(
        again,
        "Nothing was changed: ada@example.org has not unsubscribed from the cards of demo.\n"
    );
    let other = folder.json("recipient allow ada@example.org --workspace other");
    let id = folder.json("workspace list")[1]["id"].clone();
    let expected =
        json!({ "id": id, "email": "ada@example.org", "workspace": "other", "allowed": true });
    assert_eq!(other, expected);
    assert_eq!(count(&folder, allowed), 3);
    let nobody = folder.json("recipient allow nobody@example.org --workspace other");
    assert_eq!(nobody["allowed"], false);
    assert_eq!(count(&folder, allowed), 3);
    assert_eq!(folder.run("doctor").status, Some(0));
    let why = folder
        .run("recipient allow ada@example.org --workspace nope")
        .refused();
    assert!(why.contains("\"nope\""), "{why}");
    folder.run("recipient allow ada@example.org").misused();
    folder.run("recipient allow ada --workspace demo").misused();
}

#[test]
fn an_erased_address_is_allowed_too() {
    let folder = folder();
    unsubscribe(&folder);
    folder.run("recipient erase ada@example.org").ok();
    let one = folder.json("recipient allow ada@example.org --workspace demo");
    assert_eq!(one["allowed"], true);
    assert_eq!(count(&folder, "suppression"), 2);
    let of_the_gone = "event JOIN gone_recipient g ON lower(hex(g.id)) = replace(json_extract(data, '$.recipient_id'), '-', '')
         WHERE type = 'card.resubscribed'";
    assert_eq!(count(&folder, of_the_gone), 1);
}
