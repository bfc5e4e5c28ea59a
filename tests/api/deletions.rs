//! What is deleted together with a row, and what stays.

use serde_json::{Value, json};

use crate::harness::{App, column};
use crate::operations::Ids;

#[test]
fn a_deleted_board_takes_everything_on_it_along_and_nothing_else() {
    let app = App::start();
    let client = app.client();
    let kept = client.new_project();
    client.new_task(&kept.id, "Needle kept");
    let before = client.show("/v1/usage")["resources"].clone();
    let project = client.new_project();
    let second = client.new_project_on(&project.board);
    let (task, other) = (
        client.new_task(&project.id, "Needle"),
        client.new_task(&second, "Needle"),
    );
    let (lane, subtask) = (
        client.new_lane(&project.board),
        client.new_subtask(&task, "Step"),
    );
    client
        .patch(
            &format!("/v1/tasks/{task}"),
            json!({ "workflowLaneId": lane }),
        )
        .expect(200);
    client
        .delete(&format!("/v1/boards/{}", project.board))
        .expect(200);
    for (path, code) in [
        (
            format!("/v1/boards/{}/projects", project.board),
            "board_not_found",
        ),
        (
            format!("/v1/boards/{}/lanes", project.board),
            "board_not_found",
        ),
        (format!("/v1/projects/{}", project.id), "project_not_found"),
        (format!("/v1/projects/{second}/tasks"), "project_not_found"),
        (format!("/v1/tasks/{other}"), "task_not_found"),
        (format!("/v1/tasks/{task}/subtasks"), "task_not_found"),
    ] {
        client.get(&path).expect_error(404, code);
    }
    client
        .patch(&format!("/v1/lanes/{lane}"), json!({}))
        .expect_error(404, "lane_not_found");
    client
        .patch(&format!("/v1/subtasks/{subtask}"), json!({}))
        .expect_error(404, "subtask_not_found");
    assert_eq!(client.show("/v1/usage")["resources"], before);
    assert_eq!(
        client
            .get("/v1/search?q=needle")
            .expect(200)
            .object()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        client.show(&format!("/v1/projects/{}", kept.id))["num_tasks_total"],
        1
    );
    for table in ["lane", "subtask"] {
        assert_eq!(
            app.number(&format!("SELECT count(*) FROM {table}")),
            0,
            "{table}"
        );
    }
}

#[test]
fn a_deleted_project_takes_its_tasks_along_and_nothing_else() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    let other = client.new_project_on(&project.board);
    let (task, kept) = (
        client.new_task(&project.id, "Task"),
        client.new_task(&other, "Kept"),
    );
    client.new_subtask(&task, "Step");
    client
        .delete(&format!("/v1/projects/{}", project.id))
        .expect(200);
    client
        .get(&format!("/v1/tasks/{task}"))
        .expect_error(404, "task_not_found");
    client
        .get(&format!("/v1/projects/{}/tasks", project.id))
        .expect_error(404, "project_not_found");
    client.get(&format!("/v1/tasks/{kept}")).expect(200);
    assert_eq!(app.number("SELECT count(*) FROM subtask"), 0);
    let resources = client.show("/v1/usage")["resources"].clone();
    let current = ["boards", "projects", "tasks"].map(|kind| resources[kind]["current"].clone());
    assert_eq!(current, [1, 1, 1].map(Value::from));
}

#[test]
fn a_deleted_lane_leaves_its_tasks_in_no_lane() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let (gone, kept) = (
        client.new_lane(&project.board),
        client.new_lane(&project.board),
    );
    let tasks = [&gone, &gone, &kept].map(|lane| {
        let task = format!("/v1/tasks/{}", client.new_task(&project.id, "Task"));
        client
            .patch(&task, json!({ "workflowLaneId": lane }))
            .expect(200);
        task
    });
    client.delete(&format!("/v1/lanes/{gone}")).expect(200);
    let lanes = tasks.map(|task| client.show(&task)["workflow_lane_id"].clone());
    assert_eq!(lanes, [Value::Null, Value::Null, json!(kept)]);
    let left = client.rows(&format!("/v1/boards/{}/lanes", project.board));
    assert_eq!(column(&left, "id"), [kept]);
    let tasks = client.rows(&format!("/v1/projects/{}/tasks?lane=none", project.id));
    assert_eq!(tasks.len(), 2);
}

#[test]
fn subtasks_go_with_their_task_and_stay_when_it_moves() {
    let app = App::start();
    let client = app.client();
    let task = client.new_task(&client.new_project().id, "Task");
    let subtask = client.new_subtask(&task, "Step");
    let elsewhere = client.new_project().id;
    let moved = client
        .patch(
            &format!("/v1/tasks/{task}"),
            json!({ "projectId": elsewhere }),
        )
        .expect(200);
    assert_eq!(moved.object()["subtasks"][0]["id"], json!(subtask));
    client.delete(&format!("/v1/tasks/{task}")).expect(200);
    client
        .patch(&format!("/v1/subtasks/{subtask}"), json!({}))
        .expect_error(404, "subtask_not_found");
    assert_eq!(app.number("SELECT count(*) FROM subtask"), 0);
}

#[test]
fn a_deleted_card_takes_all_that_is_of_it_along_and_nothing_else() {
    let app = App::start();
    let client = app.client();
    let ids = Ids::new(&client);
    let of = |kind: &str| {
        (
            ids.get(kind).to_owned(),
            ids.get(&format!("other {kind}")).to_owned(),
        )
    };
    let ((gone, kept), (config, other_config)) = (of("card"), of("integration"));
    // What belongs to a card: editions, recipients, mails, counters, configurations.
    let of_card = |card: &str| {
        let card = format!("x'{}'", card.replace('-', ""));
        let mails = "mail m JOIN recipient r ON r.id = m.recipient_id";
        let tables = [
            "edition",
            "recipient",
            mails,
            "card_count",
            "integration_config",
        ];
        tables.map(|table| {
            app.number(&format!(
                "SELECT count(*) FROM {table} WHERE card_id = {card}"
            ))
        })
    };
    let covers = || app.number("SELECT count(*) FROM cover");
    let (recipients, before) = (of_card(&gone)[1], covers());
    for (card, config) in [(&gone, config), (&kept, other_config)] {
        client.new_cover(card);
        let people = json!([{ "name": "Ada", "email": "ada@example.org" }]);
        let order = json!({ "card": card, "integrationId": config, "mergeTags": people });
        client.post("/api/integration/send-card", order).expect(201);
        client
            .patch(&format!("/v1/cards/{card}"), json!({ "coverUrl": null }))
            .expect(200);
    }
    let rows = of_card(&kept);
    assert!(rows.iter().chain(&of_card(&gone)).all(|count| *count > 0));
    assert_eq!(covers(), before + 2);
    client.delete(&format!("/v1/cards/{gone}")).expect(200);
    assert_eq!((of_card(&gone), of_card(&kept)), ([0; 5], rows));
    assert_eq!(covers(), before + 1);
    assert_eq!(
        app.number("SELECT count(*) FROM gone_recipient"),
        recipients + 1
    );
    client.get(&format!("/v1/cards/{kept}")).expect(200);
    let shown = client.rows(&format!("/v1/cards/{kept}/recipients"));
    assert_eq!(shown.len() as i64, rows[1]);
    client
        .get(&format!("/v1/cards/{gone}/recipients"))
        .expect_error(404, "card_not_found");
}
