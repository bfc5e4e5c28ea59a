//! Vikunja keeps descriptions and comments in HTML. The simple elements that its editor writes become Markdown.

/// A text in Markdown. A text that is no HTML stays as it is.
pub(super) fn to_markdown(text: &str) -> String {
    if !text.trim_start().starts_with('<') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut links = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(&unescaped(before));
        let Some((tag, after)) = after.split_once('>') else {
            out.push('<');
            rest = after;
            break;
        };
        write_tag(tag, &mut out, &mut links);
        rest = after;
    }
    out.push_str(&unescaped(rest));
    let lines: Vec<_> = out.lines().map(str::trim_end).collect();
    let mut text = lines.join("\n");
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    text.trim().to_owned()
}

fn write_tag(tag: &str, out: &mut String, links: &mut Vec<String>) {
    let name = tag
        .trim_start_matches('/')
        .split([' ', '/', '\n'])
        .next()
        .unwrap_or_default();
    let is_end = tag.starts_with('/');
    match (name.to_lowercase().as_str(), is_end) {
        ("p" | "ul" | "ol" | "table" | "div", _) => out.push_str("\n\n"),
        ("br" | "tr", _) => out.push('\n'),
        ("td" | "th", true) => out.push(' '),
        ("li", false) => out.push_str(match tag.contains("data-checked=\"true\"") {
            true => "\n- [x] ",
            false => "\n- ",
        }),
        ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", false) => {
            let level = name[1..].parse().unwrap_or(1);
            out.push_str("\n\n");
            out.push_str(&"#".repeat(level));
            out.push(' ');
        }
        ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", true) => out.push_str("\n\n"),
        ("strong" | "b", _) => out.push_str("**"),
        ("em" | "i", _) => out.push('*'),
        ("s" | "del", _) => out.push_str("~~"),
        ("pre", false) => out.push_str("\n\n```\n"),
        ("pre", true) => out.push_str("\n```\n\n"),
        ("code", _) if !out.contains("```\n") || out.matches("```").count().is_multiple_of(2) => {
            out.push('`')
        }
        ("blockquote", false) => out.push_str("\n\n> "),
        ("hr", _) => out.push_str("\n\n---\n\n"),
        ("a", false) => {
            links.push(attribute(tag, "href"));
            out.push('[');
        }
        ("a", true) => {
            let url = links.pop().unwrap_or_default();
            out.push_str(&format!("]({url})"));
        }
        ("img", _) => out.push_str(&format!(
            "![{}]({})",
            attribute(tag, "alt"),
            attribute(tag, "src")
        )),
        _ => {}
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
            ("<ul><li><p>a</p></li><li>b</li></ul>", "-\n\na\n\n- b"),
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
