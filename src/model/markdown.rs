//! A card's message: Markdown with merge tags, as HTML and as plain text.
//!
//! Tags are replaced by placeholders, the Markdown is parsed, then values are inserted. So a value is never parsed as Markdown
//! or HTML. HTML in the Markdown is shown as text.

mod html;
mod placeholders;
mod plain;

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd,
};

use self::placeholders::{Part, Placeholders, is_link};
use super::clean;
use super::merge_tags::Values;

/// Deepest nesting of quotes, lists and emphasis. Deeper content is shown at this depth. Without a limit, the plain text of
/// a thousand nested quotes is quadratic, because each line has a mark per quote, and so is its layout in a mail program.
const MAX_DEPTH: usize = 16;

/// Line breaks that values make in a message. Further ones become spaces: a short message may use a value of thousands of
/// lines many times, and each line costs several elements in the page.
const MAX_BREAKS: usize = 1_000;

/// Bytes of a link's URL; browsers accept hardly more.
const MAX_URL_LENGTH: usize = 4 << 10;
/// Characters of a link's title.
const MAX_TITLE_LENGTH: usize = 500;

/// The message as a safe fragment of HTML: only the elements of Markdown, links only to `http`, `https` and `mailto`, no
/// pictures, and nothing that loads by itself.
pub fn html(markdown: &str, values: &Values) -> String {
    html::write(events(markdown, values))
}

/// A text without merge tags as a safe fragment of HTML: what looks like a tag stays as it is.
pub fn plain_html(markdown: &str) -> String {
    html::write(filtered(&Placeholders::without_tags(markdown)))
}

/// The message as plain text.
pub fn text(markdown: &str, values: &Values) -> String {
    plain::write(events(markdown, values))
}

/// The events of the message, with the values inserted.
fn events(markdown: &str, values: &Values) -> Vec<Event<'static>> {
    filtered(&Placeholders::new(markdown, values))
}

fn filtered(placeholders: &Placeholders<'_>) -> Vec<Event<'static>> {
    let mut filter = MarkdownFilter::new(placeholders);
    for event in Parser::new_ext(placeholders.markdown(), Options::ENABLE_STRIKETHROUGH) {
        filter.take(event);
    }
    filter.events
}

/// Turns the parser's events into the events to write. It admits only known elements, and raw HTML only as text.
struct MarkdownFilter<'p> {
    placeholders: &'p Placeholders<'p>,
    events: Vec<Event<'static>>,
    /// How each open element ends; `None` for an element that was left out.
    open: Vec<Option<TagEnd>>,
    /// Open elements that count against the maximum depth.
    depth: usize,
    in_code: bool,
    in_link: bool,
    /// Line breaks that values may still make.
    breaks: usize,
    /// The URL of an open picture, and the number of events before it.
    picture: Option<(String, usize)>,
}

