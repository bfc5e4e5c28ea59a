//! Imports of files.

use serde_json::{Value, json};
use tackboard::model::scopes::Scope;

use crate::errors::Case;
use crate::export::export;
use crate::harness::{App, Client, Reply, column};

const TRELLO: &[u8] = include_bytes!("../data/trello-export-small.json");

impl Client {
    /// Imports a file.
    pub fn import(&self, query: &str, file: impl Into<Vec<u8>>) -> Reply {
        let kind = [("content-type", "application/octet-stream")];
        self.call(
            "POST",
            &format!("/v1/imports{query}"),
            &kind,
            Some(file.into()),
        )
    }

    /// Imports a file and returns the report.
    #[track_caller]
    pub fn imported(&self, query: &str, file: impl Into<Vec<u8>>) -> Value {
        self.import(query, file).expect(201).object()
    }
}

/// The counts of a report: created, updated, unchanged, skipped.
pub fn counts(report: &Value) -> [u64; 4] {
    ["created", "updated", "unchanged", "skipped"]
        .map(|name| report["counts"][name].as_u64().unwrap())
}

/// A Trello board with these lists and cards.
pub fn trello(lists: Value, cards: Value) -> Value {
    json!({
        "id": "5f0000000000000000000001", "name": "Road map", "desc": "Plans", "lists": lists, "cards": cards,
        "labels": [], "checklists": [], "members": [], "actions": [],
    })
}

fn card(number: usize, name: &str) -> Value {
    json!({ "id": format!("5f00000000000000000{number:05}"), "name": name, "idList": "open", "pos": number })
}

fn open_list() -> Value {
    json!([{ "id": "open", "name": "To do", "pos": 1 }])
}

/// The errors of imports, and what they must be.
pub fn errors() -> Vec<Case> {
    let client = App::shared().client();
    let id = uuid::Uuid::now_v7().to_string();
    vec![
        (
            client.get(&format!("/v1/imports/{id}")),
            404,
            json!({ "code": "import_not_found", "message": "Import not found or access denied", "details": { "import_id": id } }),
        ),
        (
            client.import("", ""),
            422,
            json!({
                "code": "import_failed", "message": "The file could not be imported",
                "details": { "format": null, "problems": [{ "path": "", "message": "The file is empty" }] },
            }),
        ),
    ]
}

