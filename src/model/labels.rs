//! Labels of a board, which its tasks can have.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::ids::{BoardId, LabelId};
use super::time::Timestamp;
use crate::error::{Error, Result};

/// A label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Label {
    /// The id.
    pub id: LabelId,
    /// The board it belongs to.
    pub board_id: BoardId,
    /// The name, unique on the board.
    pub name: String,
    /// The color, `#rrggbb`.
    pub color: String,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}

/// A label in a task's response.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelSummary {
    /// The id.
    pub id: LabelId,
    /// The name.
    pub name: String,
    /// The color, `#rrggbb`.
    pub color: String,
}

/// The fields of a new label.
#[derive(Clone, Debug, Deserialize)]
pub struct LabelCreate {
    /// The name.
    pub name: String,
    /// The color.
    pub color: String,
}

/// Changes to a label. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct LabelUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new color.
    pub color: Option<String>,
}

/// A name without case: two names with the same folded form cannot be on one board.
///
/// Lowercase of uppercase of lowercase unites what has several forms in one case, such as `ß`, `ẞ` and `ss`.
pub fn folded_name(name: &str) -> String {
    let lower = name.nfc().flat_map(char::to_lowercase);
    let upper = lower.flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).nfc().collect()
}

/// The ids in a request's `labelIds`, sorted.
///
/// # Errors
/// `invalid_request` if an id occurs twice. The contract compares ids as texts, so it misses different cases.
pub fn distinct(mut ids: Vec<LabelId>) -> Result<Vec<LabelId>> {
    ids.sort_unstable();
    match ids.windows(2).any(|pair| pair[0] == pair[1]) {
        true => Err(Error::field(
            "labelIds",
            "Label IDs must not list the same entry twice",
        )),
        false => Ok(ids),
    }
}

#[cfg(test)]
mod tests {
    use super::folded_name;

    #[test]
    fn names_are_compared_without_case() {
        for (one, other) in [
            ("Bug", "bUG"),
            ("ÜBER", "über"),
            ("straße", "STRASSE"),
            ("GROẞ", "groß"),
            ("ΌΣΟΣ", "όσος"),
            ("e\u{301}t\u{e9}", "\u{c9}TE\u{301}"),
            ("ЁЖ", "ёж"),
        ] {
            assert_eq!(folded_name(one), folded_name(other), "{one} {other}");
        }
        assert_ne!(folded_name("o"), folded_name("ö"));
        assert_ne!(folded_name("a b"), folded_name("ab"));
    }
}
