//! Credentials: invalid and expired ones, and changes by other processes, which take effect immediately.

use std::collections::BTreeSet;

use serde_json::json;
use tackboard::app::{members, tokens};
use tackboard::model::scopes::{Role, Scope};
use tackboard::model::time::Timestamp;
use tackboard::store;

use crate::harness::{App, Client, Workspace};
use crate::operations::{self, Ids};

/// Sends a GET with this Authorization header.
fn call(client: &Client, header: &str) -> crate::harness::Reply {
    client.call("GET", "/v1/boards", &[("authorization", header)], None)
}

#[test]
fn whatever_is_wrong_with_a_credential_the_answer_is_the_same() {
    let app = App::shared();
    let (workspace, nobody) = (app.workspace("teams"), app.client_with(None));
    let good = app.token(&workspace, &Scope::ALL);
    let other = app.token(&workspace, &Scope::ALL);
    let mut mistyped = good.clone();
    mistyped.replace_range(10..11, if &good[10..11] == "a" { "b" } else { "a" });
    let revoked = revoked(app, &workspace);
    let headers = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        good.clone(),
        format!("Basic {good}"),
        format!("Token {good}"),
        format!("Bearer {}", &good[..34]),
        format!("Bearer {good}x"),
        format!("Bearer {good} {other}"),
        format!("Bearer {mistyped}"),
        format!("Bearer {}", good.to_lowercase()),
        format!("Bearer {revoked}"),
        format!("Bearer km_{}", "0".repeat(32)),
        format!("Bearer {}", "x".repeat(4000)),
    ];
    let missing = nobody.get("/v1/boards").expect_error(401, "invalid_token");
    assert_eq!(
        missing.details()["reason"],
        "No token was sent as Authorization: Bearer …"
    );
    let unknown = call(&nobody, "Bearer x").expect_error(401, "invalid_token");
    assert!(unknown.details().is_null(), "{}", unknown.text);
    for header in headers {
        let reply = call(&nobody, &header).expect_error(401, "invalid_token");
        let wanted = match header.strip_prefix("Bearer ") {
            None | Some("") => &missing,
            Some(_) => &unknown,
        };
        assert_eq!(reply.text, wanted.text, "{header}");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
        assert_eq!(reply.header("x-ratelimit-limit"), "");
    }
    for scheme in ["Bearer", "bearer", "BEARER"] {
        call(&nobody, &format!("{scheme} {good}")).expect(200);
    }
}

fn revoked(app: &App, workspace: &Workspace) -> String {
    let token = app.token(workspace, &Scope::ALL);
    let client = app.client_with(Some(&token));
    let newest = client.get("/v1/tokens").expect(200).json()["tokens"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["id"]
        .clone();
    client
        .delete(&format!("/v1/tokens/{}", newest.as_str().unwrap()))
        .expect(200);
    token
}

#[test]
fn no_operation_that_needs_a_token_answers_without_one() {
    let app = App::shared();
    let answers: BTreeSet<_> = operations::secured()
        .map(|operation| {
            let reply = operation.call(&Ids::random()).send(&app.client_with(None));
            let mut json = reply.expect_error(401, "invalid_token").json();
            if json["timestamp"].is_string() {
                json["timestamp"] = json!("now");
            }
            json.to_string()
        })
        .collect();
    // One per API.
    assert_eq!(answers.len(), 2);
}

#[test]
fn an_expired_token_is_told_when_it_ended() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    for ends in ["2024-01-15T00:00:00Z", "1999-12-31T23:59:59Z"] {
        let moment = Timestamp::parse(ends).unwrap();
        let client = app.client_with(Some(&app.token_until(&workspace, &Scope::ALL, moment)));
        let reply = client.get("/v1/boards").expect_error(401, "token_expired");
        assert_eq!(reply.details(), json!({ "expired_at": ends }));
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
}

#[test]
fn a_token_ends_while_it_is_in_use() {
    let app = App::start();
    let client = app.client();
    client.get("/v1/boards").expect(200);
    app.sql("UPDATE token SET expires_at = 1000");
    let reply = client.get("/v1/boards").expect_error(401, "token_expired");
    assert_eq!(
        reply.details(),
        json!({ "expired_at": "1970-01-01T00:00:01Z" })
    );
}

#[test]
fn a_revocation_by_another_process_holds_from_the_next_request_on() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let (client, witness) = (app.client_of(&workspace), app.client_of(&workspace));
    let first = client.get("/v1/tokens").expect(200).json()["tokens"][0]["id"].clone();
    app.write(|tx| {
        let id = first.as_str().unwrap().parse().unwrap();
        tokens::delete(tx, &workspace.command(), id)
    });
    client.get("/v1/boards").expect_error(401, "invalid_token");
    witness.get("/v1/boards").expect(200);
}

#[test]
fn a_revocation_through_the_api_holds_from_the_next_request_on() {
    let app = App::shared();
    let client = app.client();
    let made = client.post(
        "/v1/tokens",
        json!({ "name": "x", "scopes": ["read"], "expiresInDays": 1 }),
    );
    let token = made.expect(201).json()["token"].clone();
    let other = app.client_with(token["secret"].as_str());
    other.get("/v1/boards").expect(200);
    client
        .delete(&format!("/v1/tokens/{}", token["id"].as_str().unwrap()))
        .expect(200);
    other.get("/v1/boards").expect_error(401, "invalid_token");
}

