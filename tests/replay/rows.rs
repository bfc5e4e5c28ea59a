//! Rows of the database in the form in which events show objects.

use std::collections::BTreeMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::{Map, Value, json};
use tackboard::model::time::Timestamp;

use super::event::text_of;
use super::{KINDS, Kind};

/// The table of a kind, and the columns that events show.
fn columns(kind: &Kind) -> (&'static str, &'static str) {
    match kind.noun {
        "board" => (
            "board",
            "id, name, description, icon, accent_color, background_color, layout_preference, created_at, updated_at",
        ),
        "project" => (
            "project",
            "id, name, description, board_id, position, created_at, updated_at",
        ),
        "lane" => (
            "lane",
            "id, board_id, name, position, wip_limit, color, created_at, updated_at",
        ),
        "label" => ("label", "id, board_id, name, color, created_at, updated_at"),
        "task" => (
            "task",
            "id, label, status, project_id, workflow_lane_id, position, description, due_on, archived_at, subtasks_total,
             subtasks_completed, comments_total, created_at, updated_at,
             (SELECT json_group_array(lower(hex(label_id))) FROM task_label
               WHERE workspace_id = task.workspace_id AND task_id = task.id) AS label_ids,
             (SELECT json_group_array(lower(hex(user_id))) FROM (SELECT user_id FROM task_assignee
               WHERE workspace_id = task.workspace_id AND task_id = task.id ORDER BY user_id)) AS assignee_ids",
        ),
        "subtask" => (
            "subtask",
            "id, task_id, label, is_completed, position, created_at, updated_at",
        ),
        "comment" => (
            "comment",
            "id, task_id, text, imported_author, created_at, updated_at, edited_at,
             (SELECT json_object('id', lower(hex(id)), 'name', name) FROM user WHERE id = author_id) AS author",
        ),
        "card" => (
            "card",
            "id, title, message, cover_url, accent_color, subject, sender_name, created_at, updated_at",
        ),
        "integration" => ("integration_config", "id, card_id, user_id"),
        "recipient" => (
            "recipient",
            "id, card_id, status, sent_at, opened_at, viewed_at, unsubscribed_at",
        ),
        "webhook" => (
            "webhook",
            "id, name, url, events, board_id, payload, is_active, disabled_reason, disabled_at, created_at, updated_at",
        ),
        other => panic!("say here where a {other} is stored"),
    }
}

/// All rows of a workspace that events are about.
pub(super) fn read(
    conn: &Connection,
    workspace: &[u8],
) -> BTreeMap<(&'static str, String), Map<String, Value>> {
    let mut all = BTreeMap::new();
    for kind in &KINDS {
        let (table, columns) = columns(kind);
        let sql = format!("SELECT {columns} FROM {table} WHERE workspace_id = ?1");
        let mut statement = conn.prepare(&sql).unwrap();
        let rows = statement.query_map([workspace], row).unwrap();
        for row in rows {
            let row = row.unwrap();
            let id = row["id"].as_str().unwrap().to_owned();
            all.insert((kind.noun, id), row);
        }
    }
    all
}

fn row(row: &Row<'_>) -> rusqlite::Result<Map<String, Value>> {
    let columns = row.as_ref().column_names();
    let columns = columns.into_iter().enumerate();
    columns
        .map(|(at, name)| Ok((name.to_owned(), value(name, row.get_ref(at)?))))
        .collect()
}

/// A JSON array of ids in hex.
fn ids(list: &[u8]) -> Value {
    let list: Vec<uuid::Uuid> = serde_json::from_slice(list).unwrap();
    json!(list)
}

fn value(column: &str, stored: ValueRef<'_>) -> Value {
    match stored {
        ValueRef::Null => Value::Null,
        ValueRef::Text(list) if column.ends_with("_ids") => ids(list),
        ValueRef::Integer(millis) if column.ends_with("_at") => {
            json!(Timestamp::from_millis(millis))
        }
        ValueRef::Integer(number) if column.starts_with("is_") => json!(number == 1),
        ValueRef::Integer(number) => json!(number),
        ValueRef::Blob(id) => json!(text_of(id)),
        ValueRef::Text(author) if column == "author" => {
            let mut author: Value = serde_json::from_slice(author).unwrap();
            let id: uuid::Uuid = serde_json::from_value(author["id"].take()).unwrap();
            author["id"] = json!(id);
            author
        }
        ValueRef::Text(ids) if column.ends_with("_ids") => {
            let mut ids: Vec<uuid::Uuid> = serde_json::from_slice(ids).unwrap();
            ids.sort();
            json!(ids)
        }
        list if column == "events" => serde_json::from_str(list.as_str().unwrap()).unwrap(),
        other => json!(other.as_str().unwrap()),
    }
}
