//! Projects.

use serde_json::{Value, json};

use crate::harness::{App, Client};

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

fn path(project: &str) -> String {
    format!("/v1/projects/{project}")
}

/// The counters of a project: open, in progress, done, total.
pub fn counts(client: &Client, project: &str) -> [Value; 4] {
    let project = client.show(&path(project));
    ["open", "in_progress", "done", "total"]
        .map(|name| project[format!("num_tasks_{name}")].clone())
}

#[test]
fn a_project_lives_from_creation_to_deletion() {
    let app = App::shared();
    let client = app.client();
    let board = client.new_board();
    let body = json!({ "boardId": board, "name": "  Website ", "description": " Text " });
    let created = client.post("/v1/projects", body).expect(201);
    let project = created.object();
    let expected = json!({
        "id": project["id"], "name": "Website", "description": " Text ", "board_id": board, "position": "aaa",
        "num_tasks_open": 0, "num_tasks_in_progress": 0, "num_tasks_done": 0, "num_tasks_total": 0, "progress": 0.0,
        "created_at": project["created_at"], "updated_at": project["created_at"]
    });
    assert_eq!(project, expected);
    let path = path(&created.id());
    assert_eq!(client.show(&path), project);
    let mut summary = expected;
    summary.as_object_mut().unwrap().remove("board_id");
    assert_eq!(
        client.rows(&format!("/v1/boards/{board}/projects")),
        [summary]
    );
    let changed = client
        .patch(&path, json!({ "name": " Shop ", "description": null }))
        .expect(200)
        .object();
    assert_eq!(
        (&changed["name"], &changed["description"]),
        (&json!("Shop"), &Value::Null)
    );
    assert_eq!(client.show(&path), changed);
    let deleted = client.delete(&path).expect(200);
    assert_eq!(
        deleted.json(),
        json!({ "deleted": true, "id": project["id"] })
    );
    client.get(&path).expect_error(404, "project_not_found");
    client
        .patch(&path, json!({}))
        .expect_error(404, "project_not_found");
    client.delete(&path).expect_error(404, "project_not_found");
}

#[test]
fn bad_members_are_told_by_name() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let empty = client
        .post("/v1/projects", json!({}))
        .expect_error(400, "invalid_request");
    assert_eq!(
        empty.fields(),
        json!({ "boardId": "Board ID is required", "name": "Name is required" })
    );
    for bad in [
        json!({ "name": null }),
        json!({ "boardId": null }),
        json!({ "position": null }),
    ] {
        let reply = client
            .patch(&path(&project.id), bad.clone())
            .expect_error(400, "invalid_request");
        assert_eq!(
            json!(reply.field_names()),
            json!(bad.as_object().unwrap().keys().collect::<Vec<_>>())
        );
    }
    let bad = json!({ "boardId": project.board, "name": " ", "description": "x".repeat(65_537), "board": 1 });
    let reply = client
        .post("/v1/projects", bad)
        .expect_error(400, "invalid_request");
    assert_eq!(reply.field_names(), ["board", "description", "name"]);
    let long = json!({ "boardId": project.board, "name": "ü".repeat(256) });
    let reply = client
        .post("/v1/projects", long)
        .expect_error(400, "invalid_request");
    assert_eq!(
        reply.fields()["name"],
        "Name must be at most 255 characters"
    );
    let reply = client
        .patch(&path(&project.id), json!({ "board_id": "x" }))
        .expect_error(400, "invalid_uuid");
    assert_eq!(reply.details(), json!({ "field": "boardId", "value": "x" }));
}

#[test]
fn the_board_may_be_given_in_snake_case_but_not_twice() {
    let app = App::shared();
    let client = app.client();
    let board = client.new_board();
    let snake = json!({ "board_id": board, "name": "Project" });
    assert_eq!(
        client.post("/v1/projects", snake).expect(201).object()["board_id"],
        json!(board)
    );
    let both = json!({ "board_id": board, "boardId": board, "name": "Project" });
    let reply = client
        .post("/v1/projects", both)
        .expect_error(400, "invalid_request");
    assert_eq!(reply.field_names(), ["boardId"]);
}

