//! Parsers of files: odd but valid files keep everything, and broken ones never make a parser panic.

use std::io::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use tackboard::import::{Entry, Input, Item, MAX_TASKS, Options, Parsed, for_each, parse};
use zip::write::SimpleFileOptions;

const TRELLO: &[u8] = include_bytes!("../data/trello-export-small.json");
/// Changed files per format.
const MUTATIONS: u32 = 1_500;

/// Parses a file, which must be valid, and returns its objects.
fn parsed(file: &[u8]) -> (Parsed, Vec<Entry>) {
    let options = Options::default();
    let parsed = parse(Input::Bytes(file), &options, MAX_TASKS);
    let parsed =
        parsed.unwrap_or_else(|failed| panic!("{failed:?}: {}", String::from_utf8_lossy(file)));
    let mut entries = Vec::new();
    for_each(&parsed, Input::Bytes(file), &options, &mut |entry| {
        entries.push(entry.clone());
        Ok(())
    })
    .unwrap();
    (parsed, entries)
}

fn tasks(entries: &[Entry]) -> Vec<(&str, &tackboard::import::TaskEntry)> {
    entries
        .iter()
        .filter_map(|entry| match &entry.item {
            Item::Task(task) => Some((entry.id.as_str(), &**task)),
            _ => None,
        })
        .collect()
}

/// The label that a title becomes.
pub fn label(title: &str) -> String {
    let title = title.replace('\0', "");
    match title.trim() {
        "" => "Untitled".to_owned(),
        title => title
            .chars()
            .take(255)
            .collect::<String>()
            .trim_end()
            .to_owned(),
    }
}

/// A text with anything in it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-zA-Z0-9 ]{0,300}",
        Just("NaN".to_owned()),
        Just("0001-01-01T00:00:00Z".to_owned()),
        Just("\u{202e}\0<b>&amp;".to_owned()),
    ]
}

/// A value that a field may have instead of the right one.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        Just(json!([])),
        Just(json!({ "$date": "2024-01-01T00:00:00Z" })),
    ]
}

