//! Every invalid field of a request is reported at once, also those with rules that a schema cannot express.

use serde_json::{Value, json};
use tackboard::model::time::Timestamp;
use uuid::Uuid;

use crate::harness::{App, Client};
use crate::messages::fields;
use crate::operations::{self, Ids};

/// The names of the invalid fields of a request.
fn names(client: &Client, method: &str, path: &str, body: Value) -> Vec<String> {
    let fields = fields(client, method, path, body);
    fields.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn a_word_as_position_is_reported_with_the_fields_of_the_schema() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let task = client.new_task(&project.id, "Task");
    let new = json!({ "projectId": project.id, "label": "", "position": "top" });
    assert_eq!(
        fields(&client, "POST", "/v1/tasks", new),
        json!({
            "label": "Label must not be empty",
            "position": "Position must be \"first\", \"last\", {\"after\": id} or {\"before\": id}, not the word \"top\""
        })
    );
    let bad_id = json!({ "projectId": "x", "label": "x", "position": "top" });
    assert_eq!(
        names(&client, "POST", "/v1/tasks", bad_id),
        ["position", "projectId"]
    );
    let lane = format!("/v1/lanes/{}", client.new_lane(&project.board));
    let subtask = format!("/v1/subtasks/{}", client.new_subtask(&task, "Subtask"));
    let (project, task) = (
        format!("/v1/projects/{}", project.id),
        format!("/v1/tasks/{task}"),
    );
    let cases = [
        (
            &project,
            json!({ "name": "", "boardId": "x", "position": "top" }),
            vec!["boardId", "name", "position"],
        ),
        (
            &lane,
            json!({ "name": "", "position": "end" }),
            vec!["name", "position"],
        ),
        (
            &task,
            json!({ "status": 9, "position": "up" }),
            vec!["position", "status"],
        ),
        (
            &subtask,
            json!({ "label": 1, "position": "back" }),
            vec!["label", "position"],
        ),
    ];
    for (path, body, expected) in cases {
        assert_eq!(names(&client, "PATCH", path, body), expected, "{path}");
        // These are no words that are refused.
        for fine in ["first", "last", "aab"] {
            let body = json!({ "nope": 1, "position": fine });
            assert_eq!(names(&client, "PATCH", path, body), ["nope"], "{path}");
        }
    }
}

#[test]
fn a_word_that_is_the_present_position_is_accepted_also_next_to_other_fields() {
    let app = App::start();
    let client = app.client();
    let task = client.new_task(&client.new_project().id, "Task");
    app.sql("UPDATE task SET position = 'top'");
    let path = format!("/v1/tasks/{task}");
    let body = json!({ "label": "", "position": "top" });
    assert_eq!(names(&client, "PATCH", &path, body), ["label"]);
    let body = json!({ "label": "x", "position": "top" });
    client.patch(&path, body).expect(200);
    let body = json!({ "update": [{ "id": task, "label": "", "position": "top" }] });
    assert_eq!(
        names(&client, "POST", "/v1/tasks/batch", body),
        ["update[0].label"]
    );
    // What does not exist has no position, and is missing only if the body is valid.
    let nothing = format!("/v1/tasks/{}", Uuid::now_v7());
    let body = json!({ "label": "", "position": "top" });
    assert_eq!(names(&client, "PATCH", &nothing, body), ["label"]);
    client
        .patch(&nothing, json!({ "position": "top" }))
        .expect_error(404, "task_not_found");
}

#[test]
fn a_word_as_position_is_refused_before_anything_is_looked_for() {
    let app = App::shared();
    let client = app.client();
    let (project, nothing) = (client.new_project(), Uuid::now_v7());
    let task = client.new_task(&project.id, "Task");
    let new = json!({ "projectId": nothing, "label": "x", "position": "top" });
    assert_eq!(names(&client, "POST", "/v1/tasks", new), ["position"]);
    let path = format!("/v1/tasks/{task}");
    let moved = json!({ "projectId": nothing, "position": "top" });
    assert_eq!(names(&client, "PATCH", &path, moved), ["position"]);
    let path = format!("/v1/projects/{}", project.id);
    let moved = json!({ "boardId": nothing, "position": "top" });
    assert_eq!(names(&client, "PATCH", &path, moved), ["position"]);
}

