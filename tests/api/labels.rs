//! Labels of boards and of their tasks.

use serde_json::{Value, json};

use crate::harness::{App, Client, at_once, column};

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// The names of a task's labels.
fn names(client: &Client, task: &str) -> Vec<String> {
    let task = client.show(&format!("/v1/tasks/{task}"));
    column(task["labels"].as_array().unwrap(), "name")
}

fn set(client: &Client, task: &str, labels: &[&String]) {
    let body = json!({ "labelIds": labels });
    client.patch(&format!("/v1/tasks/{task}"), body).expect(200);
}

#[test]
fn a_label_lives_from_creation_to_deletion() {
    let app = App::shared();
    let client = app.client();
    let board = client.new_board();
    let list = format!("/v1/boards/{board}/labels");
    assert!(client.rows(&list).is_empty());
    let new = json!({ "name": "  Bug ", "color": "#DC2626" });
    let created = client.post(&list, new).expect(201);
    let label = created.object();
    let expected = json!({
        "id": label["id"], "board_id": board, "name": "Bug", "color": "#DC2626",
        "created_at": label["created_at"], "updated_at": label["created_at"]
    });
    assert_eq!(label, expected);
    assert_ne!(created.header("etag"), "");
    let other = client.new_label(&board, "Idea");
    assert_eq!(column(&client.rows(&list), "name"), ["Bug", "Idea"]);
    let path = format!("/v1/labels/{}", created.id());
    let change = json!({ "name": " BUG ", "color": "#000000" });
    let changed = client.patch(&path, change).expect(200).object();
    assert_eq!(
        (&changed["name"], &changed["color"]),
        (&json!("BUG"), &json!("#000000"))
    );
    assert_eq!(client.rows(&list)[0], changed);
    let deleted = client.delete(&path).expect(200);
    assert_eq!(
        deleted.json(),
        json!({ "deleted": true, "id": label["id"] })
    );
    assert_eq!(column(&client.rows(&list), "id"), [other]);
    client
        .patch(&path, json!({}))
        .expect_error(404, "label_not_found");
    client.delete(&path).expect_error(404, "label_not_found");
    let nowhere = format!("/v1/boards/{NOBODY}/labels");
    client.get(&nowhere).expect_error(404, "board_not_found");
}

#[test]
fn bad_members_are_told_by_name() {
    let app = App::shared();
    let client = app.client();
    let board = client.new_board();
    let list = format!("/v1/boards/{board}/labels");
    let path = format!("/v1/labels/{}", client.new_label(&board, "Bug"));
    for (body, fields) in [
        (json!({}), json!(["color", "name"])),
        (json!({ "name": "x" }), json!(["color"])),
        (
            json!({ "name": null, "color": null }),
            json!(["color", "name"]),
        ),
        (json!({ "name": " ", "color": "#000000" }), json!(["name"])),
        (
            json!({ "name": "ü".repeat(51), "color": "#000000" }),
            json!(["name"]),
        ),
        (
            json!({ "name": "a\u{0}b", "color": "#000000" }),
            json!(["name"]),
        ),
        (json!({ "name": 7, "color": 7 }), json!(["color", "name"])),
        (json!({ "name": "x", "color": "red" }), json!(["color"])),
        (json!({ "name": "x", "color": "#00000g" }), json!(["color"])),
        (
            json!({ "name": "x", "color": "#000000\n" }),
            json!(["color"]),
        ),
        (
            json!({ "name": "x", "color": "#000000", "boardId": board }),
            json!(["boardId"]),
        ),
    ] {
        let reply = client
            .post(&list, body.clone())
            .expect_error(400, "invalid_request");
        let named: Vec<_> = reply.details()["fields"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        assert_eq!(json!(named), fields, "{body}");
        if body["color"].is_string() {
            client
                .patch(&path, body)
                .expect_error(400, "invalid_request");
        }
    }
    let longest = json!({ "name": "ü".repeat(50), "color": "#abcdef" });
    client.post(&list, longest).expect(201);
    assert_eq!(client.rows(&list).len(), 2);
}

#[test]
fn a_name_is_unique_on_its_board_in_any_case() {
    let app = App::shared();
    let client = app.client();
    let board = client.new_board();
    let list = format!("/v1/boards/{board}/labels");
    for (name, same) in [
        ("Bug", "bUG"),
        ("Über", "üBER"),
        ("straße", "STRASSE"),
        ("İ", "i̇"),
    ] {
        let label = client.new_label(&board, name);
        for same in [name, same] {
            let body = json!({ "name": same, "color": "#000000" });
            let reply = client.post(&list, body).expect_error(409, "conflict");
            let details = json!({ "name": same, "label_id": label });
            assert_eq!(reply.details(), details);
        }
        // Its own name in another case is no conflict.
        let path = format!("/v1/labels/{label}");
        client.patch(&path, json!({ "name": same })).expect(200);
    }
    let other = format!("/v1/labels/{}", client.new_label(&board, "Idea"));
    client
        .patch(&other, json!({ "name": "BUG" }))
        .expect_error(409, "conflict");
    client.new_label(&client.new_board(), "Bug");
    client.new_label(&board, "Uber");
}

#[test]
fn one_of_many_at_once_gets_a_name() {
    let app = App::shared();
    let client = app.client();
    let list = format!("/v1/boards/{}/labels", client.new_board());
    let replies = at_once(8, |at| {
        let name = if at % 2 == 0 { "Bug" } else { "BUG" };
        client
            .clone()
            .post(&list, json!({ "name": name, "color": "#000000" }))
    });
    let (made, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|one| one.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 7));
    for reply in refused {
        reply.expect_error(409, "conflict");
    }
}

