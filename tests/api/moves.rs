//! What else changes when a task or a project moves: order, lanes, counters.

use serde_json::{Value, json};

use crate::harness::{App, column, text};
use crate::projects::counts;
use crate::tasks::{labels, with_lane};

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

fn project_path(project: &str) -> String {
    format!("/v1/projects/{project}")
}

fn task_path(task: &str) -> String {
    format!("/v1/tasks/{task}")
}

#[test]
fn a_task_sits_only_in_a_lane_of_its_own_board() {
    let app = App::shared();
    let (client, stranger) = (app.client(), app.client());
    let (project, lane) = with_lane(&client);
    let path = task_path(&client.new_task(&project.id, "Task"));
    client
        .patch(&path, json!({ "workflowLaneId": lane }))
        .expect(200);
    for foreign in [
        with_lane(&client).1,
        with_lane(&stranger).1,
        NOBODY.to_owned(),
    ] {
        let change = json!({ "label": "Never", "workflowLaneId": foreign });
        let reply = client
            .patch(&path, change)
            .expect_error(404, "lane_not_found");
        assert_eq!(reply.details(), json!({ "lane_id": foreign }));
    }
    let task = client.show(&path);
    assert_eq!(
        (text(&task, "label"), text(&task, "workflow_lane_id")),
        ("Task".to_owned(), lane)
    );
}

#[test]
fn a_task_keeps_its_lane_on_its_board_and_leaves_it_with_the_board() {
    let app = App::shared();
    let client = app.client();
    let ((project, lane), (far, far_lane)) = (with_lane(&client), with_lane(&client));
    let near = client.new_project_on(&project.board);
    let path = task_path(&client.new_task(&project.id, "Task"));
    let change =
        |body: Value| client.patch(&path, body).expect(200).object()["workflow_lane_id"].clone();
    assert_eq!(change(json!({ "workflowLaneId": lane })), json!(lane));
    assert_eq!(change(json!({ "projectId": near })), json!(lane));
    assert_eq!(change(json!({ "projectId": far.id })), Value::Null);
    assert_eq!(
        change(json!({ "projectId": near, "workflowLaneId": lane })),
        json!(lane)
    );
    assert_eq!(
        change(json!({ "projectId": far.id, "workflowLaneId": far_lane })),
        json!(far_lane)
    );
    let stale = json!({ "projectId": near, "workflowLaneId": far_lane });
    client
        .patch(&path, stale)
        .expect_error(404, "lane_not_found");
    assert_eq!(client.show(&path)["project_id"], json!(far.id));
}

#[test]
fn a_task_that_changes_projects_goes_last_there() {
    let app = App::shared();
    let client = app.client();
    let (from, to) = (client.new_project(), client.new_project());
    let moved = client.new_task(&from.id, "Moved");
    client.new_task(&from.id, "Left");
    for label in ["One", "Two"] {
        client.new_task(&to.id, label);
    }
    let task = client
        .patch(&task_path(&moved), json!({ "project_id": to.id }))
        .expect(200)
        .object();
    assert_eq!(
        (text(&task, "project_id"), text(&task, "position")),
        (to.id.clone(), "aac".to_owned())
    );
    assert_eq!(labels(&client, &to.id, ""), ["One", "Two", "Moved"]);
    assert_eq!(labels(&client, &from.id, ""), ["Left"]);
}

#[test]
fn a_project_that_changes_boards_goes_last_there_and_its_tasks_leave_their_lanes() {
    let app = App::shared();
    let client = app.client();
    let (from, to) = (client.new_project(), client.new_project());
    let lane = client.new_lane(&from.board);
    let tasks = ["In a lane", "In none", "Stays"].map(|label| client.new_task(&from.id, label));
    let other = client.new_project_on(&from.board);
    client
        .patch(
            &format!("/v1/tasks/{}", tasks[0]),
            json!({ "workflowLaneId": lane }),
        )
        .expect(200);
    let stays = json!({ "workflowLaneId": lane, "projectId": other });
    client
        .patch(&format!("/v1/tasks/{}", tasks[2]), stays)
        .expect(200);
    let moved = client
        .patch(&project_path(&from.id), json!({ "boardId": to.board }))
        .expect(200)
        .object();
    assert_eq!(
        (text(&moved, "board_id"), text(&moved, "position")),
        (to.board.clone(), "aab".to_owned())
    );
    assert_eq!(
        column(
            &client.rows(&format!("/v1/boards/{}/projects", to.board)),
            "id"
        ),
        [to.id, from.id.clone()]
    );
    assert_eq!(
        column(
            &client.rows(&format!("/v1/boards/{}/projects", from.board)),
            "id"
        ),
        [other]
    );
    let lane_of =
        |task: &str| client.show(&format!("/v1/tasks/{task}"))["workflow_lane_id"].clone();
    assert_eq!(
        tasks.each_ref().map(|task| lane_of(task)),
        [Value::Null, Value::Null, json!(lane)]
    );
    assert_eq!(counts(&client, &from.id), [2, 0, 0, 2].map(Value::from));
}

#[test]
fn a_project_that_names_its_own_board_keeps_its_tasks_lanes() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let (lane, task) = (
        client.new_lane(&project.board),
        client.new_task(&project.id, "Task"),
    );
    let task = format!("/v1/tasks/{task}");
    client
        .patch(&task, json!({ "workflowLaneId": lane }))
        .expect(200);
    client
        .patch(
            &project_path(&project.id),
            json!({ "boardId": project.board, "name": "Other" }),
        )
        .expect(200);
    assert_eq!(client.show(&task)["workflow_lane_id"], json!(lane));
}

#[test]
fn a_project_can_change_boards_and_take_a_place_in_one_request() {
    let app = App::shared();
    let client = app.client();
    let board = client.new_board();
    let there: Vec<String> = (0..3).map(|_| client.new_project_on(&board)).collect();
    let project = client.new_project();
    let place = json!({ "boardId": board, "position": { "after": there[0] } });
    client.patch(&project_path(&project.id), place).expect(200);
    let order = column(&client.rows(&format!("/v1/boards/{board}/projects")), "id");
    assert_eq!(
        order,
        [&there[0], &project.id, &there[1], &there[2]].map(String::clone)
    );
}
