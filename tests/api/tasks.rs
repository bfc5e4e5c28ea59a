//! Tasks.

use serde_json::{Value, json};

use crate::harness::{App, Client, Project, at_once, column};

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

fn path(task: &str) -> String {
    format!("/v1/tasks/{task}")
}

/// The labels of a project's tasks that match a query.
pub fn labels(client: &Client, project: &str, query: &str) -> Vec<String> {
    column(
        &client.rows(&format!("/v1/projects/{project}/tasks{query}")),
        "label",
    )
}

/// A project with a lane on its board.
pub fn with_lane(client: &Client) -> (Project, String) {
    let project = client.new_project();
    let lane = client.new_lane(&project.board);
    (project, lane)
}

#[test]
fn a_task_lives_from_creation_to_deletion() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let created = client
        .post(
            "/v1/tasks",
            json!({ "projectId": project.id, "label": "  Write it " }),
        )
        .expect(201);
    let task = created.object();
    let expected = json!({
        "id": task["id"], "label": "Write it", "status": 0, "project_id": project.id, "workflow_lane_id": null,
        "position": "aaa", "description": null, "subtasks": [], "assignees": [], "due_on": null, "archived_at": null,
        "created_by": task["created_by"], "created_at": task["created_at"], "updated_at": task["created_at"],
        "labels": [], "comments_total": 0
    });
    assert_eq!(task, expected);
    let path = path(&created.id());
    let read = client.get(&path).expect(200);
    assert_eq!(
        (read.object(), read.header("etag")),
        (expected.clone(), created.header("etag"))
    );
    let mut summary = expected;
    for member in [
        "project_id",
        "subtasks",
        "assignees",
        "labels",
        "created_by",
    ] {
        summary.as_object_mut().unwrap().remove(member);
    }
    for member in ["assignee_ids", "label_ids"] {
        summary[member] = json!([]);
    }
    for member in ["subtasks_total", "subtasks_completed"] {
        summary[member] = json!(0);
    }
    assert_eq!(
        client.rows(&format!("/v1/projects/{}/tasks", project.id)),
        [summary]
    );
    let deleted = client.delete(&path).expect(200);
    assert_eq!(deleted.json(), json!({ "deleted": true, "id": task["id"] }));
    client.get(&path).expect_error(404, "task_not_found");
    client
        .patch(&path, json!({}))
        .expect_error(404, "task_not_found");
    let gone = client.delete(&path).expect_error(404, "task_not_found");
    assert_eq!(gone.details(), json!({ "task_id": task["id"] }));
}

#[test]
fn every_member_that_is_given_is_kept() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let body = json!({ "projectId": project.id, "label": "Task", "description": " as typed ", "status": 2 });
    let task = client.post("/v1/tasks", body).expect(201).object();
    assert_eq!(
        (&task["description"], &task["status"]),
        (&json!(" as typed "), &json!(2))
    );
    let body =
        json!({ "project_id": project.id, "label": "Task", "description": null, "status": 1.0 });
    let task = client.post("/v1/tasks", body).expect(201).object();
    assert_eq!(
        (&task["description"], &task["status"]),
        (&Value::Null, &json!(1))
    );
    let both = json!({ "projectId": project.id, "project_id": project.id, "label": "Task" });
    let reply = client
        .post("/v1/tasks", both)
        .expect_error(400, "invalid_request");
    assert_eq!(reply.field_names(), ["projectId"]);
}

#[test]
fn put_and_patch_change_only_what_they_name() {
    let app = App::shared();
    let client = app.client();
    let (project, lane) = with_lane(&client);
    for method in ["PATCH", "PUT"] {
        let path = path(&client.new_task(&project.id, "Task"));
        let change = |body: Value| client.json(method, &path, &[], body).expect(200).object();
        let mut expected = client.show(&path);
        for (member, shown, value) in [
            ("label", "label", json!("Other")),
            ("description", "description", json!("Text")),
            ("status", "status", json!(2)),
            ("workflowLaneId", "workflow_lane_id", json!(lane)),
            ("workflow_lane_id", "workflow_lane_id", Value::Null),
            ("description", "description", Value::Null),
            ("position", "position", json!("zz")),
        ] {
            let mut changed = change(json!({ member: value }));
            expected[shown] = value;
            changed["updated_at"] = expected["updated_at"].clone();
            assert_eq!(changed, expected, "{method} {member}");
        }
    }
}

