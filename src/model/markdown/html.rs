//! Writes the events of a message as HTML.

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};
use pulldown_cmark_escape::escape_html;

/// Starts the isolation of a value, so that its writing direction does not change that of the text around it.
pub(super) const VALUE_START: Event<'static> = Event::InlineHtml(CowStr::Borrowed("<bdi>"));
/// Ends the isolation of a value.
pub(super) const VALUE_END: Event<'static> = Event::InlineHtml(CowStr::Borrowed("</bdi>"));

/// Writes events as HTML. It is safe because the events are: texts are escaped here, and `MarkdownFilter` admits no markup but
/// its own elements and the marks around values.
pub(super) fn write(events: Vec<Event<'static>>) -> String {
    let mut html = String::new();
    let events = isolated_where_needed(events).into_iter().map(markup);
    pulldown_cmark::html::push_html(&mut html, events);
    html
}

/// Replaces the elements that the library writes in another form: links have a `rel`, and void elements have no slash.
fn markup(event: Event<'static>) -> Event<'static> {
    Event::InlineHtml(match event {
        Event::Start(Tag::Link {
            dest_url, title, ..
        }) => link(&dest_url, &title).into(),
        Event::HardBreak => "<br>\n".into(),
        Event::Rule => "<hr>\n".into(),
        other => return other,
    })
}

fn link(url: &str, title: &str) -> String {
    let mut html = String::from("<a href=\"");
    // Writing to a string cannot fail.
    let _ = escape_html(&mut html, url);
    if !title.is_empty() {
        html.push_str("\" title=\"");
        let _ = escape_html(&mut html, title);
    }
    html.push_str("\" rel=\"noopener noreferrer nofollow\">");
    html
}

/// Removes the isolation of values that make up a whole block. A block takes its direction from its first letter outside of
/// isolated text, so a block of only isolated text would ignore the direction of its value.
fn isolated_where_needed(events: Vec<Event<'static>>) -> Vec<Event<'static>> {
    let mut kept: Vec<Event<'static>> = Vec::with_capacity(events.len());
    let (mut block, mut in_value, mut has_own_text) = (0, false, false);
    for event in events {
        let mut end_block = || {
            if !has_own_text {
                let values = kept.split_off(block).into_iter();
                kept.extend(values.filter(|event| *event != VALUE_START && *event != VALUE_END));
            }
            (block, has_own_text) = (kept.len(), false);
        };
        match &event {
            Event::InlineHtml(_) => in_value = event == VALUE_START,
            Event::Text(text) | Event::Code(text) => {
                has_own_text |= !in_value && text.contains(char::is_alphabetic);
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
