//! Webhooks: their URLs, events, secrets and limits.

use serde_json::{Value, json};
use tackboard::model::addresses::AllowList;
use tackboard::model::scopes::Scope;
use tackboard::model::time::Timestamp;
use tackboard::model::webhooks::{SigningKeys, WebhookSecret};

use crate::harness::{App, CLOSED_PORT, Client, Reply, at_once, column, text};
use crate::receiver::is_genuine;

const PATH: &str = "/v1/webhooks";

fn valid() -> Value {
    json!({ "name": "Chat", "url": "https://hooks.example.org/tackboard", "events": ["task.*"] })
}

fn with(member: &str, value: Value) -> Value {
    let mut body = valid();
    body[member] = value;
    body
}

fn create(client: &Client, body: Value) -> Value {
    client.post(PATH, body).expect(201).object()
}

/// The message for a field of a refused request.
#[track_caller]
fn message(reply: Reply, field: &str) -> String {
    let fields = reply.expect_error(400, "invalid_request").fields();
    assert_eq!(fields.as_object().unwrap().len(), 1, "{fields}");
    text(&fields, field)
}

#[test]
fn a_webhook_lives_from_creation_to_deletion() {
    let app = App::start();
    let client = app.client();
    let made = create(&client, valid());
    let expected = json!({
        "id": made["id"], "name": "Chat", "url": "https://hooks.example.org/tackboard", "events": ["task.*"],
        "board_id": null, "payload": "full", "is_active": true, "disabled_reason": null, "disabled_at": null,
        "created_at": made["created_at"], "updated_at": made["created_at"], "secret": made["secret"]
    });
    assert_eq!(made, expected);
    let mut shown = made.clone();
    shown.as_object_mut().unwrap().remove("secret");
    let path = format!("{PATH}/{}", text(&made, "id"));
    assert_eq!(client.show(&path), shown);
    assert_eq!(client.rows(PATH), [shown.clone()]);
    app.age("webhook");
    let old = client.show(&path);
    let same = client.patch(&path, json!({})).expect(200);
    assert_eq!(same.object(), old, "an empty change changes nothing");
    assert_eq!(same.header("etag"), client.get(&path).header("etag"));
    let board = client.new_board();
    let change = json!({
        "name": "Other", "url": "https://b.example.org/x?y=1", "events": ["*", "card.sent"], "board_id": board,
        "payload": "thin", "is_active": false
    });
    let changed = client.put(&path, change.clone()).expect(200).object();
    for (field, value) in change.as_object().unwrap() {
        assert_eq!(changed[field], *value, "{field}");
    }
    assert_eq!(changed["created_at"], old["created_at"]);
    assert_ne!(changed["updated_at"], old["updated_at"]);
    let wider = client.patch(&path, json!({ "boardId": null })).expect(200);
    assert_eq!(wider.object()["board_id"], Value::Null);
    let id = text(&made, "id");
    let gone = client.delete(&path).expect(200).json();
    assert_eq!(gone, json!({ "deleted": true, "id": id }));
    client.get(&path).expect_error(404, "webhook_not_found");
    assert_eq!(app.number("SELECT count(*) FROM webhook_progress"), 0);
}

#[test]
fn a_url_is_https_and_public_unless_a_setting_says_otherwise() {
    let app = App::with(|settings| settings.webhook_allow = AllowList::default());
    let client = app.client();
    let refused = |url: &str| message(client.post(PATH, with("url", json!(url))), "url");
    assert_eq!(
        refused("https://127.0.0.1/hook"),
        "URL must not point to a loopback address (127.0.0.1); allow it with --webhook-allow 127.0.0.1"
    );
    for (url, kind) in [
        ("https://10.1.2.3/", "private address (10.1.2.3)"),
        ("https://192.168.0.7:8443/", "private address (192.168.0.7)"),
        ("https://2130706433/", "loopback address (127.0.0.1)"),
        ("https://0x7f.1/", "loopback address (127.0.0.1)"),
        ("https://[::1]/", "loopback address (::1)"),
        ("https://[::ffff:10.0.0.1]/", "private address"),
        (
            "https://169.254.169.254/",
            "link-local address (169.254.169.254)",
        ),
        ("https://100.64.0.1/", "(100.64.0.1)"),
    ] {
        let why = refused(url);
        assert!(
            why.contains(kind) && why.contains("--webhook-allow"),
            "{url}: {why}"
        );
    }
    for url in [
        "http://hooks.example.org/",
        "http://8.8.8.8/",
        "http://hooks.example.org:22/",
        "ftp://hooks.example.org/",
        "ftp://ann@hooks.example.org/",
        "javascript:alert(1)",
    ] {
        assert!(
            refused(url).starts_with("URL must begin with https://"),
            "{url}"
        );
    }
    for url in [
        "https://ann:secret@a.example/",
        "https://ann@a.example/",
        "https://@a.example/",
        "https://:@a.example",
    ] {
        assert_eq!(
            refused(url),
            "URL must not contain a user name or a password"
        );
    }
    assert_eq!(
        refused("https://a.example/#x"),
        "URL must not contain a fragment"
    );
    assert!(refused("https://a.example:22/").contains("port"));
    for url in [
        "nonsense",
        "https://",
        "https:a.example/hook",
        "https:a.example/?next=https://b.example/",
        "https:/a.example/hook",
        "HTTPS:a.example",
        "https:\\\\a.example\\hook",
        "https:///a.example/hook",
        "https://a b/",
        "https://a.example/\u{0}",
        "https://a.example/\n",
    ] {
        refused(url);
    }
    client
        .post(
            PATH,
            with(
                "url",
                json!(format!("https://a.example/{}", "x".repeat(2048))),
            ),
        )
        .expect_error(400, "invalid_request");
    let id = text(&create(&client, valid()), "id");
    let change = json!({ "url": "https://127.0.0.1/hook" });
    let why = message(client.patch(&format!("{PATH}/{id}"), change), "url");
    assert!(why.contains("loopback"), "{why}");
    // The harness allows 127.0.0.1.
    App::shared().client().new_webhook();
}