/// Cards as titles, lists, positions, completion, and an odd value for other fields.
fn cards() -> impl Strategy<Value = Vec<(String, usize, f64, bool, Value)>> {
    vec((text(), 0_usize..4, -1e9..1e9, any::<bool>(), odd()), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_card_of_a_trello_board_arrives(cards in cards(), items in vec((text(), any::<bool>()), 0..9)) {
        let id = |at: usize| format!("5f00000000000000000{at:05}");
        let shown: Vec<Value> = cards.iter().enumerate().map(|(at, (name, list, pos, done, odd))| json!({
            "id": id(at), "name": name, "idList": format!("list{list}"), "pos": pos, "dueComplete": done,
            "due": odd, "desc": odd, "idLabels": odd, "attachments": odd, "dateLastActivity": odd, "cover": odd,
        })).collect();
        let items: Vec<Value> = items.iter().enumerate().map(|(at, (name, done))| json!({
            "id": format!("i{at}"), "name": name, "state": if *done { "complete" } else { "incomplete" }, "pos": at,
        })).collect();
        let file = json!({
            "id": "5f0000000000000000000aaa", "name": "Board", "cards": shown,
            "lists": [{ "id": "list0", "name": "A", "pos": 1 }, { "id": "list1", "name": "B", "pos": 0 }, { "id": "list2", "name": "C", "pos": "?", "closed": true }],
            "checklists": [{ "id": "c", "idCard": id(0), "checkItems": items }],
        });
        let (_, entries) = parsed(file.to_string().as_bytes());
        let tasks = tasks(&entries);
        let mut expected: Vec<_> = cards.iter().enumerate().map(|(at, card)| (id(at), label(&card.0), card.3)).collect();
        expected.sort();
        let mut found: Vec<_> = tasks.iter().map(|(id, task)| ((*id).to_owned(), task.label.clone(), task.status as u8 == 2)).collect();
        found.sort();
        prop_assert_eq!(found, expected);
        let subtasks = entries.iter().filter(|entry| matches!(entry.item, Item::Subtask(_))).count();
        prop_assert_eq!(subtasks, if cards.is_empty() { 0 } else { items.len() });
        // Within a list, the order is that of the positions.
        for list in 0..4 {
            let mut wanted: Vec<_> = cards.iter().enumerate().filter(|(_, card)| card.1 == list).collect();
            wanted.sort_by(|(_, a), (_, b)| a.2.total_cmp(&b.2));
            let wanted: Vec<_> = wanted.into_iter().map(|(at, _)| id(at)).collect();
            let of_list: Vec<_> = tasks.iter().map(|(id, _)| (*id).to_owned()).filter(|id| wanted.contains(id)).collect();
            prop_assert_eq!(of_list, wanted);
        }
    }

    #[test]
    fn every_card_of_a_wekan_board_arrives(cards in cards()) {
        let shown: Vec<Value> = cards.iter().enumerate().map(|(at, (name, list, sort, archived, odd))| json!({
            "_id": format!("c{at}"), "title": name, "listId": format!("l{list}"), "swimlaneId": odd, "sort": sort,
            "archived": archived, "dueAt": odd, "members": odd, "customFields": odd, "createdAt": odd, "vote": odd,
        })).collect();
        let file = json!({
            "_format": "wekan-board-1.0.0", "_id": "b", "title": "Board", "cards": shown,
            "lists": [{ "_id": "l0", "title": "A", "sort": 1 }, { "_id": "l1", "title": "B", "sort": null }],
            "swimlanes": [], "labels": [{ "_id": "x", "name": "", "color": "red" }, 5],
        });
        let (_, entries) = parsed(file.to_string().as_bytes());
        let mut found: Vec<_> = tasks(&entries).iter().map(|(_, task)| (task.label.clone(), task.is_archived)).collect();
        let mut expected: Vec<_> = cards.iter().map(|card| (label(&card.0), card.3)).collect();
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn every_task_of_a_vikunja_project_arrives(cards in cards()) {
        let (_, entries) = parsed(&vikunja(&cards));
        let mut found: Vec<_> = tasks(&entries).iter().map(|(_, task)| (task.label.clone(), task.status as u8 == 2)).collect();
        let mut expected: Vec<_> = cards.iter().map(|card| (label(&card.0), card.3)).collect();
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }
}

/// The zip file of a Vikunja export.
fn vikunja(cards: &[(String, usize, f64, bool, Value)]) -> Vec<u8> {
    let tasks: Vec<Value> = cards.iter().enumerate().map(|(at, (name, bucket, position, done, odd))| json!({
        "id": at, "title": name, "bucket_id": bucket, "position": position, "done": done, "description": odd,
        "due_date": odd, "labels": odd, "assignees": odd, "comments": odd, "related_tasks": odd, "created": odd,
    })).collect();
    let projects = json!([{ "id": 1, "title": "Project", "created": "2023-01-01T00:00:00Z", "tasks": tasks, "buckets": [{ "id": 1, "title": "A" }] }]);
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive
        .start_file("data.json", SimpleFileOptions::default())
        .unwrap();
    archive.write_all(projects.to_string().as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

/// Files of every format.
fn samples() -> Vec<Vec<u8>> {
    let card = (
        "Task".to_owned(),
        1,
        1.0,
        false,
        json!("2024-01-01T00:00:00Z"),
    );
    let wekan = json!({
        "_format": "wekan-board-1.0.0", "_id": "b", "title": "Board", "lists": [{ "_id": "l", "title": "A", "sort": 1 }],
        "cards": [{ "_id": "c", "title": "Card", "listId": "l", "sort": 1, "dueAt": "2024-01-01T00:00:00Z" }],
        "checklists": [{ "_id": "k", "cardId": "c", "title": "Steps" }], "checklistItems": [{ "_id": "i", "checklistId": "k", "title": "x" }],
        "comments": [{ "_id": "m", "cardId": "c", "text": "Hi" }],
    });
    let own = json!({
        "format": "tackboard-export", "version": 1, "members": [{ "id": "u", "email": "a@b.example" }],
        "boards": [{ "id": "b", "name": "Board" }], "lanes": [{ "id": "l", "board_id": "b", "name": "Lane", "position": "aaa" }],
        "projects": [{ "id": "p", "board_id": "b", "name": "Project", "position": "aaa" }],
        "tasks": [{ "id": "t", "project_id": "p", "label": "Task", "status": 0, "position": "aaa", "due_on": "2024-01-01" }],
        "cards": [{ "id": "c", "title": "Card", "message": "Hi", "cover": { "media_type": "image/png", "data": "iVBORw0KGgo=" } }],
    });
    let csv =
        "Title,Status,Due,Labels,Parent\nOne,Done,2024-01-01,\"a,b\",\nTwo,Waiting,1/2/2024,,One\n";
    let todoist = "TYPE,CONTENT,INDENT,DATE\nsection,Home,,\ntask,Milk @shop,1,2024-01-01\ntask,Whole,2,\nnote,Hi,,\n";
    vec![
        TRELLO[..20_000].to_vec(),
        wekan.to_string().into_bytes(),
        vikunja(&[card]),
        own.to_string().into_bytes(),
        csv.as_bytes().to_vec(),
        todoist.as_bytes().to_vec(),
    ]
}

#[test]
fn no_changed_file_makes_a_parser_panic() {
    // A small generator with a fixed start, so that a failure can be repeated.
    let mut state = 4711_u64;
    let mut random = move |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % limit.max(1) as u64) as usize
    };
    let pieces: [&[u8]; 12] = [
        b"null",
        b"[]",
        b"{}",
        b"-1e308",
        b"1e999",
        b"\"\\u0000\"",
        b"\xff",
        b"NaN",
        b",",
        b"\"",
        b"[[[[[[[[",
        b"0001-01-01",
    ];
    for sample in samples() {
        for _ in 0..MUTATIONS {
            let mut file = sample.clone();
            for _ in 0..=random(4) {
                let at = random(file.len());
                match random(4) {
                    0 => file.truncate(at),
                    1 => file[at] = random(256) as u8,
                    2 => drop(file.splice(at..at, pieces[random(pieces.len())].iter().copied())),
                    _ => drop(file.drain(at..(at + random(40)).min(file.len()))),
                }
                if file.is_empty() {
                    break;
                }
            }
            let options = Options::default();
            if let Ok(parsed) = parse(Input::Bytes(&file), &options, MAX_TASKS) {
                for_each(&parsed, Input::Bytes(&file), &options, &mut |_| Ok(())).unwrap();
            }
        }
    }
}

#[test]
fn the_order_of_the_arrays_of_an_export_does_not_matter() {
    let file = json!({
        "format": "tackboard-export", "version": 1, "subtasks": [{ "id": "s", "task_id": "t", "label": "Step", "position": "aaa" }],
        "tasks": [{ "id": "t", "project_id": "p", "label": "Task", "status": 0, "position": "aaa" }],
        "projects": [{ "id": "p", "board_id": "b", "name": "Project", "position": "aaa" }],
        "boards": [{ "id": "b", "name": "Board" }],
    });
    // In alphabetical order, and backwards.
    let sorted = file.to_string();
    let members = file.as_object().unwrap();
    let reversed: Vec<_> = members
        .iter()
        .rev()
        .map(|(name, value)| format!("{}:{value}", json!(name)))
        .collect();
    for text in [sorted, format!("{{{}}}", reversed.join(","))] {
        let (parsed, entries) = parsed(text.as_bytes());
        assert_eq!(entries.len(), 4, "{:?}", parsed.warnings);
    }
}
