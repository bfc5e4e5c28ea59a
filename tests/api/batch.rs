//! `POST /v1/tasks/batch`: many changes of tasks, all or none.

use serde_json::{Value, json};
use tackboard::model::ids::TaskId;
use tackboard::model::scopes::Scope;

use crate::harness::{App, Client, Project, at_once, column, text};
use crate::tasks::labels;

const PATH: &str = "/v1/tasks/batch";

/// A project with the tasks a, b and c.
fn with_tasks(client: &Client) -> (Project, [String; 3]) {
    let project = client.new_project();
    let tasks = ["a", "b", "c"].map(|label| client.new_task(&project.id, label));
    (project, tasks)
}

/// Everything that the failures below must leave as it was.
fn state(client: &Client, project: &Project) -> Value {
    json!([
        client.rows(&format!("/v1/projects/{}/tasks?archived=any", project.id)),
        client.show(&format!("/v1/projects/{}", project.id)),
        client.latest(),
        client.show("/v1/usage")["resources"]["tasks"],
    ])
}

#[test]
fn a_batch_creates_updates_and_deletes_in_this_order() {
    let app = App::shared();
    let client = app.client();
    let (project, [a, b, c]) = with_tasks(&client);
    let before = client.latest();
    let body = json!({
        "delete": [c],
        "update": [{ "id": b, "status": 2, "position": "first" }, { "id": a, "label": "A", "isArchived": true }],
        "create": [
            { "projectId": project.id, "label": "d", "description": "Text", "dueOn": "2024-02-01" },
            { "project_id": project.id, "label": " e ", "position": { "after": c } },
        ],
    });
    let result = client.post(PATH, body).expect(200).json();
    assert_eq!(
        column(result["created"].as_array().unwrap(), "label"),
        ["d", "e"]
    );
    assert_eq!(
        column(result["updated"].as_array().unwrap(), "id"),
        [b.clone(), a.clone()]
    );
    assert_eq!(result["deleted"], json!([c]));
    assert_eq!(
        labels(&client, &project.id, "?archived=any"),
        ["b", "A", "e", "d"]
    );
    // Each result is the list entry, with the project and without the description.
    let rows = client.rows(&format!("/v1/projects/{}/tasks?archived=any", project.id));
    for task in ["created", "updated"]
        .iter()
        .flat_map(|list| result[*list].as_array().unwrap())
    {
        let mut entry = rows
            .iter()
            .find(|row| row["id"] == task["id"])
            .unwrap()
            .clone();
        entry.as_object_mut().unwrap().remove("description");
        entry["project_id"] = json!(project.id);
        assert_eq!(*task, entry);
    }
    let events = client.events_after(before);
    let types = [
        "task.created",
        "task.created",
        "task.completed",
        "task.archived",
        "task.deleted",
    ];
    assert_eq!(column(&events, "type"), types);
    let ids = events.iter().map(|event| event["data"]["id"].clone());
    let created = result["created"].as_array().unwrap();
    let expected = [
        &created[0]["id"],
        &created[1]["id"],
        &json!(b),
        &json!(a),
        &json!(c),
    ];
    assert_eq!(ids.collect::<Vec<_>>(), expected.map(Clone::clone));
}

#[test]
fn an_empty_batch_and_an_update_without_changes_do_nothing() {
    let app = App::shared();
    let client = app.client();
    let (project, [a, ..]) = with_tasks(&client);
    let before = state(&client, &project);
    let nothing = json!({ "created": [], "updated": [], "deleted": [] });
    for body in [
        json!({}),
        json!({ "create": [], "update": [], "delete": [] }),
    ] {
        assert_eq!(client.post(PATH, body).expect(200).json(), nothing);
    }
    let same = client
        .post(PATH, json!({ "update": [{ "id": a, "label": "a" }] }))
        .expect(200)
        .json();
    assert_eq!(same["updated"][0]["label"], "a");
    assert_eq!(state(&client, &project), before);
}