/// Changes the role of a workspace's owner.
fn set_role(app: &App, workspace: &Workspace, role: Role) {
    // The last owner keeps the role.
    app.member(workspace, Role::Owner);
    app.write(|tx| {
        let owner = store::users::find(tx, &workspace.owner)?.unwrap();
        members::join(tx, &workspace.command(), &owner, role)
    });
}

#[test]
fn a_change_of_role_holds_from_the_next_request_on() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let board = || client.post("/v1/boards", json!({ "name": "x" }));
    board().expect(201);
    client.get("/v1/tokens").expect(200);
    set_role(app, &workspace, Role::Member);
    board().expect(201);
    let refused = client
        .get("/v1/tokens")
        .expect_error(403, "insufficient_scope");
    assert_eq!(
        refused.details(),
        json!({ "required": "admin", "provided": ["read", "write", "delete"] })
    );
    set_role(app, &workspace, Role::Viewer);
    client.get("/v1/boards").expect(200);
    let refused = board().expect_error(403, "insufficient_scope");
    assert_eq!(
        refused.details(),
        json!({ "required": "write", "provided": ["read"] })
    );
    set_role(app, &workspace, Role::Admin);
    client.get("/v1/tokens").expect(200);
}

#[test]
fn who_leaves_a_workspace_loses_the_tokens_for_it() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    client.get("/v1/boards").expect(200);
    app.member(&workspace, Role::Owner);
    let hex = workspace.owner.replace('-', "");
    app.sql(&format!(
        "PRAGMA foreign_keys = ON; DELETE FROM member WHERE user_id = x'{hex}'"
    ));
    client.get("/v1/boards").expect_error(401, "invalid_token");
}

#[test]
fn write_does_not_read_and_admin_does_everything() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let writer = app.client_with(Some(&app.token(&workspace, &[Scope::Write])));
    writer.new_board();
    writer
        .get("/v1/boards")
        .expect_error(403, "insufficient_scope");
    let admin = app.client_with(Some(&app.token(&workspace, &[Scope::Admin])));
    let board = admin.new_board();
    admin.get("/v1/boards").expect(200);
    admin.delete(&format!("/v1/boards/{board}")).expect(200);
}

#[test]
fn the_secret_stands_nowhere_in_the_database() {
    let app = App::start();
    let token = app.token(&app.workspace("teams"), &Scope::ALL);
    app.client_with(Some(&token))
        .post("/v1/boards", json!({ "name": "x" }))
        .expect(201);
    let folder = app.stop();
    let file = std::fs::read(folder.path().join("tackboard.db")).unwrap();
    let found = file.windows(28).any(|part| part == &token.as_bytes()[7..]);
    assert!(!found && file.windows(7).any(|part| part == &token.as_bytes()[..7]));
}

/// Each connection remembers callers. Whatever changes who they are, by whatever program, is seen by the next request.
#[test]
fn what_another_program_changes_about_a_caller_counts_at_once() {
    let app = App::start();
    let client = app.client();
    app.sql(
        "INSERT INTO plan (name, api_calls) VALUES ('none', 1);
         INSERT INTO user (id, email, name, created_at, updated_at) VALUES (zeroblob(16), 'two@example.org', 'Two', 1, 1);
         INSERT INTO member SELECT workspace_id, zeroblob(16), 'owner', 1 FROM token;
         CREATE TABLE kept AS SELECT * FROM token",
    );
    let expect = |status: u16, change: &str| {
        // More requests than there are connections.
        for _ in 0..6 {
            assert_eq!(client.get("/v1/tokens").status, status, "{change}");
        }
    };
    let role = |role: &str| {
        format!(
            "INSERT OR REPLACE INTO member SELECT workspace_id, user_id, '{role}', 1 FROM kept;
             INSERT OR REPLACE INTO token SELECT * FROM kept"
        )
    };
    let (viewer, owner) = (role("viewer"), role("owner"));
    for (change, status, back) in [
        (
            "UPDATE token SET scopes = 1",
            403,
            "UPDATE token SET scopes = 15",
        ),
        (
            "UPDATE member SET role = 'viewer' WHERE created_at > 1",
            403,
            "UPDATE member SET role = 'owner'",
        ),
        (&*viewer, 403, &*owner),
        (
            "UPDATE token SET expires_at = 1",
            401,
            "UPDATE token SET expires_at = unixepoch() * 1000 + 1000000",
        ),
        (
            "UPDATE plan SET api_calls = 1",
            429,
            "UPDATE plan SET api_calls = 60000 WHERE name = 'teams'",
        ),
        (
            "UPDATE workspace SET plan = 'none'",
            429,
            "UPDATE workspace SET plan = 'teams'",
        ),
        (
            "DELETE FROM token",
            401,
            "INSERT INTO token SELECT * FROM kept",
        ),
    ] {
        expect(200, back);
        app.sql(change);
        expect(status, change);
        app.sql(back);
    }
    expect(200, "all");
    app.sql("UPDATE token SET digest = zeroblob(32)");
    expect(401, "another digest");
}
