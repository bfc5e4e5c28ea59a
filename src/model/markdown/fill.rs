//! Tags out of the Markdown, and values into what was read of it.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::model::clean;
use crate::model::merge_tags::{Piece, Values, pieces};

/// Stand around a tag's number in the Markdown. Both are noncharacters, which no text has a use for, and which Markdown
/// takes for letters.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// A message with numbers where its tags were.
pub(super) struct Gaps<'t> {
    markdown: String,
    /// The tags' values by number.
    values: Vec<&'t str>,
}

/// A piece of a text.
pub(super) enum Part {
    /// The author's.
    Own(String),
    /// A recipient's value.
    Value(String),
}

impl<'t> Gaps<'t> {
    /// Takes the tags out of a message.
    pub(super) fn of(text: &'t str, values: &'t Values) -> Self {
        let mut numbers = HashMap::new();
        let mut gaps = Self {
            markdown: String::with_capacity(text.len()),
            values: Vec::new(),
        };
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => gaps.markdown.push_str(&clean::text(text)),
                Piece::Tag(name) => {
                    let number = *numbers.entry(name).or_insert_with(|| {
                        let value = values.get(name).map_or("", String::as_str);
                        gaps.values.push(value);
                        gaps.values.len() - 1
                    });
                    // Writing to a string cannot fail.
                    let _ = write!(gaps.markdown, "{OPEN}{number}{CLOSE}");
                }
            }
        }
        gaps
    }

    /// The Markdown with its gaps.
    pub(super) fn markdown(&self) -> &str {
        &self.markdown
    }

    /// A text with its values as they are, cleaned.
    pub(super) fn filled(&self, text: &str) -> String {
        let parts = self.parts(text).map(|part| match part {
            Part::Own(text) | Part::Value(text) => text,
        });
        parts.collect()
    }

    /// A link's destination. A value at its beginning may be a whole URL; elsewhere it stays within its part of one.
    pub(super) fn url(&self, text: &str) -> String {
        let mut url = String::with_capacity(text.len());
        for part in self.parts(text) {
            match part {
                Part::Own(text) => encode(&text, IN_URLS, &mut url),
                Part::Value(value) if url.is_empty() => encode(value.trim(), IN_URLS, &mut url),
                Part::Value(value) => encode(&value, b"-._~", &mut url),
            }
        }
        url
    }

    /// The text's pieces, cleaned.
    pub(super) fn parts<'p>(&'p self, text: &'p str) -> impl Iterator<Item = Part> + 'p {
        let mut rest = text;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            if let Some((value, after)) = self.gap_at_start(rest) {
                rest = after;
                return Some(Part::Value(clean::text(value)));
            }
            // What begins like a gap and is none came in as an entity; cleaning takes it out.
            let next = rest.char_indices().skip(1).find(|(_, c)| *c == OPEN);
            let (own, after) = rest.split_at(next.map_or(rest.len(), |(at, _)| at));
            rest = after;
            Some(Part::Own(clean::text(own)))
        })
    }

    fn gap_at_start<'p>(&self, text: &'p str) -> Option<(&'t str, &'p str)> {
        let inner = text.strip_prefix(OPEN)?;
        let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = inner.split_at(digits);
        let value = self.values.get(number.parse::<usize>().ok()?)?;
        Some((value, after.strip_prefix(CLOSE)?))
    }
}

/// What stands for itself in a URL beside letters and digits.
const IN_URLS: &[u8] = b"-._~:/?#[]@!$&'()*+,;=%";

/// Writes the characters of a URL as they are, and the bytes of all others as `%XX`.
fn encode(text: &str, kept: &[u8], url: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
}

/// Whether a link may lead there: to the web or to an address.
pub(super) fn may_lead_to(url: &str) -> bool {
    let rest = |scheme: &str| {
        let head = url.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme)
            .then(|| &url[scheme.len()..])
    };
    let web = rest("https://").or_else(|| rest("http://"));
    let host = web.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let address = rest("mailto:");
    host.or(address).is_some_and(|rest| !rest.is_empty())
}
