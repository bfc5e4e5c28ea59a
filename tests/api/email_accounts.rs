//! Email accounts.

use serde_json::{Value, json};

use crate::harness::{App, Client, Reply, at_once, column};

const LIST: &str = "/v1/email-accounts";

fn add(client: &Client, address: &str) -> Reply {
    client.post(LIST, json!({ "address": address }))
}

#[test]
fn an_account_lives_from_its_making_to_its_end() {
    let app = App::shared();
    let client = app.client();
    let body = json!({ "address": "  Cards@Example.ORG ", "name": " Ada " });
    let account = client.post(LIST, body).expect(201).object();
    let expected = json!({
        "id": account["id"], "address": "cards@example.org", "name": "Ada",
        "created_at": account["created_at"], "updated_at": account["created_at"]
    });
    assert_eq!(account, expected);
    let plain = add(&client, "plain@example.org").expect(201).object();
    assert_eq!(plain["name"], Value::Null);
    assert_eq!(client.rows(LIST), [account.clone(), plain.clone()]);
    let path = format!("{LIST}/{}", account["id"].as_str().unwrap());
    let deleted = client.delete(&path).expect(200);
    let gone = json!({ "deleted": true, "id": account["id"] });
    assert_eq!(deleted.json(), gone);
    client
        .delete(&path)
        .expect_error(404, "email_account_not_found");
    assert_eq!(client.rows(LIST), [plain]);
    // The address can be used again.
    add(&client, "cards@example.org").expect(201);
}

#[test]
fn an_address_is_an_email_address() {
    let app = App::shared();
    let client = app.client();
    for good in [
        "a@b",
        "ann+cards@mail.example.org",
        "o'neil_1@example.co",
        "joerg@müller.example",
    ] {
        let account = add(&client, good).expect(201).object();
        assert_eq!(account["address"], good);
    }
    for bad in [
        "ann",
        "@example.org",
        "ann@",
        "a@b@c",
        "a b@example.org",
        "ann@exa mple.org",
        "Ann <ann@example.org>",
        "ann@example.org, bob@example.org",
        "ann@example.org\r\nBcc: bob@example.org",
        "ann@example.org\0",
        ".ann@example.org",
        "ann@-example.org",
        "ann@example..org",
        "\"ann smith\"@example.org",
        "ann@example.org\u{200b}",
        "a\u{ad}nn@example.org",
        "ann@exam\u{2060}ple.org",
        "ann@exam_ple.org",
    ] {
        let reply = add(&client, bad).expect_error(400, "invalid_request");
        let told = json!({ "address": "Address must be an email address" });
        assert_eq!(reply.fields(), told, "{bad:?}");
    }
    let reply = add(&client, "jörg@example.org").expect_error(400, "invalid_request");
    let told =
        "Address must be ASCII before the @, since most mail servers can send from nothing else";
    assert_eq!(reply.fields(), json!({ "address": told }));
    let local = "x".repeat(64);
    let longest = |domain: usize| format!("{local}@{}", "d.".repeat(domain / 2) + "e");
    add(&client, &longest(188)).expect(201);
    let over = add(&client, &longest(190)).expect_error(400, "invalid_request");
    let told = "Address must be at most 254 characters";
    assert_eq!(over.fields(), json!({ "address": told }));
}

#[test]
fn every_failing_field_is_told_at_once() {
    let app = App::shared();
    let client = app.client();
    let reply = client.post(LIST, json!({ "address": 5, "name": "a\nb", "user": "x" }));
    let told = json!({
        "address": "Address must be text",
        "name": "Name must be one line without control characters",
        "user": "user is not a known field"
    });
    assert_eq!(reply.expect_error(400, "invalid_request").fields(), told);
    let reply = client.post(LIST, json!({ "name": "  " }));
    let told = json!({ "address": "Address is required", "name": "Name must not be empty" });
    assert_eq!(reply.expect_error(400, "invalid_request").fields(), told);
    let name = |length| json!({ "address": "a@example.org", "name": "ü".repeat(length) });
    client
        .post(LIST, name(101))
        .expect_error(400, "invalid_request");
    client.post(LIST, name(100)).expect(201);
}

#[test]
fn an_address_stands_once_in_a_workspace() {
    let app = App::shared();
    let (client, other) = (app.client(), app.client());
    let id = add(&client, "ann@example.org").expect(201).id();
    for again in ["ann@example.org", " ANN@Example.org "] {
        let reply = add(&client, again).expect_error(409, "conflict");
        let told = "An email account with the address ann@example.org already exists";
        assert_eq!(reply.json()["error"]["message"], told);
        let details = json!({ "address": "ann@example.org", "email_account_id": id });
        assert_eq!(reply.details(), details);
    }
    add(&other, "ann@example.org").expect(201);
    let replies = at_once(32, |_| add(&client, "bob@example.org"));
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!((made, client.rows(LIST).len()), (1, 2));
    for reply in replies.into_iter().filter(|reply| reply.status != 201) {
        reply.expect_error(409, "conflict");
    }
}

#[test]
fn accounts_are_listed_by_age_then_id() {
    let app = App::start();
    let client = app.client();
    let add = |n: usize| add(&client, &format!("a{n}@example.org")).expect(201).id();
    let mut accounts: Vec<String> = (0..4).map(add).collect();
    assert_eq!(column(&client.rows(LIST), "id"), accounts);
    app.sql("UPDATE email_account SET created_at = 1700000000000");
    accounts.sort();
    assert_eq!(column(&client.rows(LIST), "id"), accounts);
}
