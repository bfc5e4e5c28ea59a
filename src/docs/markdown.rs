//! Markdown to HTML: headings with anchors, code in colour, samples of several languages as tabs. HTML in Markdown is shown,
//! not obeyed.

use std::iter::Peekable;

use pulldown_cmark::{
    Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html,
};
use serde::Serialize;

use super::code_samples::Language;
use super::highlight;

/// A heading of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Heading {
    /// 2 or more; the first heading is the title.
    pub level: u8,
    /// Its anchor.
    pub id: String,
    pub text: String,
}

/// A text, ready for a page.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// The first heading; empty for none.
    pub title: String,
    pub html: String,
    pub headings: Vec<Heading>,
    /// The first paragraph as plain text.
    pub lead: String,
}

/// A line or a paragraph of the contract, such as a description.
pub(super) fn inline(markdown: &str) -> String {
    let html = render(markdown).html;
    let html = html.trim();
    match html
        .strip_prefix("<p>")
        .and_then(|html| html.strip_suffix("</p>"))
    {
        Some(only) if !only.contains("<p>") => only.to_owned(),
        _ => html.to_owned(),
    }
}

/// A whole text.
pub(super) fn render(markdown: &str) -> Rendered {
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut out = Writer::default();
    let mut events = Parser::new_ext(markdown, options).peekable();
    while let Some(event) = events.next() {
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                let inner = until(&mut events, |end| matches!(end, TagEnd::Heading(_)));
                out.heading(level, id.as_deref(), inner);
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let code = plain(&until(&mut events, |end| matches!(end, TagEnd::CodeBlock)));
                out.code.push((language(&kind), code.trim_end().to_owned()));
                let more = matches!(events.peek(), Some(Event::Start(Tag::CodeBlock(_))));
                if !more {
                    out.code();
                }
            }
            Event::Start(Tag::Paragraph) if out.rendered.lead.is_empty() => {
                let inner = until(&mut events, |end| matches!(end, TagEnd::Paragraph));
                out.rendered.lead = plain(&inner);
                out.events.push(Event::Start(Tag::Paragraph));
                out.events.extend(inner);
                out.events.push(Event::End(TagEnd::Paragraph));
            }
            Event::Start(Tag::Table(columns)) => out.table(&columns),
            Event::Start(Tag::TableRow) => {
                out.events.push(event);
                out.row_anchor(&mut events);
            }
            Event::End(TagEnd::Table) => {
                out.events.push(event);
                out.raw("</div>\n");
            }
            other => out.events.push(harmless(other)),
        }
    }
    out.finish()
}

/// The events up to the end of what has begun.
fn until<'e>(
    events: &mut impl Iterator<Item = Event<'e>>,
    is_end: fn(&TagEnd) -> bool,
) -> Vec<Event<'e>> {
    let inside = |event: &Event<'_>| !matches!(event, Event::End(end) if is_end(end));
    events.take_while(inside).map(harmless).collect()
}

/// HTML as the text that it is.
fn harmless(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        other => other,
    }
}

fn plain(events: &[Event<'_>]) -> String {
    let text = |event: &Event<'_>| match event {
        Event::Text(text) | Event::Code(text) => text.to_string(),
        Event::SoftBreak | Event::HardBreak => " ".to_owned(),
        _ => String::new(),
    };
    events.iter().map(text).collect()
}

fn language(kind: &CodeBlockKind<'_>) -> String {
    match kind {
        CodeBlockKind::Fenced(info) => info.split(' ').next().unwrap_or_default().to_owned(),
        CodeBlockKind::Indented => String::new(),
    }
}

/// Text that is no Markdown, as Markdown that shows it.
pub(super) fn plain_text(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() && !".,:;()/-'".contains(c) {
            escaped.push('\\');
        }
        escaped.push(if c.is_control() { ' ' } else { c });
    }
    escaped
}

/// An anchor made of a heading's words.
pub(super) fn slug(text: &str) -> String {
    let letter = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => c.to_ascii_lowercase(),
        _ => '-',
    };
    let slug: String = text
        .chars()
        .filter(|c| !"'’`".contains(*c))
        .map(letter)
        .collect();
    let words: Vec<_> = slug.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[derive(Default)]
struct Writer<'e> {
    events: Vec<Event<'e>>,
    rendered: Rendered,
    /// Code blocks that stand one behind the other.
    code: Vec<(String, String)>,
    groups: usize,
}

impl<'e> Writer<'e> {
    fn raw(&mut self, html: impl Into<CowStr<'e>>) {
        self.events.push(Event::Html(html.into()));
    }

    fn heading(&mut self, level: HeadingLevel, id: Option<&str>, inner: Vec<Event<'e>>) {
        let text = plain(&inner);
        if level == HeadingLevel::H1 && self.rendered.title.is_empty() {
            self.rendered.title = text;
            return;
        }
        let heading = Heading {
            level: level as u8,
            id: id.map_or_else(|| slug(&text), str::to_owned),
            text,
        };
        let level = heading.level;
        self.raw(format!("<h{level} id=\"{}\">", heading.id));
        self.events.extend(inner);
        self.raw(format!(
            " <a class=\"anchor\" href=\"#{}\" aria-label=\"Link to this section\">#</a></h{level}>\n",
            heading.id
        ));
        self.rendered.headings.push(heading);
    }

