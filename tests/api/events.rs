//! The journal: which events each change records, and how they are read.

use serde_json::{Value, json};
use tackboard::model::scopes::Scope;

use crate::harness::{App, Client, Workspace, column, text, wait_for};
use crate::operations::{self, Ids, Operation};

/// The events that every operation records. The operation is called with each of its examples until one records an
/// event.
const EVENTS: &[(&str, &[&str])] = &[
    ("createBoard", &["board.created"]),
    ("updateBoard", &["board.updated"]),
    ("deleteBoard", &["board.deleted"]),
    ("createLane", &["lane.created"]),
    ("createLabel", &["label.created"]),
    ("updateLabel", &["label.updated"]),
    ("deleteLabel", &["label.deleted"]),
    ("updateLane", &["lane.updated"]),
    ("deleteLane", &["lane.deleted"]),
    ("createProject", &["project.created"]),
    ("updateProject", &["project.updated"]),
    ("deleteProject", &["project.deleted"]),
    ("createTask", &["task.created"]),
    ("updateTask", &["task.archived"]),
    ("replaceTask", &["task.archived"]),
    ("deleteTask", &["task.deleted"]),
    (
        "batchTasks",
        &["task.created", "task.completed", "task.deleted"],
    ),
    ("createSubtask", &["subtask.created"]),
    ("updateSubtask", &["subtask.updated"]),
    ("deleteSubtask", &["subtask.deleted"]),
    ("createComment", &["comment.created"]),
    ("updateComment", &["comment.updated"]),
    ("deleteComment", &["comment.deleted"]),
    ("createCard", &["card.created"]),
    ("updateCard", &["card.updated"]),
    ("deleteCard", &["card.deleted"]),
    ("putCardCover", &["card.updated"]),
    ("createEmailAccount", &["email_account.created"]),
    ("deleteEmailAccount", &["email_account.deleted"]),
    ("listCardChoices", &[]),
    ("previewMarkdown", &[]),
    ("createIntegrationConfig", &["integration.created"]),
    ("deleteIntegrationConfig", &["integration.deleted"]),
    ("sendCard", &["card.queued"]),
    ("getCardUrl", &["card.link_created"]),
    // Both recipients have the same address.
    ("unsubscribe", &["card.unsubscribed", "card.unsubscribed"]),
    ("resubscribe", &["card.resubscribed", "card.resubscribed"]),
    ("createWebhook", &["webhook.created"]),
    ("updateWebhook", &["webhook.updated"]),
    ("replaceWebhook", &["webhook.updated"]),
    ("deleteWebhook", &["webhook.deleted"]),
    ("rotateWebhookSecret", &["webhook.updated"]),
    ("testWebhook", &[]),
    ("recoverWebhook", &[]),
    ("redeliver", &[]),
    ("updateMember", &["member.updated"]),
    ("removeMember", &["member.removed"]),
    ("createInvitation", &["invitation.created"]),
    ("deleteInvitation", &["invitation.deleted"]),
    ("acceptInvitation", &["member.added", "invitation.deleted"]),
    (
        "createImport",
        &[
            "board.created",
            "project.created",
            "task.created",
            "import.finished",
        ],
    ),
    ("undoImport", &["import.undone"]),
    ("signIn", &[]),
    ("signOut", &[]),
    ("endSession", &[]),
    ("requestSignInLink", &[]),
    ("redeemSignInLink", &[]),
    ("updateAccount", &["member.updated"]),
    ("createToken", &["token.created"]),
    ("deleteToken", &["token.revoked"]),
];

impl Client {
    /// Returns the sequence of the newest event.
    pub fn latest(&self) -> i64 {
        let list = self.get("/v1/events?limit=1").expect(200).json();
        list["latest"].as_i64().unwrap()
    }

    /// Returns the events after a sequence.
    pub fn events_after(&self, since: i64) -> Vec<Value> {
        let path = format!("/v1/events?since={since}&limit=500");
        let list = self.get(&path).expect(200).json();
        assert_eq!(list["next_since"], list["latest"], "more than a page");
        list["events"].as_array().unwrap().clone()
    }

