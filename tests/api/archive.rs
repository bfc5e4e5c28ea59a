//! Archived tasks: in no list, search or counter, but in their place.

use serde_json::{Value, json};

use crate::harness::{App, Client, Project, column};
use crate::tasks::labels;

/// A project with the tasks a, b, c, d in this order, of which b and d are archived.
fn half_archived(client: &Client) -> (Project, [String; 4]) {
    let project = client.new_project();
    let tasks = ["a", "b", "c", "d"].map(|label| client.new_task(&project.id, label));
    for task in [&tasks[1], &tasks[3]] {
        client
            .patch(&path(task), json!({ "isArchived": true }))
            .expect(200);
    }
    (project, tasks)
}

fn path(task: &str) -> String {
    format!("/v1/tasks/{task}")
}

#[test]
fn archived_tasks_are_in_no_list_unless_it_asks_for_them() {
    let app = App::shared();
    let client = app.client();
    let (project, [a, b, ..]) = half_archived(&client);
    for (query, expected) in [
        ("", vec!["a", "c"]),
        ("?archived=false", vec!["a", "c"]),
        ("?archived=true", vec!["b", "d"]),
        ("?archived=any", vec!["a", "b", "c", "d"]),
        ("?archived=any&status=0&q=b", vec!["b"]),
        ("?archived=true&lane=none&limit=1", vec!["b"]),
        ("?status=1", vec![]),
    ] {
        assert_eq!(labels(&client, &project.id, query), expected, "{query}");
    }
    let snapshot = |query: &str| {
        let path = format!("/v1/boards/{}/snapshot{query}", project.board);
        let snapshot = client.get(&path).expect(200).json();
        column(snapshot["tasks"].as_array().unwrap(), "label")
    };
    assert_eq!(snapshot(""), ["a", "c"]);
    assert_eq!(snapshot("?archived=true"), ["b", "d"]);
    // Who names it, gets it.
    assert_eq!(client.show(&path(&a))["archived_at"], Value::Null);
    assert!(client.show(&path(&b))["archived_at"].is_string());
    let reply = client.get(&format!("/v1/projects/{}/tasks?archived=yes", project.id));
    let fields = reply.expect_error(400, "invalid_request").fields();
    assert_eq!(
        fields,
        json!({ "archived": "Archived must be true, false, or any" })
    );
}

#[test]
fn pages_skip_archived_tasks() {
    let app = App::shared();
    let client = app.client();
    let (project, _) = half_archived(&client);
    let path = format!("/v1/projects/{}/tasks?limit=1", project.id);
    let first = client.get(&path).expect(200).json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let next = client
        .get(&format!("{path}&cursor={cursor}"))
        .expect(200)
        .json();
    assert_eq!(
        (&first["tasks"][0]["label"], &next["tasks"][0]["label"]),
        (&json!("a"), &json!("c"))
    );
    assert_eq!(next["next_cursor"], Value::Null);
}

#[test]
fn a_search_finds_archived_tasks_only_if_asked() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let task = client.new_task(&project.id, "Board meeting");
    client
        .patch(&path(&task), json!({ "isArchived": true }))
        .expect(200);
    let found = |query: &str| {
        let results = client
            .get(&format!("/v1/search?q=board{query}"))
            .expect(200)
            .json();
        column(results["results"].as_array().unwrap(), "type")
    };
    assert_eq!(found(""), ["board"]);
    assert_eq!(found("&archived=false"), ["board"]);
    assert_eq!(found("&archived=true"), ["task"]);
    let mut all = found("&archived=any");
    all.sort();
    assert_eq!(all, ["board", "task"]);
}