#[test]
fn an_empty_change_changes_nothing_and_a_real_one_moves_updated_at() {
    let app = App::start();
    let client = app.client();
    let path = path(&client.new_task(&client.new_project().id, "Task"));
    app.age("task");
    let before = client.get(&path);
    for method in ["PATCH", "PUT"] {
        let same = client.json(method, &path, &[], json!({})).expect(200);
        assert_eq!(
            (same.json(), same.header("etag")),
            (before.json(), before.header("etag"))
        );
    }
    let changed = client
        .patch(&path, json!({ "status": 1 }))
        .expect(200)
        .object();
    assert_eq!(changed["created_at"], before.object()["created_at"]);
    assert_ne!(changed["updated_at"], before.object()["updated_at"]);
}

#[test]
fn every_failing_field_is_told_at_once() {
    let app = App::shared();
    let client = app.client();
    let reply = client
        .post("/v1/tasks", json!({ "status": 3 }))
        .expect_error(400, "invalid_request");
    let expected = json!({
        "projectId": "Project ID is required", "label": "Label is required", "status": "Status must be 0, 1, or 2"
    });
    assert_eq!(reply.fields(), expected);
    let bad = json!({ "projectId": "x", "label": 5, "status": "1", "position": 3, "done": true });
    let reply = client
        .post("/v1/tasks", bad)
        .expect_error(400, "invalid_request");
    assert_eq!(
        reply.field_names(),
        ["done", "label", "position", "projectId", "status"]
    );
    assert_eq!(reply.fields()["projectId"], "Project ID must be a UUID");
    let reply = client.post("/v1/tasks", json!({ "projectId": "x", "label": "Task" }));
    assert_eq!(
        reply.expect_error(400, "invalid_uuid").details(),
        json!({ "field": "projectId", "value": "x" })
    );
}

#[test]
fn null_is_taken_only_where_a_member_can_be_null() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let path = path(&client.new_task(&project.id, "Task"));
    for member in ["label", "status", "projectId", "position"] {
        let reply = client
            .patch(&path, json!({ member: null }))
            .expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [member]);
    }
    for member in ["description", "workflowLaneId"] {
        client.patch(&path, json!({ member: null })).expect(200);
    }
    for member in ["label", "status"] {
        let mut body = json!({ "projectId": project.id, "label": "Task" });
        body[member] = Value::Null;
        let reply = client
            .post("/v1/tasks", body)
            .expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [member]);
    }
}

#[test]
fn labels_and_descriptions_may_be_as_long_as_the_contract_says_and_no_longer() {
    let app = App::shared();
    let client = app.client();
    let path = path(&client.new_task(&client.new_project().id, "Task"));
    for (member, longest) in [("label", 255), ("description", 65_536)] {
        let fits = "ü".repeat(longest);
        assert_eq!(
            client
                .patch(&path, json!({ member: fits }))
                .expect(200)
                .object()[member],
            fits
        );
        let reply = client
            .patch(&path, json!({ member: fits + "x" }))
            .expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [member]);
    }
    let padded = format!("  {}  ", "x".repeat(255));
    client.patch(&path, json!({ "label": padded })).expect(200);
    let blank = client
        .patch(&path, json!({ "label": " \u{a0}\t" }))
        .expect_error(400, "invalid_request");
    assert_eq!(blank.fields()["label"], "Label must not be empty");
}