#[test]
fn a_board_has_at_most_two_hundred_labels() {
    let app = App::shared();
    let client = app.client();
    let board = client.new_board();
    let labels: Vec<_> = (0..200)
        .map(|at| client.new_label(&board, &format!("Label {at}")))
        .collect();
    let list = format!("/v1/boards/{board}/labels");
    let body = json!({ "name": "One more", "color": "#000000" });
    let reply = client
        .post(&list, body.clone())
        .expect_error(403, "resource_limit_exceeded");
    let details = json!({ "resource": "labels", "limit": 200, "current": 200 });
    assert_eq!(reply.details(), details);
    assert_eq!(column(&client.rows(&list), "id"), labels);
    let page = client.get(&format!("{list}?limit=150")).expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = client
        .get(&format!("{list}?cursor={cursor}"))
        .expect(200)
        .json();
    assert_eq!(
        column(rest["labels"].as_array().unwrap(), "id"),
        labels[150..]
    );
    client
        .delete(&format!("/v1/labels/{}", labels[0]))
        .expect(200);
    client.post(&list, body).expect(201);
}

#[test]
fn a_task_shows_its_labels_everywhere() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let bug = client.new_label(&project.board, "Bug");
    let idea = client.new_label(&project.board, "Idea");
    let shown = |id: &str, name: &str| json!({ "id": id, "name": name, "color": "#dc2626" });
    let new = json!({ "projectId": project.id, "label": "Fix", "labelIds": [idea, bug] });
    let made = client.post("/v1/tasks", new).expect(201);
    assert_eq!(
        made.object()["labels"],
        json!([shown(&bug, "Bug"), shown(&idea, "Idea")])
    );
    let task = made.id();
    client.new_task(&project.id, "Bare");
    let list = format!("/v1/projects/{}/tasks", project.id);
    let snapshot = format!("/v1/boards/{}/snapshot", project.board);
    let ids = |path: &str| {
        let tasks = client.get(path).expect(200).json()["tasks"].clone();
        [tasks[0]["label_ids"].clone(), tasks[1]["label_ids"].clone()]
    };
    let both = [json!([bug, idea]), json!([])];
    assert_eq!(ids(&list), both);
    assert_eq!(ids(&format!("{list}?limit=2")), both);
    assert_eq!(ids(&snapshot), both);
    let labels = client.get(&snapshot).expect(200).json()["labels"].clone();
    assert_eq!(
        labels,
        json!(client.rows(&format!("/v1/boards/{}/labels", project.board)))
    );
    set(&client, &task, &[&idea]);
    assert_eq!(ids(&list), [json!([idea]), json!([])]);
    set(&client, &task, &[]);
    assert_eq!(
        client.show(&format!("/v1/tasks/{task}"))["labels"],
        json!([])
    );
}