#[test]
fn the_entry_that_fails_is_named_and_nothing_is_changed() {
    let app = App::shared();
    let client = app.client();
    let (project, [a, b, c]) = with_tasks(&client);
    let elsewhere = client.new_project();
    let stranger = client.new_task(&elsewhere.id, "elsewhere");
    let lane = client.new_lane(&elsewhere.board);
    let label = client.new_label(&elsewhere.board, "Bug");
    let other = app.client();
    let theirs = other.new_task(&other.new_project().id, "theirs");
    let nothing = TaskId::new().to_string();
    let before = state(&client, &project);
    let create = |fields: Value| {
        let mut new = json!({ "projectId": project.id, "label": "new" });
        new.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        json!({ "create": [{ "projectId": project.id, "label": "fits" }, new], "delete": [c] })
    };
    let update = |fields: Value| {
        let mut change = json!({ "id": b });
        change
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        json!({ "create": [{ "projectId": project.id, "label": "fits" }], "update": [{ "id": a, "status": 2 }, change] })
    };
    for (body, code, details) in [
        (
            create(json!({ "projectId": nothing })),
            "project_not_found",
            json!({ "project_id": nothing, "path": "create[1]" }),
        ),
        (
            create(json!({ "workflowLaneId": lane })),
            "lane_not_found",
            json!({ "lane_id": lane, "path": "create[1]" }),
        ),
        (
            create(json!({ "labelIds": [label] })),
            "label_not_found",
            json!({ "label_id": label, "path": "create[1]" }),
        ),
        (
            create(json!({ "assigneeIds": [nothing] })),
            "member_not_found",
            json!({ "member_id": nothing, "path": "create[1]" }),
        ),
        (
            create(json!({ "position": { "after": stranger } })),
            "task_not_found",
            json!({ "task_id": stranger, "path": "create[1]" }),
        ),
        (
            update(json!({ "id": nothing })),
            "task_not_found",
            json!({ "task_id": nothing, "path": "update[1]" }),
        ),
        (
            update(json!({ "id": theirs, "label": "mine" })),
            "task_not_found",
            json!({ "task_id": theirs, "path": "update[1]" }),
        ),
        (
            update(json!({ "workflowLaneId": lane })),
            "lane_not_found",
            json!({ "lane_id": lane, "path": "update[1]" }),
        ),
        (
            update(json!({ "assigneeIds": [nothing] })),
            "member_not_found",
            json!({ "member_id": nothing, "path": "update[1]" }),
        ),
        (
            update(json!({ "position": { "before": theirs } })),
            "task_not_found",
            json!({ "task_id": theirs, "path": "update[1]" }),
        ),
        (
            json!({ "update": [{ "id": a, "status": 2 }], "delete": [b, theirs] }),
            "task_not_found",
            json!({ "task_id": theirs, "path": "delete[1]" }),
        ),
        (
            json!({ "update": [{ "id": a, "status": 2 }], "delete": [b, nothing] }),
            "task_not_found",
            json!({ "task_id": nothing, "path": "delete[1]" }),
        ),
    ] {
        let reply = client.post(PATH, body.clone()).expect_error(404, code);
        assert_eq!(reply.details(), details, "{body}");
        assert_eq!(state(&client, &project), before, "{body}");
    }
    let reply = client.post(PATH, update(json!({ "position": "top" })));
    let reply = reply.expect_error(400, "invalid_request");
    assert_eq!(reply.field_names(), ["update[1].position"]);
    assert_eq!(state(&client, &project), before);
}

