//! Cards.

use serde_json::{Value, json};

use crate::harness::{App, Client, column};

/// Creates a card and returns its path.
fn new_card(client: &Client, body: Value) -> String {
    format!(
        "/v1/cards/{}",
        client.post("/v1/cards", body).expect(201).id()
    )
}

/// The revision of the only card.
fn revision(app: &App) -> i64 {
    app.number("SELECT revision FROM card")
}

#[test]
fn a_card_lives_from_creation_to_deletion() {
    let app = App::shared();
    let client = app.client();
    let created = client
        .post("/v1/cards", json!({ "title": "  Hello {{name}}  " }))
        .expect(201);
    let card = created.object();
    let expected = json!({
        "id": card["id"], "title": "Hello {{name}}", "message": "", "cover_url": null, "accent_color": "#2563eb",
        "subject": null, "sender_name": null, "merge_tags": ["name"],
        "created_at": card["created_at"], "updated_at": card["created_at"]
    });
    assert_eq!(card, expected);
    let path = format!("/v1/cards/{}", created.id());
    let read = client.get(&path).expect(200);
    assert_eq!(read.object(), card);
    assert_eq!(read.header("etag"), created.header("etag"));
    let changed = client
        .patch(&path, json!({ "message": "Text", "sender_name": "Ada" }))
        .expect(200)
        .object();
    assert_eq!(
        (&changed["message"], &changed["sender_name"]),
        (&json!("Text"), &json!("Ada"))
    );
    let deleted = client.delete(&path).expect(200);
    assert_eq!(deleted.json(), json!({ "deleted": true, "id": card["id"] }));
    client.get(&path).expect_error(404, "card_not_found");
    client.delete(&path).expect_error(404, "card_not_found");
    client
        .patch(&path, json!({ "title": "x" }))
        .expect_error(404, "card_not_found");
}

#[test]
fn every_member_that_is_given_is_kept_and_a_list_leaves_the_message_out() {
    let app = App::shared();
    let client = app.client();
    let body = json!({
        "title": "Launch", "message": "# Hi\n\n*{{company}}*", "coverUrl": "https://example.org/a.png?b=c#d",
        "accentColor": "#3B82f6", "subject": "For {{ name }}", "senderName": "Ada"
    });
    let card = client.post("/v1/cards", body).expect(201).object();
    let expected = json!({
        "id": card["id"], "title": "Launch", "message": "# Hi\n\n*{{company}}*",
        "cover_url": "https://example.org/a.png?b=c#d", "accent_color": "#3B82f6", "subject": "For {{ name }}",
        "sender_name": "Ada", "merge_tags": ["company", "name"],
        "created_at": card["created_at"], "updated_at": card["created_at"]
    });
    assert_eq!(card, expected);
    let mut summary = expected;
    for member in ["message", "subject", "sender_name", "merge_tags"] {
        summary.as_object_mut().unwrap().remove(member);
    }
    assert_eq!(client.rows("/v1/cards"), [summary]);
}

#[test]
fn merge_tags_are_those_of_all_texts_once_and_in_their_order() {
    let app = App::shared();
    let client = app.client();
    let path = new_card(
        &client,
        json!({
            "title": "{{b}} {{ a }}", "message": "{{a}}{{c d}} {{ }} {{{e}}}", "subject": "{{f}} {{b}}",
            "senderName": "{{not one}}"
        }),
    );
    let tags = json!(["b", "a", "c d", "e", "f"]);
    assert_eq!(client.show(&path)["merge_tags"], tags);
}

#[test]
fn what_is_one_line_is_trimmed_and_a_message_is_not() {
    let app = App::shared();
    let client = app.client();
    let padded = json!({
        "title": " \t Plan \n", "message": "  as\ttyped\r\n", "subject": " Re: \n", "senderName": "\nAda ",
        "coverUrl": " https://example.org/a.png "
    });
    let created = client.post("/v1/cards", padded.clone()).expect(201);
    let path = new_card(&client, json!({ "title": "Other" }));
    let changed = client.patch(&path, padded).expect(200);
    for card in [created.object(), changed.object()] {
        let shown = ["title", "message", "subject", "sender_name", "cover_url"]
            .map(|member| card[member].as_str().unwrap().to_owned());
        let kept = [
            "Plan",
            "  as\ttyped\r\n",
            "Re:",
            "Ada",
            "https://example.org/a.png",
        ];
        assert_eq!(shown, kept);
    }
}

