//! The error envelope and the error catalog, word for word.

use std::time::Duration;

use serde_json::{Value, json};
use tackboard::error::Code;
use tackboard::model::scopes::Scope;
use tackboard::model::time::{Month, Timestamp};
use uuid::Uuid;

use crate::harness::{App, Reply};
use crate::raw::Raw;

/// A response, and what it must be.
pub type Case = (Reply, u16, Value);

#[test]
fn every_code_has_its_status_its_message_and_its_details() {
    let mut made = Vec::new();
    let automations = crate::integration::errors();
    let cases = [
        credentials(),
        resources(),
        automations,
        crate::recipients::errors(),
        crate::sessions::errors(),
        crate::imports::errors(),
        bodies(),
        limits(),
        outages(),
    ];
    for (reply, status, error) in cases.into_iter().flatten() {
        assert_eq!(
            without_product_members(reply.json()),
            json!({ "error": error })
        );
        assert_eq!(reply.status, status, "{}", reply.text);
        assert_eq!(reply.header("content-type"), "application/json");
        made.push(reply.code());
    }
    let mut all: Vec<_> = Code::ALL
        .iter()
        .map(|code| code.as_str().to_owned())
        .collect();
    all.sort();
    made.sort();
    assert_eq!(made, all, "each code is made once");
}

/// The envelope without the fields that the card integration API adds next to the error.
fn without_product_members(mut envelope: Value) -> Value {
    let members = envelope.as_object_mut().unwrap();
    if members.remove("statusCode").is_some() {
        assert_eq!(
            members.remove("message").as_ref(),
            Some(&members["error"]["message"])
        );
        members.remove("timestamp").unwrap();
    }
    envelope
}

pub fn error(code: &str, message: &str, details: Value) -> Value {
    json!({ "code": code, "message": message, "details": details })
}

fn credentials() -> Vec<Case> {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let ends = Timestamp::parse("2024-01-15T00:00:00Z").unwrap();
    let expired = app.client_with(Some(&app.token_until(&workspace, &Scope::ALL, ends)));
    let reader = app.client_with(Some(&app.token(&workspace, &[Scope::Read])));
    vec![
        (
            app.client_with(None).get("/v1/boards"),
            401,
            error(
                "invalid_token",
                "The provided API token is invalid",
                json!({ "reason": "No token was sent as Authorization: Bearer …" }),
            ),
        ),
        (
            expired.get("/v1/boards"),
            401,
            error(
                "token_expired",
                "The API token has expired",
                json!({ "expired_at": "2024-01-15T00:00:00Z" }),
            ),
        ),
        (
            reader.post("/v1/boards", json!({})),
            403,
            error(
                "insufficient_scope",
                "Token lacks required scope",
                json!({ "required": "write", "provided": ["read"] }),
            ),
        ),
    ]
}

fn resources() -> Vec<Case> {
    let app = App::shared();
    let (client, id) = (app.client(), Uuid::now_v7().to_string());
    let missing = |kind: &str, path: &str| {
        let mut name = kind.to_owned();
        name[..1].make_ascii_uppercase();
        let message = format!("{} not found or access denied", name.replace('_', " "));
        let error = error(
            &format!("{kind}_not_found"),
            &message,
            json!({ format!("{kind}_id"): id }),
        );
        (client.delete(&format!("/v1/{path}/{id}")), 404, error)
    };
    let address = json!({ "address": "ann@example.org" });
    let account = client.post("/v1/email-accounts", address.clone()).id();
    let taken = (
        client.post("/v1/email-accounts", address),
        409,
        error(
            "conflict",
            "An email account with the address ann@example.org already exists",
            json!({ "address": "ann@example.org", "email_account_id": account }),
        ),
    );
    let (card, status, mut no_card) = missing("card", "cards");
    let owned = "Card not found or you do not have access to this card";
    no_card["message"] = json!(owned);
    let tag = client.new_board();
    let board = format!("/v1/boards/{tag}");
    let tag = client.get(&board).header("etag").to_owned();
    let stale = client.call("DELETE", &board, &[("if-match", "\"old\"")], None);
    let hook = client.new_webhook();
    let again = format!("/v1/webhooks/{hook}/deliveries/{id}/redeliver");
    vec![
        (
            client.post(&again, json!({})),
            404,
            error(
                "delivery_not_found",
                "Delivery not found or access denied",
                json!({ "delivery_id": id }),
            ),
        ),
        missing("webhook", "webhooks"),
        missing("board", "boards"),
        missing("project", "projects"),
        missing("task", "tasks"),
        missing("lane", "lanes"),
        missing("label", "labels"),
        missing("comment", "comments"),
        missing("subtask", "subtasks"),
        missing("token", "tokens"),
        missing("email_account", "email-accounts"),
        taken,
        (card, status, no_card),
        (
            client.get(&format!("/covers/{id}")),
            404,
            error(
                "cover_not_found",
                "Cover not found or access denied",
                json!({ "cover_id": id }),
            ),
        ),
        (
            stale,
            412,
            error(
                "precondition_failed",
                "The resource has changed since it was read",
                json!({ "current_etag": tag }),
            ),
        ),
        (
            client.get("/v1/events?since=4711"),
            410,
            error(
                "events_expired",
                "Events that old are no longer kept",
                json!({ "oldest": 1, "latest": client.latest() }),
            ),
        ),
        (
            client.get("/v1/nope"),
            404,
            error(
                "not_found",
                "No such endpoint",
                json!({ "method": "GET", "path": "/v1/nope" }),
            ),
        ),
        (
            client.put("/v1/boards", json!({})),
            405,
            error(
                "method_not_allowed",
                "Method not allowed",
                json!({ "allowed": ["GET", "POST"] }),
            ),
        ),
    ]
}

