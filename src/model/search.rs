//! Full-text search over a workspace.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use super::ids::{BoardId, ProjectId};
use super::task_list::Archived;

/// The kind of a hit.
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

/// A hit of a search.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// The kind.
    #[serde(rename = "type")]
    pub kind: HitKind,
    /// The id.
    pub id: Uuid,
    /// Its label or name.
    pub title: String,
    /// The text around the match. Plain text, never HTML.
    pub snippet: String,
    /// The matches in the snippet: start and end in characters (Unicode code points).
    pub highlights: Vec<(usize, usize)>,
    /// The board, or the board that the hit is on.
    pub board_id: BoardId,
    /// The project, or the project that the hit belongs to.
    pub project_id: Option<ProjectId>,
}

/// The query parameters of a search.
#[derive(Clone, Debug, Deserialize)]
pub struct SearchQuery {
    /// The text to search for.
    pub q: String,
    /// Maximum number of hits.
    pub limit: Option<u32>,
    /// Archived tasks, or everything else, or both.
    #[serde(default)]
    pub archived: Archived,
}

/// Maximum number of hits if the request has no limit.
pub const DEFAULT_HITS: u32 = 50;

/// Maximum number of different words in a search. More words would make it slow.
const MAX_WORDS: usize = 16;
/// Characters of a snippet before the first match, and in total.
const BEFORE: usize = 60;
const SNIPPET: usize = 200;

/// A parsed search. All words must match, each by prefix.
#[derive(Clone, Debug)]
pub struct Search {
    words: Vec<SearchWord>,
}

/// A word of the search: as typed, which the index folds itself, and folded.
#[derive(Clone, Debug)]
struct SearchWord {
    typed: String,
    folded: String,
}

impl Search {
    /// Parses the text; `None` if it has no letter or digit, so that nothing can match.
    pub fn of(typed: &str) -> Option<Self> {
        let mut words: Vec<SearchWord> = Vec::new();
        for word in Words::of(typed) {
            let folded = fold(word.text);
            let known = folded.is_empty() || words.iter().any(|wanted| wanted.folded == folded);
            if !known && words.len() < MAX_WORDS {
                words.push(SearchWord {
                    typed: word.text.to_owned(),
                    folded,
                });
            }
        }
        (!words.is_empty()).then_some(Self { words })
    }

    /// The search as an FTS5 expression that finds the words and longer ones that begin with them. Words are quoted, so they
    /// are never FTS5 syntax.
    pub fn prefixes(&self) -> String {
        self.expression("*")
    }

    /// The search as an FTS5 expression that finds only the words themselves.
    pub fn whole_words(&self) -> String {
        self.expression("")
    }

    fn expression(&self, after: &str) -> String {
        let quoted: Vec<String> = self
            .words
            .iter()
            .map(|word| format!("\"{}\"{after}", word.typed))
            .collect();
        quoted.join(" AND ")
    }

    /// Returns a snippet of a hit's text, and the matches in it: start and end in characters. The snippet is from the
    /// body around its first match, otherwise it is the title.
    ///
    /// SQLite's own snippets take minutes for a long text that repeats a word, and cannot be interrupted.
    pub fn snippet(&self, title: &str, body: Option<&str>) -> (String, Vec<(usize, usize)>) {
        let body = body.unwrap_or_default();
        let piece = match Words::of(body).find(|word| self.matches(word)) {
            Some(first) => cut(body, first.start),
            None => title.to_owned(),
        };
        let matched = Words::of(&piece)
            .filter(|word| self.matches(word))
            .map(|word| (word.start, word.end))
            .collect();
        (piece, matched)
    }

    /// Whether every word of the search begins a word of a text.
    pub fn is_in(&self, text: &str) -> bool {
        let begins = |wanted: &SearchWord| {
            Words::of(text).any(|word| match word.text.is_ascii() {
                // The usual case, without a copy of the word.
                true => {
                    let start = word.text.as_bytes().get(..wanted.folded.len());
                    start.is_some_and(|start| start.eq_ignore_ascii_case(wanted.folded.as_bytes()))
                }
                false => fold(word.text).starts_with(&wanted.folded),
            })
        };
        self.words.iter().all(begins)
    }

    fn matches(&self, word: &Word<'_>) -> bool {
        let folded = fold(word.text);
        self.words
            .iter()
            .any(|wanted| folded.starts_with(&wanted.folded))
    }
}

