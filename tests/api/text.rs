//! Text: valid text is returned unchanged, invalid text is refused.

use serde_json::json;

use crate::bodies::send;
use crate::harness::{App, Client, Reply};

fn named(client: &Client, name: &str) -> Reply {
    client.post("/v1/boards", json!({ "name": name }))
}

#[test]
fn text_that_is_none_is_refused() {
    let app = App::shared();
    let client = app.client();
    for bytes in [
        b"{\"name\":\"\xff\"}".as_slice(),
        b"{\"name\":\"\xc3\x28\"}",
        b"{\"name\":\"\xed\xa0\x80\"}",
        b"{\"name\":\"\xc0\xaf\"}",
        br#"{"name":"\ud800"}"#,
        br#"{"name":"\udc00x"}"#,
        br#"{"name":"\ud800\ud800"}"#,
        br#"{"name":"\u12"}"#,
        br#"{"name":"\x"}"#,
    ] {
        send(&client, bytes).expect_error(400, "invalid_json");
    }
    for name in ["\0", "a\0", "\0a"] {
        let reply = named(&client, name).expect_error(400, "invalid_request");
        assert_eq!(
            reply.details()["fields"]["name"],
            "Name must not contain a NUL character"
        );
    }
    let pair = send(&client, br#"{"name":"\ud83d\ude80"}"#).expect(201);
    assert_eq!(pair.json()["board"]["name"], "🚀");
}

#[test]
fn odd_text_comes_back_as_it_was() {
    let app = App::shared();
    let client = app.client();
    for name in [
        "עברית \u{202e}left\u{202c} \u{200f}mark",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦 🏳\u{fe0f}\u{200d}🌈",
        "e\u{301} and é stay apart",
        "\u{200b}zero\u{200b}",
        "tab\tand\nline",
        "<b>'\";--&amp;</b>",
        "𝕳𝖊𝖑𝖑𝖔 \u{10ffff}",
        "\\u0041 \"quoted\" \\",
        "\u{7f}\u{1}\u{1b}[31m",
    ] {
        let made = named(&client, name).expect(201).json()["board"].clone();
        assert_eq!(made["name"], name);
        let path = format!("/v1/boards/{}", made["id"].as_str().unwrap());
        assert_eq!(client.get(&path).expect(200).json()["board"]["name"], name);
    }
}

#[test]
fn lengths_are_in_characters() {
    let app = App::shared();
    let client = app.client();
    for character in ["x", "é", "🚀", "\u{10ffff}"] {
        let longest = character.repeat(255);
        assert_eq!(
            named(&client, &longest).expect(201).json()["board"]["name"],
            longest
        );
        // Trimmed spaces do not count.
        named(&client, &format!("  {longest}\n")).expect(201);
        let reply = named(&client, &character.repeat(256)).expect_error(400, "invalid_request");
        assert_eq!(
            reply.details()["fields"]["name"],
            "Name must be at most 255 characters"
        );
        let text = character.repeat(65_536);
        let made = client
            .post("/v1/boards", json!({ "name": "x", "description": text }))
            .expect(201);
        assert_eq!(made.json()["board"]["description"], text);
    }
}
