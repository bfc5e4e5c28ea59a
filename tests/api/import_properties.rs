//! Odd but valid boards of Trello, Wekan and Vikunja: everything on them arrives, and what has no place is listed.

use std::io::Write as _;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};
use tackboard::import::{Entry, Input, Item, MAX_TASKS, Options, TaskEntry, for_each, parse};
use zip::write::SimpleFileOptions;

use crate::import_files::label;

/// A card with everything that all three products know.
#[derive(Clone, Debug)]
struct Card {
    title: String,
    list: usize,
    /// Equal positions keep the order of the file.
    position: u8,
    is_done: bool,
    due: Option<u8>,
    labels: [bool; 3],
    items: Vec<(String, bool)>,
    comments: Vec<String>,
    attachment: Option<String>,
    people: bool,
}

/// A text with anything in it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-zA-Z0-9 ]{0,300}",
        Just("NaN".to_owned()),
        Just("\u{202e}\0&amp; **b** `c`".to_owned()),
    ]
}

fn card() -> impl Strategy<Value = Card> {
    let items = vec((text(), any::<bool>()), 0..4);
    let rest = (vec(text(), 0..4), option::of("[a-z]{1,9}"), any::<bool>());
    let first = (text(), 0_usize..3, any::<u8>(), any::<bool>());
    let due = option::of(1_u8..29);
    (first, due, any::<[bool; 3]>(), items, rest).prop_map(|(first, due, labels, items, rest)| {
        let ((title, list, position, is_done), (comments, attachment, people)) = (first, rest);
        Card {
            title,
            list,
            position,
            is_done,
            due,
            labels,
            items,
            comments,
            attachment,
            people,
        }
    })
}

fn due(card: &Card) -> Option<String> {
    card.due.map(|day| format!("2024-02-{day:02}T00:00:00Z"))
}

fn labels(card: &Card) -> Vec<usize> {
    (0..3).filter(|at| card.labels[*at]).collect()
}

/// The elements of all cards: what `of` returns for each.
fn each<T>(cards: &[Card], of: impl Fn(usize, &Card) -> Vec<T>) -> Vec<T> {
    let cards = cards.iter().enumerate();
    cards.flat_map(|(at, card)| of(at, card)).collect()
}

fn trello(cards: &[Card]) -> Vec<u8> {
    let id = |at: usize| format!("5f00000000000000000{at:05}");
    let shown = each(cards, |at, card| {
        let attachments = card.attachment.iter();
        let attachments: Vec<_> = attachments
            .map(|name| json!({ "name": name, "url": "https://example.org/x" }))
            .collect();
        vec![json!({
            "id": id(at), "name": card.title, "idList": format!("l{}", card.list), "pos": card.position, "dueComplete": card.is_done,
            "due": due(card), "idLabels": labels(card).iter().map(|at| format!("b{at}")).collect::<Vec<_>>(),
            "attachments": attachments, "idMembers": if card.people { json!(["u"]) } else { json!([]) },
        })]
    });
    let checklists = each(cards, |at, card| {
        let items = card.items.iter().enumerate();
        let items: Vec<_> = items
            .map(|(step, (name, done))| json!({ "id": format!("i{at}.{step}"), "name": name, "pos": step, "state": if *done { "complete" } else { "incomplete" } }))
            .collect();
        vec![
            json!({ "id": format!("k{at}"), "idCard": id(at), "name": "Checklist", "checkItems": items }),
        ]
    });
    // The newest comes first.
    let mut actions = each(cards, |at, card| {
        let comments = card.comments.iter().enumerate();
        comments
            .map(|(number, text)| json!({
                "id": format!("c{at}.{number}"), "type": "commentCard", "date": format!("2024-01-01T00:00:0{number}Z"),
                "data": { "text": text, "card": { "id": id(at) } }, "memberCreator": { "fullName": "Ada" },
            }))
            .collect()
    });
    actions.reverse();
    let lists: Vec<_> = (0..3)
        .map(|at| json!({ "id": format!("l{at}"), "name": format!("L{at}"), "pos": at }))
        .collect();
    let labels: Vec<_> = (0..3)
        .map(|at| json!({ "id": format!("b{at}"), "name": format!("B{at}"), "color": "red" }))
        .collect();
    json!({
        "id": "5f0000000000000000000aaa", "name": "Board", "lists": lists, "labels": labels, "cards": shown, "checklists": checklists,
        "actions": actions, "members": [{ "id": "u", "fullName": "Grace" }],
    })
    .to_string()
    .into_bytes()
}

