//! A client that follows the journal. It replays the events of a workspace, checks each event against the objects known
//! so far, and compares the objects with the rows of the database.

mod event;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use event::Effect;
pub use event::Event;

/// A kind of object that events are about.
pub struct Kind {
    pub noun: &'static str,
    /// The name in `deleted`.
    plural: &'static str,
    /// The field with the parent's id, and the parent's noun.
    parent: Option<(&'static str, &'static str)>,
}

const fn kind(
    noun: &'static str,
    plural: &'static str,
    parent: Option<(&'static str, &'static str)>,
) -> Kind {
    Kind {
        noun,
        plural,
        parent,
    }
}

/// Parents come before their children.
pub const KINDS: [Kind; 11] = [
    kind("board", "boards", None),
    kind("project", "projects", Some(("board_id", "board"))),
    kind("lane", "lanes", Some(("board_id", "board"))),
    kind("label", "labels", Some(("board_id", "board"))),
    kind("task", "tasks", Some(("project_id", "project"))),
    kind("subtask", "subtasks", Some(("task_id", "task"))),
    kind("comment", "comments", Some(("task_id", "task"))),
    kind("card", "cards", None),
    kind("integration", "integrations", Some(("card_id", "card"))),
    kind("recipient", "recipients", Some(("card_id", "card"))),
    kind("webhook", "webhooks", None),
];

/// Fields that `changes` never contains.
const UNNAMED: [&str; 4] = [
    "updated_at",
    "subtasks_total",
    "subtasks_completed",
    "comments_total",
];
/// Maximum characters of a text in `data`, and in `changes`.
const MAX_TEXT_LENGTH: usize = 4096;
const MAX_CHANGE_LENGTH: usize = 1024;

/// An object as the events so far describe it. Without `position`, its list must be read again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    pub fields: Map<String, Value>,
    /// Texts that were cut in `data`.
    cut: BTreeSet<String>,
}

impl Object {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// The ids of a task's labels.
    fn labels(&self) -> Vec<&str> {
        let ids = self.fields["label_ids"].as_array().unwrap();
        ids.iter().map(|id| id.as_str().unwrap()).collect()
    }

    /// Replaces each label of a task, or removes it.
    fn set_labels(&mut self, replace: impl Fn(&str) -> Option<String>) {
        let mut ids: Vec<_> = self.labels().into_iter().filter_map(replace).collect();
        ids.sort();
        self.fields.insert("label_ids".to_owned(), json!(ids));
    }

    fn number(&self, name: &str) -> u64 {
        self.fields.get(name).and_then(Value::as_u64).unwrap()
    }
}

