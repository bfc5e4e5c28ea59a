//! NUL characters, which the API does not accept: they are removed from the texts of a file before it is read.

use serde_json::Value;

use super::receiver::{Receiver, Warnings};

/// Counts the texts of a file that had NUL characters.
#[derive(Default)]
pub(super) struct Nuls {
    texts: u64,
    /// The path of the first one.
    first: String,
}

impl Nuls {
    /// Removes the characters from all texts in a value.
    pub(super) fn remove(&mut self, value: &mut Value, path: &dyn Fn() -> String) {
        match value {
            Value::String(text) if text.contains('\0') => {
                *text = self.without(text, path);
            }
            Value::Array(values) => {
                for (at, value) in values.iter_mut().enumerate() {
                    self.remove(value, &|| format!("{}[{at}]", path()));
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    self.remove(value, &|| format!("{}.{name}", path()));
                }
            }
            _ => {}
        }
    }

    /// The text without the characters.
    pub(super) fn without(&mut self, text: &str, path: &dyn Fn() -> String) -> String {
        if text.contains('\0') {
            if self.texts == 0 {
                self.first = path();
            }
            self.texts += 1;
        }
        text.replace('\0', "")
    }

    /// Lists what was removed.
    pub(super) fn report(&self, to: &mut dyn Receiver) {
        let message = match self.texts {
            0 => return,
            1 => "NUL characters are removed from the text".to_owned(),
            count => format!("NUL characters are removed from {count} texts; this is the first"),
        };
        Warnings(to).add(&self.first, &message);
    }
}