#[test]
fn a_batch_reports_the_fields_of_all_entries() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project().id;
    let [one, other] = ["One", "Other"].map(|label| client.new_task(&project, label));
    let cases = [
        (
            json!({ "create": [{ "projectId": project, "label": "", "position": "top" }] }),
            vec!["create[0].label", "create[0].position"],
        ),
        (
            json!({ "update": [{ "id": one, "label": "" }, { "id": one.to_uppercase() }], "delete": [one] }),
            vec!["delete[0]", "update[0].label", "update[1].id"],
        ),
        (
            json!({ "create": [{ "projectId": project, "label": "x", "position": "up" }],
                "update": [{ "id": one, "position": "top" }, { "id": other, "position": "end" }, { "id": one }] }),
            vec![
                "create[0].position",
                "update[0].position",
                "update[1].position",
                "update[2].id",
            ],
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(
            names(&client, "POST", "/v1/tasks/batch", body.clone()),
            expected,
            "{body}"
        );
    }
    let many = vec![json!({ "projectId": project, "label": "" }); 150];
    let ids: Vec<_> = (0..100).map(|_| Uuid::now_v7()).collect();
    let body = json!({ "create": many, "delete": ids });
    assert!(names(&client, "POST", "/v1/tasks/batch", body).contains(&"body".to_owned()));
}

#[test]
fn an_expiry_is_reported_with_the_fields_of_the_schema() {
    let app = App::shared();
    let client = app.client();
    let later = Timestamp::now().plus_days(366);
    let cases = [
        (
            "2020-01-01T00:00:00Z".to_owned(),
            "Expires at must be in the future",
        ),
        (
            later.to_string(),
            "Expires at must be at most 365 days from now",
        ),
        (
            "soon".to_owned(),
            "Expires at must be a date and time such as 2024-01-15T10:30:00Z",
        ),
    ];
    for (ends, message) in cases {
        let body = json!({ "name": "", "scopes": ["read"], "expiresAt": ends });
        assert_eq!(
            fields(&client, "POST", "/v1/tokens", body),
            json!({ "name": "Name must not be empty", "expiresAt": message })
        );
    }
}

#[test]
fn the_url_and_the_secret_of_a_webhook_are_reported_with_the_fields_of_the_schema() {
    let app = App::shared();
    let client = app.client();
    let new = json!({ "name": "", "url": "http://example.com/", "events": ["*"], "secret": format!("whsec_{}", "-".repeat(32)) });
    assert_eq!(
        names(&client, "POST", "/v1/webhooks", new),
        ["name", "secret", "url"]
    );
    let path = format!("/v1/webhooks/{}", client.new_webhook());
    let change = json!({ "name": "", "url": "https://10.0.0.1" });
    for method in ["PATCH", "PUT"] {
        assert_eq!(
            names(&client, method, &path, change.clone()),
            ["name", "url"]
        );
    }
    let rotate = json!({ "secret": format!("whsec_{}", "-".repeat(32)), "nope": 1 });
    let path = format!("{path}/secret/rotate");
    assert_eq!(names(&client, "POST", &path, rotate), ["nope", "secret"]);
}

#[test]
fn addresses_and_covers_are_reported_with_the_fields_of_the_schema() {
    let app = App::shared();
    let client = app.client();
    let account = json!({ "name": "", "address": "jürgen@example.org" });
    assert_eq!(
        names(&client, "POST", "/v1/email-accounts", account),
        ["address", "name"]
    );
    let invitation = json!({ "email": "a b@example.org", "role": "king" });
    assert_eq!(
        names(&client, "POST", "/v1/invitations", invitation),
        ["email", "role"]
    );
    let card =
        json!({ "title": "", "coverUrl": format!("https://example.org/{}", "ü".repeat(2_000)) });
    assert_eq!(
        names(&client, "POST", "/v1/cards", card),
        ["coverUrl", "title"]
    );
}