#[test]
fn a_change_of_labels_is_one_event_that_names_them() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let (bug, idea) = (
        client.new_label(&project.board, "Bug"),
        client.new_label(&project.board, "Idea"),
    );
    let task = client.new_task(&project.id, "Fix");
    let before = client.latest();
    set(&client, &task, &[&bug]);
    set(&client, &task, &[&bug]);
    set(&client, &task, &[&idea, &bug]);
    client.delete(&format!("/v1/labels/{bug}")).expect(200);
    let events = client.events_after(before);
    assert_eq!(
        column(&events, "type"),
        ["task.updated", "task.updated", "label.deleted"]
    );
    let change = |from: Value, to: Value| json!({ "label_ids": { "from": from, "to": to } });
    assert_eq!(events[0]["changes"], change(json!([]), json!([bug])));
    assert_eq!(
        events[1]["changes"],
        change(json!([bug]), json!([bug, idea]))
    );
    assert_eq!(events[1]["data"]["label_ids"], json!([bug, idea]));
    assert_eq!(events[2]["cleared"], json!({ "tasks": 1 }));
    assert_eq!(events[2]["board_id"], json!(project.board));
    assert_eq!(names(&client, &task), ["Idea"]);
}

#[test]
fn label_ids_are_checked_before_anything_changes() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let bug = client.new_label(&project.board, "Bug");
    let elsewhere = client.new_label(&client.new_board(), "Bug");
    let many: Vec<_> = (0..21).map(|_| uuid::Uuid::now_v7()).collect();
    let task = client.new_task(&project.id, "Fix");
    set(&client, &task, &[&bug]);
    let path = format!("/v1/tasks/{task}");
    let before = client.latest();
    for (labels, status, code) in [
        (json!([bug, elsewhere]), 404, "label_not_found"),
        (json!([NOBODY]), 404, "label_not_found"),
        (json!([project.board]), 404, "label_not_found"),
        (json!([bug, bug]), 400, "invalid_request"),
        (json!([bug, bug.to_uppercase()]), 400, "invalid_request"),
        (json!(many), 400, "invalid_request"),
        (json!(null), 400, "invalid_request"),
        (json!(bug), 400, "invalid_request"),
        (json!([1]), 400, "invalid_request"),
        (json!([null]), 400, "invalid_request"),
        (json!([[bug]]), 400, "invalid_request"),
        (json!(["bug"]), 400, "invalid_uuid"),
        (json!([format!("{bug}\u{0}")]), 400, "invalid_uuid"),
    ] {
        let body = json!({ "label": "Changed", "labelIds": labels });
        client.patch(&path, body).expect_error(status, code);
        let body = json!({ "projectId": project.id, "label": "New", "labelIds": labels });
        let reply = client.post("/v1/tasks", body).expect_error(status, code);
        if code == "invalid_request" {
            let fields = reply.details()["fields"].clone();
            let name = fields.as_object().unwrap().keys().next().unwrap();
            assert!(name.starts_with("labelIds"), "{fields}");
        }
    }
    assert_eq!(client.latest(), before);
    assert_eq!(client.show(&path)["label"], "Fix");
    let body = json!({ "label_ids": [bug], "labelIds": [] });
    let reply = client
        .patch(&path, body)
        .expect_error(400, "invalid_request");
    let message = "Label IDs is sent twice, as labelIds and as label_ids";
    assert_eq!(reply.details()["fields"]["labelIds"], message);
    let body = json!({ "label_ids": [bug.to_uppercase()] });
    client.patch(&path, body).expect(200);
    assert_eq!(names(&client, &task), ["Bug"]);
    let twenty: Vec<_> = (0..20)
        .map(|at| client.new_label(&project.board, &at.to_string()))
        .collect();
    client
        .patch(&path, json!({ "labelIds": twenty }))
        .expect(200);
    assert_eq!(names(&client, &task).len(), 20);
}