    /// Returns the types of the events that a change records.
    fn types_of(&self, change: impl FnOnce()) -> Vec<String> {
        let before = self.latest();
        change();
        column(&self.events_after(before), "type")
    }
}

/// The events of a page.
fn rows(client: &Client, path: &str) -> Vec<Value> {
    let list = client.get(path).expect(200).json();
    list["events"].as_array().unwrap().clone()
}

#[test]
fn every_operation_leaves_exactly_its_events() {
    let app = App::start();
    let mut tested = Vec::new();
    for operation in operations::all().iter().filter(|one| one.method != "GET") {
        let expected = EVENTS.iter().find(|(id, _)| *id == operation.id);
        let Some((_, expected)) = expected else {
            panic!("say which events {} leaves", operation.id);
        };
        let (sender, ids) = operations::world(&app, operation);
        let client = app.client_of(&Workspace {
            id: ids.get("workspace").to_owned(),
            owner: ids.get("user").to_owned(),
        });
        if operation.id == "resubscribe" {
            let path = format!("/unsubscribe/{}", ids.get("recipient"));
            client.post(&path, json!({})).expect(200);
        }
        let before = client.latest();
        let mut events = Vec::new();
        for call in operation.calls(&ids) {
            let reply = call.send(&sender);
            assert!(reply.status < 300, "{}: {}", operation.id, reply.text);
            events = client.events_after(before);
            if !events.is_empty() {
                break;
            }
        }
        // The queued mail may be sent in the meantime.
        events.retain(|event| event["type"] != "card.sent");
        assert_eq!(column(&events, "type"), *expected, "{}", operation.id);
        for (at, event) in events.iter().enumerate() {
            assert_eq!(event["sequence"], before + 1 + at as i64, "{event}");
            assert_actor(operation, ids.get("user"), event);
        }
        tested.push(operation.id.clone());
    }
    let unknown: Vec<_> = EVENTS
        .iter()
        .filter(|(id, _)| !tested.iter().any(|tested| tested == id))
        .collect();
    assert!(unknown.is_empty(), "no such operation: {unknown:?}");
}

#[track_caller]
fn assert_actor(operation: &Operation, user: &str, event: &Value) {
    let expected = match operation.id.as_str() {
        "createImport" | "undoImport" => {
            json!({ "kind": "import", "user_id": user, "name": "Owner", "credential": "Test" })
        }
        _ if operation.scope().is_some() => {
            json!({ "kind": "token", "user_id": user, "name": "Owner", "credential": "Test" })
        }
        "updateAccount" => {
            json!({ "kind": "session", "user_id": user, "name": "Owner", "credential": null })
        }
        "acceptInvitation" => {
            let user = &event["actor"]["user_id"];
            json!({ "kind": "session", "user_id": user, "name": "Grace Hopper", "credential": null })
        }
        _ => json!({ "kind": "recipient", "user_id": null, "name": null, "credential": null }),
    };
    assert_eq!(event["actor"], expected, "{event}");
}

#[test]
fn a_change_that_changes_nothing_leaves_no_event() {
    let app = App::start();
    let client = app.client();
    let ids = Ids::new(&client);
    let before = client.latest();
    for (path, body) in [
        ("/v1/boards/", json!({})),
        ("/v1/tasks/", json!({ "status": 0, "label": " word " })),
        ("/v1/cards/", json!({})),
        ("/v1/lanes/", json!({ "name": "Lane" })),
    ] {
        let kind = path.trim_start_matches("/v1/").trim_end_matches("s/");
        let path = format!("{path}{}", ids.get(kind));
        client.patch(&path, body).expect(200);
    }
    for path in ["/v1/tasks/", "/v1/lanes/", "/v1/projects/"] {
        let kind = path.trim_start_matches("/v1/").trim_end_matches("s/");
        let path = format!("{path}{}", ids.get(kind));
        let shown = client.patch(&path, json!({})).expect(200).object();
        let same = json!({ "position": shown["position"] });
        client.patch(&path, same).expect(200);
    }
    // Refused changes record none either.
    let task = format!("/v1/tasks/{}", ids.get("task"));
    client
        .json(
            "PATCH",
            &task,
            &[("if-match", "\"x\"")],
            json!({ "status": 1 }),
        )
        .expect(412);
    client
        .patch(
            &task,
            json!({ "status": 1, "workflowLaneId": ids.get("user") }),
        )
        .expect(404);
    let renamed = client.events_after(before);
    assert_eq!(column(&renamed, "type"), Vec::<String>::new());
}

