//! Files that arrive slowly, or in parts.

use serde_json::{Value, json};
use tackboard::model::scopes::Scope;

use crate::harness::{App, Client, wait_for};
use crate::imports::{counts, trello};
use crate::raw::Raw;

/// A board with so many cards, and so many bytes in each description.
fn board(cards: usize, bytes: usize) -> Vec<u8> {
    let text = "x".repeat(bytes);
    let card = |at: usize| json!({ "id": format!("c{at}"), "name": format!("Card {at}"), "idList": "l", "pos": at, "desc": text });
    let lists = json!([{ "id": "l", "name": "List", "pos": 1 }]);
    trello(lists, (0..cards).map(card).collect::<Value>())
        .to_string()
        .into_bytes()
}

/// Begins an import that never ends.
fn begin(client: &Client, length: usize) -> Raw {
    let mut raw = Raw::head(
        client,
        "POST",
        "/v1/imports",
        &[
            ("content-type", "application/json"),
            ("content-length", &length.to_string()),
        ],
    );
    raw.send(b"{\"id\":");
    raw
}

#[test]
fn slow_uploads_keep_no_import_waiting() {
    let app = App::start();
    let slow: Vec<Client> = (0..3).map(|_| app.client()).collect();
    let uploads: Vec<Raw> = slow
        .iter()
        .flat_map(|client| (0..4).map(|_| begin(client, 1 << 20)))
        .collect();
    let client = app.client();
    let began = std::time::Instant::now();
    let report = client.imported("", board(3, 10));
    assert_eq!(counts(&report)[0], 6);
    // All turns were taken for ten seconds at least, if slow uploads had them.
    assert!(began.elapsed().as_secs() < 8);
    // A workspace has only so many uploads. They are released when their clients leave.
    let refused = slow[0]
        .import("", board(1, 1))
        .expect_error(503, "service_unavailable");
    assert!(!refused.header("retry-after").is_empty());
    drop(uploads);
    wait_for("a released upload", || {
        let reply = slow[0].import("?dry_run=true", board(1, 1));
        (reply.status == 200).then_some(())
    });
}

#[test]
fn a_large_file_goes_through_a_temporary_file_that_is_not_left() {
    let app = App::start();
    let client = app.client();
    let files = || {
        std::fs::read_dir(app.database().parent().unwrap())
            .unwrap()
            .count()
    };
    let before = files();
    let file = board(500, 8_000);
    assert!(file.len() > 3 << 20);
    let report = client.imported("", file.clone());
    assert_eq!(counts(&report)[0], 503);
    let again = client.imported("", file);
    assert_eq!(counts(&again)[..3], [0, 0, 503]);
    assert_eq!(files(), before);
}

#[test]
fn an_upload_that_is_cut_off_changes_nothing() {
    let app = App::start();
    let client = app.client();
    let before = client.latest();
    let mut raw = begin(&client, 10 << 20);
    raw.send(vec![b' '; 2 << 20]);
    raw.end();
    assert_eq!(client.latest(), before);
    assert_eq!(client.rows("/v1/imports"), Vec::<Value>::new());
}

#[test]
fn who_may_not_import_is_refused_before_the_file_arrives() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_with(Some(&app.token(&workspace, &[Scope::Write])));
    begin(&client, 1 << 20)
        .reply(&client)
        .expect_error(403, "insufficient_scope");
    let client = app.client();
    begin(&client, (100 << 20) + 1)
        .reply(&client)
        .expect_error(413, "payload_too_large");
}
