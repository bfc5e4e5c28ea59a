//! `tackboard email-account …`

use serde_json::{Value, json};

use crate::harness::Folder;

const ADD: &str = "email-account add --workspace demo --address";

#[test]
fn an_address_is_added_listed_and_removed() {
    let folder = Folder::with_demo();
    let empty = folder.run("email-account list").ok();
    assert!(empty.contains("tackboard email-account add"), "{empty}");
    assert_eq!(folder.json("email-account list"), json!([]));
    let workspace = folder.json("workspace list")[0]["id"].clone();
    let made = folder.json(&format!("{ADD} Cards@Example.org --name Cards"));
    let expected = json!({
        "id": made["id"], "address": "cards@example.org", "name": "Cards", "created_at": made["created_at"],
        "updated_at": made["created_at"], "workspace_id": workspace
    });
    assert_eq!(made, expected);
    assert_eq!(folder.json("email-account list"), json!([made]));
    let of_demo = folder.json("email-account list --workspace demo");
    assert_eq!(of_demo, json!([made]));
    let told = folder.run(&format!("{ADD} plain@example.org")).ok();
    assert!(told.contains("plain@example.org"), "{told}");
    assert_eq!(folder.json("email-account list")[1]["name"], Value::Null);
    let table = folder.run("email-account list").ok();
    assert!(
        table.contains("cards@example.org") && table.contains("demo"),
        "{table}"
    );
    let help = folder.run("email-account remove --help").ok();
    assert!(help.contains("queued mails are still sent"), "{help}");
    let id = made["id"].as_str().unwrap();
    let gone = folder.json(&format!("email-account remove {id}"));
    assert_eq!(gone, json!({ "deleted": true, "id": id }));
    let left = folder.json("email-account list");
    assert_eq!(left.as_array().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_done_is_said_in_a_line() {
    let folder = Folder::with_demo();
    folder.run(&format!("{ADD} cards@example.org")).ok();
    let why = folder.run(&format!("{ADD} CARDS@example.org")).refused();
    assert!(why.contains("already exists"), "{why}");
    let why = folder.run(&format!("{ADD} .cards@example.org")).refused();
    assert!(why.contains("must be an email address"), "{why}");
    let why = folder.run(&format!("{ADD} cards@example.org\u{200b}"));
    let why = why.refused();
    assert!(why.contains("must be an email address"), "{why}");
    let why = folder.run(&format!("{ADD} kärtchen@example.org")).refused();
    assert!(why.contains("must be ASCII before the @"), "{why}");
    let nowhere = "email-account add --workspace nowhere --address a@example.org";
    let why = folder.run(nowhere).refused();
    assert!(why.contains("nowhere"), "{why}");
    let nothing = "email-account remove 00000000-0000-7000-8000-000000000000";
    let why = folder.run(nothing).refused();
    assert!(why.contains("tackboard email-account list"), "{why}");
    folder.run(&format!("{ADD} nobody")).misused();
    folder.run("email-account remove x").misused();
    folder.run("email-account add --workspace demo").misused();
}