#[test]
fn an_update_names_what_changed() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    let task = client.new_task(&project.id, "Plan");
    let path = format!("/v1/tasks/{task}");
    let update = |body: Value| {
        let before = client.latest();
        client.patch(&path, body).expect(200);
        let events = client.events_after(before);
        assert_eq!(events.len(), 1);
        events[0].clone()
    };
    let event = update(json!({ "label": "Plan it", "description": "Soon" }));
    assert_eq!(event["type"], "task.updated");
    assert_eq!(
        event["changes"],
        json!({
            "label": { "from": "Plan", "to": "Plan it" },
            "description": { "from": null, "to": "Soon" },
        })
    );
    assert_eq!(event["data"]["label"], "Plan it");
    assert_eq!(
        (&event["board_id"], &event["project_id"], &event["task_id"]),
        (&json!(project.board), &json!(project.id), &json!(task))
    );
    assert!(event.get("card_id").is_none());
    for (status, kind) in [
        (2, "task.completed"),
        (0, "task.updated"),
        (1, "task.updated"),
        (2, "task.completed"),
    ] {
        let event = update(json!({ "status": status }));
        assert_eq!(event["type"], kind);
        assert_eq!(event["changes"]["status"]["to"], status);
        assert_eq!(event["changes"].as_object().unwrap().len(), 1);
    }
    let long = "ä".repeat(1_025);
    let event = update(json!({ "description": long }));
    assert_eq!(
        event["changes"]["description"],
        json!({ "from_length": 4, "to_length": 1_025 })
    );
    let event = update(json!({ "description": "ä".repeat(5_000), "status": 0 }));
    assert_eq!(event["truncated"], json!(["description"]));
    assert_eq!(text(&event["data"], "description").chars().count(), 4_096);
}

#[test]
fn an_object_that_moves_is_found_on_both_sides() {
    let app = App::start();
    let client = app.client();
    let (here, there) = (client.new_project(), client.new_project());
    let task = client.new_task(&here.id, "Move me");
    let before = client.latest();
    client
        .patch(
            &format!("/v1/tasks/{task}"),
            json!({ "projectId": there.id }),
        )
        .expect(200);
    client
        .patch(
            &format!("/v1/projects/{}", there.id),
            json!({ "boardId": here.board }),
        )
        .expect(200);
    let events = client.events_after(before);
    let changes = &events[0]["changes"];
    assert_eq!(
        changes["project_id"],
        json!({ "from": here.id, "to": there.id })
    );
    assert_eq!(
        changes["board_id"],
        json!({ "from": here.board, "to": there.board })
    );
    let seen = |filter: &str| {
        let path = format!("/v1/events?since={before}&{filter}");
        column(&rows(&client, &path), "type")
    };
    let both = ["task.updated", "project.updated"];
    assert_eq!(seen(&format!("board={}", here.board)), both);
    assert_eq!(seen(&format!("board={}", there.board)), both);
    assert_eq!(seen(&format!("project={}", here.id)), ["task.updated"]);
    assert_eq!(seen(&format!("project={}", there.id)), both);
}

