//! API tokens.

use serde_json::{Value, json};
use tackboard::app;
use tackboard::model::credentials::BASE62;
use tackboard::model::scopes::{Role, Scope};
use tackboard::model::time::Timestamp;
use tackboard::store;

use crate::harness::{App, Client, Reply, Workspace, column, text, wait_for};
use crate::raw::Raw;

/// Requests a token with these additional fields.
pub fn ask(client: &Client, more: Value) -> Reply {
    let mut body = json!({ "name": "CI", "scopes": ["read"] });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    client.post("/v1/tokens", body)
}

/// A client with a new token of these scopes, and the token's id.
fn made_with(app: &App, client: &Client, scopes: Value) -> (Client, String) {
    let made = ask(client, json!({ "scopes": scopes })).expect(201);
    (
        app.client_with(Some(&text(&made.object(), "secret"))),
        made.id(),
    )
}

/// A client for a new member of a workspace.
fn member(app: &App, workspace: &Workspace, role: Role, scopes: &[Scope]) -> Client {
    let owner = app.write(|tx| {
        let user = app::users::create(
            tx,
            &format!("{}@example.org", uuid::Uuid::now_v7()),
            "Member",
        )?;
        store::members::put(
            tx,
            workspace.id.parse().unwrap(),
            user.id,
            role,
            Timestamp::now(),
        )?;
        Ok(user.id.to_string())
    });
    let workspace = Workspace {
        owner,
        ..workspace.clone()
    };
    app.client_with(Some(&app.token(&workspace, scopes)))
}

/// The checksum of a token's text, computed independently.
fn checksum(secret: &str) -> String {
    let crc = crc32fast::hash(&secret.as_bytes()[..29]);
    let digits = (0..6).rev().map(|place| crc / 62_u32.pow(place) % 62);
    digits
        .map(|digit| char::from(BASE62[digit as usize]))
        .collect()
}

#[test]
fn a_token_shows_its_secret_once_and_opens_its_workspace() {
    let app = App::start();
    let client = app.client();
    let board = client.new_board();
    let body = json!({ "name": "  CI  ", "scopes": ["write", "read"], "expiresInDays": 7 });
    let made = client.post("/v1/tokens", body).expect(201);
    let mut token = made.object();
    let secret = text(&token, "secret");
    assert_eq!(
        (&token["name"], &token["scopes"]),
        (&json!("CI"), &json!(["read", "write"]))
    );
    assert_eq!(
        (text(&token, "prefix"), secret.len()),
        (secret[..7].to_owned(), 35)
    );
    assert_eq!(token["last_used_at"], Value::Null);
    token.as_object_mut().unwrap().remove("secret");
    assert_eq!(client.rows("/v1/tokens")[1], token);
    assert!(!client.get("/v1/tokens").text.contains(&secret));
    let other = app.client_with(Some(&secret));
    assert_eq!(column(&other.rows("/v1/boards"), "id"), [board]);
    for file in ["tackboard.db", "tackboard.db-wal"] {
        let stored = std::fs::read(app.data.path().join(file)).unwrap();
        let secret = secret.as_bytes();
        assert!(
            !stored.windows(secret.len()).any(|part| part == secret),
            "{file}"
        );
    }
}

#[test]
fn a_secret_ends_in_a_checksum_of_the_rest() {
    let app = App::shared();
    let client = app.client();
    for _ in 0..5 {
        let secret = text(&ask(&client, json!({})).expect(201).object(), "secret");
        assert_eq!(secret[29..], checksum(&secret), "{secret}");
        let last = if secret.ends_with('0') { "1" } else { "0" };
        let mistyped = format!("{}{last}", &secret[..34]);
        app.client_with(Some(&mistyped))
            .get("/v1/boards")
            .expect_error(401, "invalid_token");
    }
}

#[test]
fn a_repeated_post_does_not_show_the_secret_again() {
    let app = App::shared();
    let client = app.client();
    let post = || {
        let body = json!({ "name": "CI", "scopes": ["read"] });
        client
            .json("POST", "/v1/tokens", &[("idempotency-key", "once")], body)
            .expect(201)
    };
    let (mut first, again) = (post().object(), post());
    assert!(first.as_object_mut().unwrap().remove("secret").is_some());
    assert_eq!(
        (again.object(), again.header("idempotent-replayed")),
        (first, "true")
    );
    assert_eq!(client.rows("/v1/tokens").len(), 2);
}

