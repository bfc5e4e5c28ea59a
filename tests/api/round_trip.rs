//! Export, import into an empty workspace, export: everything is the same but for ids, and what imports change on purpose.

use std::collections::HashMap;

use serde_json::{Value, json};
use tackboard::app::imports::{self, File, ParsedFile, Settings};
use tackboard::import::{MAX_TASKS, Options};
use tackboard::model::addresses::AllowList;
use tackboard::model::time::Timestamp;

use crate::export::{check, export};
use crate::harness::{App, Client, Workspace, column};
use crate::imports::{counts, trello};
use crate::operations::Ids;

/// The arrays of an export that are imported.
const ARRAYS: [&str; 11] = [
    "boards",
    "labels",
    "lanes",
    "projects",
    "tasks",
    "subtasks",
    "comments",
    "cards",
    "configurations",
    "webhooks",
    "recipients",
];

/// The arrays of an export, with the place of each object instead of its id, and without what an import changes on purpose.
fn plain(export: &Value) -> Value {
    let mut places = HashMap::new();
    for name in ARRAYS {
        for (at, object) in export[name].as_array().unwrap().iter().enumerate() {
            places.insert(
                object["id"].as_str().unwrap().to_owned(),
                format!("{name}[{at}]"),
            );
        }
    }
    let mut arrays = serde_json::Map::new();
    for name in ARRAYS {
        let mut array = export[name].clone();
        array.as_array_mut().unwrap().iter_mut().for_each(|object| {
            replace(object, &places);
            if name == "webhooks" {
                let object = object.as_object_mut().unwrap();
                object.retain(|name, _| !(name.ends_with("_at") || name == "is_active"));
            }
            if let Some(ids) = object.get_mut("label_ids").and_then(Value::as_array_mut) {
                ids.sort_by_key(Value::to_string);
            }
        });
        arrays.insert(name.to_owned(), array);
    }
    arrays.into()
}

/// Replaces ids in a value by the places of their objects.
fn replace(value: &mut Value, places: &HashMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(place) = places.get(text) {
                text.clone_from(place);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, places)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|value| replace(value, places)),
        _ => {}
    }
}

/// An empty workspace with the same owner.
fn empty(app: &App, owner: &str) -> Workspace {
    let other = app.workspace("teams");
    let users = format!(
        "UPDATE member SET user_id = x'{}' WHERE workspace_id = x'{}'",
        owner.replace('-', ""),
        other.id.replace('-', "")
    );
    app.sql(&format!("DROP TRIGGER IF EXISTS member_stays; {users}"));
    Workspace {
        owner: owner.to_owned(),
        ..other
    }
}

/// Changes the objects of a workspace, so that every field has a value that is not its default.
fn fill(client: &Client, ids: &Ids, owner: &str) {
    let task = json!({
        "dueOn": "2024-02-01", "isArchived": true, "labelIds": [ids.get("label")], "status": 2, "assigneeIds": [owner],
        "workflowLaneId": ids.get("lane"), "description": "Text\nwith \"lines\" \n",
    });
    for (path, change) in [
        (format!("/v1/tasks/{}", ids.get("task")), task),
        (
            format!("/v1/tasks/{}", ids.get("other task")),
            json!({ "position": "first", "status": 1 }),
        ),
        (
            format!("/v1/lanes/{}", ids.get("lane")),
            json!({ "wipLimit": 3, "color": "#112233" }),
        ),
        (
            format!("/v1/subtasks/{}", ids.get("subtask")),
            json!({ "isCompleted": true }),
        ),
        (
            format!("/v1/boards/{}", ids.get("board")),
            json!({ "description": "About", "icon": "rocket", "accentColor": "#123456", "backgroundColor": "#654321", "layoutPreference": "simple" }),
        ),
        (
            format!("/v1/projects/{}", ids.get("project")),
            json!({ "description": "Why" }),
        ),
        (
            format!("/v1/comments/{}", ids.get("comment")),
            json!({ "text": "Edited" }),
        ),
        (
            format!("/v1/webhooks/{}", ids.get("webhook")),
            json!({ "boardId": ids.get("board") }),
        ),
        (
            format!("/v1/cards/{}", ids.get("card")),
            json!({ "accentColor": "#00aa00", "subject": "For {{name}}", "senderName": "Ada" }),
        ),
    ] {
        client.patch(&path, change).expect(200);
    }
    let linked =
        json!({ "title": "Linked", "message": "Hi", "coverUrl": "https://example.org/cover.png" });
    client.post("/v1/cards", linked).expect(201);
    // The first and the last day that a task can be due.
    for day in ["0001-01-01", "9999-12-31"] {
        let task = json!({ "projectId": ids.get("project"), "label": day, "dueOn": day });
        client.post("/v1/tasks", task).expect(201);
    }
    // Comments by people who are not users here.
    let trello = json!({
        "id": "5f0000000000000000000001", "name": "Imported", "lists": [{ "id": "l", "name": "L", "pos": 1 }],
        "cards": [{ "id": "5f0000000000000000000002", "name": "Card", "idList": "l", "pos": 1 }],
        "actions": [{
            "id": "a", "type": "commentCard", "date": "2024-01-15T10:30:00.000Z", "memberCreator": { "fullName": "Grace Hopper" },
            "data": { "text": "Well done", "card": { "id": "5f0000000000000000000002" } },
        }],
    });
    client.imported("", trello.to_string());
}

