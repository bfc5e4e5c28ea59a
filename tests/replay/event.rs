//! Events as the database stores them.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use serde_json::{Map, Value, json};

use super::{KINDS, Object};

/// Columns with the ids in an event.
const IDS: [&str; 6] = [
    "board_id",
    "from_board_id",
    "project_id",
    "from_project_id",
    "task_id",
    "card_id",
];

/// What an event does to its object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    Created,
    Updated,
    /// Something happened to a recipient.
    Observed,
    Deleted,
    Reordered,
}

/// An event.
#[derive(Clone, Debug)]
pub struct Event {
    pub sequence: i64,
    pub id: String,
    pub kind: String,
    pub actor_kind: String,
    /// The ids in the event.
    pub ids: BTreeMap<&'static str, String>,
    pub changes: Option<Map<String, Value>>,
    pub data: Map<String, Value>,
    pub deleted: Option<Value>,
    pub cleared: Option<Value>,
    pub truncated: BTreeSet<String>,
}

impl Event {
    /// The kind of the event's object and what happens to it; `None` for kinds that are not replayed.
    pub fn effect(&self) -> Option<(&'static str, Effect)> {
        let (noun, what) = self.kind.split_once('.').unwrap();
        let of_recipient = match self.kind.as_str() {
            "card.queued" | "card.link_created" => Some(Effect::Created),
            "card.sent" | "card.failed" | "card.opened" | "card.viewed" | "card.unsubscribed"
            | "card.resubscribed" => Some(Effect::Observed),
            "recipient.erased" => Some(Effect::Deleted),
            _ => None,
        };
        if let Some(effect) = of_recipient {
            return Some(("recipient", effect));
        }
        let kind = KINDS.iter().find(|kind| kind.noun == noun)?;
        let effect = match what {
            "created" => Effect::Created,
            "updated" | "completed" | "archived" | "unarchived" => Effect::Updated,
            "deleted" => Effect::Deleted,
            "reordered" => Effect::Reordered,
            _ => panic!("{} cannot be replayed yet", self.kind),
        };
        Some((kind.noun, effect))
    }

    /// The id of the event's object.
    pub fn object_id(&self) -> String {
        let id = ["recipient_id", "_id", "id"]
            .iter()
            .find_map(|name| self.data.get(*name));
        id.and_then(Value::as_str).unwrap().to_owned()
    }

    /// The event's object, without fields that are counted or derived from others.
    pub fn object(&self) -> Object {
        let mut fields = self.data.clone();
        let (noun, _) = self.effect().unwrap();
        let derived: &[&str] = match noun {
            "project" => &[
                "num_tasks_open",
                "num_tasks_in_progress",
                "num_tasks_done",
                "num_tasks_total",
                "progress",
            ],
            "subtask" | "comment" => &["subtasks_total", "subtasks_completed", "comments_total"],
            "card" => &["merge_tags"],
            _ => &[],
        };
        for name in derived {
            assert!(fields.remove(*name).is_some(), "{name} of {self:?}");
        }
        match noun {
            "recipient" => {
                let id = fields.remove("recipient_id").unwrap();
                fields.insert("id".to_owned(), id);
            }
            "integration" => {
                let renamed = [("_id", "id"), ("cardId", "card_id"), ("userId", "user_id")];
                fields = renamed
                    .map(|(from, to)| (to.to_owned(), fields[from].clone()))
                    .into_iter()
                    .collect();
            }
            _ => {}
        }
        Object {
            fields,
            cut: self.truncated.clone(),
        }
    }
}

/// The events of a workspace after a sequence, in order.
pub(super) fn after(conn: &Connection, workspace: &[u8], sequence: i64) -> Vec<Event> {
    let mut statement = conn
        .prepare(
            "SELECT sequence, id, type, actor_kind, changes, data, deleted, cleared, truncated, board_id, from_board_id,
                    project_id, from_project_id, task_id, card_id
               FROM event WHERE workspace_id = ?1 AND sequence > ?2 ORDER BY sequence",
        )
        .unwrap();
    let rows = statement
        .query_map(params![workspace, sequence], event)
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// The sequence of the newest event, from the journal's row.
pub(super) fn latest(conn: &Connection, workspace: &[u8]) -> i64 {
    let sql = "SELECT latest FROM journal_state WHERE workspace_id = ?1";
    conn.query_row(sql, [workspace], |row| row.get(0)).unwrap()
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let json = |name| -> rusqlite::Result<Option<Value>> {
        let text: Option<String> = row.get(name)?;
        Ok(text.map(|text| serde_json::from_str(&text).unwrap()))
    };
    let object = |value: Value| value.as_object().unwrap().clone();
    let mut ids = BTreeMap::new();
    for name in IDS {
        if let ValueRef::Blob(id) = row.get_ref(name)? {
            ids.insert(name, text_of(id));
        }
    }
    let truncated = json("truncated")?.unwrap_or(json!([]));
    Ok(Event {
        sequence: row.get("sequence")?,
        id: text_of(row.get_ref("id")?.as_blob()?),
        kind: row.get("type")?,
        actor_kind: row.get("actor_kind")?,
        ids,
        changes: json("changes")?.map(object),
        data: object(json("data")?.unwrap()),
        deleted: json("deleted")?,
        cleared: json("cleared")?,
        truncated: serde_json::from_value(truncated).unwrap(),
    })
}

/// An id in its text form.
pub(super) fn text_of(id: &[u8]) -> String {
    uuid::Uuid::from_slice(id).unwrap().to_string()
}