#[test]
fn invalid_fields_are_named_by_their_paths() {
    let app = App::shared();
    let client = app.client();
    let (project, [a, b, c]) = with_tasks(&client);
    let before = state(&client, &project);
    let new = || json!({ "projectId": project.id, "label": "new" });
    let upper = a.to_uppercase();
    for (body, fields) in [
        (
            json!({ "create": [new(), { "projectId": project.id }], "update": [{ "id": a }, { "id": b, "label": "" }, { "status": 5 }] }),
            vec![
                "create[1].label",
                "update[1].label",
                "update[2].id",
                "update[2].status",
            ],
        ),
        (
            json!({ "update": [{ "id": a, "state": 1 }] }),
            vec!["update[0].state"],
        ),
        (
            json!({ "update": [{ "id": a, "dueOn": "2026-13-01" }] }),
            vec!["update[0].dueOn"],
        ),
        (
            json!({ "update": [{ "id": a }, { "id": b, "dueOn": null, "due_on": null }] }),
            vec!["update[1].dueOn"],
        ),
        (
            json!({ "update": [{ "id": a, "dueOn": "202600000000-01-01" }] }),
            vec!["update[0].dueOn"],
        ),
        (
            json!({ "create": [{ "projectId": "x", "label": 5 }] }),
            vec!["create[0].label", "create[0].projectId"],
        ),
        (
            json!({ "create": new(), "update": null, "delete": a }),
            vec!["create", "delete", "update"],
        ),
        (
            json!({ "delete": [a, null, 7] }),
            vec!["delete[1]", "delete[2]"],
        ),
        (json!({ "remove": [a] }), vec!["remove"]),
        (json!([{ "create": [] }]), vec!["body"]),
        // The same task twice, in whatever way.
        (
            json!({ "update": [{ "id": a }, { "id": b }, { "id": a }] }),
            vec!["update[2].id"],
        ),
        (
            json!({ "update": [{ "id": a }, { "id": upper }] }),
            vec!["update[1].id"],
        ),
        (json!({ "delete": [a, b, a] }), vec!["delete[2]"]),
        (json!({ "delete": [a, upper] }), vec!["delete[1]"]),
        (
            json!({ "update": [{ "id": b }, { "id": a }], "delete": [c, a] }),
            vec!["delete[1]"],
        ),
        // Too many: of one kind, and of all kinds together.
        (json!({ "create": vec![new(); 201] }), vec!["create"]),
        (
            json!({ "create": vec![new(); 199], "update": [{ "id": a }], "delete": [b] }),
            vec!["body"],
        ),
    ] {
        let reply = client
            .post(PATH, body.clone())
            .expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), fields, "{body}");
        assert_eq!(state(&client, &project), before, "{body}");
    }
    let reply = client.post(
        PATH,
        json!({ "update": [{ "id": a }, { "id": b }, { "id": a }] }),
    );
    let message = json!({ "update[2].id": "update[2].id is the same task as update[0].id" });
    assert_eq!(reply.fields(), message);
    let reply = client
        .post(PATH, json!({ "delete": ["x"] }))
        .expect_error(400, "invalid_uuid");
    assert_eq!(
        reply.details(),
        json!({ "field": "delete[0]", "value": "x" })
    );
    let deep = format!(
        "{{\"create\":{}{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let headers = [("content-type", "application/json")];
    let reply = client.call("POST", PATH, &headers, Some(deep.into_bytes()));
    reply.expect_error(400, "invalid_json");
    assert_eq!(state(&client, &project), before);
}

#[test]
fn two_hundred_entries_are_one_call() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let used = || {
        client.show("/v1/usage")["api_calls"]["used"]
            .as_u64()
            .unwrap()
    };
    let before = used();
    let new: Vec<_> = (0..200)
        .map(|n| json!({ "projectId": project.id, "label": n.to_string() }))
        .collect();
    let result = client
        .post(PATH, json!({ "create": new }))
        .expect(200)
        .json();
    assert_eq!(used(), before + 1);
    let ids = column(result["created"].as_array().unwrap(), "id");
    let rows = client.rows(&format!("/v1/projects/{}/tasks", project.id));
    assert_eq!(column(&rows, "id"), ids);
    let deleted = client
        .post(PATH, json!({ "delete": ids }))
        .expect(200)
        .json();
    assert_eq!(deleted["deleted"], json!(ids));
    assert_eq!(client.show("/v1/usage")["resources"]["tasks"]["current"], 0);
}

#[test]
fn positions_are_those_after_the_whole_batch() {
    let app = App::shared();
    let client = app.client();
    let (project, [a, ..]) = with_tasks(&client);
    // Without room between the neighbors, the later entries give the earlier ones new positions.
    let new = |_| json!({ "projectId": project.id, "label": "new", "position": { "after": a } });
    let new: Vec<_> = (0..200).map(new).collect();
    let result = client
        .post(PATH, json!({ "create": new }))
        .expect(200)
        .json();
    let rows = client.rows(&format!("/v1/projects/{}/tasks", project.id));
    for task in result["created"].as_array().unwrap() {
        let row = rows.iter().find(|row| row["id"] == task["id"]).unwrap();
        assert_eq!(task["position"], row["position"]);
    }
}