#[test]
fn other_bad_members_are_told_by_name() {
    let app = App::shared();
    let client = app.client();
    let empty = client
        .post("/v1/tokens", json!({}))
        .expect_error(400, "invalid_request");
    assert_eq!(
        empty.fields(),
        json!({ "name": "Name is required", "scopes": "Scopes is required" })
    );
    for (more, field) in [
        (json!({ "name": " " }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "scopes": [] }), "scopes"),
        (json!({ "scopes": "read" }), "scopes"),
        (json!({ "scopes": ["read", "root"] }), "scopes[1]"),
        (json!({ "secret": "km_x" }), "secret"),
    ] {
        let reply = ask(&client, more.clone()).expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [field], "{more}");
    }
}

#[test]
fn a_token_makes_none_with_more_scopes_than_its_own() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let (admin, _) = made_with(app, &app.client_of(&workspace), json!(["admin"]));
    let (all, _) = made_with(app, &admin, json!(["read", "write", "delete", "admin"]));
    all.new_board();
    for scopes in [["read", "write"], ["read", "delete"], ["write", "delete"]] {
        let (client, _) = made_with(app, &all, json!(scopes));
        let refused = ask(&client, json!({})).expect_error(403, "insufficient_scope");
        assert_eq!(
            refused.details(),
            json!({ "required": "admin", "provided": scopes })
        );
        client
            .get("/v1/tokens")
            .expect_error(403, "insufficient_scope");
    }
}

#[test]
fn a_deleted_token_is_refused_from_the_next_call_on() {
    let app = App::shared();
    let client = app.client();
    let (other, id) = made_with(app, &client, json!(["read"]));
    other.get("/v1/boards").expect(200);
    let path = format!("/v1/tokens/{id}");
    assert_eq!(
        client.delete(&path).expect(200).json(),
        json!({ "deleted": true, "id": id })
    );
    other.get("/v1/boards").expect_error(401, "invalid_token");
    assert_eq!(
        client
            .delete(&path)
            .expect_error(404, "token_not_found")
            .details(),
        json!({ "token_id": id })
    );
    let (own, id) = made_with(app, &client, json!(["admin"]));
    own.delete(&format!("/v1/tokens/{id}")).expect(200);
    own.delete(&format!("/v1/tokens/{id}"))
        .expect_error(401, "invalid_token");
    assert_eq!(client.rows("/v1/tokens").len(), 1);
}

#[test]
fn a_token_of_another_workspace_is_not_found_and_goes_on_working() {
    let app = App::shared();
    let (client, stranger) = (app.client(), app.client());
    let id = text(&stranger.rows("/v1/tokens")[0], "id");
    client
        .delete(&format!("/v1/tokens/{id}"))
        .expect_error(404, "token_not_found");
    stranger.get("/v1/boards").expect(200);
    assert!(!column(&client.rows("/v1/tokens"), "id").contains(&id));
}

#[test]
fn a_role_takes_rights_from_a_token() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let board = app.client_of(&workspace).new_board();
    let path = format!("/v1/boards/{board}");
    let viewer = member(app, &workspace, Role::Viewer, &Scope::ALL);
    viewer.get(&path).expect(200);
    for refused in [
        viewer.patch(&path, json!({})),
        viewer.delete(&path),
        viewer.get("/v1/tokens"),
    ] {
        assert_eq!(
            refused.expect_error(403, "insufficient_scope").details()["provided"],
            json!(["read"])
        );
    }
    let writer = member(app, &workspace, Role::Viewer, &[Scope::Write]);
    let refused = writer
        .patch(&path, json!({}))
        .expect_error(403, "insufficient_scope");
    assert_eq!(
        refused.details(),
        json!({ "required": "write", "provided": [] })
    );
    let plain = member(app, &workspace, Role::Member, &Scope::ALL);
    let refused = ask(&plain, json!({})).expect_error(403, "insufficient_scope");
    assert_eq!(
        refused.details(),
        json!({ "required": "admin", "provided": ["read", "write", "delete"] })
    );
    plain.delete(&path).expect(200);
    ask(
        &member(app, &workspace, Role::Admin, &[Scope::Admin]),
        json!({}),
    )
    .expect(201);
}