#[test]
fn a_real_trello_board_is_imported_with_everything_in_it() {
    let app = App::shared();
    let client = app.client();
    let source: Value = serde_json::from_slice(TRELLO).unwrap();
    let report = client.imported("?file_name=board.json", TRELLO);
    assert_eq!(report["format"], "trello");
    assert_eq!(report["file_name"], "board.json");
    let export = export(&client);
    let names = |list: &str, field: &str| -> Vec<String> {
        let mut names: Vec<_> = column(export[list].as_array().unwrap(), field);
        names.sort();
        names
    };
    let mut cards: Vec<_> = source["cards"]
        .as_array()
        .unwrap()
        .iter()
        .map(|card| card["name"].as_str().unwrap().trim().to_owned())
        .collect();
    cards.sort();
    assert_eq!(names("tasks", "label"), cards);
    assert_eq!(export["lanes"].as_array().unwrap().len(), 3);
    assert_eq!(
        export["boards"][0]["name"],
        source["name"].as_str().unwrap().trim()
    );
    let items: usize = source["checklists"]
        .as_array()
        .unwrap()
        .iter()
        .map(|list| list["checkItems"].as_array().unwrap().len())
        .sum();
    assert_eq!(export["subtasks"].as_array().unwrap().len(), items);
    let done = export["subtasks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["is_completed"] == true)
        .count();
    let complete = TRELLO
        .windows(19)
        .filter(|bytes| *bytes == b"\"state\":\"complete\"")
        .count();
    let spaced = TRELLO
        .windows(20)
        .filter(|bytes| *bytes == b"\"state\": \"complete\"")
        .count();
    assert_eq!(done, complete + spaced);
    let paths = column(report["warnings"].as_array().unwrap(), "path");
    assert!(
        paths.iter().any(|path| path.ends_with(".attachments")),
        "{paths:?}"
    );
    assert!(paths.contains(&"actions".to_owned()), "{paths:?}");
    let again = client.imported("", TRELLO);
    let [created, updated, unchanged, skipped] = counts(&again);
    assert_eq!((created, updated, skipped), (0, 0, 0), "{again}");
    assert_eq!(unchanged, counts(&report)[0]);
}

#[test]
fn lists_become_lanes_or_statuses_and_cards_keep_their_order() {
    let app = App::shared();
    let client = app.client();
    let lists = json!([
        { "id": "done", "name": "Done", "pos": 3 }, { "id": "open", "name": "To do", "pos": "NaN" },
        { "id": "doing", "name": "Doing", "pos": 2.5 }, { "id": "old", "name": "Old", "pos": 4, "closed": true },
    ]);
    let on = |number: usize, list: &str, pos: Value| {
        let mut card = card(number, &format!("Card {number}"));
        card["idList"] = json!(list);
        card["pos"] = pos;
        card
    };
    let mut finished = on(1, "doing", json!(5));
    finished["dueComplete"] = json!(true);
    finished["due"] = json!("2024-02-01T15:30:00.000Z");
    let cards = json!([
        finished,
        on(2, "doing", json!(5)),
        on(3, "doing", json!(1)),
        on(4, "done", json!(1)),
        on(5, "old", json!(1)),
        on(6, "nowhere", json!(1)),
    ]);
    let file = trello(lists, cards).to_string();
    let report = client.imported("?map=Done%3Ddone&map=Dome%3Ddone&board=Plans", file);
    let export = export(&client);
    assert_eq!(export["boards"][0]["name"], "Plans");
    assert_eq!(
        column(export["lanes"].as_array().unwrap(), "name"),
        ["Doing", "To do"]
    );
    let tasks = export["tasks"].as_array().unwrap();
    let task = |name: &str| tasks.iter().find(|task| task["label"] == name).unwrap();
    assert_eq!(
        column(tasks, "label"),
        ["Card 3", "Card 1", "Card 2", "Card 4", "Card 5", "Card 6"]
    );
    assert_eq!(
        (&task("Card 1")["status"], &task("Card 1")["due_on"]),
        (&json!(2), &json!("2024-02-01"))
    );
    assert_eq!(
        (
            &task("Card 4")["status"],
            &task("Card 4")["workflow_lane_id"]
        ),
        (&json!(2), &Value::Null)
    );
    assert!(
        task("Card 5")["archived_at"].is_string() && task("Card 5")["workflow_lane_id"].is_null()
    );
    assert!(
        task("Card 6")["workflow_lane_id"].is_null() && task("Card 6")["archived_at"].is_null()
    );
    assert_eq!(task("Card 1")["workflow_lane_id"], export["lanes"][0]["id"]);
    // Seconds since 1970 are the first digits of an id.
    assert_eq!(task("Card 1")["created_at"], "2020-07-04T04:05:20Z");
    let paths = column(report["warnings"].as_array().unwrap(), "path");
    for path in [
        "map",
        "lists[1].pos",
        "lists[3]",
        "cards[5].idList",
        "cards[0].due",
    ] {
        assert!(paths.contains(&path.to_owned()), "{path}: {paths:?}");
    }
}

/// Search and lists by words rely on this mark.
#[test]
fn imported_tasks_that_are_older_than_others_are_marked_as_backdated() {
    let app = App::start();
    let client = app.client();
    let file = |number| trello(open_list(), json!([card(number, "Card")])).to_string();
    client.imported("", file(1));
    let backdated = "SELECT count(*) FROM task WHERE is_backdated";
    assert_eq!(app.number(backdated), 0);
    let project = client.new_project().id;
    client.new_task(&project, "New");
    client.imported("", file(2));
    client.new_task(&project, "Newer");
    assert_eq!(app.number(backdated), 1);
    let conn = rusqlite::Connection::open(app.database()).unwrap();
    let newest = "SELECT newest_task_at = (SELECT max(created_at) FROM task) FROM workspace_count WHERE tasks = 4";
    assert!(
        conn.query_row(newest, (), |row| row.get::<_, bool>(0))
            .unwrap()
    );
}

#[test]
fn what_has_no_place_is_kept_in_the_description() {
    let app = App::shared();
    let client = app.client();
    let mut full = card(1, &"Long ".repeat(60));
    full["desc"] = json!("Text");
    full["attachments"] = json!([{ "name": "plan.pdf", "url": "https://example.org/plan.pdf" }]);
    full["customFieldItems"] = json!([{ "idCustomField": "f", "value": { "number": "5" } }]);
    full["idMembersVoted"] = json!(["a", "b"]);
    full["idMembers"] = json!(["m"]);
    full["idLabels"] = json!(["l1", "l2", "none"]);
    let mut file = trello(open_list(), json!([full]));
    file["customFields"] = json!([{ "id": "f", "name": "Points" }]);
    file["members"] = json!([{ "id": "m", "fullName": "Grace Hopper" }]);
    file["labels"] = json!([{ "id": "l1", "name": "Bug", "color": "red" }, { "id": "l2", "name": "bug", "color": "blue" }]);
    file["checklists"] = json!([
        { "id": "c1", "idCard": "5f0000000000000000000001", "name": "A", "pos": 2, "checkItems": [{ "id": "i1", "name": "one", "pos": 1, "state": "complete" }] },
        { "id": "c2", "idCard": "5f0000000000000000000001", "name": "B", "pos": 1, "checkItems": [{ "id": "i2", "name": "two", "pos": 1 }] },
        { "id": "c3", "idCard": "gone", "name": "C", "checkItems": [] },
    ]);
    file["actions"] = json!([{
        "id": "a1", "type": "commentCard", "date": "2024-01-15T10:30:00.000Z",
        "data": { "text": "Well done", "card": { "id": "5f0000000000000000000001" } },
        "memberCreator": { "fullName": "Ada Lovelace" },
    }]);
    file["cards"][0]["id"] = json!("5f0000000000000000000001");
    let report = client.imported("", file.to_string());
    let export = export(&client);
    let task = &export["tasks"][0];
    let description = task["description"].as_str().unwrap();
    assert!(
        description.starts_with("Text\n\n---\n\n**Imported from Trello**"),
        "{description}"
    );
    for part in [
        "[plan.pdf](https://example.org/plan.pdf)",
        "Points: 5",
        "Votes: 2",
        "Assigned to: Grace Hopper",
        "Full title: Long Long",
    ] {
        assert!(description.contains(part), "{part}: {description}");
    }
    assert!(task["label"].as_str().unwrap().chars().count() <= 255);
    assert_eq!(task["label_ids"].as_array().unwrap().len(), 2);
    assert_eq!(
        column(export["labels"].as_array().unwrap(), "name"),
        ["Bug", "bug (2)"]
    );
    assert_eq!(
        column(export["subtasks"].as_array().unwrap(), "label"),
        ["B: two", "A: one"]
    );
    let comment = &export["comments"][0];
    assert_eq!(
        (&comment["text"], &comment["author_name"]),
        (&json!("Well done"), &json!("Ada Lovelace"))
    );
    assert_eq!(comment["created_at"], "2024-01-15T10:30:00Z");
    let task = task["id"].as_str().unwrap();
    let shown = client.rows(&format!("/v1/tasks/{task}/comments"));
    assert_eq!(
        (&shown[0]["imported_author"], &shown[0]["author"]),
        (&json!("Ada Lovelace"), &Value::Null)
    );
    let paths = column(report["warnings"].as_array().unwrap(), "path");
    for path in [
        "cards[0].name",
        "cards[0].attachments",
        "cards[0].customFieldItems",
        "cards[0].idMembersVoted",
        "cards[0].members",
        "cards[0].labels",
        "checklists[2]",
        "labels[1]",
    ] {
        assert!(paths.contains(&path.to_owned()), "{path}: {paths:?}");
    }
}

#[test]
fn people_are_found_by_their_addresses() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let email = app.set_password(&workspace.owner, "correct horse battery");
    let mut one = card(1, "One");
    one["idMembers"] = json!(["m"]);
    let mut file = trello(open_list(), json!([one]));
    file["members"] = json!([{ "id": "m", "fullName": "Somebody", "email": email.to_uppercase() }]);
    client.imported("", file.to_string());
    let export = export(&client);
    assert_eq!(export["tasks"][0]["assignee_ids"], json!([workspace.owner]));
    assert_eq!(export["tasks"][0]["description"], Value::Null);
    assert_eq!(export["members"].as_array().unwrap().len(), 1);
}

