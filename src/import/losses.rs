//! Fields of a source that have no place here and are not kept: their number per field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::receiver::{Receiver, Warnings};

/// Counts the values that are not kept.
#[derive(Default)]
pub(super) struct Losses(BTreeMap<String, u64>);

impl Losses {
    /// Counts the fields of an object that have a value and are not among those that are `known`: imported, or without
    /// a meaning outside of the source. `path` is that of the array, such as `cards[]`.
    pub(super) fn look(&mut self, path: &str, object: &Value, known: &[&str]) {
        for (name, value) in object.as_object().into_iter().flatten() {
            if !known.contains(&name.as_str()) && !is_empty(value) {
                self.add(&format!("{path}.{name}"), 1);
            }
        }
    }

    /// Counts values that are not kept.
    pub(super) fn add(&mut self, path: &str, count: u64) {
        // A file can have any number of fields, and a report must not grow with it.
        if self.0.len() < MAX_PATHS || self.0.contains_key(path) {
            *self.0.entry(path.to_owned()).or_default() += count;
        }
    }

    /// Lists what was counted.
    pub(super) fn report(self, to: &mut dyn Receiver) {
        for (path, count) in self.0 {
            let message = match count {
                1 => "1 value is not kept".to_owned(),
                count => format!("{count} values are not kept"),
            };
            Warnings(to).add(&path, &message);
        }
    }
}

/// The most fields that are listed.
const MAX_PATHS: usize = 200;

/// Whether a value means nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.trim().is_empty() || text.starts_with("0001-01-01"),
        Value::Array(values) => values.iter().all(is_empty),
        Value::Object(members) => members.values().all(is_empty),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Losses;

    #[test]
    fn only_values_that_mean_something_are_counted() {
        let mut losses = Losses::default();
        let card = json!({
            "id": "x", "cover": { "color": null, "plugins": [] }, "votes": 0, "stickers": [{ "image": "star" }],
            "when": "0001-01-01T00:00:00Z", "text": " ", "is": false,
        });
        losses.look("cards[]", &card, &["id"]);
        losses.look("cards[]", &card, &["id"]);
        assert_eq!(losses.0, [("cards[].stickers".to_owned(), 2)].into());
    }
}