/// About 200 characters of a text around an offset, cut between words if possible.
fn cut(text: &str, place: usize) -> String {
    let mut start = place.saturating_sub(BEFORE);
    if start > 0 {
        let skipped = text
            .chars()
            .skip(start)
            .take(place - start)
            .position(char::is_whitespace);
        start += skipped.map_or(0, |skipped| skipped + 1);
    }
    let mut rest = text.chars().skip(start);
    let piece: String = rest.by_ref().take(SNIPPET).collect();
    let before = if start > 0 { "…" } else { "" };
    match rest.next() {
        None => format!("{before}{piece}"),
        Some(_) => {
            let end = piece
                .rfind(char::is_whitespace)
                .filter(|end| *end > piece.len() / 2)
                .unwrap_or(piece.len());
            format!("{before}{}…", &piece[..end])
        }
    }
}

/// A word and its offset in characters.
struct Word<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

/// An iterator over the words of a text, split as the search index does: letters and digits with their marks.
struct Words<'t> {
    rest: &'t str,
    at: usize,
}

impl<'t> Words<'t> {
    fn of(text: &'t str) -> Self {
        Self { rest: text, at: 0 }
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        let belongs = |c: char| c.is_alphanumeric() || is_combining_mark(c);
        let begins = self.rest.find(belongs)?;
        let start = self.at + self.rest[..begins].chars().count();
        let rest = &self.rest[begins..];
        let (text, rest) = rest.split_at(rest.find(|c| !belongs(c)).unwrap_or(rest.len()));
        let end = start + text.chars().count();
        (self.rest, self.at) = (rest, end);
        Some(Word { text, start, end })
    }
}

/// The word without case and diacritics, as the index compares words.
fn fold(word: &str) -> String {
    word.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Search, Words};

    fn search(typed: &str) -> Search {
        Search::of(typed).unwrap_or_else(|| unreachable!("{typed:?} has words"))
    }

    #[test]
    fn whatever_is_typed_is_quoted() {
        assert_eq!(search("fix login").prefixes(), r#""fix"* AND "login"*"#);
        assert_eq!(
            search(r#"a" OR b:c NEAR("#).prefixes(),
            r#""a"* AND "OR"* AND "b"* AND "c"* AND "NEAR"*"#
        );
        assert_eq!(search("a a A á").prefixes(), r#""a"*"#);
        assert_eq!(search("한국").prefixes(), r#""한국"*"#);
        assert_eq!(search("fix log*").whole_words(), r#""fix" AND "log""#);
        assert!(Search::of("  *** \" \0 ").is_none());
    }

    #[test]
    fn each_word_begins_a_word_of_the_text() {
        let text = "Größe: ÜBERALL prüfen, now";
        for typed in ["gro", "überall", "UBER NOW", "now now", "pru now Größe"] {
            assert!(search(typed).is_in(text), "{typed}");
        }
        for typed in ["ow", "berall", "now later", "nowhere"] {
            assert!(!search(typed).is_in(text), "{typed}");
        }
    }

    #[test]
    fn highlights_count_characters() {
        let text = "Größe: 😀 ÜBERALL x";
        assert_eq!(
            search("uber").snippet("Title", Some(text)),
            (text.to_owned(), vec![(9, 16)])
        );
        assert_eq!(
            search("tit").snippet("Title", Some(text)),
            ("Title".to_owned(), vec![(0, 5)])
        );
        assert_eq!(
            search("nothing").snippet("Title", None),
            ("Title".to_owned(), vec![])
        );
    }

    #[test]
    fn a_long_text_is_cut_around_its_first_match() {
        let body = format!("{} needle {}", "hay ".repeat(5_000), "straw ".repeat(5_000));
        let (piece, matched) = search("needle").snippet("Title", Some(&body));
        assert!(
            piece.starts_with('…') && piece.ends_with('…') && piece.chars().count() <= 202,
            "{piece}"
        );
        let [(start, end)] = matched[..] else {
            unreachable!("{matched:?}")
        };
        let shown: String = piece.chars().skip(start).take(end - start).collect();
        assert_eq!(shown, "needle");
    }

    #[test]
    fn words_without_end_are_cut_too() {
        let body = "ü".repeat(60_000);
        let (piece, _) = search("u").snippet("Title", Some(&body));
        assert!(piece.chars().count() <= 202);
        assert_eq!(Words::of("...").count(), 0);
    }
}