#[test]
fn a_project_that_is_not_there_or_not_ours_is_not_found() {
    let app = App::shared();
    let (client, stranger) = (app.client(), app.client());
    let path = path(&client.new_task(&client.new_project().id, "Task"));
    for project in [NOBODY.to_owned(), stranger.new_project().id] {
        let create = client.post(
            "/v1/tasks",
            json!({ "projectId": project, "label": "Task" }),
        );
        for reply in [create, client.patch(&path, json!({ "projectId": project }))] {
            let reply = reply.expect_error(404, "project_not_found");
            assert_eq!(reply.details(), json!({ "project_id": project }));
        }
        client
            .get(&format!("/v1/projects/{project}/tasks"))
            .expect_error(404, "project_not_found");
    }
}

#[test]
fn a_list_is_narrowed_by_status_lane_and_text_together() {
    let app = App::shared();
    let client = app.client();
    let (project, lane) = with_lane(&client);
    for (label, status, lane) in [
        ("Fix 100% of it", 0, None),
        ("fix_login", 1, Some(&lane)),
        ("Prefix", 1, None),
        ("Ship", 2, Some(&lane)),
    ] {
        let task = client.new_task(&project.id, label);
        client
            .patch(
                &path(&task),
                json!({ "status": status, "workflowLaneId": lane }),
            )
            .expect(200);
    }
    let expect = |query: &str, expected: &[&str]| {
        assert_eq!(labels(&client, &project.id, query), expected, "{query}")
    };
    expect("?status=1", &["fix_login", "Prefix"]);
    expect(&format!("?lane={lane}"), &["fix_login", "Ship"]);
    expect(
        &format!("?lane={}", lane.to_uppercase()),
        &["fix_login", "Ship"],
    );
    expect("?lane=none", &["Fix 100% of it", "Prefix"]);
    expect("?q=FIX", &["Fix 100% of it", "fix_login", "Prefix"]);
    expect("?q=%25", &["Fix 100% of it"]);
    expect("?q=x_", &["fix_login"]);
    expect("?q=fix&status=1&lane=none", &["Prefix"]);
    expect(&format!("?lane={NOBODY}"), &[]);
    for (query, field) in [
        ("status=3", "status"),
        ("status=done", "status"),
        ("state=0", "state"),
        ("lane=x", "lane"),
        ("q=", "q"),
    ] {
        let reply = client.get(&format!("/v1/projects/{}/tasks?{query}", project.id));
        assert_eq!(
            reply.expect_error(400, "invalid_request").field_names(),
            [field]
        );
    }
}

#[test]
fn an_update_writes_only_the_columns_that_change() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    let task = format!("/v1/tasks/{}", client.new_task(&project.id, "Task"));
    let label = client.new_label(&project.board, "Bug");
    app.sql(
        "CREATE TRIGGER spy BEFORE UPDATE OF project_id, workflow_lane_id, label, description, status, position, due_on,
                archived_at ON task BEGIN SELECT RAISE(ABORT, 'written'); END",
    );
    let changed = client.patch(&task, json!({ "labelIds": [label], "label": "Task" }));
    assert_eq!(
        changed.expect(200).object()["labels"][0]["id"],
        json!(label)
    );
    client
        .patch(&task, json!({ "label": "Other" }))
        .expect_error(500, "internal_error");
}

#[test]
fn people_who_change_different_fields_at_once_lose_nothing() {
    let app = App::start();
    let client = app.client();
    let task = format!(
        "/v1/tasks/{}",
        client.new_task(&client.new_project().id, "Task")
    );
    let lasts = at_once(4, |n| {
        let client = client.clone();
        let mut last = json!(null);
        for round in 0..10 {
            let (field, value) = match n {
                0 => ("label", json!(format!("Label {round}"))),
                1 => ("description", json!(format!("Text {round}"))),
                2 => ("status", json!(round % 3)),
                _ => ("dueOn", json!(format!("2024-02-{:02}", round + 1))),
            };
            client.patch(&task, json!({ field: value })).expect(200);
            last = value;
        }
        last
    });
    let shown = client.show(&task);
    let fields = ["label", "description", "status", "due_on"];
    assert_eq!(fields.map(|field| shown[field].clone()).to_vec(), lasts);
}
