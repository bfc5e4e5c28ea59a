//! Fields of a source that have no place here: how many of each are not kept, or are kept only in descriptions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::receiver::{Receiver, Warnings};

/// Counts the values that are not kept, or are kept only in descriptions.
#[derive(Default)]
pub(super) struct Losses(BTreeMap<(String, Fate), u64>);

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Lost,
    Described,
}

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
        self.count(path, Fate::Lost, count);
    }

    /// Counts a value that is kept in a description.
    pub(super) fn describe(&mut self, path: &str) {
        self.count(path, Fate::Described, 1);
    }

    fn count(&mut self, path: &str, fate: Fate, count: u64) {
        let key = (path.to_owned(), fate);
        // A file can have any number of fields, and a report must not grow with it.
        if self.0.len() < MAX_PATHS || self.0.contains_key(&key) {
            *self.0.entry(key).or_default() += count;
        }
    }

    /// Lists what was counted.
    pub(super) fn report(self, to: &mut dyn Receiver) {
        for ((path, fate), count) in self.0 {
            let message = match (fate, count) {
                (Fate::Lost, 1) => "1 value is not kept".to_owned(),
                (Fate::Lost, count) => format!("{count} values are not kept"),
                (Fate::Described, 1) => "1 value is kept in the description".to_owned(),
                (Fate::Described, count) => {
                    format!("{count} values are kept in the descriptions")
                }
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

    use super::{Fate, Losses};

    #[test]
    fn only_values_that_mean_something_are_counted() {
        let mut losses = Losses::default();
        let card = json!({
            "id": "x", "cover": { "color": null, "plugins": [] }, "votes": 0, "stickers": [{ "image": "star" }],
            "when": "0001-01-01T00:00:00Z", "text": " ", "is": false,
        });
        losses.look("cards[]", &card, &["id"]);
        losses.look("cards[]", &card, &["id"]);
        assert_eq!(
            losses.0,
            [(("cards[].stickers".to_owned(), Fate::Lost), 2)].into()
        );
    }
}