#[test]
fn a_board_that_is_not_there_or_not_ours_is_not_found() {
    let app = App::shared();
    let (client, stranger) = (app.client(), app.client());
    let project = client.new_project();
    for board in [NOBODY.to_owned(), stranger.new_board()] {
        let create = client.post(
            "/v1/projects",
            json!({ "boardId": board, "name": "Project" }),
        );
        let moved = client.patch(&path(&project.id), json!({ "boardId": board }));
        for reply in [create, moved] {
            let reply = reply.expect_error(404, "board_not_found");
            assert_eq!(reply.details(), json!({ "board_id": board }));
        }
        client
            .get(&format!("/v1/boards/{board}/projects"))
            .expect_error(404, "board_not_found");
    }
    assert_eq!(
        client.show(&path(&project.id))["board_id"],
        json!(project.board)
    );
}

#[test]
fn counters_go_by_status_and_progress_is_done_of_total() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    for status in [[0; 5].as_slice(), &[1; 3], &[2; 12]].concat() {
        let body = json!({ "projectId": project.id, "label": "Task", "status": status });
        client.post("/v1/tasks", body).expect(201);
    }
    assert_eq!(
        counts(&client, &project.id),
        [5, 3, 12, 20].map(Value::from)
    );
    assert_eq!(client.show(&path(&project.id))["progress"], json!(0.6));
    let listed = &client.rows(&format!("/v1/boards/{}/projects", project.board))[0];
    assert_eq!(
        (&listed["num_tasks_done"], &listed["progress"]),
        (&json!(12), &json!(0.6))
    );
}

#[test]
fn counters_follow_every_change_of_a_task() {
    let app = App::shared();
    let client = app.client();
    let (from, to) = (client.new_project(), client.new_project());
    let task = client.new_task(&from.id, "Task");
    client.new_subtask(&task, "Step");
    let task = format!("/v1/tasks/{task}");
    assert_eq!(counts(&client, &from.id), [1, 0, 0, 1].map(Value::from));
    client.patch(&task, json!({ "status": 1 })).expect(200);
    assert_eq!(counts(&client, &from.id), [0, 1, 0, 1].map(Value::from));
    client
        .patch(&task, json!({ "status": 2, "projectId": to.id }))
        .expect(200);
    assert_eq!(counts(&client, &from.id), [0, 0, 0, 0].map(Value::from));
    assert_eq!(counts(&client, &to.id), [0, 0, 1, 1].map(Value::from));
    assert_eq!(client.show(&path(&to.id))["progress"], json!(1.0));
    client.delete(&task).expect(200);
    assert_eq!(counts(&client, &to.id), [0, 0, 0, 0].map(Value::from));
    assert_eq!(client.show(&path(&to.id))["progress"], json!(0.0));
}

#[test]
fn updated_at_moves_with_a_projects_own_members_and_the_tag_with_its_counters() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    app.age("project");
    let path = path(&project.id);
    let before = client.get(&path);
    let same = client.patch(&path, json!({})).expect(200);
    assert_eq!(
        (same.json(), same.header("etag")),
        (before.json(), before.header("etag"))
    );
    client.new_task(&project.id, "Task");
    let counted = client.get(&path);
    assert_eq!(
        counted.object()["updated_at"],
        before.object()["updated_at"]
    );
    assert_ne!(counted.header("etag"), before.header("etag"));
    let renamed = client
        .patch(&path, json!({ "name": "Other" }))
        .expect(200)
        .object();
    assert_ne!(renamed["updated_at"], before.object()["updated_at"]);
    assert_eq!(renamed["created_at"], before.object()["created_at"]);
}
