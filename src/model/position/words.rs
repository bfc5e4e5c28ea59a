//! Words that are valid position keys but mean a place: `"top"` stored as a key would sort between `"tooz"` and `"toq"`.

use super::Move;
use crate::error::{Error, Result};

const WORDS: [&str; 10] = [
    "top",
    "bottom",
    "start",
    "end",
    "begin",
    "beginning",
    "front",
    "back",
    "up",
    "down",
];

pub(super) fn is_word(key: &str) -> bool {
    WORDS.contains(&key)
}

impl<Id> Move<Id> {
    /// Refuses a key that is a word for a place, unless the row has this key already: sending a row back as it was read
    /// must not fail.
    ///
    /// # Errors
    /// `invalid_request` that says what to send instead.
    pub fn refuse_word(&self, present: &str) -> Result<()> {
        match self {
            Move::At(key) if is_word(key) && key != present => Err(Error::field(
                "position",
                format!(
                    "Position must be \"first\", \"last\", {{\"after\": id}} or {{\"before\": id}}, not the word \"{key}\""
                ),
            )),
            _ => Ok(()),
        }
    }
}
