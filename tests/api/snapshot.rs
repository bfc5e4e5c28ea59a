//! Everything on a board in one read.

use serde_json::{Value, json};

use crate::harness::{App, column};
use crate::operations::Ids;

#[test]
fn a_snapshot_has_everything_on_a_board_and_nothing_else() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project();
    let second = client.new_project_on(&project.board);
    let lane = client.new_lane(&project.board);
    let elsewhere = client.new_project();
    client.new_task(&elsewhere.id, "Elsewhere");
    let late = client.new_task(&second, "Second");
    let task = client.new_task(&project.id, "First");
    client.new_subtask(&task, "Step");
    client
        .patch(
            &format!("/v1/tasks/{task}"),
            json!({ "workflowLaneId": lane, "description": "Text" }),
        )
        .expect(200);
    let path = format!("/v1/boards/{}/snapshot", project.board);
    let snapshot = client.get(&path).expect(200).json();
    let board = format!("/v1/boards/{}", project.board);
    assert_eq!(snapshot["board"], client.show(&board));
    assert_eq!(
        snapshot["lanes"],
        json!(client.rows(&format!("{board}/lanes")))
    );
    assert_eq!(
        snapshot["projects"],
        json!(client.rows(&format!("{board}/projects")))
    );
    assert_eq!(
        snapshot["members"],
        json!([{ "id": workspace.owner, "name": "Owner", "role": "owner" }])
    );
    assert_eq!(snapshot["labels"], json!([]));
    let tasks = snapshot["tasks"].as_array().unwrap();
    assert_eq!(column(tasks, "id"), [task.clone(), late]);
    let shown = client.show(&format!("/v1/tasks/{task}"));
    assert_eq!(
        tasks[0],
        json!({
            "id": task, "project_id": project.id, "workflow_lane_id": lane, "label": "First", "status": 0,
            "position": shown["position"], "label_ids": [], "assignee_ids": [], "due_on": null,
            "subtasks_total": 1, "subtasks_completed": 0, "comments_total": 0, "has_description": true,
            "updated_at": shown["updated_at"],
        })
    );
    assert_eq!(tasks[1]["has_description"], false);
    assert_eq!(snapshot["latest"], client.latest());
    let events = client.get("/v1/events").expect(200).json();
    assert_eq!(snapshot["journal"], events["journal"]);
}

#[test]
fn a_snapshot_can_leave_tasks_out() {
    let app = App::start();
    let client = app.client();
    let ids = Ids::new(&client);
    let path = format!("/v1/boards/{}/snapshot", ids.get("board"));
    let without = client.get(&format!("{path}?tasks=false")).expect(200);
    assert!(without.json().get("tasks").is_none());
    let archived = client.get(&format!("{path}?archived=true")).expect(200);
    assert_eq!(archived.json()["tasks"], json!([]));
    for bad in ["tasks=no", "archived=1"] {
        client
            .get(&format!("{path}?{bad}"))
            .expect_error(400, "invalid_request");
    }
}

#[test]
fn events_after_a_snapshot_lead_to_the_next_one() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    let path = format!("/v1/boards/{}/snapshot", project.board);
    let before = client.get(&path).expect(200).json();
    let task = client.new_task(&project.id, "Follow");
    client
        .patch(&format!("/v1/tasks/{task}"), json!({ "status": 2 }))
        .expect(200);
    let events = client.events_after(before["latest"].as_i64().unwrap());
    assert_eq!(column(&events, "type"), ["task.created", "task.completed"]);
    let after: Value = client.get(&path).expect(200).json();
    assert_eq!(after["tasks"][0]["id"], events[1]["data"]["id"]);
    assert_eq!(after["latest"], events[1]["sequence"]);
}