/// Fails if a field of any object in an array is null, empty or false everywhere, unless it is named.
#[track_caller]
fn assert_filled(export: &Value, excepted: &[&str]) {
    for name in ARRAYS {
        let objects = export[name].as_array().unwrap();
        assert!(!objects.is_empty(), "{name}");
        for field in objects[0].as_object().unwrap().keys() {
            let is_filled = |object: &Value| {
                let value = &object[field];
                !(value.is_null() || value == "" || *value == json!([]) || *value == json!(false))
            };
            let path = format!("{name}.{field}");
            let is_excepted = excepted.contains(&path.as_str());
            assert_eq!(objects.iter().any(is_filled), !is_excepted, "{path}");
        }
    }
}

/// The export of a client's workspace with the recipients of cards.
fn whole(client: &Client) -> Value {
    let export = client
        .get("/v1/export?with_recipients=true")
        .expect(200)
        .json();
    check(&export);
    export
}

#[test]
fn a_workspace_survives_export_and_import() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let ids = Ids::new(&client);
    fill(&client, &ids, &workspace.owner);
    app.sql(
        "UPDATE recipient SET status = 'sent', sent_at = 1700000000000, opens = 2, opened_at = 1700000001000, views = 1,
                viewed_at = 1700000002000",
    );
    client
        .post(&format!("/unsubscribe/{}", ids.get("recipient")), json!({}))
        .expect(200);
    let first = whole(&client);
    assert_filled(
        &first,
        &["webhooks.disabled_reason", "webhooks.disabled_at"],
    );
    let other = empty(&app, &workspace.owner);
    let target = app.client_of(&other);
    let mails = app.number("SELECT count(*) FROM mail");
    let report = target.imported("", first.to_string());
    assert_eq!(counts(&report)[1..], [0, 0, 0], "{report}");
    assert_eq!(plain(&whole(&target)), plain(&first));
    let mut tasks = first["tasks"].as_array().unwrap().iter();
    for day in ["0001-01-01", "9999-12-31"] {
        assert!(tasks.any(|task| task["due_on"] == day), "{day}: {first}");
    }
    let again = target.imported("", first.to_string());
    assert_eq!(counts(&again)[..2], [0, 0], "{again}");
    assert_eq!(plain(&whole(&target)), plain(&first));
    assert_eq!(app.number("SELECT count(*) FROM mail"), mails);
    let suppressed = format!(
        "SELECT count(*) FROM suppression WHERE workspace_id = x'{}'",
        other.id.replace('-', "")
    );
    assert_eq!(app.number(&suppressed), 1);
    // Undoing removes the recipients, but not that somebody has unsubscribed.
    let path = format!("/v1/imports/{}/undo", report["id"].as_str().unwrap());
    let undone = target.post(&path, json!({})).expect(200).object();
    assert_eq!(undone["undo"]["kept"], json!([]));
    assert_eq!(whole(&target)["recipients"], json!([]));
    assert_eq!(app.number(&suppressed), 1);
}

