//! Values of the parameters of a statement.

use rusqlite::types::Value;
use uuid::Uuid;

/// A text that is sorted after every due date and every position.
pub(super) const LAST: &str = "~";

/// Adds a value and returns its parameter.
pub(super) fn bind(values: &mut Vec<Value>, value: impl Into<Value>) -> String {
    values.push(value.into());
    format!("?{}", values.len())
}

/// The value of an id.
pub(super) fn bytes(id: Uuid) -> Value {
    id.into_bytes().to_vec().into()
}
