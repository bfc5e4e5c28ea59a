//! What files of other products have and tasks have not: it is kept in the description, or listed in the report.

use serde_json::{Value, json};

use crate::export::export;
use crate::harness::App;
use crate::imports::trello;

/// A file that was imported: the report and the export.
struct Imported {
    report: Value,
    export: Value,
}

impl Imported {
    /// Imports a file into a workspace of its own.
    fn of(query: &str, file: &str) -> Self {
        let client = App::shared().client();
        Self {
            report: client.imported(query, file),
            export: export(&client),
        }
    }

    fn task(&self, label: &str) -> &Value {
        let mut tasks = self.export["tasks"].as_array().unwrap().iter();
        let found = tasks.find(|task| task["label"] == label);
        found.unwrap_or_else(|| panic!("{label}"))
    }

    /// The messages of the warnings with this path.
    fn warnings(&self, path: &str) -> Vec<&str> {
        let all = self.report["warnings"].as_array().unwrap().iter();
        let all = all.filter(|warning| warning["path"] == path);
        all.map(|warning| warning["message"].as_str().unwrap())
            .collect()
    }

    #[track_caller]
    fn assert_warned(&self, path: &str, part: &str) {
        let found = self.warnings(path);
        assert!(
            found.iter().any(|message| message.contains(part)),
            "{path}: {part}: {}",
            self.report["warnings"]
        );
    }

    #[track_caller]
    fn assert_described(&self, label: &str, part: &str) {
        let task = self.task(label);
        let description = task["description"].as_str().unwrap_or_default();
        assert!(description.contains(part), "{part}: {description}");
    }
}

/// The cards of a Trello board with these fields beside those that each card has.
fn cards(fields: &[Value]) -> Value {
    let card = |(at, more): (usize, &Value)| {
        let id = format!("5f00000000000000000{:05}", at + 2);
        let mut card =
            json!({ "id": id, "name": format!("Card {at}"), "idList": "open", "pos": at });
        let fields = card.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        card
    };
    fields.iter().enumerate().map(card).collect()
}

#[test]
fn every_date_is_kept() {
    let days = [
        ("9999-12-31T23:59:59Z", json!("9999-12-31")),
        ("9999-12-31", json!("9999-12-31")),
        ("1815-12-10T00:00:00.000Z", json!("1815-12-10")),
        ("0001-01-01T00:00:00Z", Value::Null),
        ("soon", Value::Null),
    ];
    let due = days.clone().map(|(due, _)| json!({ "due": due }));
    let file = trello(json!([]), cards(&due)).to_string();
    let found = Imported::of("", &file);
    for (at, (due, day)) in days.iter().enumerate() {
        let task = found.task(&format!("Card {at}"));
        assert_eq!(task["due_on"], *day, "{due}");
    }
    let messages: Vec<_> = (0..5)
        .map(|at| found.warnings(&format!("cards[{at}].due")))
        .collect();
    let expected: [&[&str]; 5] = [
        &["Only the date of 9999-12-31T23:59:59Z is kept, in UTC"],
        &[],
        &[],
        &["\"0001-01-01T00:00:00Z\" stands for no date, so it is left out"],
        &["\"soon\" is not a date, so it is left out"],
    ];
    assert_eq!(messages, expected);
    let table = "Title,Due,Created\nOne,9999-12-31,1950-01-01\nTwo,9999-12-31T10:00:00Z,\n";
    let found = Imported::of("", table);
    for label in ["One", "Two"] {
        assert_eq!(found.task(label)["due_on"], "9999-12-31");
    }
    found.assert_warned("rows[0].created_at", "is not a time between 1970 and 9997");
}

#[test]
fn a_table_of_todoist_keeps_the_date_beside_a_deadline_and_the_author() {
    let table = "TYPE,CONTENT,PRIORITY,INDENT,AUTHOR,DATE,DEADLINE\n\
                 task,Milk,4,1,Ada (1),every mon,2024-03-01\n\
                 task,Bread,4,1,Grace (2),2024-02-01,\n\
                 task,Rye,4,2,Grace (2),,\n";
    let found = Imported::of("", table);
    assert_eq!(found.task("Milk")["due_on"], "2024-03-01");
    assert_eq!(found.task("Bread")["due_on"], "2024-02-01");
    found.assert_described("Milk", "- Date: every mon");
    found.assert_described("Milk", "- Created by: Ada");
    found.assert_described("Bread", "Subtask \"Rye\": Created by: Grace");
    found.assert_warned("rows[0].DATE", "kept in the description");
    found.assert_warned("header.AUTHOR", "3 values are kept in the descriptions");
    assert_eq!(found.report["warnings_total"], 2, "{}", found.report);
}

