//! Merge tags: `{{name}}` in a card's texts is replaced by each recipient's own value. This is the only parser of tags.

use std::collections::BTreeMap;

/// A recipient's values by tag.
pub type Values = BTreeMap<String, String>;

/// Maximum characters of a tag's name.
pub const MAX_NAME_LENGTH: usize = 64;

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text without a tag.
    Text(&'t str),
    /// A tag's name.
    Tag(&'t str),
}

/// A text's pieces in order. A tag's name has 1 to 64 letters, digits, spaces, dots, hyphens or underscores, and begins and
/// ends with a letter or digit; anything else in braces is text.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, after)) = tag_at_start(rest) {
            rest = after;
            return Some(Piece::Tag(name));
        }
        let end = next_tag(rest).unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Text(text))
    })
}

/// The names of the tags in these texts, without duplicates, in the order of first use.
pub fn names<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for piece in texts.into_iter().flat_map(pieces) {
        if let Piece::Tag(name) = piece
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

/// A text with each tag replaced by its value. A tag without a value renders as empty text.
pub fn fill(text: &str, values: &Values) -> String {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Tag(name) => filled.push_str(values.get(name).map_or("", String::as_str)),
        }
    }
    filled
}

/// The tags that texts use, counted once for any number of recipients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagUses {
    /// Number of uses per tag.
    tags: BTreeMap<String, usize>,
    /// Bytes of the texts without their tags.
    rest: usize,
}

impl TagUses {
    /// Counts the tags of these texts.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut uses = Self::default();
        for piece in texts.into_iter().flat_map(pieces) {
            match piece {
                Piece::Text(text) => uses.rest += text.len(),
                Piece::Tag(name) => *uses.tags.entry(name.to_owned()).or_default() += 1,
            }
        }
        uses
    }

    /// The tags without a value.
    pub fn missing<'n>(&'n self, values: &'n Values) -> impl Iterator<Item = &'n str> {
        let has_none = |tag: &&String| values.get(*tag).is_none_or(|value| value.trim().is_empty());
        self.tags.keys().filter(has_none).map(String::as_str)
    }

    /// The length in bytes of the texts with these values filled in.
    pub fn filled_len(&self, values: &Values) -> usize {
        let length = |(tag, uses): (&String, &usize)| values.get(tag).map_or(0, String::len) * uses;
        self.rest + self.tags.iter().map(length).sum::<usize>()
    }
}

/// The position of the next tag after the first character.
fn next_tag(text: &str) -> Option<usize> {
    // Not match_indices, which skips the second of three braces.
    let braces = text.bytes().enumerate().skip(1);
    braces
        .filter(|(_, byte)| *byte == b'{')
        .map(|(at, _)| at)
        .find(|at| tag_at_start(&text[*at..]).is_some())
}

/// The name of the tag at the start of a text, and the text after it.
fn tag_at_start(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("{{")?;
    // A name contains no brace, so the first closing brace ends it. The limit keeps the search linear.
    let longest = inner.len().min(MAX_NAME_LENGTH * 4 + 64);
    let end = inner.bytes().take(longest).position(|byte| byte == b'}')?;
    let after = inner[end..].strip_prefix("}}")?;
    let name = inner[..end].trim_matches(' ');
    is_name(name).then_some((name, after))
}

fn is_name(name: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    ends(name.chars().next())
        && ends(name.chars().next_back())
        && name.chars().count() <= MAX_NAME_LENGTH
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || [' ', '.', '-', '_'].contains(&c))
}

#[cfg(test)]
mod tests {
    use super::{TagUses, Values, fill, names};

    #[test]
    fn a_tag_is_the_same_with_and_without_spaces() {
        let values = Values::from([("name".to_owned(), "Ada".to_owned())]);
        assert_eq!(fill("Hi {{name}}, {{ name }}!", &values), "Hi Ada, Ada!");
        assert_eq!(fill("Hi {{nobody}}!", &values), "Hi !");
    }

    #[test]
    fn what_is_no_tag_stands_for_itself() {
        let values = Values::from([("a".to_owned(), "x".to_owned())]);
        for text in [
            "{{", "{{}}", "{{ }}", "{a}", "{{a}", "{{a\n}}", "{{_a}}", "}}{{",
        ] {
            assert_eq!(fill(text, &values), text);
        }
        assert_eq!(fill("{{{a}}}", &values), "{x}");
    }

    #[test]
    fn what_texts_need_is_what_fills_them() {
        let texts = ["{{a}} {{b}} {{a}}", "x {{ c }}"];
        let values = [("a", "1"), ("b", " "), ("d", "4")];
        let values = Values::from(values.map(|(tag, value)| (tag.to_owned(), value.to_owned())));
        let uses = TagUses::of(texts);
        assert_eq!(uses.missing(&values).collect::<Vec<_>>(), ["b", "c"]);
        let filled: usize = texts.iter().map(|text| fill(text, &values).len()).sum();
        assert_eq!(uses.filled_len(&values), filled);
    }

    #[test]
    fn names_are_listed_once_in_their_order() {
        let texts = ["{{name}} of {{company}}", "{{ name }}, {{First name}}"];
        assert_eq!(names(texts), ["name", "company", "First name"]);
    }
}
