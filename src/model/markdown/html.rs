//! The message as HTML.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{CowStr, Event, TagEnd, TextMergeStream};

/// What may stand in a message, whatever was written before it: the second of two locks.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    cleaner
        .tags(HashSet::from([
            "a",
            "bdi",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "li",
            "ol",
            "p",
            "pre",
            "strong",
            "ul",
        ]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    cleaner
});

/// Bytes of a text in one piece.
const LONGEST_PIECE: usize = 1 << 10;

/// Escapes, and what stands for each in front of the cleaner: noncharacters, which no text has in it any more. Its reader has
/// a machine of its own for every escape, so that 240 kB of `&` cost seconds.
const ESCAPES: [(&str, &str); 6] = [
    ("&amp;", "\u{fdd2}"),
    ("&lt;", "\u{fdd3}"),
    ("&gt;", "\u{fdd4}"),
    ("&quot;", "\u{fdd5}"),
    ("&#39;", "\u{fdd6}"),
    ("&#x27;", "\u{fdd7}"),
];

/// Writes events as HTML.
pub(super) fn write(events: Vec<Event<'static>>) -> String {
    let cleaned = CLEANER.clean(&uncleaned(events)).to_string();
    let escape = |html: String, (escape, mark): &(&str, &str)| html.replace(mark, escape);
    ESCAPES.iter().fold(cleaned, escape)
}

/// What the cleaner reads: the HTML with marks for its escapes.
pub(super) fn uncleaned(events: Vec<Event<'static>>) -> String {
    let mut html = String::new();
    let events = isolated_where_needed(events).into_iter();
    let events = TextMergeStream::new(events).flat_map(pieces);
    pulldown_cmark::html::push_html(&mut html, events);
    let mark = |html: String, (escape, mark): &(&str, &str)| html.replace(escape, mark);
    ESCAPES.iter().fold(html, mark)
}

/// Takes the isolation off values that are all there is in their block: a block has the direction of its first letter,
/// and looks for that outside of what is isolated.
fn isolated_where_needed(events: Vec<Event<'static>>) -> Vec<Event<'static>> {
    let mut kept: Vec<Event<'static>> = Vec::with_capacity(events.len());
    let (mut block, mut in_value, mut has_own) = (0, false, false);
    for event in events {
        let mut end_block = || {
            if !has_own {
                let values = kept.split_off(block).into_iter();
                kept.extend(values.filter(|event| !matches!(event, Event::InlineHtml(_))));
            }
            (block, has_own) = (kept.len(), false);
        };
        match &event {
            Event::InlineHtml(mark) => in_value = **mark == *"<bdi>",
            Event::Text(text) | Event::Code(text) => {
                has_own |= !in_value && text.contains(char::is_alphabetic);
            }
            Event::Start(tag) if is_block(&tag.to_end()) => end_block(),
            Event::End(end) if is_block(end) => end_block(),
            _ => {}
        }
        kept.push(event);
    }
    kept
}

fn is_block(end: &TagEnd) -> bool {
    !matches!(
        end,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link
    )
}

/// A text in short pieces with comments between them, which the cleaner takes out. Its writer looks through the rest of a
/// piece for every sign that it escapes, so that 100 kB of `&` in one piece cost seconds.
fn pieces(event: Event<'static>) -> Vec<Event<'static>> {
    let (Event::Text(text) | Event::Code(text)) = &event else {
        return vec![event];
    };
    if text.len() <= LONGEST_PIECE {
        return vec![event];
    }
    let (before, after) = match event {
        Event::Code(_) => ("<code>", "</code>"),
        _ => ("", ""),
    };
    let mut pieces = vec![markup(before)];
    let mut rest: &str = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(LONGEST_PIECE));
        pieces.extend([Event::Text(piece.to_owned().into()), markup("<!---->")]);
        rest = after;
    }
    pieces.push(markup(after));
    pieces
}

fn markup(html: &'static str) -> Event<'static> {
    Event::InlineHtml(CowStr::Borrowed(html))
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::Event;

    use super::{LONGEST_PIECE, pieces, write};

    #[test]
    fn a_long_text_is_written_piece_by_piece_and_stays_whole() {
        let long = "&é".repeat(2_000);
        let shown = long.replace('&', "&amp;");
        for (event, html) in [
            (Event::Text(long.clone().into()), shown.clone()),
            (Event::Code(long.into()), format!("<code>{shown}</code>")),
        ] {
            let longest = pieces(event.clone()).into_iter().map(|piece| match piece {
                Event::Text(text) | Event::InlineHtml(text) => text.len(),
                other => unreachable!("{other:?}"),
            });
            assert!(longest.max() <= Some(LONGEST_PIECE));
            assert_eq!(write(vec![event]), html);
        }
    }
}
