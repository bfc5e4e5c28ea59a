//! Assignees, due dates and who created a task.

use serde_json::{Value, json};
use tackboard::app;
use tackboard::model::ids::UserId;
use tackboard::model::scopes::Role;
use tackboard::store::users;

use crate::harness::{App, Client, Workspace, column, text};

fn remove_member(app: &App, workspace: &Workspace, user: &str) {
    let ctx = workspace.command();
    app.write(|tx| {
        let user = users::find(tx, user)?.unwrap();
        app::members::remove(tx, &ctx, user.id)
    });
}

/// A client in a workspace with two more members, and a task.
fn with_members(app: &App) -> (Workspace, Client, [String; 2], String) {
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let members = ["Ben", "Cleo"].map(|name| app.named_member(&workspace, name, Role::Member));
    let task = client.new_task(&client.new_project().id, "Task");
    (workspace, client, members, format!("/v1/tasks/{task}"))
}

#[test]
fn assignees_are_shown_with_their_names_wherever_the_task_is() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let [ben, cleo] = ["Ben", "Cleo"].map(|name| app.named_member(&workspace, name, Role::Member));
    let project = client.new_project();
    let body = json!({
        "projectId": project.id, "label": "Task", "assigneeIds": [cleo, ben], "dueOn": "2024-02-29"
    });
    let task = client.post("/v1/tasks", body).expect(201);
    let people = json!([{ "id": ben, "name": "Ben" }, { "id": cleo, "name": "Cleo" }]);
    let shown = task.object();
    assert_eq!(shown["assignees"], people, "sorted by id");
    assert_eq!(shown["due_on"], "2024-02-29");
    assert_eq!(
        shown["created_by"],
        json!({ "id": workspace.owner, "name": "Owner" })
    );
    let path = format!("/v1/tasks/{}", task.id());
    let read = client.get(&path).expect(200);
    assert_eq!(
        (read.object(), read.header("etag")),
        (shown, task.header("etag"))
    );
    let entry = &client.rows(&format!("/v1/projects/{}/tasks", project.id))[0];
    let snapshot = client.get(&format!("/v1/boards/{}/snapshot", project.board));
    let event = &client.get("/v1/events?limit=1").expect(200).json()["events"][0];
    for shown in [entry, &snapshot.json()["tasks"][0], &event["data"]] {
        assert_eq!(shown["assignee_ids"], json!([ben, cleo]), "{shown}");
        assert_eq!(shown["due_on"], "2024-02-29", "{shown}");
    }
    // One of them, each once, and none.
    for (given, left) in [
        (json!([cleo]), json!([{ "id": cleo, "name": "Cleo" }])),
        (
            json!([cleo, cleo.to_uppercase()]),
            json!([{ "id": cleo, "name": "Cleo" }]),
        ),
        (json!([]), json!([])),
    ] {
        let changed = client
            .patch(&path, json!({ "assigneeIds": given }))
            .expect(200);
        assert_eq!(changed.object()["assignees"], left);
    }
}

#[test]
fn a_task_that_a_command_created_has_no_creator() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project().id;
    let new = json!({ "projectId": project, "label": "Task" });
    let new = serde_json::from_value(new).unwrap();
    let task = app.write(|tx| app::tasks::create(tx, &workspace.command(), new));
    let shown = client.show(&format!("/v1/tasks/{}", task.id));
    assert_eq!(shown["created_by"], Value::Null);
}

#[test]
fn only_members_can_be_assigned() {
    let app = App::shared();
    let (_, client, [ben, _], path) = with_members(app);
    let project = text(&client.show(&path), "project_id");
    let stranger = app.named_member(&app.workspace("teams"), "Stranger", Role::Member);
    let before = client.latest();
    for id in [stranger, UserId::new().to_string()] {
        let create = json!({ "projectId": project, "label": "Task", "assigneeIds": [ben, id] });
        for reply in [
            client.post("/v1/tasks", create),
            client.patch(&path, json!({ "assigneeIds": [ben, id], "label": "New" })),
        ] {
            let reply = reply.expect_error(404, "member_not_found");
            assert_eq!(reply.details(), json!({ "member_id": id }));
        }
    }
    assert_eq!(client.latest(), before);
    for (bad, field) in [
        (json!([ben, ben]), "assigneeIds"),
        (
            json!((0..21).map(|_| UserId::new()).collect::<Vec<_>>()),
            "assigneeIds",
        ),
        (json!(ben), "assigneeIds"),
        (json!(null), "assigneeIds"),
        (json!([7]), "assigneeIds[0]"),
    ] {
        let reply = client.patch(&path, json!({ "assigneeIds": bad }));
        let reply = reply.expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [field], "{bad}");
    }
    let reply = client.patch(&path, json!({ "assigneeIds": [ben, "x"] }));
    let expected = json!({ "field": "assigneeIds[1]", "value": "x" });
    assert_eq!(reply.expect_error(400, "invalid_uuid").details(), expected);
}

#[test]
fn twenty_members_can_be_assigned_to_one_task() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let path = format!(
        "/v1/tasks/{}",
        client.new_task(&client.new_project().id, "Task")
    );
    let all: Vec<_> = (0..20)
        .map(|_| app.named_member(&workspace, "Member", Role::Member))
        .collect();
    let assigned = client
        .patch(&path, json!({ "assigneeIds": all }))
        .expect(200)
        .object();
    assert_eq!(column(assigned["assignees"].as_array().unwrap(), "id"), all);
}