#[test]
fn a_change_of_role_holds_from_the_next_call_on() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    client.new_board();
    app.member(&workspace, Role::Owner);
    let owner = format!("user_id = x'{}'", workspace.owner.replace('-', ""));
    app.sql(&format!("UPDATE member SET role = 'viewer' WHERE {owner}"));
    let refused = client.post("/v1/boards", json!({ "name": "Board" }));
    refused.expect_error(403, "insufficient_scope");
    app.sql(&format!("DELETE FROM member WHERE {owner}"));
    client.get("/v1/boards").expect_error(401, "invalid_token");
}

#[test]
fn the_last_use_is_kept_to_the_minute() {
    let app = App::shared();
    let client = app.client();
    let (other, id) = made_with(app, &client, json!(["read"]));
    let last_use = || {
        let rows = client.rows("/v1/tokens");
        let row = rows.iter().find(|row| row["id"] == id.as_str()).unwrap();
        row["last_used_at"].as_str().map(str::to_owned)
    };
    assert_eq!(last_use(), None);
    let before = Timestamp::now().to_minute();
    other.get("/v1/boards").expect(200);
    let shown = wait_for("the last use", last_use);
    let moments = [before, Timestamp::now().to_minute()].map(|moment| moment.to_string());
    assert!(moments.contains(&shown), "{shown}");
}

#[test]
fn tokens_are_listed_by_age_without_their_secrets() {
    let app = App::start();
    let client = app.client();
    let made: Vec<String> = ["One", "Two", "Three"]
        .map(|name| ask(&client, json!({ "name": name })).expect(201).id())
        .to_vec();
    assert_eq!(column(&client.rows("/v1/tokens"), "id")[1..], made);
    app.sql("UPDATE token SET created_at = 1700000000000 WHERE name = 'Three'");
    assert_eq!(
        column(&client.rows("/v1/tokens"), "name"),
        ["Three", "Test", "One", "Two"]
    );
    assert!(!client.get("/v1/tokens").text.contains("secret"));
}

/// Sends the headers of a POST and waits until the server has counted the call.
fn head_that_was_read(client: &Client, path: &str, headers: &[(&str, &str)]) -> Raw {
    let used = || client.show("/v1/usage")["api_calls"]["used"].clone();
    let before = used();
    let raw = Raw::head(client, "POST", path, headers);
    wait_for("the call to be counted", || {
        (used() != before).then_some(())
    });
    raw
}

#[test]
fn a_credential_that_ends_before_the_body_arrives_changes_nothing() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let (client, admin) = (app.client_of(&workspace), app.client_of(&workspace));
    let body = json!({ "name": "Backdoor", "scopes": ["admin"] }).to_string();
    let length = body.len().to_string();
    let headers = [
        ("content-type", "application/json"),
        ("content-length", &*length),
    ];
    let before = admin.latest();
    let tokens = admin.rows("/v1/tokens");
    let own = admin
        .get("/v1/events?since=0&types=token.created")
        .expect(200);
    assert_eq!(own.json()["events"].as_array().unwrap().len(), 2);
    // The newest token is that of the administrator.
    let id = text(&tokens[0], "id");
    let mut raw = Raw::head(&client, "POST", "/v1/tokens", &headers);
    // Requests are processed in order, so the headers have been read when another request has its response.
    client.get("/v1/usage").expect(200);
    admin.delete(&format!("/v1/tokens/{id}")).expect(200);
    raw.send(&body);
    raw.reply(&client).expect_error(401, "invalid_token");
    assert_eq!(
        column(&admin.events_after(before), "type"),
        ["token.revoked"]
    );
}

#[test]
fn a_role_that_is_lost_before_the_body_arrives_changes_nothing() {
    let app = App::start();
    let workspace = app.workspace("teams");
    app.member(&workspace, Role::Owner);
    let client = app.client_of(&workspace);
    let body = json!({ "name": "Too late" }).to_string();
    let length = body.len().to_string();
    let headers = [
        ("content-type", "application/json"),
        ("content-length", &*length),
    ];
    let mut raw = head_that_was_read(&client, "/v1/boards", &headers);
    let owner = workspace.owner.replace('-', "");
    app.sql(&format!(
        "UPDATE member SET role = 'viewer' WHERE user_id = x'{owner}'"
    ));
    raw.send(&body);
    raw.reply(&client).expect_error(403, "insufficient_scope");
    assert!(client.rows("/v1/boards").is_empty());
}
