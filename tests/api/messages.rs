//! Messages for invalid fields, through real operations.

use serde_json::{Value, json};

use crate::harness::{App, Client};

/// The invalid fields of a request that must be refused.
pub fn fields(client: &Client, method: &str, path: &str, body: Value) -> Value {
    let reply = client
        .json(method, path, &[], body)
        .expect_error(400, "invalid_request");
    reply.details()["fields"].clone()
}

#[test]
fn every_kind_of_failure_has_its_words() {
    let app = App::shared();
    let client = app.client();
    let (long, longer) = ("x".repeat(256), "x".repeat(65_537));
    let cases = [
        (
            "/v1/boards",
            json!({}),
            json!({ "name": "Name is required" }),
        ),
        (
            "/v1/boards",
            json!({ "name": null }),
            json!({ "name": "Name must be text" }),
        ),
        (
            "/v1/boards",
            json!({ "name": " \t\n" }),
            json!({ "name": "Name must not be empty" }),
        ),
        (
            "/v1/boards",
            json!({ "name": long }),
            json!({ "name": "Name must be at most 255 characters" }),
        ),
        (
            "/v1/boards",
            json!({ "name": "a\0b" }),
            json!({ "name": "Name must not contain a NUL character" }),
        ),
        (
            "/v1/boards",
            json!({ "name": "x", "description": 1 }),
            json!({ "description": "Description must be text or null" }),
        ),
        (
            "/v1/boards",
            json!({ "name": "x", "description": longer }),
            json!({ "description": "Description must be at most 65536 characters" }),
        ),
        (
            "/v1/boards",
            json!({ "name": "x", "accentColor": "red", "layoutPreference": "list", "colour": 1 }),
            json!({
                "accentColor": "Accent color must look like #rrggbb",
                "layoutPreference": "Layout preference must be kanban or simple",
                "colour": "colour is not a known field"
            }),
        ),
        (
            "/v1/tokens",
            json!({ "name": "x", "scopes": [], "expiresInDays": 366 }),
            json!({ "scopes": "Scopes must list at least one scope", "expiresInDays": "Expires in days must be at most 365" }),
        ),
        (
            "/v1/tokens",
            json!({ "name": "x", "scopes": ["read", "all", 5], "expiresInDays": 0 }),
            json!({
                "scopes[1]": "Scopes[1] must be read, write, delete, or admin",
                "scopes[2]": "Scopes[2] must be text",
                "expiresInDays": "Expires in days must be at least 1"
            }),
        ),
        (
            "/v1/tokens",
            json!({ "name": "x", "scopes": ["read", "read"], "expiresInDays": 1.5 }),
            json!({
                "scopes": "Scopes must not list the same entry twice",
                "expiresInDays": "Expires in days must be a whole number"
            }),
        ),
        (
            "/v1/tokens",
            json!({ "name": "x", "scopes": "read", "expiresAt": "tomorrow" }),
            json!({
                "scopes": "Scopes must be a list",
                "expiresAt": "Expires at must be a date and time such as 2024-01-15T10:30:00Z"
            }),
        ),
    ];
    for (path, body, expected) in cases {
        assert_eq!(
            fields(&client, "POST", path, body.clone()),
            expected,
            "{body}"
        );
    }
}

#[test]
fn a_change_is_checked_like_a_new_thing() {
    let app = App::shared();
    let client = app.client();
    let task = client.new_task(&client.new_project().id, "Task");
    let subtask = client.new_subtask(&task, "Subtask");
    let position = "Position must be \"first\", \"last\", a position of 1 to 64 letters and digits, or {\"after\": id} or {\"before\": id}";
    let (task, subtask) = (
        format!("/v1/tasks/{task}"),
        format!("/v1/subtasks/{subtask}"),
    );
    let cases = [
        (
            &task,
            json!({ "label": null }),
            json!({ "label": "Label must be text" }),
        ),
        (
            &task,
            json!({ "label": "" }),
            json!({ "label": "Label must not be empty" }),
        ),
        (
            &task,
            json!({ "status": "1" }),
            json!({ "status": "Status must be a whole number" }),
        ),
        (
            &task,
            json!({ "status": 3 }),
            json!({ "status": "Status must be 0, 1, or 2" }),
        ),
        (
            &task,
            json!({ "position": "a b" }),
            json!({ "position": position }),
        ),
        (
            &task,
            json!({ "position": "" }),
            json!({ "position": position }),
        ),
        (
            &subtask,
            json!({ "isCompleted": 1 }),
            json!({ "isCompleted": "Is completed must be true or false" }),
        ),
    ];
    for (path, body, expected) in cases {
        assert_eq!(
            fields(&client, "PATCH", path, body.clone()),
            expected,
            "{body}"
        );
    }
}

