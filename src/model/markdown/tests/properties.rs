//! What holds for any message and any values: above all, that the HTML is safe.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use proptest::prelude::*;

use super::values;
use crate::model::markdown::{html, text};
use crate::model::merge_tags::{self, Values};

/// An independent HTML parser that removes whatever a message must not contain.
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
        .tag_attribute_values(HashMap::from([(
            "a",
            HashMap::from([("rel", HashSet::from(["noopener noreferrer nofollow"]))]),
        )]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None);
    cleaner
});

/// Checks that the cleaner removes nothing, and that it reads the same elements as were written.
pub(super) fn assert_safe(html: &str) {
    // Two characters that the cleaner writes in another form.
    let expected = html.replace('\u{a0}', "&nbsp;").replace("&#39;", "'");
    assert_eq!(CLEANER.clean(html).to_string(), expected);
    let links = html.matches("<a ").count();
    let complete = html
        .matches(" rel=\"noopener noreferrer nofollow\">")
        .count();
    assert_eq!(links, complete, "{html}");
}

#[test]
fn the_check_of_safety_finds_faults() {
    for unsafe_html in [
        "<script>1</script>",
        "<p onclick=\"x\">a</p>",
        "<p>a",
        "<p>a<p>b</p></p>",
        "<a href=\"javascript:x\" rel=\"noopener noreferrer nofollow\">x</a>",
        "<a href=\"/x\" rel=\"noopener noreferrer nofollow\">x</a>",
        "<a href=\"https://a.example\">x</a>",
        "<a href=\"https://a.example\" rel=\"opener\">x</a>",
        "<ul><li>x</ul>",
        "a > b",
    ] {
        let check = std::panic::catch_unwind(|| assert_safe(unsafe_html));
        assert!(check.is_err(), "{unsafe_html}");
    }
}

/// Words, signs and tags that mean something to Markdown, HTML or URLs.
fn message() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        "[a-z ]{1,6}",
        "\\PC{0,4}",
        prop::sample::select(vec![
            "{{a}}",
            "{{ b }}",
            "{{c}}",
            "{{",
            "}}",
            "*",
            "**",
            "_",
            "~~",
            "`",
            "```\n",
            "\n",
            "\n\n",
            "    ",
            "> ",
            "- ",
            "1. ",
            "# ",
            "[",
            "](",
            ")",
            "](https://x.example/",
            "![",
            "<",
            ">",
            "<https://x.example/",
            "<script>",
            "</script>",
            "<img src=x onerror=y>",
            "<!--",
            "-->",
            "<a href=\"",
            "javascript:",
            "JaVa&Tab;script:",
            "java\tscript:",
            "&#106;avascript&colon;",
            "\u{1}javascript:",
            "data:text/html,",
            "data&#58;text/html;base64,",
            "vbscript:",
            "https:",
            "https://",
            "HTTP://x.example:80",
            "mailto:",
            "//x.example",
            "%00",
            "%",
            "<mailto:a@x.example>",
            "<a@x.example>",
            "](<",
            ">)",
            " \"{{a}}\")",
            "[x]: ",
            "[x]",
            "\"",
            "'",
            "&lt;",
            "&#x3c;",
            "&quot;",
            "\\",
            "\u{202e}",
            "\u{fdd0}",
            "\u{fdd1}",
            "\u{fdd0}0\u{fdd1}",
            "&#xfdd0;",
            "\0",
            "\r",
            "]: https://x.example/ \"",
            "---\n",
            "===\n",
            "<div>\n",
            "<p>",
            "</p>",
            "<bdi>",
            "</bdi>",
            "<svg onload=x>",
            "<![CDATA[",
            "]]>",
            "<?x?>",
            "<!DOCTYPE x>",
            "<iframe srcdoc=\"",
            "</textarea></title></style>",
            "<br>",
            "<h2>",
            "  - ",
            "> > > > ",
            "- - - - ",
            "* * *\n",
            "****",
            "*_**",
            "**_*",
            "\t",
            "\u{a0}",
            "\u{2066}",
            "\u{2028}",
            "\u{85}",
            "\u{feff}",
            "\u{fffe}",
            "\u{10ffff}",
            "&#0;",
            "&#x202e;",
            "&nbsp;",
            "&amp;lt;",
            "\\\n",
            "&",
            "|",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat())
}

fn any_values() -> impl Strategy<Value = Values> {
    let value = prop_oneof!["\\PC{0,12}", message()];
    let value = [value.clone(), value.clone(), value];
    value.prop_map(|[a, b, c]| values(&[("a", &a), ("b", &b), ("c", &c)]))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_message_is_safe(message in message(), values in any_values()) {
        let html = html(&message, &values);
        assert_safe(&html);
        let text = text(&message, &values);
        for shown in [&html, &text] {
            let hidden = |c: char| (c.is_control() && c != '\n' && c != '\t')
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}');
            prop_assert!(!shown.contains(hidden), "{:?}", shown);
        }
    }

    #[test]
    fn a_value_changes_nothing_but_its_own_place(words in "[a-z *_>#-]{0,20}", value in "[!-~]{1,20}") {
        let message = format!("{words}\n\nx {{{{a}}}} y");
        let shown = html(&message, &values(&[("a", &value)]));
        let mark = html(&message, &values(&[("a", "MARK")]));
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        prop_assert_eq!(shown, mark.replace("MARK", &escaped));
    }

    #[test]
    fn the_tags_that_are_listed_are_those_that_are_filled_in(
        pieces in prop::collection::vec("[a-z]{1,3} |\\{\\{ ?[a-e] ?\\}\\}|\\*\\*|`x`|\\{\\{|\\}\\}|\n", 0..20)
    ) {
        let message = pieces.concat();
        let listed: BTreeSet<String> = merge_tags::names([message.as_str()]).into_iter().collect();
        let every: Values = ["a", "b", "c", "d", "e"].map(|name| (name.to_owned(), format!("<{name}1>"))).into();
        let (plain, shown) = (text(&message, &every), html(&message, &every));
        for name in every.keys() {
            let is_listed = listed.contains(name);
            prop_assert_eq!(plain.contains(&format!("<{name}1>")), is_listed, "{:?}", &plain);
            prop_assert_eq!(shown.contains(&format!("&lt;{name}1&gt;")), is_listed, "{:?}", &shown);
        }
    }
}
