//! Files with values of other types than expected: they are refused, or listed in the report.

use serde_json::{Value, json};

use crate::export::export;
use crate::harness::{App, Client, column};
use crate::imports::trello;

fn dry_run(client: &Client, file: impl Into<Vec<u8>>) -> Value {
    client.import("?dry_run=true", file).expect(200).object()
}

#[test]
fn a_section_that_is_no_array_is_refused() {
    let client = App::shared().client();
    let before = client.latest();
    let list = json!([{ "id": "open", "name": "To do", "pos": 1 }]);
    let wekan = |cards: Value| json!({ "_format": "wekan-board-1.0.0", "_id": "b", "title": "Board", "cards": cards });
    let own = |tasks: Value| json!({ "format": "tackboard-export", "version": 1, "tasks": tasks });
    for (file, path) in [
        (trello(list.clone(), json!({ "0": { "id": "x" } })), "cards"),
        (trello(json!("none"), json!([])), "lists"),
        (wekan(json!({ "0": { "_id": "x" } })), "cards"),
        (
            json!([{ "id": 1, "title": "P", "tasks": { "0": {} } }]),
            "[0].tasks",
        ),
        (own(json!({})), "tasks"),
        (own(json!(null)), "tasks"),
        (own(json!("x")), "tasks"),
    ] {
        let reply = client.import("", file.to_string());
        let details = reply.expect_error(422, "import_failed").details();
        assert_eq!(
            details["problems"],
            json!([{ "path": path, "message": "It is not an array" }])
        );
    }
    assert_eq!(client.latest(), before);
}

#[test]
fn everything_that_is_left_out_of_an_own_export_is_listed() {
    let app = App::start();
    let client = app.client();
    let task = client.new_task(&client.new_project().id, "Task");
    client.new_subtask(&task, "Step");
    client.new_card();
    let mut file = export(&client);
    assert_eq!(dry_run(&client, file.to_string())["warnings"], json!([]));
    file["zz"] = json!("precious");
    for (array, field, value) in [
        ("boards", "accent_color", json!("red")),
        ("boards", "background_color", json!(7)),
        ("boards", "layout_preference", json!("zzz")),
        ("boards", "icon", json!("x".repeat(65))),
        ("projects", "description", json!(7.5)),
        ("projects", "name", json!(["a"])),
        ("tasks", "label_ids", json!("x")),
        ("tasks", "description", json!({})),
        ("tasks", "zz", json!("precious")),
        ("subtasks", "is_completed", json!("yes")),
        ("cards", "accent_color", json!("z")),
        ("cards", "subject", json!("a\nb")),
        ("cards", "message", json!(false)),
    ] {
        file[array][0][field] = value;
    }
    let report = dry_run(&client, file.to_string());
    let paths = column(report["warnings"].as_array().unwrap(), "path");
    for path in [
        "zz",
        "boards[0].accent_color",
        "boards[0].background_color",
        "boards[0].layout_preference",
        "boards[0].icon",
        "projects[0].name",
        "tasks[0].label_ids",
        "tasks[0].description",
        "tasks[].zz",
        "subtasks[0].is_completed",
        "cards[0].accent_color",
        "cards[0].subject",
        "cards[0].message",
    ] {
        assert!(paths.contains(&path.to_owned()), "{path}: {paths:?}");
    }
    // Numbers count as texts.
    assert!(!paths.contains(&"projects[0].description".to_owned()));
}

#[test]
fn a_lane_of_an_own_export_keeps_only_a_possible_limit() {
    let app = App::start();
    let client = app.client();
    client.new_lane(&client.new_project().board);
    let mut file = export(&client);
    for (limit, is_listed) in [
        (json!(3), false),
        (json!(null), false),
        (json!(0), true),
        (json!(-5), true),
        (json!("3"), true),
    ] {
        file["lanes"][0]["wip_limit"] = limit.clone();
        let report = dry_run(&client, file.to_string());
        let paths = column(report["warnings"].as_array().unwrap(), "path");
        let found = paths.contains(&"lanes[0].wip_limit".to_owned());
        assert_eq!(found, is_listed, "{limit}");
    }
}