/// The state of a workspace after the replayed events.
pub struct Replay {
    workspace: Vec<u8>,
    objects: BTreeMap<(&'static str, String), Object>,
    /// The sequence of the last replayed event.
    pub latest: i64,
    event_ids: BTreeSet<String>,
    /// Recipients with a change that was seen, and the type of the event that must report it.
    unreported: BTreeSet<(String, &'static str)>,
}

impl Replay {
    /// The state before the first event.
    pub fn new(workspace: &[u8]) -> Self {
        Self {
            workspace: workspace.to_vec(),
            objects: BTreeMap::new(),
            latest: 0,
            event_ids: BTreeSet::new(),
            unreported: BTreeSet::new(),
        }
    }

    /// The objects of a kind with their ids, oldest first.
    pub fn objects(&self, noun: &str) -> Vec<(&str, &Object)> {
        let found = self.objects.iter().filter(|((kind, _), _)| *kind == noun);
        found
            .map(|((_, id), object)| (id.as_str(), object))
            .collect()
    }

    /// Replays the events since the last call, compares the state with the rows, and returns the events.
    pub fn catch_up(&mut self, conn: &Connection) -> Vec<Event> {
        let tx = conn.unchecked_transaction().unwrap();
        let events = event::after(&tx, &self.workspace, self.latest);
        for event in &events {
            assert_eq!(event.sequence, self.latest + 1, "a gap in the journal");
            self.latest = event.sequence;
            let is_new = self.event_ids.insert(event.id.clone());
            assert!(is_new, "two events with one id: {event:?}");
            self.apply(event);
        }
        assert_eq!(event::latest(&tx, &self.workspace), self.latest);
        assert_eq!(self.unreported, BTreeSet::new(), "changes without an event");
        self.compare(rows::read(&tx, &self.workspace));
        events
    }

    /// Compares every object with its row, and reads the positions that are unknown after a list was reordered.
    fn compare(&mut self, rows: BTreeMap<(&'static str, String), Map<String, Value>>) {
        let known: Vec<_> = self.objects.keys().collect();
        let stored: Vec<_> = rows.keys().collect();
        assert_eq!(known, stored, "objects of the events, rows of the database");
        for (key, row) in rows {
            let object = self.objects.get_mut(&key).unwrap();
            for (name, value) in row {
                match object.fields.get(&name) {
                    None => {
                        assert_eq!(name, "position", "{key:?}");
                        object.fields.insert(name, value);
                    }
                    Some(Value::String(text)) if object.cut.contains(&name) => {
                        let whole = value.as_str().unwrap();
                        assert!(whole.starts_with(text), "{key:?} {name}");
                        assert_eq!(text.chars().count(), MAX_TEXT_LENGTH, "{key:?} {name}");
                    }
                    Some(known) => assert_eq!(*known, value, "{key:?} {name}"),
                }
            }
        }
    }

    fn apply(&mut self, event: &Event) {
        let Some((noun, effect)) = event.effect() else {
            assert!(event.ids.is_empty(), "{event:?}");
            if event.kind == "member.removed" {
                self.unassign(event);
            }
            return;
        };
        let key = (noun, event.object_id());
        match effect {
            Effect::Created => self.create(key, event),
            Effect::Updated => self.update(&key, event),
            Effect::Observed => self.observe(&key, event),
            Effect::Deleted => self.delete(&key, event),
            Effect::Reordered => self.reorder(&key, event),
        }
    }

    fn create(&mut self, key: (&'static str, String), event: &Event) {
        assert_eq!(event.changes, None, "{event:?}");
        let before = self.objects.insert(key.clone(), event.object());
        assert_eq!(before, None, "created twice: {event:?}");
        self.check_ids(&key, event, None);
        self.follow_counters(&key, event);
    }

    fn update(&mut self, key: &(&'static str, String), event: &Event) {
        let old = self.objects.insert(key.clone(), event.object());
        let old = old.unwrap_or_else(|| panic!("updated before it was created: {event:?}"));
        self.check_changes(key, &old, event);
        self.check_ids(key, event, Some(&old));
        self.follow_counters(key, event);
        if key.0 == "task" {
            assert_eq!(
                event.kind,
                update_type(&old, &self.objects[key]),
                "{event:?}"
            );
        }
        let board = self.objects[key].fields.get("board_id");
        if key.0 == "project" && board != old.fields.get("board_id") {
            self.leave_board(event, &key.1);
        } else {
            assert_eq!(event.cleared, None, "{event:?}");
        }
    }

    /// Handles an event about a recipient, which contains no changes.
    fn observe(&mut self, key: &(&'static str, String), event: &Event) {
        if !self.objects.contains_key(key) {
            // The recipient who unsubscribed or subscribed again was already deleted.
            let kinds = ["card.unsubscribed", "card.resubscribed"];
            assert!(kinds.contains(&event.kind.as_str()), "{event:?}");
            assert!(event.ids.is_empty(), "{event:?}");
            return;
        }
        assert_eq!(event.changes, None, "{event:?}");
        let new = event.object();
        let old = self.objects.insert(key.clone(), new.clone()).unwrap();
        let subscription = match new.fields["unsubscribed_at"].is_null() {
            true => "card.resubscribed",
            false => "card.unsubscribed",
        };
        for (field, kind) in [
            ("opened_at", "card.opened"),
            ("viewed_at", "card.viewed"),
            ("unsubscribed_at", subscription),
            ("status", status_event(&new)),
        ] {
            if new.fields[field] != old.fields[field] {
                self.unreported.insert((key.1.clone(), kind));
            }
        }
        let change = self
            .unreported
            .iter()
            .find(|(id, kind)| *id == key.1 && *kind == event.kind);
        let change = change
            .cloned()
            .unwrap_or_else(|| panic!("nothing happened: {event:?}"));
        self.unreported.remove(&change);
        self.check_ids(key, event, None);
    }

    fn delete(&mut self, key: &(&'static str, String), event: &Event) {
        self.check_ids(key, event, None);
        let mut old = self.objects.remove(key).unwrap();
        let shown = event.object();
        if !old.fields.contains_key("position")
            && let Some(position) = shown.fields.get("position")
        {
            old.fields.insert("position".to_owned(), position.clone());
        }
        assert_eq!(shown, old, "{event:?}");
        if key.0 == "lane" {
            let id = Some(key.1.as_str());
            let leaves = |task: &Object| task.text("workflow_lane_id") == id;
            self.clear(event, leaves, |task| {
                task.fields
                    .insert("workflow_lane_id".to_owned(), Value::Null);
            });
        }
        if key.0 == "label" {
            let has = |task: &Object| task.labels().contains(&key.1.as_str());
            self.clear(event, has, |task| {
                task.set_labels(|id| (id != key.1).then(|| id.to_owned()))
            });
        }
        let mut counts = BTreeMap::new();
        self.delete_children(key, &mut counts);
        let mut shown: BTreeMap<String, u64> = match &event.deleted {
            Some(deleted) => serde_json::from_value(deleted.clone()).unwrap(),
            None => BTreeMap::new(),
        };
        shown.retain(|_, count| *count > 0);
        assert_eq!(shown, counts, "{event:?}");
        self.follow_counters(key, event);
    }

    fn delete_children(
        &mut self,
        parent: &(&'static str, String),
        counts: &mut BTreeMap<String, u64>,
    ) {
        for kind in &KINDS {
            let Some((field, noun)) = kind.parent else {
                continue;
            };
            if noun != parent.0 {
                continue;
            }
            for key in self.children(kind.noun, field, &parent.1) {
                self.objects.remove(&key);
                *counts.entry(kind.plural.to_owned()).or_default() += 1;
                self.delete_children(&key, counts);
            }
        }
    }

    fn children(&self, noun: &str, field: &str, parent: &str) -> Vec<(&'static str, String)> {
        let children = self
            .objects
            .iter()
            .filter(|((kind, _), object)| *kind == noun && object.text(field) == Some(parent));
        children.map(|(key, _)| key.clone()).collect()
    }

    /// Forgets the positions of an object's children, because the event does not contain the new ones.
    fn reorder(&mut self, key: &(&'static str, String), event: &Event) {
        assert_eq!(Value::Object(event.data.clone()), json!({ "id": key.1 }));
        self.check_ids(key, event, None);
        for kind in &KINDS {
            if let Some((field, noun)) = kind.parent
                && noun == key.0
            {
                for child in self.children(kind.noun, field, &key.1) {
                    self.objects
                        .get_mut(&child)
                        .unwrap()
                        .fields
                        .remove("position");
                }
            }
        }
    }

    /// Takes the tasks of a project that has moved out of their lanes, and gives them the labels of the new board with
    /// the names of their old ones.
    fn leave_board(&mut self, event: &Event, project: &str) {
        let board = self.board_of_project(project);
        let labels = self.objects("label");
        let labels: Vec<_> = labels
            .iter()
            .map(|(id, label)| {
                let name = label.text("name").unwrap().to_lowercase();
                (id.to_string(), label.text("board_id") == Some(&board), name)
            })
            .collect();
        let there = |old: &str| {
            let (_, _, name) = labels.iter().find(|(id, _, _)| id == old).unwrap();
            let new = labels
                .iter()
                .find(|(_, is_there, other)| *is_there && other == name);
            new.map(|(id, _, _)| id.clone())
        };
        let refers = |task: &Object| {
            task.text("project_id") == Some(project)
                && (task.text("workflow_lane_id").is_some() || !task.labels().is_empty())
        };
        self.clear(event, refers, |task| {
            task.fields
                .insert("workflow_lane_id".to_owned(), Value::Null);
            task.set_labels(there);
        });
    }

    /// Removes something from tasks, as many as the event reports.
    fn clear(
        &mut self,
        event: &Event,
        refers: impl Fn(&Object) -> bool,
        clear: impl Fn(&mut Object),
    ) {
        let mut cleared = 0;
        for ((noun, _), task) in &mut self.objects {
            if *noun == "task" && refers(task) {
                clear(task);
                cleared += 1;
            }
        }
        assert_eq!(
            event.cleared,
            Some(json!({ "tasks": cleared })),
            "{event:?}"
        );
    }

    /// Unassigns a removed member from all tasks, as many as the event reports.
    fn unassign(&mut self, event: &Event) {
        let mut tasks = 0;
        for ((noun, _), task) in &mut self.objects {
            if *noun == "task" {
                let assignees = task.fields["assignee_ids"].as_array().unwrap();
                let left: Vec<_> = assignees
                    .iter()
                    .filter(|id| **id != event.data["id"])
                    .cloned()
                    .collect();
                tasks += u64::from(left.len() < assignees.len());
                task.fields.insert("assignee_ids".to_owned(), json!(left));
            }
        }
        assert_eq!(event.cleared, Some(json!({ "tasks": tasks })), "{event:?}");
    }

    /// Checks the counters in an event, and stores those of a task.
    fn follow_counters(&mut self, key: &(&'static str, String), event: &Event) {
        let count = |noun, field, parent: &str, field_of: &str, value: Option<u64>| {
            let children = self.children(noun, field, parent);
            let is = |key: &(&'static str, String)| {
                let found = &self.objects[key].fields[field_of];
                let is_archived = self.objects[key].text("archived_at").is_some();
                !is_archived
                    && value
                        .is_none_or(|value| *found == json!(value) || *found == json!(value == 1))
            };
            json!(children.into_iter().filter(|child| is(child)).count())
        };
        if key.0 == "project" && self.objects.contains_key(key) {
            let tasks = |status| count("task", "project_id", &key.1, "status", status);
            assert_eq!(event.data["num_tasks_open"], tasks(Some(0)), "{event:?}");
            assert_eq!(event.data["num_tasks_in_progress"], tasks(Some(1)));
            assert_eq!(event.data["num_tasks_done"], tasks(Some(2)));
            assert_eq!(event.data["num_tasks_total"], tasks(None));
        }
        if key.0 == "subtask" || key.0 == "comment" {
            let task = event.data["task_id"].as_str().unwrap().to_owned();
            let total = count("subtask", "task_id", &task, "is_completed", None);
            let completed = count("subtask", "task_id", &task, "is_completed", Some(1));
            let comments = count("comment", "task_id", &task, "id", None);
            assert_eq!(event.data["subtasks_total"], total, "{event:?}");
            assert_eq!(event.data["subtasks_completed"], completed, "{event:?}");
            assert_eq!(event.data["comments_total"], comments, "{event:?}");
            let task = self.objects.get_mut(&("task", task)).unwrap();
            task.fields.insert("subtasks_total".to_owned(), total);
            task.fields
                .insert("subtasks_completed".to_owned(), completed);
            task.fields.insert("comments_total".to_owned(), comments);
        }
    }

    /// Checks that `changes` contains exactly the fields that differ, each with its old and new value.
    fn check_changes(&self, key: &(&'static str, String), old: &Object, event: &Event) {
        let mut changes = event.changes.clone().unwrap();
        assert!(!changes.is_empty(), "an update without a change: {event:?}");
        let new = &self.objects[key];
        if key.0 == "task" {
            let board = |task: &Object| self.board_of_project(task.text("project_id").unwrap());
            let (from, to) = (board(old), board(new));
            let named = (from != to).then(|| json!({ "from": from, "to": to }));
            assert_eq!(changes.remove("board_id"), named, "{event:?}");
        }
        for (name, to) in &new.fields {
            if UNNAMED.contains(&name.as_str()) {
                continue;
            }
            let change = changes.remove(name);
            let Some(from) = old.fields.get(name) else {
                // The list was reordered, so the old position is unknown.
                assert_eq!(name, "position", "{event:?}");
                continue;
            };
            if old.cut.contains(name) || new.cut.contains(name) {
                let change = change.unwrap_or(json!({ "from_length": 0, "to_length": 0 }));
                assert!(change.get("from").is_none(), "{event:?}");
                continue;
            }
            let expected = (from != to).then(|| expected_change(from, to));
            assert_eq!(change, expected, "{name} of {event:?}");
        }
        // Follows from the texts, and is not in the rows.
        changes.remove("merge_tags");
        // Named without its values, and no event has it.
        let secret = changes.remove("secret");
        assert!(secret.is_none_or(|secret| secret == json!({ "from": null, "to": null })));
        assert!(changes.is_empty(), "{changes:?} of {event:?}");
    }

    /// Checks the ids in an event, and where the object came from.
    fn check_ids(&self, key: &(&'static str, String), event: &Event, old: Option<&Object>) {
        let mut expected = self.ids_of(key.0, &key.1, &self.objects[key]);
        if let Some(old) = old {
            for (name, id) in self.ids_of(key.0, &key.1, old) {
                if expected.get(name) != Some(&id) {
                    let from = match name {
                        "board_id" => "from_board_id",
                        _ => "from_project_id",
                    };
                    expected.insert(from, id);
                }
            }
        }
        assert_eq!(event.ids, expected, "{event:?}");
    }

    fn ids_of(&self, noun: &str, id: &str, object: &Object) -> BTreeMap<&'static str, String> {
        let of = |name: &str| object.text(name).unwrap().to_owned();
        match noun {
            "board" => BTreeMap::from([("board_id", id.to_owned())]),
            "lane" | "label" => BTreeMap::from([("board_id", of("board_id"))]),
            "project" => {
                BTreeMap::from([("board_id", of("board_id")), ("project_id", id.to_owned())])
            }
            "task" => BTreeMap::from([
                ("board_id", self.board_of_project(&of("project_id"))),
                ("project_id", of("project_id")),
                ("task_id", id.to_owned()),
            ]),
            "subtask" | "comment" => {
                let task = of("task_id");
                self.ids_of("task", &task, &self.objects[&("task", task.clone())])
            }
            "webhook" => BTreeMap::new(),
            "card" => BTreeMap::from([("card_id", id.to_owned())]),
            _ => BTreeMap::from([("card_id", of("card_id"))]),
        }
    }

    fn board_of_project(&self, project: &str) -> String {
        let project = &self.objects[&("project", project.to_owned())];
        project.text("board_id").unwrap().to_owned()
    }
}

/// The type of the event of a task's update.
fn update_type(old: &Object, new: &Object) -> &'static str {
    let is_archived = |task: &Object| task.text("archived_at").is_some();
    match (is_archived(old), is_archived(new)) {
        (false, true) => "task.archived",
        (true, false) => "task.unarchived",
        _ if old.number("status") != 2 && new.number("status") == 2 => "task.completed",
        _ => "task.updated",
    }
}

/// The type of the event that gives a recipient its status.
fn status_event(recipient: &Object) -> &'static str {
    match recipient.text("status") {
        Some("sent") => "card.sent",
        _ => "card.failed",
    }
}

fn expected_change(from: &Value, to: &Value) -> Value {
    let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    match length(from).max(length(to)) > MAX_CHANGE_LENGTH {
        true => json!({ "from_length": length(from), "to_length": length(to) }),
        false => json!({ "from": from, "to": to }),
    }
}
