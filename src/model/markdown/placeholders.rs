//! Replaces merge tags by placeholders before the Markdown is parsed, and placeholders by values afterwards.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{SyntaxViolation, Url};

use crate::model::clean;
use crate::model::merge_tags::{Piece, Values, pieces};

/// Stand around a tag's number in the Markdown. Both are noncharacters: cleaned texts have none, and Markdown treats them
/// like letters.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// A message with placeholders instead of its tags.
pub(super) struct Placeholders<'t> {
    markdown: String,
    /// The tags' values by number.
    values: Vec<&'t str>,
}

/// A part of a text.
pub(super) enum Part {
    /// Text of the card's author.
    Author(String),
    /// A recipient's value.
    Value(String),
}

impl<'t> Placeholders<'t> {
    /// Replaces the tags of a message.
    pub(super) fn new(text: &'t str, values: &'t Values) -> Self {
        let mut numbers = HashMap::new();
        let mut new = Self {
            markdown: String::with_capacity(text.len()),
            values: Vec::new(),
        };
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => new.markdown.push_str(&clean::text(text)),
                Piece::Tag(name) => {
                    let number = *numbers.entry(name).or_insert_with(|| {
                        // A tag without a value renders as empty text.
                        new.values.push(values.get(name).map_or("", String::as_str));
                        new.values.len() - 1
                    });
                    // Writing to a string cannot fail.
                    let _ = write!(new.markdown, "{OPEN}{number}{CLOSE}");
                }
            }
        }
        new
    }

    /// A text in which tags are text.
    pub(super) fn without_tags(text: &str) -> Self {
        Self {
            markdown: clean::text(text),
            values: Vec::new(),
        }
    }

    /// The Markdown with its placeholders.
    pub(super) fn markdown(&self) -> &str {
        &self.markdown
    }

    /// A text with its values inserted, cleaned.
    pub(super) fn filled(&self, text: &str) -> String {
        let parts = self.parts(text).map(|part| match part {
            Part::Author(text) | Part::Value(text) => text,
        });
        parts.collect()
    }

    /// A link's URL in ASCII. A value at its beginning may be a whole URL; elsewhere it stays within one part of it.
    pub(super) fn url(&self, text: &str) -> String {
        let mut url = String::with_capacity(text.len());
        for part in self.parts(text) {
            match part {
                Part::Author(text) => url.extend(utf8_percent_encode(&text, NOT_IN_URLS)),
                Part::Value(value) if url.is_empty() => {
                    url.extend(utf8_percent_encode(value.trim(), NOT_IN_URLS));
                }
                Part::Value(value) => url.extend(utf8_percent_encode(&value, RESERVED_IN_URLS)),
            }
        }
        url
    }

    /// The text's parts, cleaned.
    pub(super) fn parts<'p>(&'p self, text: &'p str) -> impl Iterator<Item = Part> + 'p {
        let mut rest = text;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            if let Some((value, after)) = self.placeholder_at_start(rest) {
                rest = after;
                return Some(Part::Value(clean::text(value)));
            }
            // A forged placeholder comes from an entity such as `&#xfdd0;`; cleaning removes it.
            let next = rest.char_indices().skip(1).find(|(_, c)| *c == OPEN);
            let (text, after) = rest.split_at(next.map_or(rest.len(), |(at, _)| at));
            rest = after;
            Some(Part::Author(clean::text(text)))
        })
    }

    fn placeholder_at_start<'p>(&self, text: &'p str) -> Option<(&'t str, &'p str)> {
        let inner = text.strip_prefix(OPEN)?;
        let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = inner.split_at(digits);
        let value = self.values.get(number.parse::<usize>().ok()?)?;
        Some((value, after.strip_prefix(CLOSE)?))
    }
}

/// Characters that separate nothing in a URL stay; all others are percent-encoded.
const RESERVED_IN_URLS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Characters that cannot be in a URL.
const NOT_IN_URLS: &AsciiSet = &RESERVED_IN_URLS
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'#')
    .remove(b'[')
    .remove(b']')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'%');

/// Whether a link may have this URL: a web page or an email address.
pub(super) fn is_link(url: &str) -> bool {
    let lacks_slashes = Cell::new(false);
    let note = |violation| {
        lacks_slashes.set(lacks_slashes.get() || violation == SyntaxViolation::ExpectedDoubleSlash);
    };
    let parsed = Url::options()
        .syntax_violation_callback(Some(&note))
        .parse(url);
    parsed.is_ok_and(|url| match url.scheme() {
        "http" | "https" => !lacks_slashes.get(),
        "mailto" => !url.path().is_empty(),
        _ => false,
    })
}