#[test]
fn all_query_parameters_are_reported() {
    let app = App::shared();
    let client = app.client();
    let webhook = client.new_webhook();
    let project = client.new_project().id;
    let deliveries = format!("/v1/webhooks/{webhook}/deliveries?limit=0&cursor=zz");
    let tasks = format!("/v1/projects/{project}/tasks?status=9&cursor=zz");
    let cases = [
        ("/v1/events?types=foo&limit=0", vec!["limit", "types"]),
        ("/v1/events?types=foo&cursor=zz", vec!["cursor", "types"]),
        (
            "/v1/events?since=1&types=foo&cursor=zz&board=x",
            vec!["board", "cursor", "types"],
        ),
        (
            "/v1/events/stream?types=foo&since=x",
            vec!["since", "types"],
        ),
        ("/v1/tasks?sort=position&status=9", vec!["sort", "status"]),
        ("/v1/tasks?sort=position&cursor=zz", vec!["cursor", "sort"]),
        ("/v1/tasks?ids=x&nope=1", vec!["ids", "nope"]),
        (
            "/v1/boards?limit=0&cursor=zz&include=x",
            vec!["cursor", "include", "limit"],
        ),
        ("/v1/cards?limit=0&cursor=zz", vec!["cursor", "limit"]),
        (&deliveries, vec!["cursor", "limit"]),
        (&tasks, vec!["cursor", "status"]),
    ];
    for (path, expected) in cases {
        let reply = client.get(path).expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), expected, "{path}");
    }
}

#[test]
fn unknown_query_parameters_are_reported_with_the_fields_of_the_body() {
    let app = App::shared();
    let client = app.client();
    assert_eq!(
        names(&client, "POST", "/v1/tasks?state=0", json!({ "label": "" })),
        ["label", "projectId", "state"]
    );
    let path = format!("/v1/lanes/{}?state=0", Uuid::now_v7());
    assert_eq!(
        names(&client, "PATCH", &path, json!({ "position": 1 })),
        ["position", "state"]
    );
}

/// A misspelled parameter must not pass for success.
#[test]
fn every_operation_refuses_unknown_query_parameters() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let (client, browser) = (app.client_of(&workspace), app.browser_of(&workspace));
    let ids = Ids::new(&client).with("session", &Uuid::now_v7().to_string());
    for operation in operations::all() {
        if !operation.path.starts_with("/v1/") {
            continue;
        }
        let client = match operation.needs_session() || operation.checks_origin() {
            true => &browser,
            false => &client,
        };
        let mut call = operation.call(&ids);
        let separator = if call.path.contains('?') { '&' } else { '?' };
        call.path = format!("{}{separator}state=0", call.path);
        let reply = call.send(client).expect_error(400, "invalid_request");
        assert_eq!(
            reply.fields()["state"],
            "state is not a known query parameter",
            "{}",
            operation.id
        );
    }
}

#[test]
fn a_bad_or_empty_id_in_the_query_is_an_invalid_parameter() {
    let app = App::shared();
    let client = app.client();
    let deliveries = format!("/v1/webhooks/{}/deliveries", client.new_webhook());
    let events = ["board", "project", "task", "card", "actor"];
    let tasks = ["board", "project", "label"];
    let cases = tasks.map(|name| ("/v1/tasks", name)).into_iter();
    let cases = cases.chain(events.map(|name| ("/v1/events", name)));
    let cases = cases.chain([("/v1/events/stream", "board"), (&deliveries, "event_id")]);
    for (path, name) in cases {
        for value in ["", "x"] {
            let reply = client.get(&format!("{path}?{name}={value}"));
            let reply = reply.expect_error(400, "invalid_request");
            assert_eq!(reply.field_names(), [name], "{path}");
            let message = reply.fields()[name].as_str().unwrap().to_owned();
            assert!(message.ends_with("must be a UUID"), "{message}");
        }
    }
    let reply = client
        .get(&format!("/v1/tasks?ids={},x", Uuid::now_v7()))
        .expect_error(400, "invalid_request");
    assert_eq!(reply.fields(), json!({ "ids": "Ids[1] must be a UUID" }));
}

#[test]
fn a_number_that_is_too_large_is_an_invalid_field() {
    let app = App::shared();
    let client = app.client();
    let send = |body: &str| {
        let kind = [("content-type", "application/json")];
        client.call("POST", "/v1/tasks", &kind, Some(body.as_bytes().to_vec()))
    };
    let reply = send(r#"{"label":"1e999","status":1e400}"#).expect_error(400, "invalid_request");
    assert_eq!(
        reply.fields(),
        json!({ "projectId": "Project ID is required", "status": "Status must be 0, 1, or 2" })
    );
    send(r#"{"status":1e400,}"#).expect_error(400, "invalid_json");
}