fn bodies() -> Vec<Case> {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let json_type = ("content-type", "application/json");
    let long = [json_type, ("content-length", "1048577")];
    let text = ("content-type", "text/csv");
    let mut cases = vec![
        (
            client.post("/v1/tasks", json!({ "projectId": project.id, "status": 7 })),
            400,
            error(
                "invalid_request",
                "Request validation failed",
                json!({ "fields": { "label": "Label is required", "status": "Status must be 0, 1, or 2" } }),
            ),
        ),
        (
            client.post(
                "/v1/tasks",
                json!({ "projectId": "not-a-uuid", "label": "x" }),
            ),
            400,
            error(
                "invalid_uuid",
                "Invalid UUID format",
                json!({ "field": "projectId", "value": "not-a-uuid" }),
            ),
        ),
        (
            client.call("POST", "/v1/boards", &[text], Some(b"a,b".to_vec())),
            415,
            error(
                "unsupported_media_type",
                "Request body must be application/json",
                json!({ "content_type": "text/csv" }),
            ),
        ),
        (
            Raw::head(&client, "POST", "/v1/boards", &long).reply(&client),
            413,
            error(
                "payload_too_large",
                "Request body is too large",
                json!({ "limit_bytes": 1_048_576 }),
            ),
        ),
    ];
    let broken = client.call(
        "POST",
        "/v1/boards",
        &[json_type],
        Some(b"{\n  \"a\" 1}".to_vec()),
    );
    let details = json!({ "line": 2, "column": 7, "reason": "expected `:`" });
    cases.push((
        broken,
        400,
        error("invalid_json", "Request body is not valid JSON", details),
    ));
    client.json(
        "POST",
        "/v1/boards",
        &[("idempotency-key", "k1")],
        json!({ "name": "One" }),
    );
    cases.push((
        client.json(
            "POST",
            "/v1/boards",
            &[("idempotency-key", "k1")],
            json!({ "name": "Two" }),
        ),
        422,
        error(
            "idempotency_key_reused",
            "Idempotency-Key was used with a different request",
            json!({ "idempotency_key": "k1" }),
        ),
    ));
    cases
}

fn limits() -> Vec<Case> {
    let app = App::start();
    app.sql("INSERT INTO plan (name, boards, api_calls) VALUES ('few', 2, 3)");
    let client = app.client_of(&app.workspace("few"));
    client.new_board();
    client.new_board();
    let full = client.post("/v1/boards", json!({ "name": "x" }));
    let reset = Month::of(Timestamp::now()).end();
    let quota = json!({ "limit": 3, "used": 3, "reset": reset });
    let mut used_up = error("quota_exceeded", "Monthly API quota exceeded", quota);
    used_up["limit"] = json!(3);
    used_up["reset"] = json!(reset);
    let hasty = App::with(|settings| settings.burst_per_second = Some(1));
    let in_haste = hasty.client();
    let refused = (0..100)
        .map(|_| in_haste.get("/v1/usage"))
        .find(|reply| reply.status == 429);
    vec![
        (
            full,
            403,
            error(
                "resource_limit_exceeded",
                "Board limit reached for your plan",
                json!({ "resource": "boards", "limit": 2, "current": 2 }),
            ),
        ),
        (client.get("/v1/boards"), 429, used_up),
        (
            refused.unwrap(),
            429,
            error(
                "rate_limited",
                "Too many requests",
                json!({ "retry_after": 1 }),
            ),
        ),
    ]
}

fn outages() -> Vec<Case> {
    let impatient = App::with(|settings| settings.request_timeout = Duration::from_millis(200));
    let client = impatient.client();
    let headers = [
        ("content-type", "application/json"),
        ("content-length", "9"),
    ];
    let late = Raw::head(&client, "POST", "/v1/boards", &headers).reply(&client);
    let broken = App::start();
    let client = broken.client();
    broken.sql("ALTER TABLE token RENAME TO lost");
    let fault = client.call("GET", "/v1/boards", &[("x-request-id", "mine")], None);
    let stopping = App::start();
    stopping.begin_stop();
    vec![
        (
            late,
            408,
            error(
                "request_timeout",
                "The request took too long to arrive",
                json!({ "timeout_seconds": 1 }),
            ),
        ),
        (
            fault,
            500,
            error(
                "internal_error",
                "Something went wrong",
                json!({ "request_id": "mine" }),
            ),
        ),
        (
            stopping.client().get("/v1/boards"),
            503,
            error(
                "service_unavailable",
                "Temporary outage",
                json!({ "reason": "shutting_down" }),
            ),
        ),
    ]
}