#[test]
fn tables_of_jira_and_github_keep_keys_types_and_links() {
    let table = "Summary,Issue key,Issue id,Issue Type,Resolved\n\
                 Login,WEB-1,10001,Epic,16/Jan/24 1:00 PM\nTest,WEB-2,10002,Bug,\n";
    let found = Imported::of("", table);
    for note in [
        "- Issue key: WEB-1",
        "- Issue Type: Epic",
        "- Resolved: 16/Jan/24 1:00 PM",
    ] {
        found.assert_described("Login", note);
    }
    found.assert_described("Test", "- Issue key: WEB-2\n- Issue Type: Bug");
    for (title, message) in [
        ("Issue key", "kept in the description. Rows: 2"),
        ("Issue Type", "kept in the description. Rows: 2"),
        ("Resolved", "kept in the description. Rows: 1"),
        ("Issue id", "not kept. Rows: 2"),
    ] {
        found.assert_warned(&format!("header.{title}"), message);
    }
    let table = "Title\tURL\tAssignees\nFix\thttps://github.com/o/r/issues/1\t\n";
    let found = Imported::of("", table);
    found.assert_described("Fix", "- URL: <https://github.com/o/r/issues/1>");
    found.assert_warned("header.URL", "kept in the description. Rows: 1");
}

#[test]
fn a_board_of_wekan_keeps_links_colors_and_the_name_of_its_swimlane() {
    let board = |swimlane: &str| {
        json!({
            "_format": "wekan-board-1.0.0", "_id": "b", "title": "Board",
            "lists": [
                { "_id": "l", "title": "A", "sort": 1, "color": "crimson" },
                { "_id": "m", "title": "B", "sort": 2, "color": "octarine", "starred": true },
            ],
            "swimlanes": [{ "_id": "s", "title": swimlane, "color": "gold" }],
            "labels": [{ "_id": "x", "name": "X", "color": "octarine" }],
            "cards": [
                { "_id": "c", "title": "One", "listId": "l", "swimlaneId": "s", "userId": "u", "linkedId": "d" },
                {
                    "_id": "d", "title": "Two", "listId": "l", "swimlaneId": "s", "linkedId": "elsewhere",
                    "targetId_gantt": ["c", "gone"], "linkType_gantt": ["FS"],
                },
            ],
            "users": [{ "_id": "u", "username": "ada" }],
        })
        .to_string()
    };
    let found = Imported::of("", &board("Only lane"));
    found.assert_described("One", "- Linked to: Two");
    found.assert_described("One", "- Created by: ada");
    found.assert_described("Two", "- Linked to: elsewhere");
    found.assert_described("Two", "- Gantt links to: One (FS), gone");
    assert_eq!(found.export["projects"][0]["name"], "Only lane");
    assert_eq!(found.export["lanes"][0]["color"], "#eb4646");
    for (path, message) in [
        ("cards[0].linkedId", "kept in the description"),
        ("cards[1].targetId_gantt", "kept in the description"),
        ("cards[].userId", "1 value is kept in the description"),
        ("swimlanes[].color", "1 value is not kept"),
        ("lists[].starred", "1 value is not kept"),
        ("lists[1].color", "\"octarine\" is not known"),
        ("labels[0].color", "\"octarine\" is not known"),
    ] {
        found.assert_warned(path, message);
    }
    let found = Imported::of("", &board("Default"));
    assert_eq!(found.export["projects"][0]["name"], "Board");
    found.assert_warned("swimlanes[0].title", "\"Default\"");
}

