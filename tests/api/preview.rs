//! Markdown as HTML.

use serde_json::{Value, json};

use crate::harness::App;

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
fn a_whole_description_can_be_rendered_and_no_more() {
    let client = App::shared().client();
    let longest = "ü".repeat(65_536);
    let body = json!({ "markdown": longest });
    client.post("/v1/preview", body).expect(200);
    let body = json!({ "markdown": format!("{longest}a") });
    client
        .post("/v1/preview", body)
        .expect_error(400, "invalid_request");
}