#[test]
fn counters_leave_archived_tasks_out_and_the_plan_does_not() {
    let app = App::shared();
    let client = app.client();
    let (project, [a, b, c, _]) = half_archived(&client);
    let counts = || {
        let project = client.show(&format!("/v1/projects/{}", project.id));
        let names = ["open", "in_progress", "done", "total"];
        names.map(|name| project[format!("num_tasks_{name}")].as_u64().unwrap())
    };
    let used = || {
        client.show("/v1/usage")["resources"]["tasks"]["current"]
            .as_u64()
            .unwrap()
    };
    assert_eq!((counts(), used()), ([2, 0, 0, 2], 4));
    client.patch(&path(&b), json!({ "status": 2 })).expect(200);
    assert_eq!((counts(), used()), ([2, 0, 0, 2], 4));
    client
        .patch(&path(&b), json!({ "isArchived": false }))
        .expect(200);
    assert_eq!((counts(), used()), ([2, 0, 1, 3], 4));
    client
        .patch(&path(&a), json!({ "isArchived": true, "status": 1 }))
        .expect(200);
    assert_eq!((counts(), used()), ([1, 0, 1, 2], 4));
    let body = json!({ "projectId": project.id, "label": "e", "isArchived": true });
    let new = client.post("/v1/tasks", body).expect(201).object();
    assert_eq!(new["archived_at"], new["created_at"]);
    assert_eq!((counts(), used()), ([1, 0, 1, 2], 5));
    // To another project and out of it: archived tasks are counted in neither.
    let other = client.new_project_on(&project.board);
    client
        .patch(&path(&a), json!({ "projectId": other }))
        .expect(200);
    assert_eq!(
        client.show(&format!("/v1/projects/{other}"))["num_tasks_total"],
        0
    );
    client.delete(&path(&c)).expect(200);
    assert_eq!((counts(), used()), ([0, 0, 1, 1], 4));
    // What a deletion takes along are all of them.
    let before = client.latest();
    client
        .delete(&format!("/v1/projects/{}", project.id))
        .expect(200);
    let deleted = &client.events_after(before)[0]["deleted"];
    assert_eq!(deleted["tasks"], 3);
    let before = client.latest();
    client
        .delete(&format!("/v1/boards/{}", project.board))
        .expect(200);
    assert_eq!(client.events_after(before)[0]["deleted"]["tasks"], 1);
}

#[test]
fn an_archived_task_keeps_its_place() {
    let app = App::shared();
    let client = app.client();
    let (project, [a, b, c, d]) = half_archived(&client);
    let all = || labels(&client, &project.id, "?archived=any");
    let change = |task: &str, position: Value| {
        client
            .patch(&path(task), json!({ "position": position }))
            .expect(200);
    };
    // Archived neighbors can be named, and the ends count them.
    change(&a, json!({ "after": b }));
    assert_eq!(all(), ["b", "a", "c", "d"]);
    change(&a, json!("last"));
    assert_eq!(all(), ["b", "c", "d", "a"]);
    change(&c, json!("first"));
    assert_eq!(all(), ["c", "b", "d", "a"]);
    change(&d, json!({ "before": b }));
    assert_eq!(all(), ["c", "d", "b", "a"]);
    client.new_task(&project.id, "e");
    client
        .patch(&path(&d), json!({ "isArchived": false }))
        .expect(200);
    assert_eq!(labels(&client, &project.id, ""), ["c", "d", "a", "e"]);
}

#[test]
fn archiving_leaves_one_event_of_its_own_type() {
    let app = App::start();
    let client = app.client();
    let task = client.new_task(&client.new_project().id, "Task");
    let change = |body: Value| {
        let before = client.latest();
        let task = client.patch(&path(&task), body).expect(200).object();
        (task, client.events_after(before))
    };
    app.age("task");
    let old = client.show(&path(&task));
    // The first type that fits, although the task is also done.
    let (archived, events) = change(json!({ "isArchived": true, "status": 2 }));
    assert_eq!(column(&events, "type"), ["task.archived"]);
    assert_ne!(archived["updated_at"], old["updated_at"]);
    let expected = json!({
        "archived_at": { "from": null, "to": archived["archived_at"] }, "status": { "from": 0, "to": 2 }
    });
    assert_eq!(events[0]["changes"], expected);
    assert_eq!(events[0]["data"]["archived_at"], archived["archived_at"]);
    // Archiving it again keeps the time.
    app.sql("UPDATE task SET archived_at = archived_at - 3600000");
    let old = client.show(&path(&task));
    let (again, events) = change(json!({ "isArchived": true }));
    assert_eq!((again, events), (old, vec![]));
    let (_, events) = change(json!({ "isArchived": true, "status": 0 }));
    assert_eq!(column(&events, "type"), ["task.updated"]);
    let (back, events) = change(json!({ "isArchived": false, "status": 2 }));
    assert_eq!(column(&events, "type"), ["task.unarchived"]);
    assert_eq!(back["archived_at"], Value::Null);
    assert_eq!(change(json!({ "isArchived": false })).1, [] as [Value; 0]);
    for bad in [json!(null), json!("true"), json!(1)] {
        let reply = client.patch(&path(&task), json!({ "isArchived": bad }));
        let fields = reply.expect_error(400, "invalid_request").fields();
        assert_eq!(
            fields,
            json!({ "isArchived": "Archived must be true or false" })
        );
    }
}