    /// Begins a table. Where columns stand is told by a class: the library would write a style, which the pages forbid.
    fn table(&mut self, columns: &[Alignment]) {
        let class = match columns.contains(&Alignment::Right) {
            true => "scroll figures",
            false => "scroll",
        };
        self.raw(format!(
            "<div class=\"{class}\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">"
        ));
        let plain = vec![Alignment::None; columns.len()];
        self.events.push(Event::Start(Tag::Table(plain)));
    }

    /// Makes a row's first words its anchor, if they are a link to an anchor: `| [`--listen`](#listen) |`.
    fn row_anchor(&mut self, events: &mut Peekable<impl Iterator<Item = Event<'e>>>) {
        self.events
            .extend(events.next_if(|event| matches!(event, Event::Start(Tag::TableCell))));
        let is_link = |event: &Event<'_>| match event {
            Event::Start(Tag::Link { dest_url, .. }) => dest_url.starts_with('#'),
            _ => false,
        };
        if let Some(Event::Start(Tag::Link { dest_url, .. })) = events.next_if(is_link) {
            let id = dest_url.trim_start_matches('#');
            self.raw(format!("<a id=\"{id}\" href=\"#{id}\">"));
        }
    }

    /// Writes the code blocks that have come: one as it is, several as tabs.
    fn code(&mut self) {
        let blocks = std::mem::take(&mut self.code);
        self.groups += 1;
        let html = match blocks.as_slice() {
            [(language, code)] => block(language, code),
            several => tabs(&format!("g{}", self.groups), several),
        };
        self.raw(html);
    }

    fn finish(mut self) -> Rendered {
        html::push_html(&mut self.rendered.html, self.events.into_iter());
        self.rendered
    }
}

/// One block of code.
pub(super) fn block(language: &str, code: &str) -> String {
    format!(
        "<div class=\"code\"><pre tabindex=\"0\" data-lang=\"{language}\"><code>{}</code></pre></div>\n",
        highlight::html(code, language)
    )
}

/// Code in several languages, one of which is shown; without scripts too.
pub(super) fn tabs(group: &str, blocks: &[(String, String)]) -> String {
    let mut html = String::from("<div class=\"tabs\" role=\"group\" aria-label=\"Sample code\">");
    for (at, (language, _)) in blocks.iter().enumerate() {
        let label = Language::ALL
            .into_iter()
            .find(|known| known.name() == language)
            .map_or(language.as_str(), |known| known.label());
        let checked = if at == 0 { " checked" } else { "" };
        html.push_str(&format!(
            "<input type=\"radio\" name=\"{group}\" id=\"{group}-{language}\" value=\"{language}\"{checked}>\
             <label for=\"{group}-{language}\">{label}</label>"
        ));
    }
    for (language, code) in blocks {
        html.push_str(&block(language, code));
    }
    html + "</div>\n"
}

#[cfg(test)]
mod tests {
    use super::{Heading, inline, plain_text, render, slug};

    #[test]
    fn a_text_has_a_title_anchors_and_a_lead() {
        let rendered =
            render("# The *title*\n\nThe `lead`.\n\n## `a_code` {#own}\n\n### What's next?\n");
        assert_eq!(
            (rendered.title.as_str(), rendered.lead.as_str()),
            ("The title", "The lead.")
        );
        let heading = |level, id: &str, text: &str| Heading {
            level,
            id: id.into(),
            text: text.into(),
        };
        assert_eq!(
            rendered.headings,
            [
                heading(2, "own", "a_code"),
                heading(3, "whats-next", "What's next?")
            ]
        );
        assert!(
            rendered.html.contains("<h2 id=\"own\"><code>a_code</code>"),
            "{}",
            rendered.html
        );
    }

    #[test]
    fn html_in_a_text_is_shown_and_not_obeyed() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=y> b",
            "```json\n<b>\n```",
            "# <i>\n## <i>",
        ] {
            let html = render(text).html;
            for tag in ["<script", "<img", "<b>", "<i>"] {
                assert!(!html.contains(tag), "{html}");
            }
        }
    }

    #[test]
    fn plain_text_stays_what_it_is() {
        let text = "Ada <a@b> *not* `code` | [x](y) & 1_000 http://x #1";
        let html = inline(&plain_text(text));
        assert_eq!(
            html,
            "Ada &lt;a@b&gt; *not* `code` | [x](y) &amp; 1_000 http://x #1"
        );
    }

    #[test]
    fn blocks_behind_each_other_are_tabs() {
        let html =
            render("```sh\ncurl x\n```\n```js\nfetch(x)\n```\n\ntext\n\n```sh\nls\n```\n").html;
        assert_eq!(html.matches("type=\"radio\"").count(), 2, "{html}");
        assert_eq!(html.matches(" checked").count(), 1);
    }

    #[test]
    fn a_row_that_begins_with_a_link_to_an_anchor_has_that_anchor() {
        let html = render("|a|b|\n|---|---|\n|[`--x`](#x) y|[z](#z)|\n|x [z](#z)|b|\n").html;
        assert!(
            html.contains("<td><a id=\"x\" href=\"#x\"><code>--x</code></a> y</td>"),
            "{html}"
        );
        assert_eq!(html.matches(" id=").count(), 1, "{html}");
        assert_eq!(html.matches("</a>").count(), 3, "{html}");
    }

    #[test]
    fn one_paragraph_is_shown_without_its_tags() {
        assert_eq!(inline("A `b`."), "A <code>b</code>.");
        assert_eq!(slug("`/v1/tasks` and more"), "v1-tasks-and-more");
    }
}