#[test]
fn imported_comments_are_marked_also_those_of_members() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let email = app.set_password(&workspace.owner, "correct horse battery");
    let comment = |id: &str, member: &str| {
        json!({
            "id": id, "type": "commentCard", "date": "2024-01-15T10:30:00.000Z", "idMemberCreator": member,
            "data": { "text": id, "card": { "id": "5f0000000000000000000002" } },
        })
    };
    let mut file = trello(
        json!([{ "id": "l", "name": "L", "pos": 1 }]),
        json!([{ "id": "5f0000000000000000000002", "name": "Card", "idList": "l", "pos": 1 }]),
    );
    file["members"] = json!([
        { "id": "m", "fullName": "Ada at Trello", "email": email }, { "id": "n", "fullName": "Grace Hopper" },
    ]);
    file["actions"] = json!([comment("one", "n"), comment("two", "m")]);
    client.imported("", file.to_string());
    let first = export(&client);
    let task = first["tasks"][0]["id"].as_str().unwrap();
    client.new_comment(task, "three");
    let shown = |client: &Client| -> Vec<Value> {
        let task = export(client)["tasks"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let rows = client.rows(&format!("/v1/tasks/{task}/comments"));
        let rows = rows.iter();
        rows.map(|row| json!([row["text"], row["author"]["id"], row["imported_author"]]))
            .collect()
    };
    let owner = &workspace.owner;
    let marked = [
        json!(["two", owner, "Ada at Trello"]),
        json!(["one", null, "Grace Hopper"]),
    ];
    assert_eq!(shown(&client)[..2], marked);
    assert_eq!(shown(&client)[2], json!(["three", owner, null]));
    let first = export(&client);
    let target = app.client_of(&empty(&app, owner));
    target.imported("", first.to_string());
    assert_eq!(plain(&export(&target)), plain(&first));
    assert_eq!(shown(&target)[..2], marked);
    assert_eq!(shown(&target)[2], json!(["three", owner, "Owner"]));
}

#[test]
fn recipients_are_imported_without_sending_anything() {
    let app = App::start();
    let client = app.client();
    // Old ones would soon be deleted.
    let now = Timestamp::now().to_string();
    let recipient = |id: &str, email: &str, status: &str| {
        json!({
            "id": id, "card_id": "c", "email": email, "name": "Eve", "merge_tags": { "a": "b", "n": 5 }, "status": status,
            "created_at": now,
        })
    };
    let file = json!({
        "format": "tackboard-export", "version": 1, "cards": [{ "id": "c", "title": "Card", "message": "Hi" }],
        "recipients": [
            recipient("r1", "eve@example.org", "queued"), recipient("r2", "nobody", "sent"),
            recipient("r3", "ada@example.org", "lost"), recipient("r4", "ada@example.org", "link"),
        ],
    });
    let report = client.imported("", file.to_string());
    let paths = column(report["warnings"].as_array().unwrap(), "path");
    assert_eq!(
        paths,
        [
            "recipients[0].merge_tags.n",
            "recipients[0].status",
            "recipients[1].email",
            "recipients[2].status",
            "recipients[3].merge_tags.n",
        ]
    );
    let recipients = whole(&client)["recipients"].clone();
    let mut statuses = column(recipients.as_array().unwrap(), "status");
    statuses.sort();
    assert_eq!(statuses, ["failed", "link"]);
    assert_eq!(recipients[0]["merge_tags"], json!({ "a": "b" }));
    assert_eq!(app.number("SELECT count(*) FROM mail"), 0);
    let types = column(&client.events_after(0), "type");
    assert!(types.contains(&"card.failed".to_owned()), "{types:?}");
}

