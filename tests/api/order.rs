//! The order of checks: a request that breaks several rules gets the error of the first. Each test starts with a
//! request that breaks all of them, and fixes one after the other.

use serde_json::json;
use tackboard::model::scopes::Scope;
use tackboard::model::time::Timestamp;
use uuid::Uuid;

use crate::harness::{App, Client, Reply};
use crate::raw::Raw;

/// A PATCH that announces a body that is too large.
fn too_large(client: &Client, path: &str, kind: &str) -> Reply {
    let headers = [
        ("content-type", kind),
        ("content-length", "9999999"),
        ("if-match", "\"old\""),
    ];
    Raw::head(client, "PATCH", path, &headers).reply(client)
}

#[test]
fn of_many_errors_the_first_in_the_order_of_checks_is_told() {
    let app = App::start();
    app.sql("INSERT INTO plan (name, api_calls) VALUES ('none', 0)");
    let (used_up, workspace) = (app.workspace("none"), app.workspace("teams"));
    let past = Timestamp::now().plus_days(-1);
    let expired = app.client_with(Some(&app.token_until(&used_up, &[Scope::Read], past)));
    let used_up = app.client_with(Some(&app.token(&used_up, &[Scope::Read])));
    let reader = app.client_with(Some(&app.token(&workspace, &[Scope::Read])));
    let nobody = app.client_with(None);
    let bad = "/v1/tasks/x";
    for (path, status, code) in [
        ("/v1/task/x", 404, "not_found"),
        ("/v1/projects", 405, "method_not_allowed"),
    ] {
        too_large(&nobody, path, "text/plain").expect_error(status, code);
    }
    for (client, status, code) in [
        (&nobody, 401, "invalid_token"),
        (&expired, 401, "token_expired"),
        (&used_up, 429, "quota_exceeded"),
        (&reader, 403, "insufficient_scope"),
        (&app.client_of(&workspace), 400, "invalid_uuid"),
    ] {
        too_large(client, bad, "text/plain").expect_error(status, code);
    }
}

#[test]
fn the_body_comes_before_what_it_names_and_that_before_preconditions() {
    let app = App::shared();
    let client = app.client();
    let id = client.new_task(&client.new_project().id, "Task");
    let (missing, task) = (
        format!("/v1/tasks/{}", Uuid::now_v7()),
        format!("/v1/tasks/{id}"),
    );
    too_large(&client, &missing, "text/plain").expect_error(415, "unsupported_media_type");
    too_large(&client, &missing, "application/json").expect_error(413, "payload_too_large");
    let headers = [
        ("content-type", "application/json"),
        ("if-match", "\"old\""),
    ];
    let patch = |path: &str, body: &str| client.call("PATCH", path, &headers, Some(body.into()));
    patch(&missing, "{").expect_error(400, "invalid_json");
    patch(&missing, r#"{"status":7}"#).expect_error(400, "invalid_request");
    let lane = json!({ "workflowLaneId": Uuid::now_v7() }).to_string();
    patch(&missing, &lane).expect_error(404, "task_not_found");
    patch(&task, &lane).expect_error(404, "lane_not_found");
    let project = json!({ "projectId": Uuid::now_v7() }).to_string();
    patch(&task, &project).expect_error(404, "project_not_found");
    patch(&task, r#"{"status":2}"#).expect_error(412, "precondition_failed");
    assert_eq!(client.get(&task).json()["task"]["status"], 0);
}

#[test]
fn a_kept_answer_comes_before_resources_and_those_before_the_limit() {
    let app = App::start();
    app.sql("INSERT INTO plan (name, tasks) VALUES ('one', 1)");
    let client = app.client_of(&app.workspace("one"));
    let project = client.new_project().id;
    let post =
        |key: &str, body| client.json("POST", "/v1/tasks", &[("idempotency-key", key)], body);
    let first = post("old", json!({ "projectId": project, "label": "Task" })).expect(201);
    post("old", json!({ "label": "" })).expect_error(400, "invalid_request");
    let nowhere = json!({ "projectId": Uuid::now_v7(), "label": "Task" });
    post("old", nowhere.clone()).expect_error(422, "idempotency_key_reused");
    post("new", nowhere).expect_error(404, "project_not_found");
    let full = json!({ "projectId": project, "label": "Task" });
    post("new", full.clone()).expect_error(403, "resource_limit_exceeded");
    assert_eq!(post("old", full).expect(201).text, first.text);
}

#[test]
fn a_kept_answer_outlives_what_it_names() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project().id;
    let body = json!({ "projectId": project, "label": "Task" });
    let post = || {
        client.json(
            "POST",
            "/v1/tasks",
            &[("idempotency-key", "k")],
            body.clone(),
        )
    };
    let first = post().expect(201);
    client
        .delete(&format!("/v1/projects/{project}"))
        .expect(200);
    assert_eq!(post().expect(201).text, first.text);
}

#[test]
fn a_burst_comes_after_the_quota_and_before_the_scope() {
    let app = App::with(|settings| settings.burst_per_second = Some(1));
    app.sql("INSERT INTO plan (name, api_calls) VALUES ('none', 0)");
    let (used_up, workspace) = (
        app.client_of(&app.workspace("none")),
        app.workspace("teams"),
    );
    for _ in 0..3 {
        used_up
            .get("/v1/boards")
            .expect_error(429, "quota_exceeded");
    }
    let reader = app.client_with(Some(&app.token(&workspace, &[Scope::Read])));
    reader
        .post("/v1/boards", json!({}))
        .expect_error(403, "insufficient_scope");
    let refused = (0..100).any(|_| reader.post("/v1/boards", json!({})).code() == "rate_limited");
    assert!(refused);
}