#[test]
fn a_changed_file_updates_only_what_was_not_changed_here() {
    let app = App::shared();
    let client = app.client();
    let file = |names: [&str; 3]| {
        let cards: Vec<_> = (1..)
            .zip(names)
            .map(|(number, name)| card(number, name))
            .collect();
        trello(open_list(), json!(cards)).to_string()
    };
    client.imported("", file(["One", "Two", "Three"]));
    let tasks = export(&client)["tasks"].clone();
    let path = |at: usize| format!("/v1/tasks/{}", tasks[at]["id"].as_str().unwrap());
    client
        .patch(&path(1), json!({ "label": "Second" }))
        .expect(200);
    client.patch(&path(2), json!({ "status": 1 })).expect(200);
    let report = client.imported("", file(["First", "Zwei", "Third"]));
    assert_eq!(counts(&report), [0, 2, 3, 1], "{report}");
    let after = export(&client)["tasks"].clone();
    assert_eq!(
        column(after.as_array().unwrap(), "label"),
        ["First", "Second", "Third"]
    );
    assert_eq!(after[2]["status"], 1);
    client.delete(&path(0)).expect(200);
    let report = client.imported("", file(["Again", "Zwei", "Third"]));
    assert_eq!(counts(&report)[0], 0);
    assert_eq!(export(&client)["tasks"].as_array().unwrap().len(), 2);
    let mut more: Value = serde_json::from_str(&file(["Again", "Zwei", "Third"])).unwrap();
    more["cards"]
        .as_array_mut()
        .unwrap()
        .insert(2, card(9, "Between"));
    more["cards"][2]["pos"] = json!(2.5);
    let report = client.imported("", more.to_string());
    assert_eq!(counts(&report)[0], 1);
    let after = export(&client)["tasks"].clone();
    assert_eq!(
        column(after.as_array().unwrap(), "label"),
        ["Second", "Between", "Third"]
    );
    let board = export(&client)["boards"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    client.delete(&format!("/v1/boards/{board}")).expect(200);
    let report = client.imported("", more.to_string());
    assert_eq!(counts(&report)[0], 7, "{report}");
}

#[test]
fn an_import_is_undone_except_what_was_changed() {
    let app = App::start();
    let client = app.client();
    let cards = json!([card(1, "One"), card(2, "Two"), card(3, "Three")]);
    let report = client.imported("", trello(open_list(), cards).to_string());
    let tasks = export(&client)["tasks"].clone();
    let second = tasks[1]["id"].as_str().unwrap().to_owned();
    app.age("task");
    let hex = second.replace('-', "");
    app.sql(&format!("UPDATE import_object SET updated_at = (SELECT updated_at FROM task WHERE id = object_id) WHERE kind = 4 AND object_id <> x'{hex}'"));
    client
        .patch(&format!("/v1/tasks/{second}"), json!({ "label": "Mine" }))
        .expect(200);
    let path = format!("/v1/imports/{}", report["id"].as_str().unwrap());
    let undone = client
        .post(&format!("{path}/undo"), json!({}))
        .expect(200)
        .object();
    assert_eq!(undone["undo"]["removed"], 2, "{undone}");
    assert_eq!(
        column(undone["undo"]["kept"].as_array().unwrap(), "id")[0],
        second
    );
    let left = export(&client);
    assert_eq!(column(left["tasks"].as_array().unwrap(), "label"), ["Mine"]);
    assert_eq!(left["lanes"].as_array().unwrap().len(), 1);
    client
        .post(&format!("{path}/undo"), json!({}))
        .expect_error(409, "conflict");
    assert_eq!(client.get(&path).expect(200).object(), undone);
    let types = column(&client.events_after(0), "type");
    assert_eq!(
        types.iter().filter(|kind| *kind == "import.undone").count(),
        1
    );
    let whole = client.imported("", TRELLO);
    let path = format!("/v1/imports/{}/undo", whole["id"].as_str().unwrap());
    let undone = client.post(&path, json!({})).expect(200).object();
    assert_eq!(
        undone["undo"],
        json!({ "removed": counts(&whole)[0], "kept": [] })
    );
    let again = client.imported("", TRELLO);
    assert_eq!(counts(&again), counts(&whole));
}

#[test]
fn a_dry_run_reports_the_same_and_stores_nothing() {
    let app = App::shared();
    let client = app.client();
    let before = client.latest();
    let dry = client.import("?dry_run=true", TRELLO).expect(200).object();
    assert_eq!(client.latest(), before);
    assert_eq!(export(&client)["boards"], json!([]));
    assert_eq!(client.rows("/v1/imports"), Vec::<Value>::new());
    let report = client.imported("", TRELLO);
    assert_eq!(
        (&dry["dry_run"], &report["dry_run"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (&dry["counts"], &dry["warnings"]),
        (&report["counts"], &report["warnings"])
    );
    let listed = client.rows("/v1/imports");
    assert_eq!(column(&listed, "id"), [report["id"].as_str().unwrap()]);
    assert_eq!(
        listed[0]["warnings_total"],
        report["warnings"].as_array().unwrap().len()
    );
}

#[test]
fn every_object_has_its_event_and_the_import_one_more() {
    let app = App::shared();
    let client = app.client();
    let report = client.imported("", TRELLO);
    let events = client.events_after(0);
    let by_import: Vec<_> = events
        .iter()
        .filter(|event| event["actor"]["kind"] == "import")
        .cloned()
        .collect();
    assert_eq!(by_import.len() as u64, counts(&report)[0] + 1);
    let last = by_import.last().unwrap();
    assert_eq!(
        (&last["type"], &last["data"]["counts"]),
        (&json!("import.finished"), &report["counts"])
    );
    assert_eq!(last["actor"]["name"], "Owner");
}

#[test]
fn bad_files_change_nothing_and_are_explained() {
    let app = App::shared();
    let client = app.client();
    let before = client.latest();
    let deep = format!(
        "{{\"id\":\"x\",\"name\":{}1{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let half = &TRELLO[..TRELLO.len() / 2];
    let twice = |format: &str| {
        json!({ "format": format, "version": 1 })
            .to_string()
            .into_bytes()
    };
    let bad: [(&str, Vec<u8>, &str); 9] = [
        ("", b"".to_vec(), ""),
        ("", b"hello".to_vec(), ""),
        ("", half.to_vec(), "actions"),
        ("?format=trello", deep.into_bytes(), "name"),
        ("", b"{\"a\": 1}".to_vec(), ""),
        ("", b"\xff\xfe{\0}\0".to_vec(), ""),
        ("?format=trello", b"{\"id\": NaN}".to_vec(), "id"),
        ("?format=tackboard", twice("other"), "format"),
        ("?format=trello", b"{\"name\": \"\xff\"}".to_vec(), "name"),
    ];
    for (query, file, path) in bad {
        let shown = String::from_utf8_lossy(&file[..file.len().min(60)]).into_owned();
        let reply = client
            .import(query, file)
            .expect_error(422, "import_failed");
        let problem = &reply.details()["problems"][0];
        assert!(
            problem["path"].as_str().unwrap().starts_with(path),
            "{shown}: {problem}"
        );
    }
    assert_eq!(client.latest(), before);
    client
        .import("?map=Done", TRELLO)
        .expect_error(400, "invalid_request");
    let twice = client
        .import("?map=Done%3Ddone&map=done%20%3Dopen", TRELLO)
        .expect_error(400, "invalid_request");
    assert_eq!(
        twice.details()["fields"],
        json!({ "map": "map maps the list \"done\" twice" })
    );
    client
        .import("?column=x", TRELLO)
        .expect_error(400, "invalid_request");
    client
        .import("?format=word", TRELLO)
        .expect_error(400, "invalid_request");
    client
        .import("?colour=x", TRELLO)
        .expect_error(400, "invalid_request");
}

#[test]
fn odd_values_are_warned_about() {
    let app = App::shared();
    let client = app.client();
    let mut first = card(1, "  \u{0}  ");
    first["due"] = json!("0001-01-01T00:00:00Z");
    first["dateLastActivity"] = json!("yesterday");
    let mut double = card(1, "Double");
    double["id"] = first["id"].clone();
    let number =
        json!({ "id": "x", "name": 5, "idList": 7, "desc": ["no"], "idLabels": "no", "due": 5 });
    let report = client.imported(
        "",
        trello(open_list(), json!([first, double, number, 5, null])).to_string(),
    );
    let paths = column(report["warnings"].as_array().unwrap(), "path");
    for path in [
        "cards[0].name",
        "cards[0].due",
        "cards[0].dateLastActivity",
        "cards[1]",
        "cards[2].idList",
    ] {
        assert!(paths.contains(&path.to_owned()), "{path}: {paths:?}");
    }
    let labels = column(export(&client)["tasks"].as_array().unwrap(), "label");
    assert_eq!(labels[..2], ["Untitled", "5"]);
}

#[test]
fn limits_hold_before_the_first_row() {
    let app = App::start();
    app.sql("INSERT INTO plan (name, boards, projects, tasks, cards, tokens, webhooks) VALUES ('small', 1, 1, 5, 0, 9, 0)");
    let client = app.client_of(&app.workspace("small"));
    let reply = client
        .import("", TRELLO)
        .expect_error(403, "resource_limit_exceeded");
    assert_eq!(
        reply.details(),
        json!({ "resource": "tasks", "limit": 5, "current": 0 })
    );
    assert_eq!(export(&client)["boards"], json!([]));
    let cards: Vec<_> = (0..10_001).map(|number| card(number, "Task")).collect();
    let many = trello(open_list(), json!(cards)).to_string();
    let reply = app
        .client()
        .import("", many)
        .expect_error(422, "import_failed");
    assert!(reply.text.contains("10000 tasks"), "{}", reply.text);
}

#[test]
fn only_an_admin_imports_and_only_into_the_own_workspace() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let scopes = [Scope::Read, Scope::Write, Scope::Delete];
    let client = app.client_with(Some(&app.token(&workspace, &scopes)));
    client
        .import("", TRELLO)
        .expect_error(403, "insufficient_scope");
    let owner = app.client_of(&workspace);
    let id = owner.imported("", TRELLO)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = app.client();
    other
        .get(&format!("/v1/imports/{id}"))
        .expect_error(404, "import_not_found");
    other
        .post(&format!("/v1/imports/{id}/undo"), json!({}))
        .expect_error(404, "import_not_found");
    assert_eq!(
        counts(&other.imported("", TRELLO)),
        counts(&owner.get(&format!("/v1/imports/{id}")).object())
    );
}

#[test]
fn a_retried_import_runs_once() {
    let app = App::shared();
    let client = app.client();
    let send = |file: &[u8]| {
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", "once"),
        ];
        client.call("POST", "/v1/imports", &headers, Some(file.to_vec()))
    };
    let first = send(TRELLO).expect(201).text;
    let second = send(TRELLO).expect(201);
    assert_eq!(
        (second.text.as_str(), second.header("idempotent-replayed")),
        (first.as_str(), "true")
    );
    send(b"{}").expect_error(422, "import_failed");
}