#[test]
fn a_removed_member_is_unassigned_and_the_journal_says_so() {
    let app = App::shared();
    let (workspace, client, [ben, cleo], path) = with_members(app);
    client
        .patch(&path, json!({ "assigneeIds": [ben, cleo] }))
        .expect(200);
    let before = client.latest();
    remove_member(app, &workspace, &ben);
    let events = client.events_after(before);
    assert_eq!(column(&events, "type"), ["member.removed"]);
    assert_eq!(events[0]["cleared"], json!({ "tasks": 1 }));
    assert_eq!(events[0]["data"]["id"], ben);
    let left = json!([{ "id": cleo, "name": "Cleo" }]);
    assert_eq!(client.show(&path)["assignees"], left);
    let reply = client.patch(&path, json!({ "assigneeIds": [ben] }));
    reply.expect_error(404, "member_not_found");
}

#[test]
fn changes_name_assignees_and_due_date() {
    let app = App::shared();
    let (_, client, [ben, cleo], path) = with_members(app);
    let change = |body: Value| {
        let before = client.latest();
        client.patch(&path, body).expect(200);
        client.events_after(before)
    };
    let events = change(json!({ "assigneeIds": [ben], "dueOn": "2024-02-01" }));
    assert_eq!(column(&events, "type"), ["task.updated"]);
    let expected = json!({
        "assignee_ids": { "from": [], "to": [ben] }, "due_on": { "from": null, "to": "2024-02-01" }
    });
    assert_eq!(events[0]["changes"], expected);
    assert_eq!(
        change(json!({ "assigneeIds": [ben], "dueOn": "2024-02-01" })),
        [] as [Value; 0]
    );
    let events = change(json!({ "assigneeIds": [cleo, ben], "due_on": null }));
    let expected = json!({
        "assignee_ids": { "from": [ben], "to": [ben, cleo] }, "due_on": { "from": "2024-02-01", "to": null }
    });
    assert_eq!(events[0]["changes"], expected);
    // The order is not part of it.
    assert_eq!(
        change(json!({ "assigneeIds": [ben, cleo] })),
        [] as [Value; 0]
    );
}

#[test]
fn a_due_date_is_a_day_that_exists() {
    let app = App::shared();
    let client = app.client();
    let path = format!(
        "/v1/tasks/{}",
        client.new_task(&client.new_project().id, "Task")
    );
    for day in ["2024-02-29", "0001-01-01", "9999-12-31"] {
        let changed = client.patch(&path, json!({ "dueOn": day })).expect(200);
        assert_eq!(changed.object()["due_on"], day);
    }
    for bad in [
        "2026-02-30",
        "2026-13-01",
        "2023-02-29",
        "202600000000-01-01",
        "2026-02-01T00:00:00Z",
        "2026-2-1",
        "01.02.2026",
        "tomorrow",
        "",
        " 2026-02-01",
        "2026-02-0\u{0661}",
        "-001-01-01",
        "+123-02-03",
    ] {
        let reply = client.patch(&path, json!({ "dueOn": bad }));
        let reply = reply.expect_error(400, "invalid_request");
        let message = "Due date must be an existing date such as 2024-02-01";
        assert_eq!(reply.fields(), json!({ "dueOn": message }), "{bad:?}");
    }
    let reply = client.patch(&path, json!({ "dueOn": 20_260_201 }));
    let fields = reply.expect_error(400, "invalid_request").fields();
    assert_eq!(fields, json!({ "dueOn": "Due date must be text or null" }));
}

#[test]
fn a_new_task_goes_where_it_is_wanted() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let lane = client.new_lane(&project.board);
    let [one, two] = ["one", "two"].map(|label| client.new_task(&project.id, label));
    let create = |label: &str, position: Value, lane: Option<&str>| {
        let body = json!({
            "projectId": project.id, "label": label, "position": position, "workflowLaneId": lane
        });
        client.post("/v1/tasks", body)
    };
    create("first", json!("first"), Some(&lane)).expect(201);
    create("between", json!({ "after": one }), None).expect(201);
    create("before", json!({ "before": one }), None).expect(201);
    create("last", json!("last"), None).expect(201);
    create("literal", json!("zzzz"), None).expect(201);
    let rows = client.rows(&format!("/v1/projects/{}/tasks", project.id));
    let order = [
        "first", "before", "one", "between", "two", "last", "literal",
    ];
    assert_eq!(column(&rows, "label"), order);
    assert_eq!(rows[0]["workflow_lane_id"], lane);
    assert_eq!(rows[1]["workflow_lane_id"], Value::Null);
    let elsewhere = client.new_project();
    let stranger = client.new_task(&elsewhere.id, "elsewhere");
    create("x", json!({ "after": stranger }), None).expect_error(404, "task_not_found");
    let other_lane = client.new_lane(&elsewhere.board);
    let reply = create("x", json!("last"), Some(&other_lane));
    assert_eq!(
        reply.expect_error(404, "lane_not_found").details(),
        json!({ "lane_id": other_lane })
    );
    for bad in [
        json!("top"),
        json!(7),
        json!({ "after": one, "before": two }),
    ] {
        let reply = create("x", bad, None).expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), ["position"]);
    }
}

#[test]
fn what_a_new_task_names_is_looked_up_before_the_plan() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project().id;
    app.sql(
        "INSERT INTO plan (name, tasks) VALUES ('full', 0); UPDATE workspace SET plan = 'full'",
    );
    let nobody = UserId::new().to_string();
    for (field, value, code) in [
        ("workflowLaneId", json!(nobody), "lane_not_found"),
        ("assigneeIds", json!([nobody]), "member_not_found"),
        ("position", json!({ "after": nobody }), "task_not_found"),
    ] {
        let body = json!({ "projectId": project, "label": "Task", field: value });
        client.post("/v1/tasks", body).expect_error(404, code);
    }
    let body = json!({ "projectId": project, "label": "Task", "assigneeIds": [workspace.owner] });
    client
        .post("/v1/tasks", body)
        .expect_error(403, "resource_limit_exceeded");
}
