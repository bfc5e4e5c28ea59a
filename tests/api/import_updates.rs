//! Files that are imported again: what was moved or removed at the source.

use serde_json::{Value, json};

use crate::export::export;
use crate::harness::{App, Client, column};
use crate::imports::{counts, trello};

/// A board with these lists, and the names of their cards in order. A card is known by its name.
fn board(lists: &[(&str, &[&str])]) -> String {
    let mut cards = Vec::new();
    let shown = lists.iter().enumerate().map(|(at, (name, names))| {
        for (pos, card) in names.iter().enumerate() {
            cards.push(json!({ "id": card, "name": card, "idList": name, "pos": pos }));
        }
        json!({ "id": name, "name": name, "pos": at })
    });
    let shown: Vec<Value> = shown.collect();
    trello(json!(shown), json!(cards)).to_string()
}

/// The lanes, and the labels of their tasks in order.
fn here(client: &Client) -> Vec<(String, Vec<String>)> {
    let export = export(client);
    let lanes = export["lanes"].as_array().unwrap().iter();
    let of = |lane: &Value| {
        let tasks = export["tasks"].as_array().unwrap().iter();
        let tasks = tasks.filter(|task| task["workflow_lane_id"] == lane["id"]);
        let tasks: Vec<Value> = tasks.cloned().collect();
        (
            lane["name"].as_str().unwrap().to_owned(),
            column(&tasks, "label"),
        )
    };
    lanes.map(of).collect()
}

#[track_caller]
fn assert_here(client: &Client, lists: &[(&str, &[&str])]) {
    let wanted: Vec<(String, Vec<String>)> = lists
        .iter()
        .map(|(name, cards)| {
            (
                (*name).to_owned(),
                cards.iter().map(|card| (*card).to_owned()).collect(),
            )
        })
        .collect();
    assert_eq!(here(client), wanted);
}

#[test]
fn what_was_moved_at_the_source_is_moved_and_nothing_else() {
    let client = App::shared().client();
    client.imported(
        "",
        board(&[("A", &["a", "b", "c", "d"]), ("B", &["e", "f"])]),
    );
    // One card is moved to the end, and one to another list.
    let second: [(&str, &[&str]); 2] = [("A", &["b", "d", "a"]), ("B", &["e", "c", "f"])];
    let report = client.imported("", board(&second));
    assert_here(&client, &second);
    // The board, its project, two lanes, four tasks.
    assert_eq!(counts(&report), [0, 2, 8, 0], "{report}");
    // Lists change places, with their cards. New cards and lists go where they are in the file.
    let third: [(&str, &[&str]); 3] = [
        ("B", &["new", "e", "c", "f"]),
        ("C", &["x", "y"]),
        ("A", &["b", "d", "z", "a"]),
    ];
    let report = client.imported("", board(&third));
    assert_here(&client, &third);
    assert_eq!(counts(&report), [5, 1, 9, 0], "{report}");
    let report = client.imported("", board(&third));
    assert_eq!(counts(&report)[..2], [0, 0], "{report}");
}

#[test]
fn what_was_moved_here_stays_there() {
    let client = App::shared().client();
    client.imported("", board(&[("A", &["a", "b", "c", "d"])]));
    let tasks = export(&client)["tasks"].clone();
    let last = tasks[3]["id"].as_str().unwrap();
    client
        .patch(&format!("/v1/tasks/{last}"), json!({ "position": "first" }))
        .expect(200);
    assert_here(&client, &[("A", &["d", "a", "b", "c"])]);
    let report = client.imported("", board(&[("A", &["a", "c", "d", "b"])]));
    assert_here(&client, &[("A", &["d", "a", "c", "b"])]);
    assert_eq!(counts(&report), [0, 1, 6, 0], "{report}");
    // A new card goes after the one before it that was not moved here.
    client.imported("", board(&[("A", &["a", "c", "d", "new", "b"])]));
    assert_here(&client, &[("A", &["d", "a", "c", "new", "b"])]);
}