#[test]
fn a_deletion_is_one_event_that_counts_what_went_along() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    let lane = client.new_lane(&project.board);
    let task = client.new_task(&project.id, "Deep");
    client.new_task(&project.id, "Other");
    client.new_subtask(&task, "Deeper");
    client
        .patch(
            &format!("/v1/tasks/{task}"),
            json!({ "workflowLaneId": lane }),
        )
        .expect(200);
    let delete = |path: String| {
        let before = client.latest();
        client.delete(&path).expect(200);
        let events = client.events_after(before);
        assert_eq!(events.len(), 1, "{path}");
        events[0].clone()
    };
    let event = delete(format!("/v1/lanes/{lane}"));
    assert_eq!(event["type"], "lane.deleted");
    assert_eq!(event["cleared"], json!({ "tasks": 1 }));
    assert_eq!(event["data"]["name"], "Lane");
    let event = delete(format!("/v1/boards/{}", project.board));
    assert_eq!(event["type"], "board.deleted");
    assert_eq!(
        event["deleted"],
        json!({ "projects": 1, "lanes": 0, "labels": 0, "tasks": 2, "subtasks": 1, "comments": 0 })
    );
    assert_eq!(event["data"]["id"], project.board);
    // The history of a deleted object stays.
    let path = format!("/v1/events?task={task}&since=0");
    let history = column(&rows(&client, &path), "type");
    assert_eq!(history, ["task.created", "subtask.created", "task.updated"]);
}

#[test]
fn subtasks_carry_the_counters_of_their_task() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    let task = client.new_task(&project.id, "Count");
    let before = client.latest();
    let first = client.new_subtask(&task, "one");
    client.new_subtask(&task, "two");
    let path = format!("/v1/subtasks/{first}");
    client
        .patch(&path, json!({ "isCompleted": true }))
        .expect(200);
    client.delete(&path).expect(200);
    let counters = |event: &Value| {
        let count = |name: &str| event["data"][name].as_i64().unwrap();
        (count("subtasks_total"), count("subtasks_completed"))
    };
    let events = client.events_after(before);
    let seen: Vec<_> = events.iter().map(counters).collect();
    assert_eq!(seen, [(1, 0), (2, 0), (2, 1), (1, 0)]);
    assert_eq!(
        events[2]["changes"],
        json!({ "is_completed": { "from": false, "to": true } })
    );
    let before = client.latest();
    client
        .patch(&format!("/v1/tasks/{task}"), json!({ "status": 1 }))
        .expect(200);
    assert_eq!(counters(&client.events_after(before)[0]), (1, 0));
}

#[test]
fn new_positions_of_others_are_an_event_of_their_parent() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    let [one, two] = ["one", "two"].map(|label| client.new_task(&project.id, label));
    let path = format!("/v1/tasks/{one}");
    client.patch(&path, json!({ "position": "1" })).expect(200);
    let types = client.types_of(|| {
        let path = format!("/v1/tasks/{two}");
        let before = json!({ "position": { "before": one } });
        client.patch(&path, json!({ "position": "0" })).expect(200);
        client.patch(&path, before).expect(200);
    });
    assert_eq!(types, ["task.updated", "task.updated"]);
    client.patch(&path, json!({ "position": "0" })).expect(200);
    let before = client.latest();
    client
        .patch(&format!("/v1/tasks/{two}"), json!({ "position": "first" }))
        .expect(200);
    let events = client.events_after(before);
    assert_eq!(
        column(&events, "type"),
        ["task.updated", "project.reordered"]
    );
    assert_eq!(events[1]["data"], json!({ "id": project.id }));
    assert_eq!(events[1]["project_id"], project.id);
}

#[test]
fn the_newest_come_first_without_a_start() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    for n in 0..7 {
        client.new_task(&project.id, &format!("{n}"));
    }
    let latest = client.latest();
    let mut seen = Vec::new();
    let mut path = "/v1/events?limit=3".to_owned();
    loop {
        let page = client.get(&path).expect(200).json();
        assert_eq!(page["latest"], latest);
        assert!(page.get("next_since").is_none());
        let rows = page["events"].as_array().unwrap();
        seen.extend(rows.iter().map(|event| event["sequence"].as_i64().unwrap()));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/events?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, (1..=latest).rev().collect::<Vec<_>>());
    // A reader that pages forward gets the same.
    let (mut since, mut forwards) = (0, Vec::new());
    while since < latest {
        let page = client
            .get(&format!("/v1/events?since={since}&limit=4"))
            .expect(200)
            .json();
        let rows = page["events"].as_array().unwrap();
        assert!(rows.len() <= 4);
        forwards.extend(rows.iter().map(|event| event["sequence"].as_i64().unwrap()));
        since = page["next_since"].as_i64().unwrap();
    }
    assert_eq!(forwards, (1..=latest).collect::<Vec<_>>());
}

