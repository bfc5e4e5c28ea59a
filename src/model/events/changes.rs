//! What an update changed.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};

/// Maximum characters of a text in `changes`. For longer texts only the lengths are recorded.
const MAX_CHANGE_LENGTH: usize = 1024;
/// Fields that `changes` never contains: times of changes, and values that are counted or derived from other rows.
const DERIVED: [&str; 10] = [
    "updated_at",
    "updatedAt",
    "progress",
    "num_tasks_open",
    "num_tasks_in_progress",
    "num_tasks_done",
    "num_tasks_total",
    "subtasks_total",
    "subtasks_completed",
    "comments_total",
];

/// The changed fields of an object, by name, each with its old and new value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes(Map<String, Value>);

impl Changes {
    /// Compares two states of an object in its response form.
    ///
    /// # Errors
    /// An internal error if they are not JSON objects.
    pub fn between(old: &impl Serialize, new: &impl Serialize) -> Result<Self> {
        let (mut old, new) = (object(old)?, object(new)?);
        let mut changes = Map::new();
        for (name, to) in new {
            let from = old.remove(&name).unwrap_or(Value::Null);
            if from != to && !DERIVED.contains(&name.as_str()) {
                changes.insert(name, change(from, to));
            }
        }
        Ok(Self(changes))
    }

    /// Adds a field that is not part of the response form.
    pub fn add(&mut self, name: &str, from: impl Serialize, to: impl Serialize) {
        self.0
            .insert(name.to_owned(), json!({ "from": from, "to": to }));
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn change(from: Value, to: Value) -> Value {
    let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let (from_length, to_length) = (length(&from), length(&to));
    if from_length.max(to_length) > MAX_CHANGE_LENGTH {
        return json!({ "from_length": from_length, "to_length": to_length });
    }
    json!({ "from": from, "to": to })
}

fn object(value: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(value) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Error::bug("an event about something that is no object")),
        Err(cause) => Err(Error::internal("an event could not be serialized", cause)),
    }
}

impl From<Changes> for Value {
    fn from(changes: Changes) -> Self {
        Value::Object(changes.0)
    }
}
