//! Subtasks.

use serde_json::{Value, json};

use crate::harness::{App, Client, Reply};

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// Creates a task and returns its id.
fn new_task(client: &Client) -> String {
    client.new_task(&client.new_project().id, "Task")
}

#[test]
fn a_subtask_lives_from_creation_to_deletion() {
    let app = App::shared();
    let client = app.client();
    let task = new_task(&client);
    let list = format!("/v1/tasks/{task}/subtasks");
    let created = client
        .post(&list, json!({ "label": "  Step " }))
        .expect(201);
    let subtask = created.object();
    let expected = json!({
        "id": subtask["id"], "task_id": task, "label": "Step", "is_completed": false, "position": "aaa",
        "created_at": subtask["created_at"], "updated_at": subtask["created_at"]
    });
    assert_eq!(subtask, expected);
    assert_eq!(client.rows(&list), [expected]);
    let path = format!("/v1/subtasks/{}", created.id());
    let changed = client
        .patch(&path, json!({ "label": " Leap ", "isCompleted": true }))
        .expect(200)
        .object();
    assert_eq!(
        (&changed["label"], &changed["is_completed"]),
        (&json!("Leap"), &json!(true))
    );
    assert_eq!(client.rows(&list), [changed]);
    let deleted = client.delete(&path).expect(200);
    assert_eq!(
        deleted.json(),
        json!({ "deleted": true, "id": subtask["id"] })
    );
    assert!(client.rows(&list).is_empty());
    client
        .patch(&path, json!({}))
        .expect_error(404, "subtask_not_found");
    client.delete(&path).expect_error(404, "subtask_not_found");
}

#[test]
fn is_completed_can_be_given_from_the_start_and_in_either_spelling() {
    let app = App::shared();
    let client = app.client();
    let list = format!("/v1/tasks/{}/subtasks", new_task(&client));
    for member in ["isCompleted", "is_completed"] {
        let created = client
            .post(&list, json!({ "label": "Step", member: true }))
            .expect(201);
        assert_eq!(created.object()["is_completed"], true);
        let path = format!("/v1/subtasks/{}", created.id());
        assert_eq!(
            client
                .patch(&path, json!({ member: false }))
                .expect(200)
                .object()["is_completed"],
            false
        );
    }
    let both = json!({ "label": "Step", "isCompleted": true, "is_completed": true });
    let reply = client
        .post(&list, both)
        .expect_error(400, "invalid_request");
    assert_eq!(reply.field_names(), ["isCompleted"]);
}

#[test]
fn bad_members_are_told_by_name() {
    let app = App::shared();
    let client = app.client();
    let task = new_task(&client);
    let list = format!("/v1/tasks/{task}/subtasks");
    for (body, fields) in [
        (json!({}), json!(["label"])),
        (json!({ "label": " \t" }), json!(["label"])),
        (json!({ "label": "x".repeat(256) }), json!(["label"])),
        (
            json!({ "label": null, "isCompleted": null }),
            json!(["isCompleted", "label"]),
        ),
        (
            json!({ "label": "Step", "isCompleted": 1, "taskId": task }),
            json!(["isCompleted", "taskId"]),
        ),
    ] {
        let reply = client
            .post(&list, body)
            .expect_error(400, "invalid_request");
        assert_eq!(json!(reply.field_names()), fields);
    }
    let path = format!("/v1/subtasks/{}", client.new_subtask(&task, "Step"));
    for member in ["label", "isCompleted", "position"] {
        let reply = client
            .patch(&path, json!({ member: null }))
            .expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [member]);
    }
}

#[test]
fn an_empty_change_changes_nothing_and_a_real_one_moves_updated_at() {
    let app = App::start();
    let client = app.client();
    let task = new_task(&client);
    let path = format!("/v1/subtasks/{}", client.new_subtask(&task, "Step"));
    app.age("subtask");
    let before = client.rows(&format!("/v1/tasks/{task}/subtasks"))[0].clone();
    assert_eq!(client.patch(&path, json!({})).expect(200).object(), before);
    let changed = client
        .patch(&path, json!({ "isCompleted": true }))
        .expect(200)
        .object();
    assert_eq!(changed["created_at"], before["created_at"]);
    assert_ne!(changed["updated_at"], before["updated_at"]);
}