#[test]
fn filters_narrow_what_is_seen() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let ids = Ids::new(&client);
    let seen = |query: &str| {
        let path = format!("/v1/events?since=0&limit=500&{query}");
        column(&rows(&client, &path), "type")
    };
    let all = seen("");
    let only = |kinds: &[&str]| -> Vec<String> {
        let wanted = all.iter().filter(|kind| kinds.contains(&kind.as_str()));
        wanted.cloned().collect()
    };
    assert_eq!(seen("types=task.created"), only(&["task.created"]));
    assert_eq!(
        seen("types=lane.*,%20card.link_created"),
        only(&["lane.created", "card.link_created"])
    );
    assert_eq!(
        seen(&format!("task={}", ids.get("task"))),
        [
            "task.created",
            "subtask.created",
            "subtask.created",
            "comment.created",
            "comment.created",
        ]
    );
    assert_eq!(
        seen(&format!("task={}&types=task.*", ids.get("task"))),
        ["task.created"]
    );
    assert_eq!(
        seen(&format!("card={}", ids.get("card"))),
        ["card.created", "integration.created", "card.link_created"]
    );
    let by_owner = seen(&format!("actor={}", workspace.owner));
    assert!(by_owner.len() < all.len(), "commands have no user");
    assert!(!by_owner.contains(&"member.added".to_owned()));
    assert_eq!(seen(&format!("actor={}", ids.get("card"))), [""; 0]);
    for (query, field) in [
        ("types=task.exploded", "types"),
        ("types=task.created,", "types"),
        ("types=*", "types"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("since=-1", "since"),
        ("since=x", "since"),
        ("cursor=x", "cursor"),
        ("since=1&cursor=ZXZlbnQuMQ", "cursor"),
    ] {
        let reply = client.get(&format!("/v1/events?{query}"));
        let reply = reply.expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [field], "{query}");
    }
    client
        .get("/v1/events?board=x")
        .expect_error(400, "invalid_request");
}

#[test]
fn a_start_that_is_not_kept_is_gone() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    client.new_task(&project.id, "Old");
    let latest = client.latest();
    let gone = |since: i64, oldest: i64| {
        let reply = client.get(&format!("/v1/events?since={since}"));
        let reply = reply.expect_error(410, "events_expired");
        assert_eq!(
            reply.details(),
            json!({ "oldest": oldest, "latest": latest })
        );
    };
    gone(latest + 1, 1);
    gone(i64::MAX, 1);
    assert!(client.events_after(latest).is_empty());
    app.sql("DELETE FROM event WHERE sequence <= 2");
    gone(0, 3);
    gone(1, 3);
    assert_eq!(client.events_after(2).len() as i64, latest - 2);
    app.sql("DELETE FROM event");
    gone(latest - 1, latest + 1);
    assert!(client.events_after(latest).is_empty());
    let empty = client.get("/v1/events").expect(200).json();
    assert_eq!(
        (&empty["events"], &empty["next_cursor"], &empty["latest"]),
        (&json!([]), &Value::Null, &json!(latest))
    );
    // The counter continues.
    client.new_task(&project.id, "New");
    assert_eq!(client.latest(), latest + 1);
}

#[test]
fn old_events_are_removed_and_the_rest_has_no_gap() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    for n in 0..5 {
        client.new_task(&project.id, &format!("{n}"));
    }
    let latest = client.latest();
    let days = |days: i64| days * 86_400_000;
    // A trigger refuses updates of events, so it is dropped first.
    app.sql(&format!(
        "DROP TRIGGER event_stays;
         UPDATE event SET created_at = created_at - {} WHERE sequence <= {latest} - 2;",
        days(91)
    ));
    let token = client.token.clone();
    let app = App::on(app.stop(), |_| {});
    let client = app.client_with(token.as_deref());
    wait_for("old events to be removed", || {
        (app.number("SELECT count(*) FROM event") == 2).then_some(())
    });
    assert_eq!(client.events_after(latest - 2).len(), 2);
    client
        .get(&format!("/v1/events?since={}", latest - 3))
        .expect_error(410, "events_expired");
    assert_eq!(client.latest(), latest);
}