#[test]
fn ten_thousand_generated_tasks_survive_export_and_import() {
    let app = App::start();
    let workspace = app.workspace("teams");
    // A small generator with a fixed start, so that a failure can be repeated.
    let mut state = 4711_u64;
    let mut random = move |limit: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % limit
    };
    let words = [
        "garden",
        "paint \u{1f3a8}",
        "Rechnung",
        "\u{202e}ltr",
        "a \"b\"",
        "x\ty",
        "line\nbreak",
        "&amp; <b>",
    ];
    let word = |random: &mut dyn FnMut(u64) -> u64| words[random(words.len() as u64) as usize];
    let (mut tasks, mut subtasks, mut comments) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..10_000 {
        let label = format!("{at} {}", word(&mut random)).replace(['\n', '\t'], " ");
        let lane = (random(4) > 0).then(|| format!("lane{}", random(3)));
        let text =
            (random(2) > 0).then(|| format!("{}\n\n- {}", word(&mut random), word(&mut random)));
        tasks.push(json!({
            "id": format!("task{at}"), "project_id": format!("project{}", at / 2_500), "workflow_lane_id": lane, "label": label,
            "description": text, "status": random(3), "position": format!("{:05}b", at), "label_ids": if random(3) > 0 { json!([]) } else { json!(["label0", "label1"]) },
            "due_on": (random(3) == 0).then(|| format!("2024-{:02}-{:02}", random(12) + 1, random(28) + 1)),
            "archived_at": (random(9) == 0).then_some("2024-03-01T00:00:00Z"), "assignee_ids": [], "created_by_id": null,
            "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z",
        }));
        for step in 0..random(3) {
            subtasks.push(json!({
                "id": format!("subtask{at}.{step}"), "task_id": format!("task{at}"), "label": format!("Step {step}"),
                "is_completed": random(2) == 0, "position": format!("{step:03}b"),
                "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z",
            }));
        }
        if random(4) == 0 {
            comments.push(json!({
                "id": format!("comment{at}"), "task_id": format!("task{at}"), "text": word(&mut random), "author_id": null, "author_name": "Grace",
                "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z", "edited_at": null,
            }));
        }
    }
    let times =
        json!({ "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z" });
    let with_times = |mut object: Value| {
        object
            .as_object_mut()
            .unwrap()
            .extend(times.as_object().unwrap().clone());
        object
    };
    let numbered = |count: usize, make: &dyn Fn(usize) -> Value| {
        (0..count)
            .map(|at| with_times(make(at)))
            .collect::<Vec<_>>()
    };
    let file = json!({
        "format": "tackboard-export", "version": 1, "members": [],
        "boards": numbered(1, &|_| json!({ "id": "board", "name": "Board", "layout_preference": "kanban" })),
        "labels": numbered(2, &|at| json!({ "id": format!("label{at}"), "board_id": "board", "name": format!("Label {at}"), "color": "#112233" })),
        "lanes": numbered(3, &|at| json!({ "id": format!("lane{at}"), "board_id": "board", "name": format!("Lane {at}"), "position": format!("aa{at}b") })),
        "projects": numbered(4, &|at| json!({ "id": format!("project{at}"), "board_id": "board", "name": format!("Project {at}"), "position": format!("aa{at}b") })),
        "tasks": tasks, "subtasks": subtasks, "comments": comments, "cards": [], "configurations": [], "webhooks": [], "recipients": [],
    });
    let client = app.client_of(&workspace);
    import(&app, &workspace, &file);
    let first = export(&client);
    assert_eq!(plain(&first)["tasks"], plain_of_file(&file, "tasks"));
    assert_eq!(plain(&first)["subtasks"], plain_of_file(&file, "subtasks"));
    let other = empty(&app, &workspace.owner);
    let target = app.client_of(&other);
    import(&app, &other, &first);
    assert_eq!(plain(&export(&target)), plain(&first));
}

/// Imports an own file as the command does: requests have a time limit, and a debug build is slow.
fn import(app: &App, workspace: &Workspace, file: &Value) {
    let file = File::Bytes(file.to_string().into_bytes());
    let file = ParsedFile::new(file, Options::default(), MAX_TASKS).unwrap();
    let settings = Settings {
        origin: "https://example.org",
        allowed: &AllowList::default(),
    };
    let ctx = workspace.command();
    let report = app.write(|tx| imports::run(tx, &ctx, &file, settings, false, &|_| {}));
    assert_eq!(report.warnings, Some(vec![]));
}

/// An array of a file that was not written by an export.
fn plain_of_file(file: &Value, name: &str) -> Value {
    plain(file)[name].clone()
}