#[test]
fn a_deletion_needs_its_scope() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let owner = app.client_of(&workspace);
    let (project, [a, b, _]) = with_tasks(&owner);
    let writer = app.client_with(Some(&app.token(&workspace, &[Scope::Read, Scope::Write])));
    let before = state(&owner, &project);
    let body = json!({ "update": [{ "id": a, "status": 2 }], "delete": [b] });
    let reply = writer
        .post(PATH, body.clone())
        .expect_error(403, "insufficient_scope");
    assert_eq!(
        reply.details(),
        json!({ "required": "delete", "provided": ["read", "write"] })
    );
    assert_eq!(state(&owner, &project), before);
    writer
        .post(
            PATH,
            json!({ "update": [{ "id": a, "status": 2 }], "delete": [] }),
        )
        .expect(200);
    let deleter = app.client_with(Some(&app.token(&workspace, &[Scope::Delete])));
    let reply = deleter
        .post(PATH, json!({ "delete": [b] }))
        .expect_error(403, "insufficient_scope");
    assert_eq!(reply.details()["required"], "write");
    let both = app.client_with(Some(&app.token(&workspace, &[Scope::Write, Scope::Delete])));
    both.post(PATH, body).expect(200);
}

#[test]
fn a_batch_with_a_key_is_made_once() {
    let app = App::shared();
    let client = app.client();
    let (project, [a, ..]) = with_tasks(&client);
    let body = json!({ "create": [{ "projectId": project.id, "label": "d" }], "delete": [a] });
    let send =
        |body: &Value| client.json("POST", PATH, &[("idempotency-key", "one")], body.clone());
    let first = send(&body).expect(200);
    let again = send(&body).expect(200);
    assert_eq!(again.text, first.text);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(labels(&client, &project.id, ""), ["b", "c", "d"]);
    send(&json!({ "delete": [a] })).expect_error(422, "idempotency_key_reused");
    // A batch that fails keeps nothing.
    let failing = |key: &str| {
        client.json(
            "POST",
            PATH,
            &[("idempotency-key", key)],
            json!({ "delete": [a] }),
        )
    };
    for _ in 0..2 {
        let reply = failing("two").expect_error(404, "task_not_found");
        assert_eq!(reply.header("idempotent-replayed"), "");
    }
}

#[test]
fn batches_of_many_clients_fill_the_plan_exactly_and_each_is_whole_or_absent() {
    let app = App::start();
    app.sql("INSERT INTO plan (name, tasks) VALUES ('thousand', 1000)");
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project().id;
    app.sql("UPDATE workspace SET plan = 'thousand'");
    let made = at_once(64, |n| {
        let client = client.clone();
        let new = vec![json!({ "projectId": project, "label": format!("batch {n}") }); 50];
        let reply = client.post(PATH, json!({ "create": new }));
        match reply.status {
            200 => Some(n),
            _ => {
                let reply = reply.expect_error(403, "resource_limit_exceeded");
                let details = json!({ "resource": "tasks", "limit": 1000, "current": 1000, "path": "create[0]" });
                assert_eq!(reply.details(), details);
                None
            }
        }
    });
    let made: Vec<_> = made.into_iter().flatten().collect();
    assert_eq!(made.len(), 20);
    let rows = client.rows(&format!("/v1/projects/{project}/tasks"));
    assert_eq!(rows.len(), 1000);
    for n in 0..64 {
        let label = format!("batch {n}");
        let found = rows
            .iter()
            .filter(|row| text(row, "label") == label)
            .count();
        assert_eq!(found, if made.contains(&n) { 50 } else { 0 }, "{label}");
    }
    // The last one does not fit, although most of it would.
    app.sql("UPDATE plan SET tasks = 1049 WHERE name = 'thousand'");
    let new = vec![json!({ "projectId": project, "label": "too many" }); 50];
    let reply = client
        .post(PATH, json!({ "create": new }))
        .expect_error(403, "resource_limit_exceeded");
    let details =
        json!({ "resource": "tasks", "limit": 1049, "current": 1000, "path": "create[49]" });
    assert_eq!(reply.details(), details);
    assert_eq!(
        client.show("/v1/usage")["resources"]["tasks"]["current"],
        1000
    );
}
