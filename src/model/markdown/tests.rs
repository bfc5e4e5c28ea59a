//! What messages look like as HTML and as plain text.

mod properties;

use self::properties::assert_safe;
use super::{MAX_BREAKS, MAX_DEPTH, events, html, text};
use crate::model::merge_tags::{self, Values};

fn values(pairs: &[(&str, &str)]) -> Values {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn ada() -> Values {
    values(&[
        ("name", "Ada"),
        ("id", "7/8 ?&#x"),
        ("url", "https://example.org/a?b=c"),
        ("evil", "javascript:alert(1)"),
        (
            "markup",
            "<script>alert('x')</script> *b* [c](https://d.example)",
        ),
        ("lines", "one\r\ntwo\n\nthree"),
    ])
}

#[test]
fn markdown_becomes_elements_and_a_tag_its_value() {
    let message = "# Hi {{name}}\n\n*Dear* **{{ name }}**, ~~no~~\n\n- one\n- `{{name}}`\n";
    assert_eq!(
        html(message, &ada()),
        "<h2>Hi <bdi>Ada</bdi></h2>\n<p><em>Dear</em> <strong><bdi>Ada</bdi></strong>, <del>no</del></p>\n\
         <ul>\n<li>one</li>\n<li><code>Ada</code></li>\n</ul>\n"
    );
    assert_eq!(
        text(message, &ada()),
        "Hi Ada\n\nDear Ada, no\n\n- one\n- Ada"
    );
}

#[test]
fn a_value_is_neither_markdown_nor_html() {
    let message = "{{markup}} and <b onclick=x>raw</b> <script>1</script>\n\n<div>\nblock\n</div>";
    let html = html(message, &ada());
    assert_safe(&html);
    assert!(html.contains("*b* [c](https://d.example)"), "{html}");
    assert!(html.contains("&lt;b onclick=x&gt;raw&lt;/b&gt;"), "{html}");
    assert!(html.contains("&lt;div&gt;\nblock\n&lt;/div&gt;"), "{html}");
    assert!(text(message, &ada()).starts_with("<script>alert('x')</script> *b*"));
}

#[test]
fn lines_of_a_value_are_lines() {
    assert_eq!(
        html("{{lines}}!", &ada()),
        "<p>one<br>\ntwo<br>\n<br>\nthree!</p>\n"
    );
    assert_eq!(text("> {{lines}}!", &ada()), "> one\n> two\n>\n> three!");
    assert_eq!(
        html("`{{lines}}`", &ada()),
        "<p><code>one two  three</code></p>\n"
    );
}

#[test]
fn a_value_that_is_a_block_gives_it_its_direction() {
    let wish = values(&[("wish", "سنة سعيدة"), ("name", "Ada")]);
    assert_eq!(
        html(
            "- *{{wish}}*!\n  - {{name}}: {{wish}}\n- So {{wish}}\n\n# {{wish}}",
            &wish
        ),
        "<ul>\n<li><em>سنة سعيدة</em>!\n<ul>\n<li>Ada: سنة سعيدة</li>\n</ul>\n</li>\n\
         <li>So <bdi>سنة سعيدة</bdi></li>\n</ul>\n<h2>سنة سعيدة</h2>\n"
    );
}

#[test]
fn a_link_leads_to_the_web_or_to_an_address() {
    let link = |target: &str| html(&format!("[x]({target})"), &ada());
    let rel = "rel=\"noopener noreferrer nofollow\"";
    assert_eq!(
        link("https://a.example/{{id}}"),
        format!("<p><a href=\"https://a.example/7%2F8%20%3F%26%23x\" {rel}>x</a></p>\n")
    );
    assert_eq!(
        link("{{url}}"),
        format!("<p><a href=\"https://example.org/a?b=c\" {rel}>x</a></p>\n")
    );
    assert_eq!(
        html("<grace@example.org>", &ada()),
        format!("<p><a href=\"mailto:grace@example.org\" {rel}>grace@example.org</a></p>\n")
    );
    for nowhere in [
        "{{evil}}",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "/relative",
        "//host/x",
        "https://",
        "https:///x",
        "https:x",
        "mailto:",
        "&#106;avascript:alert(1)",
        "{{nothing}}",
        "#x",
        "java&#9;script:alert(1)",
        "java&Tab;script&colon;alert(1)",
        "&#1;javascript:alert(1)",
        "vbscript:x",
        "https://a%20b",
        "https://a:port",
        "https://[::1",
    ] {
        assert_eq!(link(nowhere), "<p>x</p>\n", "{nowhere}");
    }
}

#[test]
fn a_links_url_and_title_are_escaped() {
    let title = values(&[("t", "\"><script>'&\u{202e}\n")]);
    let rel = "rel=\"noopener noreferrer nofollow\"";
    let html = html("[x](https://[::1]/?a='&b=\\\" \"{{t}} &quot;\")", &title);
    assert_eq!(
        html,
        format!(
            "<p><a href=\"https://[::1]/?a=&#39;&amp;b=%22\" \
             title=\"&quot;&gt;&lt;script&gt;&#39;&amp; &quot;\" {rel}>x</a></p>\n"
        )
    );
    assert_safe(&html);
}

#[test]
fn a_picture_is_a_link_and_never_loads() {
    let rel = "rel=\"noopener noreferrer nofollow\"";
    assert_eq!(
        html("![A *cat*](https://cats.example/1.png)", &ada()),
        format!("<p><a href=\"https://cats.example/1.png\" {rel}>A <em>cat</em></a></p>\n")
    );
    assert_eq!(
        html("![](https://cats.example/1.png)", &ada()),
        format!(
            "<p><a href=\"https://cats.example/1.png\" {rel}>https://cats.example/1.png</a></p>\n"
        )
    );
    assert_eq!(
        html(
            "[![cat](https://cats.example/1.png)](https://a.example)",
            &ada()
        ),
        format!("<p><a href=\"https://a.example\" {rel}>cat</a></p>\n")
    );
    assert_eq!(html("![cat](x.png)", &ada()), "<p>cat</p>\n");
}

#[test]
fn plain_text_says_where_links_lead_and_keeps_lists_in_shape() {
    let message = "See [here](https://a.example/{{id}}), <https://b.example>.\n\n1. one\n   two\n2. three\n\n   four\n\
                   \n> quoted\n>\n> - a\n>   - b\n\n---\n\n    code {{name}}\n    more";
    assert_eq!(
        text(message, &ada()),
        "See here <https://a.example/7%2F8%20%3F%26%23x>, https://b.example.\n\n1. one\n   two\n\n2. three\n\n   four\n\
         \n> quoted\n>\n> - a\n>   - b\n\n---\n\ncode Ada\nmore"
    );
    assert_eq!(text("", &ada()), "");
    assert_eq!(text("{{nothing}}", &ada()), "");
}

#[test]
fn entities_cannot_forge_a_tag_or_hide_a_turn() {
    let forged = html("{{name}} &#xFDD0;0&#xFDD1; a&#x202E;b", &ada());
    assert!(
        !forged.contains(['\u{fdd0}', '\u{fdd1}', '\u{202e}']),
        "{forged}"
    );
}

#[test]
fn no_nesting_is_too_deep() {
    let quotes = ">".repeat(20_000);
    let emphasis = format!("{}x{}", "*a **b ".repeat(2_000), "** *".repeat(2_000));
    let lists = (0..200).map(|n| format!("{}- x\n", "  ".repeat(n)));
    for hostile in [format!("{quotes} x"), emphasis, lists.collect()] {
        let html = html(&hostile, &ada());
        assert_safe(&html);
        let depth = html.matches("<blockquote>").count();
        assert!(depth <= MAX_DEPTH, "{depth} quotes");
        assert!(html.contains('x'));
        assert!(text(&hostile, &ada()).contains('x'));
    }
}

#[test]
fn work_grows_with_the_text_and_no_faster() {
    let long = values(&[("v", &"<&\n".repeat(33_000))]);
    for hostile in [
        "{{{{", "{{a", "[", "![](", "*a ", "<a ", "`", "{{v", "&#", "> - ",
    ] {
        let (once, twice) = (hostile.repeat(1_000), hostile.repeat(2_000));
        let work = |text: &str| {
            let events = events(text, &long);
            (
                events.len(),
                html(text, &long).len(),
                merge_tags::pieces(text).count(),
            )
        };
        let (a, b) = (work(&once), work(&twice));
        for (a, b) in [(a.0, b.0), (a.1, b.1), (a.2, b.2)] {
            assert!(b <= 2 * a + 64, "{hostile:?}: {a} and then {b}");
        }
    }
    let url = values(&[("v", &format!("https://a.example/{}", "&".repeat(100_000)))]);
    assert_eq!(html("[x]({{v}})", &url), "<p>x</p>\n");
    let html = html("{{v}}", &long);
    assert!(html.len() < 40 * 33_000, "{}", html.len());
}

#[test]
fn elements_grow_with_the_tags_and_not_with_the_lines_of_values() {
    for (tag, times, value) in [
        ("{{v}} ", 12, "a\n".repeat(10_000)),
        ("{{v}}", 4_000, "a\n".repeat(30)),
        ("`{{v}}`", 2_000, "&\n".repeat(60)),
    ] {
        let values = values(&[("v", &value)]);
        let most = 4 * (times + MAX_BREAKS) + 8;
        let events = events(&tag.repeat(times), &values).len();
        assert!(events <= most, "{tag}: {events} events");
        let elements = html(&tag.repeat(times), &values).matches('<').count();
        assert!(elements <= most, "{tag}: {elements} elements");
    }
}

#[test]
fn lines_past_the_most_are_spaces() {
    let lines = values(&[("v", &"a\n".repeat(MAX_BREAKS + 3))]);
    let html = html("{{v}}b", &lines);
    assert_eq!(html.matches("<br>").count(), MAX_BREAKS);
    assert!(html.ends_with("<bdi>a a a</bdi>b</p>\n"), "{html}");
}