#[test]
fn events_are_types_nouns_or_everything() {
    let app = App::shared();
    let client = app.client();
    let events = |events: Value| client.post(PATH, with("events", events));
    let why = message(events(json!(["task.*", "task.made"])), "events[1]");
    assert!(
        why.starts_with("Events[1] must be one of task.created, "),
        "{why}"
    );
    assert!(why.ends_with(", *"), "{why}");
    assert_eq!(
        message(events(json!([])), "events"),
        "Events must list at least one event"
    );
    for bad in [
        "",
        "task",
        "task.",
        "*.created",
        "task.**",
        "Task.created",
        "nothing.*",
    ] {
        message(events(json!([bad])), "events[0]");
    }
    message(events(json!(["*", "*"])), "events");
    message(events(json!("*")), "events");
    for good in [
        "*",
        "task.*",
        "card.sent",
        "webhook.updated",
        "email_account.*",
    ] {
        events(json!([good])).expect(201);
    }
}

#[test]
fn every_failing_field_is_told_at_once() {
    let app = App::shared();
    let client = app.client();
    let reply = client.post(
        PATH,
        json!({ "name": " ", "events": [], "payload": "big", "isActive": 1, "colour": 1 }),
    );
    let fields = reply.expect_error(400, "invalid_request").fields();
    let names: Vec<_> = fields.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        names,
        ["colour", "events", "isActive", "name", "payload", "url"]
    );
    let both = json!({ "name": "x", "url": "http://a.example", "events": ["*"], "secret": "whsec_thisisnotbase64!" });
    let fields = client
        .post(PATH, both)
        .expect_error(400, "invalid_request")
        .fields();
    assert_eq!(
        fields["secret"],
        "Secret must be whsec_ followed by the base64 of 24 to 64 bytes"
    );
    assert!(text(&fields, "url").starts_with("URL must begin with https://"));
    let id = text(&create(&client, valid()), "id");
    let path = format!("{PATH}/{id}");
    let secret = client.patch(&path, json!({ "secret": "sixteen letters!" }));
    assert_eq!(message(secret, "secret"), "secret is not a known field");
    for field in ["name", "url", "events", "payload", "isActive"] {
        client
            .patch(&path, json!({ field: null }))
            .expect_error(400, "invalid_request");
    }
}