#[test]
fn every_failing_field_is_told_at_once() {
    let app = App::shared();
    let client = app.client();
    let bad = json!({
        "title": "   ", "message": null, "coverUrl": "http://example.org/a.png", "accentColor": "red",
        "subject": "a\nb", "senderName": 5, "cover": "x"
    });
    let path = new_card(&client, json!({ "title": "Card" }));
    for reply in [
        client.post("/v1/cards", bad.clone()),
        client.patch(&path, bad),
    ] {
        let fields = reply.expect_error(400, "invalid_request").fields();
        let told = json!({
            "title": "Title must not be empty",
            "message": "Message must be text",
            "coverUrl": "Cover URL must be an https:// URL, or that of an uploaded cover as it was handed out",
            "accentColor": "Accent color must look like #rrggbb",
            "subject": "Subject must be one line without control characters",
            "senderName": "Sender name must be text or null",
            "cover": "cover is not a known field"
        });
        assert_eq!(fields, told);
    }
    let missing = client
        .post("/v1/cards", json!({}))
        .expect_error(400, "invalid_request");
    assert_eq!(missing.fields(), json!({ "title": "Title is required" }));
}

#[test]
fn no_line_break_and_no_control_character_gets_into_a_header() {
    let app = App::shared();
    let client = app.client();
    let path = new_card(&client, json!({ "title": "Card" }));
    for member in ["title", "subject", "senderName"] {
        for bad in [
            "a\r\nBcc: b@example.org",
            "a\nb",
            "a\rb",
            "a\0b",
            "a\u{1b}[2Jb",
            "a\u{7f}b",
            "a\u{85}b",
            "a\u{2028}b",
        ] {
            let reply = client.patch(&path, json!({ member: bad }));
            let reply = reply.expect_error(400, "invalid_request");
            assert_eq!(reply.field_names(), [member], "{bad:?}");
        }
        let odd = "e\u{301} 👩\u{200d}👧 \u{202e}עברית <b>\"&amp;";
        client.patch(&path, json!({ member: odd })).expect(200);
    }
    let reply = client.patch(&path, json!({ "message": "a\0" }));
    let fields = reply.expect_error(400, "invalid_request").fields();
    let told = json!({ "message": "Message must not contain a NUL character" });
    assert_eq!(fields, told);
}

#[test]
fn texts_may_be_as_long_as_the_contract_says_and_no_longer() {
    let app = App::shared();
    let client = app.client();
    let path = new_card(&client, json!({ "title": "Card" }));
    for (member, shown, longest) in [
        ("title", "title", 255),
        ("message", "message", 20_000),
        ("subject", "subject", 255),
        ("senderName", "sender_name", 100),
    ] {
        for character in ["ü", "🚀"] {
            let fits = character.repeat(longest);
            let card = client.patch(&path, json!({ member: fits })).expect(200);
            assert_eq!(card.object()[shown], json!(fits));
            let over = client.patch(&path, json!({ member: character.repeat(longest + 1) }));
            let over = over.expect_error(400, "invalid_request");
            assert_eq!(over.field_names(), [member]);
        }
    }
    let url = |length: usize| format!("https://example.org/{}", "x".repeat(length - 20));
    client
        .patch(&path, json!({ "coverUrl": url(2048) }))
        .expect(200);
    client
        .patch(&path, json!({ "coverUrl": url(2049) }))
        .expect_error(400, "invalid_request");
    // Each of these characters becomes six in ASCII.
    let long = format!("https://example.org/{}", "ä".repeat(400));
    let reply = client.patch(&path, json!({ "coverUrl": long }));
    let told = "Cover URL must be at most 2048 characters in ASCII";
    let fields = reply.expect_error(400, "invalid_request").fields();
    assert_eq!(fields, json!({ "coverUrl": told }));
}

#[test]
fn a_cover_is_at_an_https_url() {
    let app = App::shared();
    let client = app.client();
    let path = new_card(&client, json!({ "title": "Card" }));
    for (url, kept) in [
        ("https://a", "https://a/"),
        (
            "https://example.org:8443/a%20b/c.png?d=e&f#g",
            "https://example.org:8443/a%20b/c.png?d=e&f#g",
        ),
        ("HTTPS://Example.ORG:443/A.png", "https://example.org/A.png"),
        ("https://192.0.2.1/a.png", "https://192.0.2.1/a.png"),
        (
            "https://пример.example/ä.png",
            "https://xn--e1afmkfd.example/%C3%A4.png",
        ),
    ] {
        let card = client.patch(&path, json!({ "coverUrl": url })).expect(200);
        assert_eq!(card.object()["cover_url"], kept);
    }
    for url in [
        "",
        "x",
        "//example.org/a.png",
        "http://example.org/a.png",
        "https://",
        "https:///a.png",
        "https://*.example.org/a.png",
        "https://example.org:99999/a.png",
        "https://example.org:0/a.png",
        "https://ann@example.org/a.png",
        "https://[::1]/",
        "https://a_b.example.org/a.png",
        "https://example.org./a.png",
        "https://example.org/a b.png",
        "https://example.org/\"onerror=\"x",
        "https://example.org/<b>",
        "https://example.org/{{name}}.png",
        "https://example.org/\u{1}",
        "javascript:alert(1)//https://",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
    ] {
        let reply = client.patch(&path, json!({ "coverUrl": url }));
        let reply = reply.expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), ["coverUrl"], "{url:?}");
    }
}

