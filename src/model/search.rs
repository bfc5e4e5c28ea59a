//! Full-text search over a workspace.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::{BoardId, ProjectId};

/// What a hit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HitKind {
    /// A task.
    Task,
    /// A project.
    Project,
    /// A board.
    Board,
}

/// One hit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: HitKind,
    /// Its id.
    pub id: Uuid,
    /// Its label or name.
    pub title: String,
    /// The piece of text that matched. Plain text, never HTML.
    pub snippet: String,
    /// What matched in the snippet: start and end in characters (Unicode code points).
    pub highlights: Vec<(usize, usize)>,
    /// The board it is or is on.
    pub board_id: BoardId,
    /// The project it is or belongs to.
    pub project_id: Option<ProjectId>,
}

/// What to look for.
#[derive(Clone, Debug, Deserialize)]
pub struct SearchQuery {
    /// What was typed.
    pub q: String,
    /// How many hits at most.
    pub limit: Option<u32>,
}

/// Hits of an answer where nobody says how many.
pub const DEFAULT_HITS: u32 = 50;

/// What was typed as an FTS5 expression: every word quoted, matched by its beginning, all of them wanted. `None` if no
/// word has a letter or digit in it, so that nothing can match.
pub fn expression(typed: &str) -> Option<String> {
    let words: Vec<String> = typed
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{}\"*", word.replace('\0', " ").replace('"', "\"\"")))
        .collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

/// Marks around what matched, as SQLite sets them. Noncharacters: no text that is meant for people has them.
pub const MARK_START: char = '\u{FDD0}';
/// See [`MARK_START`].
pub const MARK_END: char = '\u{FDD1}';

/// Takes the marks out of a marked text: the plain text, and where the marks were.
pub fn unmark(marked: &str) -> (String, Vec<(usize, usize)>) {
    let mut plain = String::with_capacity(marked.len());
    let mut highlights = Vec::new();
    let (mut at, mut start) = (0, None);
    for c in marked.chars() {
        match c {
            MARK_START => start = Some(at),
            MARK_END => highlights.extend(start.take().map(|start| (start, at))),
            _ => {
                plain.push(c);
                at += 1;
            }
        }
    }
    (plain, highlights)
}

#[cfg(test)]
mod tests {
    use super::{expression, unmark};

    #[test]
    fn whatever_is_typed_is_quoted() {
        assert_eq!(
            expression("fix login"),
            Some(r#""fix"* AND "login"*"#.to_owned())
        );
        assert_eq!(
            expression(r#"a" OR b:c NEAR("#),
            Some(r#""a"""* AND "OR"* AND "b:c"* AND "NEAR("*"#.to_owned())
        );
        assert_eq!(expression("  *** \" "), None);
    }

    #[test]
    fn highlights_count_characters() {
        assert_eq!(
            unmark("Größe \u{FDD0}über\u{FDD1} x"),
            ("Größe über x".to_owned(), vec![(6, 10)])
        );
        assert_eq!(unmark("\u{FDD1}a\u{FDD0}"), ("a".to_owned(), vec![]));
    }
}
