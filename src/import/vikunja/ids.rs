//! Ids of Vikunja.

use serde_json::Value;

use super::super::fields::Fields;

/// An id that is unique among installations: numbers count up in each of them.
pub(super) fn id_of(value: &Value) -> String {
    format!("{}@{}", value.text("id"), value.text("created"))
}
