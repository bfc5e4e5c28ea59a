//! A POST with an Idempotency-Key runs once.

use serde_json::{Value, json};
use tackboard::model::scopes::Scope;

use crate::harness::{App, Client, Reply, at_once};
use crate::operations::{self, Ids};

fn post(client: &Client, key: &str, path: &str, body: Value) -> Reply {
    client.json("POST", path, &[("idempotency-key", key)], body)
}

fn board(client: &Client, key: &str) -> Reply {
    post(client, key, "/v1/boards", json!({ "name": "Board" }))
}

#[test]
fn every_post_takes_a_key_and_gives_the_first_answer_again() {
    let app = App::shared();
    for operation in operations::all()
        .iter()
        // Keys belong to a credential, so operations without a credential have none.
        .filter(|operation| operation.method == "POST" && operation.scope().is_some())
        // What only reads has nothing to repeat.
        .filter(|operation| {
            !["listCardChoices", "previewMarkdown"].contains(&operation.id.as_str())
        })
    {
        let client = app.client();
        let call = operation
            .call(&Ids::new(&client))
            .with("idempotency-key", "k");
        let described = operation
            .parameters("header")
            .any(|one| one["name"] == "Idempotency-Key");
        assert!(described, "{}", operation.id);
        let successes = operation.documented().into_iter();
        let successes = successes.filter(|(_, code)| code.is_empty());
        // An import that stores something has the higher status.
        let success = successes.map(|(status, _)| status).max().unwrap();
        let (first, second) = (
            call.send(&client).expect(success),
            call.send(&client).expect(success),
        );
        assert_eq!(first.header("idempotent-replayed"), "");
        assert_eq!(second.header("idempotent-replayed"), "true");
        assert_eq!(
            second.header("etag"),
            first.header("etag"),
            "{}",
            operation.id
        );
        if first.header("cache-control") != "no-store" {
            assert_eq!(second.text, first.text);
        }
    }
}

#[test]
fn a_replay_is_the_first_answer_also_when_the_thing_has_changed() {
    let app = App::shared();
    let client = app.client();
    let first = board(&client, "k").expect(201);
    let path = format!(
        "/v1/boards/{}",
        first.json()["board"]["id"].as_str().unwrap()
    );
    client
        .patch(&path, json!({ "name": "Changed" }))
        .expect(200);
    assert_eq!(board(&client, "k").expect(201).text, first.text);
    client.delete(&path).expect(200);
    assert_eq!(board(&client, "k").expect(201).text, first.text);
    assert_eq!(client.get("/v1/boards").json(), json!({ "boards": [] }));
}