#[test]
fn a_task_that_moves_keeps_the_labels_that_exist_there_by_name() {
    let app = App::shared();
    let client = app.client();
    let (here, there) = (client.new_project(), client.new_project());
    let beside = client.new_project_on(&here.board);
    let bug = client.new_label(&here.board, "Büg");
    let only_here = client.new_label(&here.board, "Only here");
    let bug_there = client.new_label(&there.board, "BÜG");
    let only_there = client.new_label(&there.board, "Only there");
    let task = client.new_task(&here.id, "Move");
    set(&client, &task, &[&bug, &only_here]);
    let path = format!("/v1/tasks/{task}");
    let move_to = |project: &str, labels: Option<&[&String]>| {
        let mut body = json!({ "projectId": project });
        if let Some(labels) = labels {
            body["labelIds"] = json!(labels);
        }
        client.patch(&path, body)
    };
    // Another project of the same board changes nothing.
    move_to(&beside, None).expect(200);
    assert_eq!(names(&client, &task), ["Büg", "Only here"]);
    let before = client.latest();
    let moved = move_to(&there.id, None).expect(200).object();
    assert_eq!(
        column(moved["labels"].as_array().unwrap(), "id"),
        std::slice::from_ref(&bug_there)
    );
    let event = client.events_after(before).remove(0);
    let change = json!({ "from": [bug, only_here], "to": [bug_there] });
    assert_eq!(event["changes"]["label_ids"], change);
    assert_eq!(event["data"]["label_ids"], json!([bug_there]));
    // The labels of the same request are those of the target board.
    move_to(&here.id, Some(&[&bug_there])).expect_error(404, "label_not_found");
    assert_eq!(names(&client, &task), ["BÜG"]);
    move_to(&here.id, Some(&[&only_here])).expect(200);
    assert_eq!(names(&client, &task), ["Only here"]);
    move_to(&there.id, Some(&[&only_there, &bug_there])).expect(200);
    assert_eq!(names(&client, &task), ["BÜG", "Only there"]);
    move_to(&here.id, Some(&[])).expect(200);
    assert_eq!(names(&client, &task), [""; 0]);
}

#[test]
fn the_tasks_of_a_project_that_moves_keep_their_labels_by_name() {
    let app = App::shared();
    let client = app.client();
    let (project, other) = (client.new_project(), client.new_project());
    let bug = client.new_label(&project.board, "Bug");
    let gone = client.new_label(&project.board, "Gone");
    let bug_there = client.new_label(&other.board, "bug");
    let tasks = [&[&bug, &gone][..], &[&gone], &[]].map(|labels| {
        let task = client.new_task(&project.id, "Task");
        set(&client, &task, labels);
        task
    });
    let stays = client.new_task(&client.new_project_on(&project.board), "Stays");
    set(&client, &stays, &[&bug]);
    let before = client.latest();
    let path = format!("/v1/projects/{}", project.id);
    client
        .patch(&path, json!({ "boardId": other.board }))
        .expect(200);
    let shown = tasks.map(|task| client.show(&format!("/v1/tasks/{task}"))["labels"].clone());
    let color = "#dc2626";
    let kept = json!([{ "id": bug_there, "name": "bug", "color": color }]);
    assert_eq!(shown, [kept, json!([]), json!([])]);
    assert_eq!(names(&client, &stays), ["Bug"]);
    let events = client.events_after(before);
    assert_eq!(column(&events, "type"), ["project.updated"]);
    assert_eq!(events[0]["cleared"], json!({ "tasks": 2 }));
}

#[test]
fn a_label_that_changes_changes_the_etag_of_its_tasks() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    let label = client.new_label(&project.board, "Bug");
    let task = client.new_task(&project.id, "Fix");
    set(&client, &task, &[&label]);
    app.sql("UPDATE task SET updated_at = 1000");
    let (path, label) = (format!("/v1/tasks/{task}"), format!("/v1/labels/{label}"));
    let mut stale = client.get(&path).expect(200).header("etag").to_owned();
    let mut look = || {
        let reply = client.get(&path).expect(200);
        assert_eq!(reply.object()["updated_at"], "1970-01-01T00:00:01Z");
        let tag = reply.header("etag").to_owned();
        assert_ne!(tag, stale);
        let if_match = [("if-match", stale.as_str())];
        let change = json!({ "label": "Lost" });
        client
            .json("PATCH", &path, &if_match, change)
            .expect_error(412, "precondition_failed");
        stale = tag;
    };
    client
        .patch(&label, json!({ "name": "Defect" }))
        .expect(200);
    look();
    client
        .patch(&label, json!({ "color": "#000000" }))
        .expect(200);
    look();
    client.delete(&label).expect(200);
    look();
    let if_match = [("if-match", stale.as_str())];
    client
        .json("PATCH", &path, &if_match, json!({ "label": "Kept" }))
        .expect(200);
}

#[test]
fn labels_go_with_their_board() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    let label = client.new_label(&project.board, "Bug");
    set(&client, &client.new_task(&project.id, "Fix"), &[&label]);
    let before = client.latest();
    client
        .delete(&format!("/v1/boards/{}", project.board))
        .expect(200);
    client
        .delete(&format!("/v1/labels/{label}"))
        .expect_error(404, "label_not_found");
    let event = client.events_after(before).remove(0);
    assert_eq!(event["deleted"]["labels"], 1);
    for table in ["label", "task_label"] {
        assert_eq!(app.number(&format!("SELECT count(*) FROM {table}")), 0);
    }
}
