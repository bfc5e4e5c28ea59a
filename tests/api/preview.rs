//! Markdown as HTML.

use serde_json::{Value, json};

use crate::harness::App;
use crate::messages::fields;

fn html(markdown: &str) -> String {
    let client = App::shared().client();
    let body = json!({ "markdown": markdown });
    let reply = client.post("/v1/preview", body).expect(200);
    let body: Value = serde_json::from_str(&reply.text).unwrap();
    body["html"].as_str().unwrap().to_owned()
}

#[test]
fn markdown_is_rendered() {
    assert_eq!(
        html("# Plan\n\nShip **it**\non Friday\n\n- a\n- b"),
        "<h2>Plan</h2>\n<p>Ship <strong>it</strong><br>\non Friday</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"
    );
    assert_eq!(html(""), "");
}

#[test]
fn what_looks_like_a_merge_tag_stays() {
    assert_eq!(html("Hello {{name}}"), "<p>Hello {{name}}</p>\n");
    assert_eq!(html("`{{name}}`"), "<p><code>{{name}}</code></p>\n");
}

#[test]
fn nothing_that_runs_or_loads_comes_out() {
    for hostile in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "![a](https://example.org/pixel.gif)",
        "[a](data:text/html,x)",
        "a\u{202e}b\u{fdd0}0\u{fdd1}",
    ] {
        let html = html(hostile);
        for bad in [
            "<script",
            "<img",
            "javascript:\"",
            "href=\"data",
            "\u{202e}",
            "\u{fdd0}",
        ] {
            assert!(!html.contains(bad), "{hostile}: {html}");
        }
    }
}

#[test]
fn a_text_has_at_most_64_kib_of_utf_8() {
    let client = App::shared().client();
    let too_long = json!({ "markdown": "Markdown must be at most 65536 bytes of UTF-8" });
    for (letter, count) in [("a", 65_536), ("ü", 32_768), ("😀", 16_384)] {
        let longest = letter.repeat(count);
        let body = json!({ "markdown": longest });
        client.post("/v1/preview", body).expect(200);
        let body = json!({ "markdown": format!("{longest}a") });
        let found = fields(&client, "POST", "/v1/preview", body);
        assert_eq!(found, too_long, "{letter}");
    }
    let body = json!({ "markdown": "a".repeat(65_537), "nope": 1 });
    let found = fields(&client, "POST", "/v1/preview", body);
    assert_eq!(found.as_object().map(|fields| fields.len()), Some(2));
}