#[test]
fn what_only_admins_manage_only_admins_see() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let admin = app.client_of(&workspace);
    Ids::new(&admin);
    app.key(&workspace);
    let reader = app.client_with(Some(&app.token(&workspace, &[Scope::Read])));
    let types = |client: &Client| column(&client.events_after(0), "type");
    let (all, seen) = (types(&admin), types(&reader));
    let secret = [
        "token.",
        "key.",
        "email_account.",
        "webhook.",
        "invitation.",
    ];
    let is_secret = |kind: &String| secret.iter().any(|start| kind.starts_with(start));
    for start in secret {
        assert!(all.iter().any(|kind| kind.starts_with(start)), "{start}");
    }
    let expected: Vec<_> = all.iter().filter(|kind| !is_secret(kind)).collect();
    assert_eq!(seen.iter().collect::<Vec<_>>(), expected);
    let tokens = reader.get("/v1/events?since=0&types=token.*").expect(200);
    assert_eq!(tokens.json()["events"], json!([]));
    // Events contain no secrets.
    let whole = admin.get("/v1/events?since=0&limit=500").expect(200).text;
    for secret in [admin.token.unwrap(), reader.token.unwrap()] {
        assert!(!whole.contains(&secret));
        assert!(whole.contains(&secret[..7]), "but what it begins with");
    }
}

#[test]
fn no_workspace_sees_the_journal_of_another() {
    let app = App::start();
    let (ours, theirs) = (app.client(), app.client());
    let ids = Ids::new(&theirs);
    let before = ours.latest();
    for filter in [
        format!("task={}", ids.get("task")),
        format!("card={}", ids.get("card")),
        format!("board={}", ids.get("board")),
        format!("actor={}", ids.get("user")),
    ] {
        let list = ours
            .get(&format!("/v1/events?since=0&{filter}"))
            .expect(200);
        assert_eq!(list.json()["events"], json!([]), "{filter}");
        assert_eq!(list.json()["latest"], before);
    }
}

#[test]
fn card_events_name_no_person() {
    let app = App::start();
    let client = app.client();
    let ids = Ids::new(&client);
    let before = client.latest();
    let body = json!({
        "card": ids.get("card"),
        "integrationId": ids.get("integration"),
        "mergeTags": [
            { "name": "Grace Hopper", "email": "grace@example.org" },
            { "name": "Alan Turing", "email": "alan@example.org" },
        ],
    });
    let reply = client.post("/api/integration/send-card", body).expect(201);
    let recipient = text(&reply.json(), "recipient_id");
    wait_for("both mails to be sent", || {
        (client.events_after(before).len() == 4).then_some(())
    });
    let view = app.client_with(None);
    view.get(&format!("/view/{recipient}")).expect(200);
    view.get(&format!("/view/{recipient}")).expect(200);
    view.get(&format!("/api/analytics/fetchImage/{recipient}"))
        .expect(200);
    view.post(&format!("/unsubscribe/{recipient}"), json!({}))
        .expect(200);
    view.post(&format!("/unsubscribe/{recipient}"), json!({}))
        .expect(200);
    wait_for("the open and the view to be stored", || {
        (client.events_after(before).len() == 7).then_some(())
    });
    let events = client.events_after(before);
    let mut types = column(&events, "type");
    types.sort();
    let expected = [
        "card.opened",
        "card.queued",
        "card.queued",
        "card.sent",
        "card.sent",
        "card.unsubscribed",
        "card.viewed",
    ];
    assert_eq!(types, expected);
    for event in &events {
        assert_eq!(event["card_id"], ids.get("card"));
        let kind = event["type"].as_str().unwrap();
        let actor = match kind {
            "card.queued" => "token",
            "card.sent" => "system",
            _ => "recipient",
        };
        assert_eq!(event["actor"]["kind"], actor, "{kind}");
        if actor == "recipient" {
            assert_eq!(event["data"]["recipient_id"], recipient);
        }
        let whole = event.to_string();
        for personal in ["Grace", "Alan", "@example.org"] {
            assert!(!whole.contains(personal), "{whole}");
        }
    }
}
