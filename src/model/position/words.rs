//! Words that are valid position keys but mean a position: `"top"` stored as a key would sort between `"tooz"` and
//! `"toq"`.

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

/// Refuses a word as a key, unless it is the row's current key, because clients may send a row back as they read it.
pub(super) fn refuse_word(key: &str, present: &str) -> Result<()> {
    if key == present || !is_word(key) {
        return Ok(());
    }
    let message = format!(
        "Position must be \"first\", \"last\", {{\"after\": id}} or {{\"before\": id}}, not the word \"{key}\""
    );
    Err(Error::field("position", message))
}
