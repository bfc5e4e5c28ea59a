//! Writes the events of a message as plain text.

use pulldown_cmark::{Event, Tag, TagEnd};

/// Writes events as plain text: paragraphs are separated by an empty line, quotes start with `>`, and links are followed by
/// their URL.
pub(super) fn write(events: Vec<Event<'static>>) -> String {
    let mut writer = PlainTextWriter::default();
    for event in events {
        writer.take(event);
    }
    let end = writer.out.trim_end().len();
    writer.out.truncate(end);
    writer.out
}

/// The text before each line of a block.
enum Margin {
    Quote,
    /// The item's mark on its first line, then spaces of the same width.
    Item {
        mark: Option<String>,
        width: usize,
    },
}

#[derive(Default)]
struct PlainTextWriter {
    out: String,
    margins: Vec<Margin>,
    /// The number of each open list's next item.
    lists: Vec<Option<u64>>,
    /// The URL of an open link, and the start of its text in `out`.
    link: Option<(String, usize)>,
    /// Line breaks to write before the next text.
    due: usize,
    /// Number of margins shared by the last line and all blocks since: an empty line between them has these margins.
    common: usize,
    in_line: bool,
}

impl PlainTextWriter {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) | Event::Code(text) => self.lines(&text),
            Event::SoftBreak | Event::HardBreak => self.lines("\n"),
            Event::Rule => {
                self.block(2);
                self.lines("---");
                self.block(2);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) => self.block(2),
            Tag::BlockQuote(_) => {
                self.block(2);
                self.margins.push(Margin::Quote);
            }
            Tag::List(first) => {
                self.block(if self.lists.is_empty() { 2 } else { 1 });
                self.lists.push(first);
            }
            Tag::Item => {
                self.block(1);
                let mark = self.mark();
                let width = mark.len();
                self.margins.push(Margin::Item {
                    mark: Some(mark),
                    width,
                });
            }
            Tag::Link { dest_url, .. } => self.link = Some((dest_url.to_string(), self.out.len())),
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock => self.block(2),
            TagEnd::BlockQuote(_) => {
                self.leave();
                self.block(2);
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.block(if self.lists.is_empty() { 2 } else { 1 });
            }
            TagEnd::Item => {
                self.leave();
                self.block(1);
            }
            TagEnd::Link => self.link_end(),
            _ => {}
        }
    }

    /// Writes the URL of a link, unless it is the link's text.
    fn link_end(&mut self) {
        let Some((url, begun)) = self.link.take() else {
            return;
        };
        let shown = self.out.get(begun..).unwrap_or_default().trim();
        if shown != url && url.strip_prefix("mailto:") != Some(shown) {
            self.lines(&format!(" <{url}>"));
        }
    }

    /// The mark of the innermost list's next item.
    fn mark(&mut self) -> String {
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let mark = format!("{number}. ");
                *number += 1;
                mark
            }
            _ => "- ".to_owned(),
        }
    }

    fn leave(&mut self) {
        self.margins.pop();
        self.common = self.common.min(self.margins.len());
    }

    /// Ends a block: at least this many line breaks come before the next text.
    fn block(&mut self, breaks: usize) {
        self.in_line = false;
        if !self.out.is_empty() {
            self.due = self.due.max(breaks);
        }
    }

    fn lines(&mut self, text: &str) {
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.in_line = false;
                self.due += usize::from(!self.out.is_empty());
            }
            if !line.is_empty() {
                self.line(line);
            }
        }
    }

    fn line(&mut self, text: &str) {
        if !self.in_line {
            for left in (0..std::mem::take(&mut self.due)).rev() {
                self.out.push('\n');
                if left > 0 {
                    self.quotes();
                }
            }
            self.margin();
            self.common = self.margins.len();
            self.in_line = true;
        }
        self.out.push_str(text);
    }

    /// Writes the quote marks of an empty line.
    fn quotes(&mut self) {
        let common = self.margins.iter().take(self.common);
        let quotes = common
            .take_while(|margin| matches!(margin, Margin::Quote))
            .count();
        self.out.extend(std::iter::repeat_n('>', quotes));
    }

    fn margin(&mut self) {
        for margin in &mut self.margins {
            match margin {
                Margin::Quote => self.out.push_str("> "),
                Margin::Item { mark, width } => match mark.take() {
                    Some(mark) => self.out.push_str(&mark),
                    None => self.out.extend(std::iter::repeat_n(' ', *width)),
                },
            }
        }
    }
}