#[test]
fn subtasks_and_projects_follow_the_source_too() {
    let client = App::shared().client();
    let file = |items: &[&str], swimlanes: &[&str]| {
        let items = items.iter().enumerate();
        let items: Vec<_> = items
            .map(|(at, item)| json!({ "_id": item, "checklistId": "k", "title": item, "sort": at }))
            .collect();
        let swimlanes = swimlanes.iter().enumerate();
        let swimlanes: Vec<_> = swimlanes
            .map(|(at, one)| json!({ "_id": one, "title": one, "sort": at }))
            .collect();
        json!({
            "_format": "wekan-board-1.0.0", "_id": "b", "title": "Board", "lists": [{ "_id": "l", "title": "L", "sort": 0 }],
            "swimlanes": swimlanes, "cards": [{ "_id": "c", "title": "Card", "listId": "l", "swimlaneId": "one", "sort": 0 }],
            "checklists": [{ "_id": "k", "cardId": "c", "title": "Checklist" }], "checklistItems": items,
        })
        .to_string()
    };
    client.imported("", file(&["i", "j", "k"], &["one", "two", "three"]));
    let report = client.imported(
        "",
        file(&["k", "i", "new", "j"], &["two", "three", "four", "one"]),
    );
    let after = export(&client);
    assert_eq!(
        column(after["subtasks"].as_array().unwrap(), "label"),
        ["k", "i", "new", "j"]
    );
    assert_eq!(
        column(after["projects"].as_array().unwrap(), "name"),
        ["two", "three", "four", "one"]
    );
    assert_eq!(counts(&report), [2, 2, 7, 0], "{report}");
}

#[test]
fn what_was_removed_at_the_source_is_kept_and_listed() {
    let client = App::shared().client();
    client.imported("", board(&[("A", &["a", "b", "c"]), ("B", &["d"])]));
    let tasks = export(&client)["tasks"].clone();
    // What was deleted here too is not listed.
    client
        .delete(&format!("/v1/tasks/{}", tasks[2]["id"].as_str().unwrap()))
        .expect(200);
    let report = client.imported("", board(&[("A", &["a"])]));
    assert_here(&client, &[("A", &["a", "b"]), ("B", &["d"])]);
    let warnings = report["warnings"].as_array().unwrap();
    let of = |path: &str| {
        warnings
            .iter()
            .find(|warning| warning["path"] == path)
            .unwrap()["message"]
            .as_str()
            .unwrap()
    };
    assert_eq!(
        of("tasks"),
        "Imported before, not in the file any more, and kept: \"b\", \"d\""
    );
    assert_eq!(
        of("lanes"),
        "Imported before, not in the file any more, and kept: \"B\""
    );
    // Another board of the same product is not concerned.
    let other =
        json!({ "id": "5f0000000000000000000002", "name": "Other", "lists": [], "cards": [] });
    let report = client.imported("", other.to_string());
    let paths = column(report["warnings"].as_array().unwrap(), "path");
    assert!(!paths.contains(&"tasks".to_owned()), "{paths:?}");
}

#[test]
fn an_export_that_was_sorted_by_another_program_moves_nothing() {
    let client = App::shared().client();
    let file = |order: [&str; 3]| {
        let tasks: Vec<_> = order
            .iter()
            .map(|key| json!({ "id": key, "project_id": "p", "label": key, "status": 0, "position": key }))
            .collect();
        json!({
            "format": "tackboard-export", "version": 1, "boards": [{ "id": "b", "name": "Board" }],
            "projects": [{ "id": "p", "board_id": "b", "name": "Project", "position": "aaa" }], "tasks": tasks,
        })
        .to_string()
    };
    client.imported("", file(["aaa", "bbb", "ccc"]));
    let report = client.imported("", file(["ccc", "aaa", "bbb"]));
    assert_eq!(counts(&report), [0, 0, 5, 0], "{report}");
    let labels = column(export(&client)["tasks"].as_array().unwrap(), "label");
    assert_eq!(labels, ["aaa", "bbb", "ccc"]);
}