#[test]
fn another_body_under_the_same_key_is_refused() {
    let app = App::shared();
    let client = app.client();
    board(&client, "k").expect(201);
    let other = post(&client, "k", "/v1/boards", json!({ "name": "Another" }));
    let reply = other.expect_error(422, "idempotency_key_reused");
    assert_eq!(reply.details(), json!({ "idempotency_key": "k" }));
    assert_eq!(
        client.get("/v1/boards").json()["boards"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_body_that_says_the_same_in_another_way_is_the_same() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project().id;
    let bodies = [
        format!(r#"{{"projectId":"{project}","label":"x","status":1}}"#),
        format!(r#"{{ "status": 1.0, "label": "  x ", "project_id": "{project}" }}"#),
    ];
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let [first, second] = bodies.map(|body| {
        client
            .call("POST", "/v1/tasks", &headers, Some(body.into()))
            .expect(201)
    });
    assert_eq!(first.text, second.text);
}

#[test]
fn a_key_holds_for_one_credential_one_path_and_one_query() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let (one, other) = (app.client_of(&workspace), app.client_of(&workspace));
    let first = board(&one, "k").expect(201);
    let id = first.json()["board"]["id"].as_str().unwrap().to_owned();
    let replies = [
        board(&other, "k"),
        post(&one, "k", "/v1/boards?_x=1", json!({ "name": "Board" })),
        post(
            &one,
            "k",
            &format!("/v1/boards/{id}/lanes"),
            json!({ "name": "Board" }),
        ),
        board(&one, "K"),
    ];
    for reply in replies {
        let reply = reply.expect(201);
        assert_eq!(reply.header("idempotent-replayed"), "");
        assert_ne!(reply.text, first.text);
    }
    assert_eq!(app.number("SELECT count(*) FROM board"), 4);
}

#[test]
fn two_at_once_make_one() {
    let app = App::start();
    let client = app.client();
    let replies = at_once(16, |_| board(&client.clone(), "k").expect(201));
    let new = replies
        .iter()
        .filter(|reply| reply.header("idempotent-replayed").is_empty());
    assert_eq!(new.count(), 1);
    assert!(replies.iter().all(|reply| reply.text == replies[0].text));
    assert_eq!(app.number("SELECT count(*) FROM board"), 1);
}

#[test]
fn a_failure_is_not_kept() {
    let app = App::start();
    let client = app.client();
    post(&client, "k", "/v1/boards", json!({})).expect(400);
    app.sql("UPDATE plan SET boards = 0");
    board(&client, "k").expect_error(403, "resource_limit_exceeded");
    app.sql("UPDATE plan SET boards = 1");
    assert_eq!(
        board(&client, "k")
            .expect(201)
            .header("idempotent-replayed"),
        ""
    );
    assert_eq!(app.number("SELECT count(*) FROM idempotency"), 1);
}

#[test]
fn a_secret_is_not_shown_again_nor_kept() {
    let app = App::start();
    let client = app.client();
    let body = json!({ "name": "x", "scopes": ["read"], "expiresInDays": 1 });
    let first = post(&client, "k", "/v1/tokens", body.clone()).expect(201);
    let secret = first.json()["token"]["secret"].as_str().unwrap().to_owned();
    assert_eq!(first.header("cache-control"), "no-store");
    let mut expected = first.json();
    expected["token"].as_object_mut().unwrap().remove("secret");
    assert_eq!(
        post(&client, "k", "/v1/tokens", body).expect(201).json(),
        expected
    );
    let kept = app.number(&format!(
        "SELECT count(*) FROM idempotency WHERE instr(body, '{secret}')"
    ));
    assert_eq!(
        (kept, app.number("SELECT count(*) FROM idempotency")),
        (0, 1)
    );
}

#[test]
fn a_key_may_stand_in_quotes() {
    let app = App::shared();
    let client = app.client();
    let first = board(&client, "a key").expect(201);
    assert_eq!(board(&client, "\"a key\"").expect(201).text, first.text);
}

#[test]
fn a_key_is_1_to_255_printable_characters() {
    let app = App::start();
    let client = app.client();
    let message = "Idempotency-Key must be 1 to 255 printable characters";
    let long = "k".repeat(256);
    for key in ["", "\"\"", "  ", &long, &format!("\"{long}\""), "é", "a\tb"] {
        let reply = board(&client, key).expect_error(400, "invalid_request");
        assert_eq!(
            reply.details(),
            json!({ "fields": { "Idempotency-Key": message } }),
            "{key:?}"
        );
    }
    let longest = "k".repeat(255);
    for key in [
        "1",
        "!#$%&'()*+,-./:;<=>?@[]^_`{|}~",
        &longest,
        &format!("\"{longest}\""),
    ] {
        board(&client, key).expect(201);
    }
    // The quoted key is the same key as the unquoted one.
    assert_eq!(app.number("SELECT count(*) FROM board"), 3);
}

#[test]
fn a_key_is_forgotten_after_24_hours() {
    let app = App::start();
    let client = app.client();
    let first = board(&client, "k").expect(201);
    app.sql("UPDATE idempotency SET created_at = created_at - 86000000");
    assert_eq!(board(&client, "k").expect(201).text, first.text);
    app.sql("UPDATE idempotency SET created_at = created_at - 400000");
    let second = board(&client, "k").expect(201);
    assert_eq!(second.header("idempotent-replayed"), "");
    assert_ne!(second.text, first.text);
    assert_eq!(board(&client, "k").expect(201).text, second.text);
}

#[test]
fn a_replay_needs_the_scope_like_the_first_time() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_with(Some(&app.token(&workspace, &[Scope::Write])));
    board(&client, "k").expect(201);
    app.sql("UPDATE token SET scopes = 1");
    board(&client, "k").expect_error(403, "insufficient_scope");
}

#[test]
fn a_post_that_only_reads_keeps_no_response() {
    let app = App::start();
    let client = app.client();
    let ids = Ids::new(&client);
    let all = operations::all();
    let operation = all
        .iter()
        .find(|operation| operation.id == "listCardChoices")
        .unwrap();
    let call = operation.call(&ids).with("idempotency-key", "k");
    let kept = app.number("SELECT count(*) FROM idempotency");
    let first = call.send(&client).expect(200);
    client.new_card();
    let second = call.send(&client).expect(200);
    assert_eq!(second.header("idempotent-replayed"), "");
    assert_ne!(second.text, first.text);
    assert_eq!(app.number("SELECT count(*) FROM idempotency"), kept);
}