impl<'p> MarkdownFilter<'p> {
    fn new(placeholders: &'p Placeholders<'p>) -> Self {
        Self {
            placeholders,
            events: Vec::new(),
            open: Vec::new(),
            depth: 0,
            in_code: false,
            in_link: false,
            breaks: MAX_BREAKS,
            picture: None,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(_) => self.end(),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => {
                let line = self.placeholders.filled(&text).replace('\n', " ");
                self.events.push(Event::Code(line.into()));
            }
            // A card keeps its author's line breaks.
            Event::SoftBreak | Event::HardBreak => self.events.push(Event::HardBreak),
            Event::Rule => self.events.push(Event::Rule),
            // Events of extensions that are off.
            Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let kept = self.has_room(&tag).then(|| self.admitted(tag)).flatten();
        if let Some(tag) = &kept {
            self.depth += usize::from(nests(&tag.to_end()));
            self.in_code |= matches!(tag, Tag::CodeBlock(_));
            self.in_link |= matches!(tag, Tag::Link { .. });
        }
        self.open.push(kept.as_ref().map(Tag::to_end));
        self.events.extend(kept.map(Event::Start));
    }

    /// Whether an element is within the maximum depth. An item is, if its list is.
    fn has_room(&mut self, tag: &Tag<'_>) -> bool {
        if *tag != Tag::Item {
            return self.depth < MAX_DEPTH || !nests(&tag.to_end());
        }
        let in_list = matches!(self.open.last(), Some(Some(TagEnd::List(_))));
        if !in_list {
            self.events.push(Event::HardBreak);
        }
        in_list
    }

    fn end(&mut self) {
        let Some(end) = self.open.pop().flatten() else {
            return;
        };
        self.depth -= usize::from(nests(&end));
        if end == TagEnd::Link {
            self.in_link = false;
            // A picture without a description shows its URL.
            if let Some((url, begun)) = self.picture.take()
                && self.events.len() == begun + 1
            {
                self.events.push(Event::Text(url.into()));
            }
        }
        self.in_code &= end != TagEnd::CodeBlock;
        self.events.push(Event::End(end));
    }

    /// The element to write for this one; `None` writes only its content.
    fn admitted(&mut self, tag: Tag<'_>) -> Option<Tag<'static>> {
        Some(match tag {
            // The card's title is the page's first-level heading.
            Tag::Heading { level, .. } => Tag::Heading {
                level: HeadingLevel::try_from(level as usize + 1).unwrap_or(HeadingLevel::H6),
                id: None,
                classes: Vec::new(),
                attrs: Vec::new(),
            },
            Tag::Paragraph | Tag::HtmlBlock => Tag::Paragraph,
            Tag::BlockQuote(_) => Tag::BlockQuote(None),
            Tag::CodeBlock(_) => Tag::CodeBlock(CodeBlockKind::Indented),
            Tag::List(first) => Tag::List(first),
            Tag::Item => Tag::Item,
            Tag::Emphasis => Tag::Emphasis,
            Tag::Strong => Tag::Strong,
            Tag::Strikethrough => Tag::Strikethrough,
            Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            } => return self.link(link_type, &dest_url, &title),
            // A picture is requested from its host, which learns who reads the card. A link is the reader's choice.
            Tag::Image {
                dest_url, title, ..
            } => {
                let link = self.link(LinkType::Inline, &dest_url, &title);
                if let Some(Tag::Link { dest_url, .. }) = &link {
                    self.picture = Some((dest_url.to_string(), self.events.len()));
                }
                return link;
            }
            _ => return None,
        })
    }

    fn link(&self, kind: LinkType, url: &str, title: &str) -> Option<Tag<'static>> {
        if self.in_link {
            return None;
        }
        let (url, title) = (self.placeholders.url(url), self.placeholders.filled(title));
        let url = match kind {
            LinkType::Email => format!("mailto:{url}"),
            _ => url,
        };
        let is_admitted = url.len() <= MAX_URL_LENGTH && is_link(&url);
        is_admitted.then(|| Tag::Link {
            link_type: LinkType::Inline,
            dest_url: url.into(),
            title: clean::line(&title, MAX_TITLE_LENGTH).into(),
            id: CowStr::Borrowed(""),
        })
    }

    fn text(&mut self, text: &str) {
        if self.in_code {
            let text = self.placeholders.filled(text);
            return self.events.push(Event::Text(text.into()));
        }
        for part in self.placeholders.parts(text) {
            match part {
                Part::Author(text) => self.events.push(Event::Text(text.into())),
                Part::Value(value) => self.value(&value),
            }
        }
    }

    /// Writes a value, isolated line by line.
    fn value(&mut self, value: &str) {
        let value = value.strip_suffix('\n').unwrap_or(value);
        for (at, line) in value.splitn(self.breaks + 1, '\n').enumerate() {
            if at > 0 {
                self.breaks -= 1;
                self.events.push(Event::HardBreak);
            }
            if !line.is_empty() {
                self.events.extend([
                    html::VALUE_START,
                    Event::Text(line.replace('\n', " ").into()),
                    html::VALUE_END,
                ]);
            }
        }
    }
}

/// Whether an element can contain elements of its kind. An item counts with its list.
fn nests(end: &TagEnd) -> bool {
    !matches!(
        end,
        TagEnd::Item | TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock
    )
}

#[cfg(test)]
mod tests;