#[test]
fn a_task_shows_its_subtasks_in_order_and_its_tag_moves_with_them() {
    let app = App::start();
    let client = app.client();
    let task = new_task(&client);
    app.age("task");
    let path = format!("/v1/tasks/{task}");
    let before = client.get(&path);
    let [one, two] = ["One", "Two"].map(|label| client.new_subtask(&task, label));
    let place = json!({ "position": "first", "isCompleted": true });
    client
        .patch(&format!("/v1/subtasks/{two}"), place)
        .expect(200);
    let after = client.get(&path);
    let expected = json!([
        { "id": two, "label": "Two", "is_completed": true },
        { "id": one, "label": "One", "is_completed": false }
    ]);
    assert_eq!(after.object()["subtasks"], expected);
    assert_eq!(after.object()["updated_at"], before.object()["updated_at"]);
    assert_ne!(after.header("etag"), before.header("etag"));
}

#[test]
fn subtasks_belong_to_a_task_of_the_callers_workspace() {
    let app = App::shared();
    let (client, stranger) = (app.client(), app.client());
    let theirs = new_task(&stranger);
    for task in [NOBODY, &theirs] {
        let list = format!("/v1/tasks/{task}/subtasks");
        client.get(&list).expect_error(404, "task_not_found");
        let reply = client
            .post(&list, json!({ "label": "Step" }))
            .expect_error(404, "task_not_found");
        assert_eq!(reply.details(), json!({ "task_id": task }));
    }
    assert_eq!(
        stranger.show(&format!("/v1/tasks/{theirs}"))["subtasks"],
        json!([])
    );
}

#[test]
fn subtasks_have_no_limit_of_the_plan() {
    let app = App::shared();
    let client = app.client_of(&app.workspace("personal"));
    let task = new_task(&client);
    let labels: Vec<String> = (0..30).map(|n| format!("Step {n}")).collect();
    for label in &labels {
        client.new_subtask(&task, label);
    }
    let shown = client.show(&format!("/v1/tasks/{task}"))["subtasks"].clone();
    let shown: Vec<Value> = shown
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["label"].clone())
        .collect();
    assert_eq!(json!(shown), json!(labels));
}

#[test]
fn a_task_with_many_subtasks_is_read_changed_and_deleted_like_any_other() {
    let app = App::start();
    let client = app.client();
    let task = client.new_task(&client.new_project().id, "Task");
    client.new_subtask(&task, "Step");
    app.sql(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 299)
         INSERT INTO subtask (workspace_id, id, task_id, label, position, created_at, updated_at)
         SELECT workspace_id, randomblob(16), task_id, 'Step', printf('b%05d1', i), created_at, updated_at
           FROM subtask, n WHERE position = 'aaa'",
    );
    let path = format!("/v1/tasks/{task}");
    let steps = |reply: &Reply| reply.object()["subtasks"].as_array().unwrap().len();
    let shown = client.get(&path).expect(200);
    assert_eq!(steps(&shown), 300);
    let old = shown.header("etag").to_owned();

    let change = |tag: &str, label: &str| {
        let headers = [("if-match", tag)];
        client.json("PATCH", &path, &headers, json!({ "label": label }))
    };
    let changed = change(&old, "Changed").expect(200);
    assert_eq!(steps(&changed), 300);
    assert_eq!(client.get(&path).header("etag"), changed.header("etag"));
    change(&old, "Never").expect_error(412, "precondition_failed");
    let not_modified = [("if-none-match", changed.header("etag"))];
    client.call("GET", &path, &not_modified, None).expect(304);
    let stale = [("if-match", old.as_str())];
    client
        .call("DELETE", &path, &stale, None)
        .expect_error(412, "precondition_failed");
    let fresh = [("if-match", changed.header("etag"))];
    client.call("DELETE", &path, &fresh, None).expect(200);
    client.get(&path).expect_error(404, "task_not_found");
}