#[test]
fn a_long_title_of_an_own_export_is_kept_in_the_description() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project().id;
    client.new_task(&project, "Task");
    let other = json!({ "projectId": project, "label": "Other", "description": "Some words" });
    client.post("/v1/tasks", other).expect(201);
    client.new_task(&project, "Long");
    let mut file = export(&client);
    let title = "L".repeat(300);
    file["tasks"][0]["label"] = json!(title);
    file["tasks"][1]["label"] = json!(title);
    file["tasks"][2]["label"] = json!(title);
    file["tasks"][2]["description"] = json!("d".repeat(65_536));
    client.imported("", file.to_string());
    let after = export(&client);
    let tasks = after["tasks"].as_array().unwrap();
    let mut descriptions: Vec<_> = tasks
        .iter()
        .filter(|task| task["label"] == title[..255])
        .map(|task| task["description"].as_str().unwrap())
        .collect();
    descriptions.sort_unstable();
    let whole = format!("Full title: {title}");
    let long = descriptions.pop().unwrap();
    assert!(long.ends_with(&format!("d\n\n---\n\n{whole}")));
    assert_eq!(long.len(), 65_536);
    assert_eq!(
        descriptions,
        [whole.clone(), format!("Some words\n\n---\n\n{whole}")]
    );
}

#[test]
fn a_quotation_mark_that_is_not_closed_is_refused() {
    let client = App::shared().client();
    for (file, path) in [
        ("label,description\n\"abc,b\n", "rows[0]"),
        ("label,description\na,b\n\"open,c\nd,e\n", "rows[1]"),
        ("label,\"description\na,b\n", "header"),
    ] {
        let reply = client.import("", file).expect_error(422, "import_failed");
        let problem = &reply.details()["problems"][0];
        assert_eq!(problem["path"], path, "{problem}");
        assert!(problem["message"].as_str().unwrap().contains("not closed"));
    }
    let whole = "label,description\r\n\"a \"\"b\"\"\",\"two\nlines\"\r\n5\" pipe,c";
    let report = client.imported("", whole);
    assert_eq!(report["counts"]["created"], 4, "{report}");
    let labels = column(export(&client)["tasks"].as_array().unwrap(), "label");
    assert_eq!(labels, ["a \"b\"", "5\" pipe"]);
}

#[test]
fn a_table_with_only_the_column_of_titles_is_found() {
    let client = App::shared().client();
    for (file, tasks) in [("Title\nx\n", 1), ("\"label\"\r\na\r\nb", 2)] {
        let report = dry_run(&client, file);
        // Beside the board and its project.
        assert_eq!(report["counts"]["created"], tasks + 2, "{file}: {report}");
    }
}

#[test]
fn reminders_and_questions_are_kept_in_the_description() {
    let client = App::shared().client();
    let reminders = json!([
        { "reminder": "2024-03-03T08:00:00Z" },
        { "reminder": "0001-01-01T00:00:00Z", "relative_to": "due_date", "relative_period": -3600 },
        "2024-03-04T08:00:00Z",
    ]);
    let vikunja = json!([{ "id": 1, "title": "P", "tasks": [{ "id": 1, "title": "T", "reminders": reminders }] }]);
    client.imported("", vikunja.to_string());
    let vote = json!({ "question": "Which colour?", "positive": ["a"], "negative": [] });
    let wekan = json!({
        "_format": "wekan-board-1.0.0", "_id": "b", "title": "Board",
        "lists": [{ "_id": "l", "title": "A" }], "cards": [{ "_id": "c", "title": "C", "listId": "l", "vote": vote }],
    });
    client.imported("", wekan.to_string());
    let all = export(&client)["tasks"].to_string();
    for note in [
        "Reminders: 2024-03-03T08:00:00Z, -3600 seconds from due_date, 2024-03-04T08:00:00Z",
        "Vote: Which colour? (1 votes)",
    ] {
        assert!(all.contains(note), "{note}: {all}");
    }
}

#[test]
fn a_limit_that_an_import_exceeds_is_reported_with_the_usage_before_it() {
    let app = App::start();
    app.sql("INSERT INTO plan (name, boards, projects, tasks, cards, tokens, webhooks) VALUES ('small', 9, 9, 5, 9, 9, 9)");
    let client = app.client_of(&app.workspace("small"));
    client.imported("", "label,status\na,0\nb,0\n");
    let more = "label,status\nc,0\nd,0\ne,0\nf,0\n";
    let reply = client.import("?board=Other", more);
    assert_eq!(
        reply.expect_error(403, "resource_limit_exceeded").details(),
        json!({ "resource": "tasks", "limit": 5, "current": 2 })
    );
}