#[test]
fn a_body_that_is_no_object_is_told_so() {
    let app = App::shared();
    let client = app.client();
    for body in [
        json!([]),
        json!("text"),
        json!(1),
        json!(null),
        json!([{ "name": "x" }]),
    ] {
        let expected = json!({ "body": "Body must be an object" });
        assert_eq!(fields(&client, "POST", "/v1/boards", body), expected);
    }
}

#[test]
fn a_bad_query_parameter_is_named() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project().id;
    let tasks = format!("/v1/projects/{project}/tasks");
    let cases = [
        (
            "/v1/boards?limit=0".to_owned(),
            json!({ "limit": "Limit must be at least 1" }),
        ),
        (
            "/v1/boards?limit=501".to_owned(),
            json!({ "limit": "Limit must be at most 500" }),
        ),
        (
            "/v1/boards?limit=ten".to_owned(),
            json!({ "limit": "Limit must be a whole number" }),
        ),
        (
            "/v1/boards?cursor=x".to_owned(),
            json!({ "cursor": "Cursor is not one of this list" }),
        ),
        (
            "/v1/boards?include=tasks".to_owned(),
            json!({ "include": "Include must be projects" }),
        ),
        ("/v1/search".to_owned(), json!({ "q": "Query is required" })),
        (
            "/v1/search?q=%20".to_owned(),
            json!({ "q": "Query must not be empty" }),
        ),
        (
            format!("{tasks}?status=3&lane=x"),
            json!({ "status": "Status must be 0, 1, or 2", "lane": "Lane must be the id of a lane, or none" }),
        ),
    ];
    for (path, expected) in cases {
        let reply = client.get(&path).expect_error(400, "invalid_request");
        assert_eq!(reply.details()["fields"], expected, "{path}");
    }
}

#[test]
fn an_unknown_query_parameter_is_refused_and_named() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    let task = client.new_task(&project.id, "Task");
    let (tasks, task) = (
        format!("/v1/projects/{}/tasks", project.id),
        format!("/v1/tasks/{task}"),
    );
    for (method, path, body) in [
        ("GET", "/v1/boards", None),
        ("GET", tasks.as_str(), None),
        ("GET", task.as_str(), None),
        ("GET", "/v1/usage", None),
        (
            "POST",
            "/v1/tasks",
            Some(json!({ "projectId": project.id, "label": "Never" })),
        ),
        ("PATCH", task.as_str(), Some(json!({ "label": "Never" }))),
        ("DELETE", task.as_str(), None),
    ] {
        let send = |query: &str| {
            let body = body.as_ref().map(|body| body.to_string().into_bytes());
            client.call(
                method,
                &format!("{path}?{query}"),
                &[("content-type", "application/json")],
                body,
            )
        };
        let reply = send("state=0&_=1&State=1").expect_error(400, "invalid_request");
        assert_eq!(
            reply.details()["fields"],
            json!({
                "state": "state is not a known query parameter",
                "State": "State is not a known query parameter",
            }),
            "{method} {path}"
        );
    }
    assert_eq!(client.show(&task)["label"], "Task");
    client.get("/v1/boards?_=1&_cache=no").expect(200);
    let reply = client
        .get(&format!("{tasks}?state=0&limit=0"))
        .expect_error(400, "invalid_request");
    assert_eq!(reply.field_names(), ["limit", "state"]);
    // Clients of the card product may send parameters of their own.
    client
        .get("/api/integration/workspaces?source=zapier")
        .expect(200);
}
