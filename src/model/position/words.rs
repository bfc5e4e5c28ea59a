//! Words that are valid position keys but mean a position: `"top"` stored as a key would sort between `"tooz"` and
//! `"toq"`.

use serde_json::Value;

use crate::error::{Error, Result};

/// What a client sends to move a row to an end of its list.
const ENDS: [&str; 2] = ["first", "last"];

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

fn is_word(key: &str) -> bool {
    WORDS.contains(&key)
}

/// Whether no row gets this key: a client that sends it back would move the row, or be refused.
pub(super) fn is_reserved(key: &str) -> bool {
    is_word(key) || ENDS.contains(&key)
}

/// Returns the word in the field `position` of a body, if it is one that is refused as a key.
pub fn word_in(body: &Value) -> Option<&str> {
    body["position"].as_str().filter(|key| is_word(key))
}

/// Returns the message for a word as a key. A row's current key is accepted, because clients may send a row back as they
/// read it.
pub fn word_failure(key: &str, present: Option<&str>) -> Option<String> {
    (is_word(key) && present != Some(key)).then(|| {
        format!(
            "Position must be \"first\", \"last\", {{\"after\": id}} or {{\"before\": id}}, not the word \"{key}\""
        )
    })
}

/// Refuses a word as the position in the body of a new row.
///
/// # Errors
/// `invalid_request` that says what to send instead.
pub fn check_new(body: &Value) -> Result<()> {
    word_in(body).map_or(Ok(()), |word| refuse_word(word, None))
}

/// Refuses a word as a key, unless it is the row's current key.
///
/// # Errors
/// `invalid_request` that says what to send instead.
pub fn refuse_word(key: &str, present: Option<&str>) -> Result<()> {
    match word_failure(key, present) {
        Some(message) => Err(Error::field("position", message)),
        None => Ok(()),
    }
}
