//! A card's message: Markdown with merge tags, as HTML and as plain text.
//!
//! Tags are taken out before the Markdown is read and the values are put in after it was, so that a value is never read as
//! Markdown or HTML. HTML in the Markdown is shown as the text that it is.

mod fill;
mod html;
mod plain;

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd,
};

use self::fill::{Gaps, Part};
use super::clean;
use super::merge_tags::Values;

/// Deepest nesting of quotes, lists and emphasis that is kept. What lies deeper stands at this depth: a line of a
/// thousand `>` would otherwise cost its square to lay out, here and at the reader's.
const DEEPEST: usize = 16;

/// Line breaks that values make in a message. Further ones are spaces: each costs elements, here and at the reader's, and a
/// short message may ask for a value of thousands of lines many times.
const MOST_BREAKS: usize = 1_000;

/// Bytes of a URL that a link may lead to; browsers take hardly more.
const LONGEST_URL: usize = 4 << 10;
/// Characters of what a link says when it is pointed at.
const LONGEST_TITLE: usize = 500;

/// The message as a fragment of HTML that is safe to be shown: only the elements of Markdown, links to `http`, `https`
/// and `mailto` alone, no pictures, and nothing that loads by itself.
pub fn html(markdown: &str, values: &Values) -> String {
    html::write(events(markdown, values))
}

/// The message as plain text.
pub fn text(markdown: &str, values: &Values) -> String {
    plain::write(events(markdown, values))
}

/// What the message consists of, with the values in their places.
fn events(markdown: &str, values: &Values) -> Vec<Event<'static>> {
    let gaps = Gaps::of(markdown, values);
    let mut reader = Reader::new(&gaps);
    for event in Parser::new_ext(gaps.markdown(), Options::ENABLE_STRIKETHROUGH) {
        reader.take(event);
    }
    reader.events
}

/// Turns the parser's events into those that are written.
struct Reader<'g> {
    gaps: &'g Gaps<'g>,
    events: Vec<Event<'static>>,
    /// How each open element ends; `None` where it was left out.
    open: Vec<Option<TagEnd>>,
    /// How many of them were kept.
    depth: usize,
    in_code: bool,
    in_link: bool,
    /// Line breaks that values may still make.
    breaks: usize,
    /// Where an open picture leads, and how many events there were when it began.
    picture: Option<(String, usize)>,
}

impl<'g> Reader<'g> {
    fn new(gaps: &'g Gaps<'g>) -> Self {
        Self {
            gaps,
            events: Vec::new(),
            open: Vec::new(),
            depth: 0,
            in_code: false,
            in_link: false,
            breaks: MOST_BREAKS,
            picture: None,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(_) => self.end(),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => {
                let line = self.gaps.filled(&text).replace('\n', " ");
                self.events.push(Event::Code(line.into()));
            }
            // In a card a line ends where its writer ended it.
            Event::SoftBreak | Event::HardBreak => self.events.push(Event::HardBreak),
            Event::Rule => self.events.push(Event::Rule),
            // Extensions that are not switched on.
            Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let kept = self.has_room(&tag).then(|| self.kept(tag)).flatten();
        if let Some(tag) = &kept {
            self.depth += usize::from(nests(&tag.to_end()));
            self.in_code |= matches!(tag, Tag::CodeBlock(_));
            self.in_link |= matches!(tag, Tag::Link { .. });
        }
        self.open.push(kept.as_ref().map(Tag::to_end));
        self.events.extend(kept.map(Event::Start));
    }

    /// Whether an element does not lie too deep. An item is where its list is.
    fn has_room(&mut self, tag: &Tag<'_>) -> bool {
        if *tag != Tag::Item {
            return self.depth < DEEPEST || !nests(&tag.to_end());
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
            // A picture without a description still has to be there.
            if let Some((url, begun)) = self.picture.take()
                && self.events.len() == begun + 1
            {
                self.events.push(Event::Text(url.into()));
            }
        }
        self.in_code &= end != TagEnd::CodeBlock;
        self.events.push(Event::End(end));
    }

    /// The element that is shown for this one; `None` is its content alone.
    fn kept(&mut self, tag: Tag<'_>) -> Option<Tag<'static>> {
        Some(match tag {
            // The page's own heading is the first.
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
            // A picture from elsewhere would tell its host who reads; a link leaves that to the reader.
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
        let (url, title) = (self.gaps.url(url), self.gaps.filled(title));
        let url = match kind {
            LinkType::Email => format!("mailto:{url}"),
            _ => url,
        };
        let leads = url.len() <= LONGEST_URL && fill::may_lead_to(&url);
        leads.then(|| Tag::Link {
            link_type: LinkType::Inline,
            dest_url: url.into(),
            title: clean::line(&title, LONGEST_TITLE).into(),
            id: CowStr::Borrowed(""),
        })
    }

    fn text(&mut self, text: &str) {
        if self.in_code {
            let text = self.gaps.filled(text);
            return self.events.push(Event::Text(text.into()));
        }
        for part in self.gaps.parts(text) {
            match part {
                Part::Own(text) => self.events.push(Event::Text(text.into())),
                Part::Value(value) => self.value(&value),
            }
        }
    }

    /// A value in a place of its own, so that its direction of writing does not change that of what surrounds it.
    fn value(&mut self, value: &str) {
        let value = value.strip_suffix('\n').unwrap_or(value);
        for (at, line) in value.splitn(self.breaks + 1, '\n').enumerate() {
            if at > 0 {
                self.breaks -= 1;
                self.events.push(Event::HardBreak);
            }
            if !line.is_empty() {
                self.events.extend([
                    Event::InlineHtml(CowStr::Borrowed("<bdi>")),
                    Event::Text(line.replace('\n', " ").into()),
                    Event::InlineHtml(CowStr::Borrowed("</bdi>")),
                ]);
            }
        }
    }
}

/// Whether an element can have more of its kind in it. An item comes with its list, and the blocks of text have none.
fn nests(end: &TagEnd) -> bool {
    !matches!(
        end,
        TagEnd::Item | TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock
    )
}

#[cfg(test)]
mod tests;