#[test]
fn snake_case_members_are_taken_as_well_but_not_both_spellings_at_once() {
    let app = App::shared();
    let client = app.client();
    let snake = json!({
        "title": "Card", "cover_url": "https://example.org/a", "accent_color": "#111111", "sender_name": "Ada"
    });
    let card = client.post("/v1/cards", snake.clone()).expect(201).object();
    for member in ["cover_url", "accent_color", "sender_name"] {
        assert_eq!(card[member], snake[member]);
    }
    let both = json!({ "title": "Card", "senderName": "Ada", "sender_name": "Ada" });
    let path = format!("/v1/cards/{}", card["id"].as_str().unwrap());
    for reply in [
        client.post("/v1/cards", both.clone()),
        client.patch(&path, both),
    ] {
        let reply = reply.expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), ["senderName"]);
    }
}

#[test]
fn what_can_be_null_is_taken_away_by_it_and_what_cannot_is_refused() {
    let app = App::shared();
    let client = app.client();
    let path = new_card(
        &client,
        json!({ "title": "Card", "coverUrl": "https://example.org/a", "subject": "S", "senderName": "A" }),
    );
    for (member, shown) in [
        ("coverUrl", "cover_url"),
        ("subject", "subject"),
        ("senderName", "sender_name"),
    ] {
        let card = client.patch(&path, json!({ member: null })).expect(200);
        assert_eq!(card.object()[shown], Value::Null);
        let mut body = json!({ "title": "Card" });
        body[member] = Value::Null;
        client.post("/v1/cards", body).expect(201);
    }
    for member in ["title", "message", "accentColor"] {
        let reply = client.patch(&path, json!({ member: null }));
        let reply = reply.expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [member]);
    }
}

#[test]
fn every_change_makes_a_revision_and_what_changes_nothing_none() {
    let app = App::start();
    let client = app.client();
    let path = new_card(&client, json!({ "title": "Card" }));
    app.age("card");
    let before = client.get(&path);
    for same in [
        json!({}),
        json!({ "title": " Card ", "message": "", "coverUrl": null, "subject": null }),
    ] {
        let reply = client.patch(&path, same).expect(200);
        assert_eq!(reply.json(), before.json());
        assert_eq!(reply.header("etag"), before.header("etag"));
        assert_eq!(client.get(&path).json(), before.json());
        assert_eq!(revision(&app), 1);
    }
    for (at, change) in [
        json!({ "title": "Other" }),
        json!({ "message": "Text" }),
        json!({ "coverUrl": "https://example.org/a" }),
        json!({ "accentColor": "#000000" }),
        json!({ "subject": "Subject" }),
        json!({ "senderName": "Ada" }),
    ]
    .into_iter()
    .enumerate()
    {
        app.age("card");
        let before = client.show(&path);
        let after = client.patch(&path, change).expect(200).object();
        assert_eq!(after["created_at"], before["created_at"]);
        assert_ne!(after["updated_at"], before["updated_at"]);
        assert_eq!(client.show(&path), after);
        assert_eq!(revision(&app), at as i64 + 2);
    }
}

#[test]
fn a_failed_precondition_takes_the_change_back() {
    let app = App::start();
    let client = app.client();
    let path = new_card(&client, json!({ "title": "Card" }));
    let tag = client.get(&path).header("etag").to_owned();
    let change = json!({ "title": "Other" });
    let stale = [("if-match", "\"old\"")];
    client
        .json("PATCH", &path, &stale, change.clone())
        .expect_error(412, "precondition_failed");
    assert_eq!(
        (client.show(&path)["title"].as_str(), revision(&app)),
        (Some("Card"), 1)
    );
    client
        .json("PATCH", &path, &[("if-match", &tag)], change)
        .expect(200);
    client
        .call("DELETE", &path, &[("if-match", &tag)], None)
        .expect_error(412, "precondition_failed");
    client.get(&path).expect(200);
}

#[test]
fn cards_are_listed_by_age_then_id() {
    let app = App::start();
    let client = app.client();
    let mut cards: Vec<String> = (0..4).map(|_| client.new_card()).collect();
    assert_eq!(column(&client.rows("/v1/cards"), "id"), cards);
    app.sql("UPDATE card SET created_at = 1700000000000");
    cards.sort();
    assert_eq!(column(&client.rows("/v1/cards"), "id"), cards);
    app.sql("UPDATE card SET created_at = 1600000000000 WHERE id = (SELECT max(id) FROM card)");
    cards.rotate_right(1);
    assert_eq!(column(&client.rows("/v1/cards"), "id"), cards);
}