fn wekan(cards: &[Card]) -> Vec<u8> {
    let shown = each(cards, |at, card| {
        vec![json!({
            "_id": format!("c{at}"), "title": card.title, "listId": format!("l{}", card.list), "swimlaneId": "s", "sort": card.position,
            "dueComplete": card.is_done, "dueAt": due(card),
            "labelIds": labels(card).iter().map(|at| format!("b{at}")).collect::<Vec<_>>(),
            "members": if card.people { json!(["u"]) } else { json!([]) },
        })]
    });
    let checklists = each(cards, |at, _| {
        vec![
            json!({ "_id": format!("k{at}"), "cardId": format!("c{at}"), "title": "Checklist", "sort": 0 }),
        ]
    });
    let items = each(cards, |at, card| {
        let items = card.items.iter().enumerate();
        items
            .map(|(step, (name, done))| json!({ "_id": format!("i{at}.{step}"), "checklistId": format!("k{at}"), "title": name, "sort": step, "isFinished": done }))
            .collect()
    });
    let comments = each(cards, |at, card| {
        let comments = card.comments.iter().enumerate();
        comments
            .map(|(number, text)| json!({
                "_id": format!("m{at}.{number}"), "cardId": format!("c{at}"), "userId": "u", "text": text,
                "createdAt": format!("2024-01-01T00:00:0{number}Z"),
            }))
            .collect()
    });
    let attachments = each(cards, |at, card| {
        let names = card.attachment.iter();
        names
            .map(
                |name| json!({ "_id": format!("a{at}"), "cardId": format!("c{at}"), "name": name }),
            )
            .collect()
    });
    let lists: Vec<_> = (0..3)
        .map(|at| json!({ "_id": format!("l{at}"), "title": format!("L{at}"), "sort": at }))
        .collect();
    let labels: Vec<_> = (0..3)
        .map(|at| json!({ "_id": format!("b{at}"), "name": format!("B{at}"), "color": "red" }))
        .collect();
    json!({
        "_format": "wekan-board-1.0.0", "_id": "b", "title": "Board", "lists": lists, "labels": labels, "cards": shown,
        "swimlanes": [{ "_id": "s", "title": "S", "sort": 0 }], "checklists": checklists, "checklistItems": items,
        "comments": comments, "attachments": attachments, "users": [{ "_id": "u", "username": "Grace" }],
    })
    .to_string()
    .into_bytes()
}