#[test]
fn a_secret_is_shown_once() {
    let app = App::start();
    let client = app.client();
    let given = "a secret with spaces, 35 characters";
    let (generated, chosen) = (
        create(&client, valid()),
        create(&client, with("secret", json!(given))),
    );
    let secret = text(&generated, "secret");
    assert!(
        secret.starts_with("whsec_") && secret.len() == 50,
        "{secret}"
    );
    assert_eq!(chosen["secret"], given);
    let path = format!("{PATH}/{}", text(&generated, "id"));
    let rotated = client
        .post(&format!("{path}/secret/rotate"), json!({}))
        .expect(200);
    assert_eq!(rotated.header("cache-control"), "no-store");
    let fresh = text(&rotated.object(), "secret");
    assert!(fresh.starts_with("whsec_") && fresh != secret);
    let own = json!({ "secret": "whsec_bm90IHNlY3JldCBhdCBhbGwgaW4gYW55IHdheQ==" });
    let path = format!("{PATH}/{}/secret/rotate", text(&chosen, "id"));
    let rotated = client.post(&path, own.clone()).expect(200).object();
    assert_eq!(rotated["secret"], own["secret"]);
    // Nothing else shows them, and only keys are in the file.
    let mut shown = client.get(PATH).text + &client.get("/v1/events?since=0&limit=500").text;
    shown += &client.get(&format!("{PATH}/{}", text(&chosen, "id"))).text;
    for secret in [&secret, &fresh, &text(&own, "secret"), given] {
        assert!(
            !shown.contains(secret.trim_start_matches("whsec_")),
            "{shown}"
        );
    }
    let events = client.events_after(0);
    let rotation = events
        .iter()
        .rev()
        .find(|event| event["type"] == "webhook.updated");
    assert_eq!(
        rotation.unwrap()["changes"],
        json!({ "secret": { "from": null, "to": null } })
    );
    for bad in [
        "short",
        "whsec_",
        "whsec_c2hvcnQ=",
        "with\nline breaks, long enough",
    ] {
        message(client.post(PATH, with("secret", json!(bad))), "secret");
        message(client.post(&path, json!({ "secret": bad })), "secret");
    }
}

#[test]
fn a_replay_has_no_secret() {
    let app = App::shared();
    let client = app.client();
    let key = [("idempotency-key", "k")];
    let first = client.json("POST", PATH, &key, valid()).expect(201);
    let again = client.json("POST", PATH, &key, valid()).expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.id(), first.id());
    assert!(first.object()["secret"].is_string() && again.object()["secret"].is_null());
    let path = format!("{PATH}/{}/secret/rotate", first.id());
    let first = client.json("POST", &path, &key, json!({})).expect(200);
    let again = client.json("POST", &path, &key, json!({})).expect(200);
    assert!(first.object()["secret"].is_string() && again.object()["secret"].is_null());
    let stored = app.number(
        "SELECT count(*) FROM idempotency WHERE operation LIKE '%webhooks%' AND CAST(body AS TEXT) LIKE '%whsec_%'",
    );
    assert_eq!(stored, 0);
}

#[test]
fn a_rotation_keeps_the_old_key_for_a_day() {
    let app = App::start();
    let client = app.client();
    let path = format!(
        "{PATH}/{}/secret/rotate",
        text(&create(&client, valid()), "id")
    );
    let keys = || app.number("SELECT count(old_key) FROM webhook");
    assert_eq!(keys(), 0);
    client.post(&path, json!({})).expect(200);
    assert_eq!(keys(), 1);
    let left = "SELECT CAST((old_key_until / 1000 - unixepoch()) / 60 AS INTEGER) FROM webhook";
    assert!((1439..=1440).contains(&app.number(left)));
    // Two rotations: only the last two keys are kept.
    client.post(&path, json!({})).expect(200);
    assert_eq!(
        app.number(
            "SELECT count(DISTINCT hex(key) || hex(old_key)) FROM webhook WHERE key <> old_key"
        ),
        1
    );
}

#[test]
fn the_plan_limits_webhooks_also_in_a_race() {
    let app = App::start();
    for (plan, limit) in [("personal", 0), ("pro", 5), ("teams", 20)] {
        let client = app.client_of(&app.workspace(plan));
        let replies = at_once(8, |_| {
            let many = (0..limit / 4 + 1).map(|_| client.post(PATH, valid()).status);
            many.collect::<Vec<_>>()
        });
        let made = replies
            .concat()
            .iter()
            .filter(|status| **status == 201)
            .count();
        assert_eq!(made, limit, "{plan}");
        let reply = client
            .post(PATH, valid())
            .expect_error(403, "resource_limit_exceeded");
        let details = json!({ "resource": "webhooks", "limit": limit, "current": limit });
        assert_eq!(reply.details(), details);
        assert!(
            reply.text.contains("Webhook limit reached for your plan"),
            "{}",
            reply.text
        );
        let usage = client.show("/v1/usage")["resources"]["webhooks"].clone();
        assert_eq!(usage, json!({ "limit": limit, "current": limit }));
        if let Some(one) = client.rows(PATH).first() {
            client
                .delete(&format!("{PATH}/{}", text(one, "id")))
                .expect(200);
            create(&client, valid());
        }
    }
}

#[test]
fn a_board_is_one_of_the_own_workspace() {
    let app = App::start();
    let client = app.client();
    let theirs = app.client().new_board();
    client
        .post(PATH, with("boardId", json!(theirs)))
        .expect_error(404, "board_not_found");
    client
        .post(PATH, with("boardId", json!("x")))
        .expect_error(400, "invalid_uuid");
    let own = client.new_board();
    let made = create(&client, with("boardId", json!(own)));
    let path = format!("{PATH}/{}", text(&made, "id"));
    client
        .patch(&path, json!({ "boardId": theirs }))
        .expect_error(404, "board_not_found");
    // A deleted board stays the webhook's board, so that it does not get the events of all others.
    client.delete(&format!("/v1/boards/{own}")).expect(200);
    assert_eq!(client.show(&path)["board_id"], json!(own));
    client
        .patch(&path, json!({ "name": "Other", "boardId": own }))
        .expect(200);
}

