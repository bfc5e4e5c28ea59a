//! Vikunja keeps descriptions and comments in HTML. The simple elements that its editor writes become Markdown.

/// A text in Markdown. A text that is no HTML stays as it is.
pub(super) fn to_markdown(text: &str) -> String {
    if !text.trim_start().starts_with('<') {
        return text.to_owned();
    }
    let mut writer = Writer::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        writer.out.push_str(&unescaped(before));
        let Some((tag, after)) = after.split_once('>') else {
            writer.out.push('<');
            rest = after;
            break;
        };
        writer.tag(tag);
        rest = after;
    }
    writer.out.push_str(&unescaped(rest));
    without_empty_lines(&writer.out)
}

/// The text with at most one empty line between two others.
fn without_empty_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut was_empty = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && was_empty {
            continue;
        }
        was_empty = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out.trim().to_owned()
}

/// The Markdown that was written so far.
#[derive(Default)]
struct Writer {
    out: String,
    /// The URLs of open links.
    links: Vec<String>,
    is_preformatted: bool,
}

impl Writer {
    fn tag(&mut self, tag: &str) {
        let names = tag.trim_start_matches('/').split([' ', '/', '\n']);
        let name = names.into_iter().next().unwrap_or_default().to_lowercase();
        match tag.starts_with('/') {
            true => self.end(&name),
            false => self.start(&name, tag),
        }
    }

    fn start(&mut self, name: &str, tag: &str) {
        match name {
            "li" if tag.contains("data-checked=\"true\"") => self.out.push_str("\n- [x] "),
            "li" if tag.contains("data-checked=\"false\"") => self.out.push_str("\n- [ ] "),
            "li" => self.out.push_str("\n- "),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name[1..].parse().unwrap_or(1);
                self.out.push_str(&format!("\n\n{} ", "#".repeat(level)));
            }
            "pre" => {
                self.is_preformatted = true;
                self.out.push_str("\n\n```\n");
            }
            "blockquote" => self.out.push_str("\n\n> "),
            // The text of an item or a quote is in a paragraph of its own.
            "p" | "div" if self.out.ends_with("- ") || self.out.ends_with("> ") => {}
            "p" | "div" if self.out.ends_with("- [x] ") || self.out.ends_with("- [ ] ") => {}
            "a" => {
                self.links.push(attribute(tag, "href"));
                self.out.push('[');
            }
            "img" => {
                let (name, url) = (attribute(tag, "alt"), attribute(tag, "src"));
                self.out.push_str(&format!("![{name}]({url})"));
            }
            _ => self.either(name),
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "td" | "th" => self.out.push(' '),
            "li" | "blockquote" | "img" => {}
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.out.push_str("\n\n"),
            "pre" => {
                self.is_preformatted = false;
                self.out.push_str("\n```\n\n");
            }
            "a" => {
                let url = self.links.pop().unwrap_or_default();
                self.out.push_str(&format!("]({url})"));
            }
            _ => self.either(name),
        }
    }

    /// What means the same at the start and at the end of an element.
    fn either(&mut self, name: &str) {
        self.out.push_str(match name {
            "p" | "ul" | "ol" | "table" | "div" => "\n\n",
            "br" | "tr" => "\n",
            "strong" | "b" => "**",
            "em" | "i" => "*",
            "s" | "del" => "~~",
            "code" if !self.is_preformatted => "`",
            "hr" => "\n\n---\n\n",
            _ => "",
        });
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let found = tag.split_once(&format!("{name}=\""));
    let value = found
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(value, _)| value);
    unescaped(value.unwrap_or_default())
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::to_markdown;

    #[test]
    fn simple_elements_become_markdown() {
        for (html, markdown) in [
            ("Plain *text* a < b", "Plain *text* a < b"),
            (
                "<p>One</p><p>Two &amp; <strong>three</strong></p>",
                "One\n\nTwo & **three**",
            ),
            ("<ul><li><p>a</p></li><li>b</li></ul>", "- a\n\n- b"),
            (
                "<ul><li data-checked=\"true\"><label></label><div><p>a</p></div></li><li data-checked=\"false\"><p>b</p></li></ul>",
                "- [x] a\n\n- [ ] b",
            ),
            (
                "<pre><code>a &lt; b</code></pre><p>x <code>y</code></p>",
                "```\na < b\n```\n\nx `y`",
            ),
            (
                "<p>See <a href=\"https://example.org\">this</a></p>",
                "See [this](https://example.org)",
            ),
            ("<h2>Title</h2><p>x<br>y</p>", "## Title\n\nx\ny"),
            ("<p>unfinished <b", "unfinished <b"),
        ] {
            assert_eq!(to_markdown(html), markdown, "{html}");
        }
    }
}
