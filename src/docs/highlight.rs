//! Syntax highlighting: HTML with a class per kind of token. It keeps the code itself unchanged.

/// What the highlighter needs to know about a language.
struct Grammar {
    /// The start of a comment that ends with the line; empty for none.
    comment: &'static str,
    quotes: &'static [char],
    keywords: &'static [&'static str],
    /// Whether `$NAME` is a variable and `-flag` is a flag.
    is_shell: bool,
}

const PLAIN: Grammar = Grammar {
    comment: "",
    quotes: &[],
    keywords: &[],
    is_shell: false,
};

fn grammar(language: &str) -> Grammar {
    match language {
        "json" => Grammar {
            quotes: &['"'],
            keywords: &["true", "false", "null"],
            ..PLAIN
        },
        "sh" => Grammar {
            comment: "#",
            quotes: &['\'', '"'],
            keywords: &[
                "export",
                "curl",
                "tackboard",
                "for",
                "do",
                "done",
                "if",
                "then",
                "fi",
            ],
            is_shell: true,
        },
        "js" | "javascript" | "n8n" => Grammar {
            comment: "//",
            quotes: &['"', '\'', '`'],
            keywords: &[
                "const",
                "let",
                "await",
                "async",
                "function",
                "return",
                "if",
                "else",
                "throw",
                "new",
                "for",
                "of",
                "while",
                "import",
                "from",
                "true",
                "false",
                "null",
                "undefined",
            ],
            ..PLAIN
        },
        "python" | "py" => Grammar {
            comment: "#",
            quotes: &['"', '\''],
            keywords: &[
                "import", "from", "with", "as", "def", "return", "if", "else", "for", "in",
                "while", "try", "except", "raise", "not", "True", "False", "None",
            ],
            ..PLAIN
        },
        "rust" => Grammar {
            comment: "//",
            quotes: &['"'],
            keywords: &[
                "use", "pub", "fn", "let", "match", "if", "else", "return", "mut", "false", "true",
            ],
            ..PLAIN
        },
        "toml" | "ini" | "nginx" | "dockerfile" => Grammar {
            comment: "#",
            quotes: &['"'],
            ..PLAIN
        },
        _ => PLAIN,
    }
}

/// The code as HTML.
pub(super) fn html(code: &str, language: &str) -> String {
    let grammar = grammar(language);
    let mut html = String::with_capacity(code.len() * 2);
    let mut rest = code;
    let mut before = '\n';
    while let Some(first) = rest.chars().next() {
        let (class, length) = word(rest, before, &grammar);
        let (this, after) = rest.split_at(length.max(first.len_utf8()));
        let class = match class {
            "s" if language == "json" && after.trim_start().starts_with(':') => "p",
            class => class,
        };
        match class {
            "" => escape(&mut html, this),
            class => {
                html.push_str("<span class=\"");
                html.push_str(class);
                html.push_str("\">");
                escape(&mut html, this);
                html.push_str("</span>");
            }
        }
        before = this.chars().last().unwrap_or(before);
        rest = after;
    }
    html
}

/// The kind of the token at the start of a text (`s` string, `c` comment, `n` number, `k` keyword, `v` variable or
/// flag), and its length in bytes.
fn word(rest: &str, before: char, grammar: &Grammar) -> (&'static str, usize) {
    let first = rest.chars().next().unwrap_or_default();
    if !grammar.comment.is_empty() && rest.starts_with(grammar.comment) && before.is_whitespace() {
        return ("c", rest.find('\n').unwrap_or(rest.len()));
    }
    if grammar.quotes.contains(&first) {
        return ("s", quoted(rest, first));
    }
    let run = |is_part: fn(char) -> bool| rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    if grammar.is_shell && first == '$' {
        let name = rest[1..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        return ("v", name.map_or(rest.len(), |length| length + 1));
    }
    if grammar.is_shell && first == '-' && before.is_whitespace() {
        return ("v", run(|c| c.is_ascii_alphanumeric() || c == '-'));
    }
    if first.is_ascii_digit() && !grammar.quotes.is_empty() {
        let length = run(|c| c.is_ascii_alphanumeric() || ".:-/_".contains(c));
        let is_number = rest[..length].parse::<f64>().is_ok() || !grammar.is_shell;
        return (if is_number { "n" } else { "" }, length);
    }
    if first.is_alphabetic() || first == '_' {
        let length = run(|c| c.is_alphanumeric() || c == '_');
        let is_alone = !grammar.is_shell || before.is_whitespace() || before == '(';
        let is_keyword = is_alone && grammar.keywords.contains(&&rest[..length]);
        return (if is_keyword { "k" } else { "" }, length);
    }
    ("", first.len_utf8())
}

/// The length of a quoted string. Without a closing quote, it ends with the code.
fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// Escapes text for HTML.
pub(super) fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::html;

    fn plain(html: &str) -> String {
        let texts = html
            .split('<')
            .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        let text: String = texts.collect();
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    }

    #[test]
    fn words_have_their_colours() {
        let coloured = html("{\"a\": [1, \"b\"]}", "json");
        let expected = "{<span class=\"p\">&quot;a&quot;</span>: [<span class=\"n\">1</span>, <span class=\"s\">&quot;b&quot;</span>]}";
        assert_eq!(coloured, expected);
        let coloured = html("curl -H \"$T\" # it's\nls", "sh");
        assert!(
            coloured.contains("<span class=\"c\"># it's</span>\nls"),
            "{coloured}"
        );
        assert!(
            coloured.contains("<span class=\"v\">-H</span>"),
            "{coloured}"
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_can_run(code in "\\PC{0,60}", language in "json|sh|js|python|toml|text") {
            let coloured = html(&code, &language);
            proptest::prop_assert_eq!(plain(&coloured), code);
            let tags = coloured.matches('<').count();
            let own = coloured.matches("<span class=\"").count() + coloured.matches("</span>").count();
            proptest::prop_assert_eq!(tags, own);
        }
    }
}