#[test]
fn only_admins_manage_webhooks() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let id = app.client_of(&workspace).new_webhook();
    let weak = app.client_with(Some(
        &app.token(&workspace, &[Scope::Read, Scope::Write, Scope::Delete]),
    ));
    weak.get(PATH).expect_error(403, "insufficient_scope");
    weak.post(PATH, valid())
        .expect_error(403, "insufficient_scope");
    weak.delete(&format!("{PATH}/{id}"))
        .expect_error(403, "insufficient_scope");
}

#[test]
fn each_change_is_one_event() {
    let app = App::start();
    let client = app.client();
    let before = client.latest();
    let path = format!("{PATH}/{}", text(&create(&client, valid()), "id"));
    client
        .patch(&path, json!({ "isActive": false, "name": "Off" }))
        .expect(200);
    client
        .patch(&path, json!({ "isActive": false }))
        .expect(200);
    client.patch(&path, json!({ "isActive": true })).expect(200);
    client.delete(&path).expect(200);
    let events = client.events_after(before);
    assert_eq!(
        column(&events, "type"),
        [
            "webhook.created",
            "webhook.updated",
            "webhook.updated",
            "webhook.deleted"
        ]
    );
    let changes = json!({ "is_active": { "from": true, "to": false }, "name": { "from": "Chat", "to": "Off" } });
    assert_eq!(events[1]["changes"], changes);
}

#[test]
fn a_webhook_starts_with_the_next_event() {
    let app = App::start();
    let client = app.client();
    client.new_project();
    let cursor = || app.number("SELECT cursor FROM webhook_progress");
    // Off, so that nothing is delivered meanwhile.
    let body =
        json!({ "name": "x", "url": CLOSED_PORT, "events": ["key.revoked"], "isActive": false });
    let path = format!("{PATH}/{}", text(&create(&client, body), "id"));
    assert_eq!(cursor(), client.latest());
    client.new_project();
    client.patch(&path, json!({ "isActive": true })).expect(200);
    assert_eq!(cursor(), client.latest());
}

#[test]
fn lists_are_paged_by_creation() {
    let app = App::shared();
    let client = app.client();
    let ids: Vec<_> = (0..3).map(|_| client.new_webhook()).collect();
    assert_eq!(column(&client.rows(PATH), "id"), ids);
    let first = client.get(&format!("{PATH}?limit=2")).expect(200).json();
    assert_eq!(
        column(first["webhooks"].as_array().unwrap(), "id"),
        ids[..2]
    );
    let cursor = text(&first, "next_cursor");
    let rest = client
        .get(&format!("{PATH}?cursor={cursor}"))
        .expect(200)
        .json();
    assert_eq!(column(rest["webhooks"].as_array().unwrap(), "id"), ids[2..]);
    assert_eq!(rest["next_cursor"], Value::Null);
}

#[test]
fn the_receiver_of_the_guide_accepts_only_genuine_requests() {
    let guide = include_str!("../../static/docs/guides/webhooks.md");
    let (_, code) = include_str!("receiver.rs").split_once("\n\n").unwrap();
    assert!(guide.contains(code), "the guide shows another receiver");
    let secrets = [
        "whsec_RXhhbXBsZUV4YW1wbGVFeGFtcGxlRXhhbXBsZUV4YW0=",
        "a plain secret, as it is",
    ];
    let [key, old] = secrets.map(|text| WebhookSecret::given(text.to_owned()).key().unwrap());
    let keys = SigningKeys {
        current: key,
        previous: Some(old),
    };
    let (id, sent) = (uuid::Uuid::now_v7(), Timestamp::now());
    let body = r#"{"event":"task.created","data":{"label":"é"}}"#;
    let signatures = keys.sign(id, sent, body);
    let seconds = sent.millis().cast_unsigned() / 1000;
    let check = |secret: &str, body: &str, now: u64| {
        let time = seconds.to_string();
        is_genuine(
            secret,
            &id.to_string(),
            &time,
            &signatures,
            body.as_bytes(),
            now,
        )
    };
    for secret in secrets {
        assert!(check(secret, body, seconds + 300));
        assert!(!check(secret, body, seconds + 301));
        assert!(!check(secret, &body.replace('é', "e"), seconds));
    }
    assert!(!check(
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        body,
        seconds
    ));
}