#[test]
fn a_project_of_vikunja_keeps_creators_identifiers_and_reactions() {
    let ada = json!({ "id": 1, "username": "ada" });
    let parent = json!({ "parenttask": [{ "id": 1, "title": "Task" }] });
    let label = json!({ "id": 1, "title": "Bug", "description": "It is broken" });
    let file = json!([{
        "id": 1, "title": "Project", "identifier": "HOME", "owner": ada, "created": "2024-01-01T00:00:00Z",
        "tasks": [
            {
                "id": 1, "title": "Task", "identifier": "HOME-1", "created_by": ada, "labels": [label],
                "reactions": { "👍": [ada, ada] }, "comments": [{ "id": 1, "comment": "Hi", "reactions": { "👎": [ada] } }],
            },
            { "id": 2, "title": "Step", "identifier": "HOME-2", "created_by": ada, "related_tasks": parent, "labels": [label] },
            { "id": 3, "title": "Nobody's", "created_by": null },
        ],
    }]);
    let found = Imported::of("", &file.to_string());
    for note in [
        "- Identifier: HOME-1",
        "- Created by: ada",
        "- Reactions: 👍 2",
        "Subtask \"Step\": Labels: Bug; Identifier: HOME-2; Created by: ada",
    ] {
        found.assert_described("Task", note);
    }
    assert_eq!(found.task("Nobody's")["description"], Value::Null);
    for (path, message) in [
        ("tasks[].created_by", "2 values are kept"),
        ("tasks[].identifier", "2 values are kept"),
        ("[0].tasks[0].reactions", "kept in the description"),
        ("projects[].identifier", "1 value is not kept"),
        ("projects[].owner", "1 value is not kept"),
        ("labels[].description", "1 value is not kept"),
        ("comments[].reactions", "1 value is not kept"),
    ] {
        found.assert_warned(path, message);
    }
}

#[test]
fn a_board_of_trello_keeps_addresses_creators_and_colors() {
    let place = json!({ "latitude": 1.5, "longitude": 2 });
    let all = [
        json!({ "url": "https://trello.com/c/x", "idMemberCreator": "u", "locationName": "Home", "address": "Here", "coordinates": place }),
        json!({ "url": "https://trello.com/c/y", "pinned": true }),
    ];
    let lists = json!([
        { "id": "open", "name": "To do", "pos": 1, "color": "gray" }, { "id": "l", "name": "Odd", "pos": 2, "color": "octarine" },
    ]);
    let mut file = trello(lists, cards(&all));
    file["labels"] = json!([
        { "id": "a", "name": "A", "color": "octarine" }, { "id": "b", "name": "B", "color": "blue_dark" },
        { "id": "c", "name": "C", "color": null },
    ]);
    let found = Imported::of("", &file.to_string());
    for note in [
        "- Trello: <https://trello.com/c/x>",
        "- Created by: member u",
        "- Location: Home, Here, 1.5, 2",
    ] {
        found.assert_described("Card 0", note);
    }
    assert_eq!(found.export["lanes"][0]["color"], "#8590a2");
    let mut labels = found.export["labels"].as_array().unwrap().iter();
    assert!(labels.any(|label| label["name"] == "B" && label["color"] == "#0c66e4"));
    for (path, message) in [
        ("cards[].url", "2 values are kept in the descriptions"),
        ("cards[].idMemberCreator", "1 value is kept"),
        ("cards[].pinned", "1 value is not kept"),
        ("lists[1].color", "\"octarine\" is not known"),
        ("labels[0].color", "\"octarine\" is not known"),
    ] {
        found.assert_warned(path, message);
    }
    assert!(found.warnings("lists[0].color").is_empty());
    assert!(found.warnings("labels[2].color").is_empty());
}

#[test]
fn texts_with_nul_characters_are_listed_once() {
    let card = json!({ "name": "a\u{0}b", "desc": "\u{0}" });
    let file = trello(json!([]), cards(&[json!({}), card])).to_string();
    let found = Imported::of("", &file);
    assert_eq!(found.task("ab")["description"], Value::Null);
    found.assert_warned("cards[1].desc", "removed from 2 texts");
    let table = "Title,Notes\nOne,a\u{0}b\n";
    let found = Imported::of("?format=csv", table);
    assert_eq!(found.task("One")["description"], "ab");
    let message = "NUL characters are removed from the text";
    found.assert_warned("rows[0].Notes", message);
    let board = json!({ "id": "b", "name": "A\u{0}B" });
    let own = json!({ "format": "tackboard-export", "version": 1, "boards": [board] });
    let found = Imported::of("", &own.to_string());
    assert_eq!(found.export["boards"][0]["name"], "AB");
    found.assert_warned("boards[0].name", message);
    let project = json!([{ "id": 1, "title": "P", "tasks": [{ "id": 1, "title": "T\u{0}" }] }]);
    let found = Imported::of("", &project.to_string());
    found.assert_warned("[0].tasks[0].title", message);
}