fn vikunja(cards: &[Card]) -> Vec<u8> {
    let mut tasks = each(cards, |at, card| {
        let labels = labels(card).into_iter();
        let labels: Vec<_> = labels
            .map(|at| json!({ "id": at, "title": format!("B{at}"), "hex_color": "e11d48" }))
            .collect();
        let comments = card.comments.iter().enumerate();
        let comments: Vec<_> = comments
            .map(|(number, text)| json!({
                "id": number, "comment": text, "author": { "username": "Ada" }, "created": format!("2024-01-01T00:00:0{number}Z"),
            }))
            .collect();
        let attachments = card.attachment.iter();
        let attachments: Vec<_> = attachments
            .map(|name| json!({ "file": { "name": name } }))
            .collect();
        vec![json!({
            "id": at + 1, "title": card.title, "bucket_id": card.list + 1, "position": card.position, "done": card.is_done,
            "due_date": due(card).unwrap_or_else(|| "0001-01-01T00:00:00Z".to_owned()), "labels": labels, "comments": comments,
            "attachments": attachments, "assignees": if card.people { json!([{ "username": "Grace" }]) } else { json!([]) },
        })]
    });
    tasks.extend(each(cards, |at, card| {
        let items = card.items.iter().enumerate();
        items
            .map(|(step, (name, done))| {
                json!({
                    "id": 1_000 * (at + 1) + step, "title": name, "done": done, "position": step,
                    "related_tasks": { "parenttask": [{ "id": at + 1, "title": "x" }] },
                })
            })
            .collect()
    }));
    let buckets: Vec<_> = (0..3)
        .map(|at| json!({ "id": at + 1, "title": format!("L{at}"), "position": at }))
        .collect();
    let data = json!([{ "id": 1, "title": "Project", "created": "2023-01-01T00:00:00Z", "tasks": tasks, "buckets": buckets }]);
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive
        .start_file("data.json", SimpleFileOptions::default())
        .unwrap();
    archive.write_all(data.to_string().as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

/// What a file contains.
struct Found {
    tasks: Vec<(String, TaskEntry)>,
    entries: Vec<Entry>,
    warnings: String,
}

impl Found {
    fn of(file: &[u8]) -> Self {
        let options = Options::default();
        let parsed = parse(Input::Bytes(file), &options, MAX_TASKS);
        let parsed =
            parsed.unwrap_or_else(|failed| panic!("{failed:?}: {}", String::from_utf8_lossy(file)));
        let (mut tasks, mut entries) = (Vec::new(), Vec::new());
        for_each(&parsed, Input::Bytes(file), &options, &mut |entry| {
            if let Item::Task(task) = &entry.item {
                tasks.push((entry.id.clone(), (**task).clone()));
            }
            entries.push(entry.clone());
            Ok(())
        })
        .unwrap();
        let warnings = parsed.warnings.iter();
        let warnings: Vec<_> = warnings
            .map(|one| format!("{}: {}\n", one.path, one.message))
            .collect();
        Self {
            tasks,
            entries,
            warnings: warnings.concat(),
        }
    }

    /// The name of a lane.
    fn lane(&self, id: &str) -> Option<&str> {
        let mut lanes = self.entries.iter().filter(|entry| entry.id == id);
        lanes.find_map(|entry| match &entry.item {
            Item::Lane(lane) => Some(lane.name.as_str()),
            _ => None,
        })
    }

    /// The name of a label.
    fn label(&self, id: &str) -> Option<&str> {
        let mut labels = self.entries.iter().filter(|entry| entry.id == id);
        labels.find_map(|entry| match &entry.item {
            Item::Label(label) => Some(label.name.as_str()),
            _ => None,
        })
    }

    fn subtasks(&self, task: &str) -> Vec<(String, bool)> {
        let all = self.entries.iter().filter_map(|entry| match &entry.item {
            Item::Subtask(one) if one.task == task => Some((one.label.clone(), one.is_completed)),
            _ => None,
        });
        all.collect()
    }

    fn comments(&self, task: &str) -> Vec<String> {
        let all = self.entries.iter().filter_map(|entry| match &entry.item {
            Item::Comment(one) if one.task == task => Some(one.text.clone()),
            _ => None,
        });
        all.collect()
    }

    /// Checks that all cards are there, in the order of their lists and positions.
    fn check(&self, cards: &[Card]) {
        let mut sorted: Vec<(usize, &Card)> = cards.iter().enumerate().collect();
        sorted.sort_by_key(|(at, card)| (card.list, card.position, *at));
        for list in 0..3 {
            let wanted: Vec<_> = sorted
                .iter()
                .filter(|(_, card)| card.list == list)
                .collect();
            let of_list = |(_, task): &&(String, TaskEntry)| {
                let lane = task.lane.as_deref().and_then(|lane| self.lane(lane));
                lane == Some(format!("L{list}").as_str())
            };
            let found: Vec<_> = self.tasks.iter().filter(of_list).collect();
            assert_eq!(found.len(), wanted.len(), "list {list}");
            for ((_, card), (id, task)) in wanted.into_iter().zip(found) {
                self.check_card(card, id, task);
            }
        }
    }

    fn check_card(&self, card: &Card, id: &str, task: &TaskEntry) {
        assert_eq!(task.label, label(&card.title));
        assert_eq!(task.status as u8 == 2, card.is_done);
        let due = card.due.map(|day| format!("2024-02-{day:02}"));
        assert_eq!(task.due_on.map(|day| day.to_string()), due);
        let labels: Vec<_> = task
            .labels
            .iter()
            .filter_map(|label| self.label(label))
            .collect();
        let wanted: Vec<_> = (0..3)
            .filter(|at| card.labels[*at])
            .map(|at| format!("B{at}"))
            .collect();
        assert_eq!(labels, wanted);
        let items: Vec<_> = card
            .items
            .iter()
            .map(|(title, done)| (label(title), *done))
            .collect();
        assert_eq!(self.subtasks(id), items);
        let comments = card
            .comments
            .iter()
            .map(|text| text.replace('\0', "").trim_end().to_owned());
        let comments: Vec<_> = comments.filter(|text| !text.trim().is_empty()).collect();
        assert_eq!(self.comments(id), comments);
        let description = task.description.as_deref().unwrap_or_default();
        if let Some(attachment) = &card.attachment {
            assert!(description.contains(attachment.as_str()), "{description}");
            assert!(self.warnings.contains("attachments"), "{}", self.warnings);
        }
        if card.people {
            assert!(description.contains("Assigned to: Grace"), "{description}");
            assert!(
                self.warnings.contains("Grace cannot be assigned"),
                "{}",
                self.warnings
            );
        }
        if label(&card.title).chars().count() < card.title.replace('\0', "").trim().chars().count()
        {
            assert!(description.contains("Full title: "), "{description}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_on_a_trello_board_arrives(cards in vec(card(), 0..12)) {
        Found::of(&trello(&cards)).check(&cards);
    }

    #[test]
    fn everything_on_a_wekan_board_arrives(cards in vec(card(), 0..12)) {
        Found::of(&wekan(&cards)).check(&cards);
    }

    #[test]
    fn everything_in_a_vikunja_project_arrives(cards in vec(card(), 0..12)) {
        // Its descriptions and comments are HTML: other tests show what becomes of them.
        let is_html = |text: &String| text.trim_start().starts_with('<');
        prop_assume!(!cards.iter().any(|card| card.comments.iter().any(is_html)));
        Found::of(&vikunja(&cards)).check(&cards);
    }
}

#[test]
fn a_value_that_is_not_imported_is_listed() {
    let file = json!({
        "id": "5f0000000000000000000aaa", "name": "Board", "lists": [{ "id": "l", "name": "L", "pos": 1, "emoji": "x" }],
        "cards": [
            { "id": "5f0000000000000000000001", "name": "A", "idList": "l", "pos": 1, "recurrenceRule": { "rule": "daily" } },
            { "id": "5f0000000000000000000002", "name": "B", "idList": "l", "pos": 1, "recurrenceRule": { "rule": "weekly" } },
        ],
    });
    let found = Found::of(file.to_string().as_bytes());
    let listed = [
        "cards[].recurrenceRule: 2 values are not kept",
        "lists[].emoji: 1 value is not kept",
    ];
    for line in listed {
        assert!(found.warnings.contains(line), "{}", found.warnings);
    }
    let wekan: Value = json!({
        "_format": "wekan-board-1.0.0", "_id": "b", "title": "Board", "lists": [], "color": "belize", "poems": [1, 2],
        "cards": [{ "_id": "c", "title": "A", "listId": "", "color": "red" }], "rules": [{}],
    });
    let found = Found::of(wekan.to_string().as_bytes());
    for line in [
        "color: 1 value",
        "poems: 2 values",
        "cards[].color: 1 value",
        "rules: 1 value",
    ] {
        assert!(found.warnings.contains(line), "{}", found.warnings);
    }
}
