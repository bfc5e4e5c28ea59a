//! Recipients of cards: their pages, their actions, and the list of them.

use serde_json::{Value, json};
use tackboard::app::recipients;
use tackboard::model::recipients::Address;
use uuid::Uuid;

use crate::errors::{Case, error};
use crate::harness::{App, Client, Reply, Workspace, at_once, column, text, wait_for};
use crate::pictures::PNG;

/// The Accept header of a browser.
const BROWSER: [(&str, &str); 1] = [(
    "accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
)];

/// A workspace with a card that can be sent.
struct Sender {
    client: Client,
    card: String,
    config: String,
}

impl Sender {
    fn new(app: &App, card: Value) -> Self {
        Self::of(app, &app.workspace("teams"), card)
    }

    fn of(app: &App, workspace: &Workspace, card: Value) -> Self {
        let client = app.client_of(workspace);
        let card = client.post("/v1/cards", card).expect(201).id();
        let config =
            json!({ "userId": workspace.owner, "workspaceId": workspace.id, "cardId": card });
        let config = client.post("/api/integration/config", config).expect(201);
        let config = text(&config.json(), "_id");
        Self {
            client,
            card,
            config,
        }
    }

    /// A card whose recipient is Ada.
    fn to_ada(app: &App) -> (Self, String) {
        let sender = Self::new(app, json!({ "title": "Hello", "message": "Hi {{name}}" }));
        let ada = sender.link(json!({ "name": "Ada", "email": "ada@example.org" }));
        (sender, ada)
    }

    /// Creates a recipient without a mail, and returns the id.
    fn link(&self, values: Value) -> String {
        self.client.new_recipient(&self.card, &self.config, values)
    }

    /// Sends the card by mail.
    fn mail(&self, email: &str) -> Reply {
        let order = json!({
            "card": self.card, "integrationId": self.config, "mergeTags": [{ "name": "Ada", "email": email }]
        });
        self.client.post("/api/integration/send-card", order)
    }

    fn recipients(&self, query: &str) -> Value {
        let path = format!("/v1/cards/{}/recipients{query}", self.card);
        self.client.get(&path).expect(200).json()
    }

    /// Waits until a field of the only recipient has this value, and returns the recipient.
    fn wait_until(&self, member: &str, value: u64) -> Value {
        wait_for(member, || {
            let recipient = self.recipients("")["recipients"][0].clone();
            (recipient[member] == value).then_some(recipient)
        })
    }
}

/// Requests a page as a browser does.
fn page(app: &App, path: &str) -> Reply {
    app.client_with(None).call("GET", path, &BROWSER, None)
}

fn view(app: &App, recipient: &str) -> Reply {
    page(app, &format!("/view/{recipient}")).expect(200)
}

fn pixel(app: &App, recipient: &str) -> Reply {
    let path = format!("/api/analytics/fetchImage/{recipient}");
    app.client_with(None).get(&path).expect(200)
}

/// The codes of recipients only.
pub fn errors() -> Vec<Case> {
    let app = App::shared();
    let (sender, ada) = Sender::to_ada(app);
    let anybody = app.client_with(None);
    let nobody = Uuid::now_v7();
    let missing = anybody.get(&format!("/view/{nobody}"));
    let path = format!("/v1/cards/{}", sender.card);
    sender.client.delete(&path).expect(200);
    let expired = anybody.get(&format!("/view/{ada}"));
    vec![
        (
            missing,
            404,
            error(
                "recipient_not_found",
                "Recipient not found or access denied",
                json!({ "recipient_id": nobody }),
            ),
        ),
        (
            expired,
            410,
            json!({ "code": "card_expired", "message": "The card is no longer available" }),
        ),
    ]
}

#[test]
fn a_card_is_a_page_with_the_recipients_own_values() {
    let app = App::shared();
    let sender = Sender::new(
        app,
        json!({
            "title": "Welcome, {{name}}", "message": "Dear **{{ name }}** of {{company}}{{nothing}}", "accentColor": "#ffee00",
            "senderName": "Grace & Co"
        }),
    );
    let ada = json!({ "name": "Ada", "email": "ada@example.org", "company": "Engines" });
    let id = sender.link(ada);
    let page = view(app, &id);
    for shown in [
        "<title>Welcome, Ada</title>",
        "<strong><bdi>Ada</bdi></strong> of <bdi>Engines</bdi>",
        "Grace &amp; Co",
        "--accent:#ffee00;",
        "content=\"noindex, nofollow\"",
        &format!("href=\"/unsubscribe/{id}\""),
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    for absent in ["<script", "<link", "src=", "style=", "onclick", "{{"] {
        assert!(!page.text.contains(absent), "{absent}: {}", page.text);
    }
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store, private"),
        ("x-robots-tag", "noindex, nofollow"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ];
    for (name, value) in headers {
        assert_eq!(page.header(name), value);
    }
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    let end = "base-uri 'none'; frame-ancestors 'none'; img-src 'self'; form-action 'none'";
    assert!(policy.ends_with(end), "{policy}");
    assert!(
        !policy.contains("unsafe") && !policy.contains("script-src"),
        "{policy}"
    );
}

#[test]
fn a_cover_is_the_only_picture_that_may_load() {
    let app = App::shared();
    let elsewhere = "https://pictures.example/a;b.png?c=1&d";
    let sender = Sender::new(app, json!({ "title": "x", "coverUrl": elsewhere }));
    let ada = json!({ "name": "Ada", "email": "ada@example.org" });
    let before = sender.link(ada.clone());
    let uploaded = sender.client.put_cover(&sender.card, &PNG).expect(200);
    let url = text(&uploaded.object(), "cover_url");
    let after = sender.link(ada);
    let page = view(app, &before);
    assert!(
        page.text
            .contains("src=\"https:&#x2f;&#x2f;pictures.example&#x2f;a;b.png?c=1&amp;d\""),
        "{}",
        page.text
    );
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("img-src 'self' https://pictures.example/a%3Bb.png; form-action"),
        "{policy}"
    );
    let page = view(app, &after);
    let path = url.strip_prefix(&app.origin).unwrap();
    assert!(
        page.text
            .contains(&format!("src=\"{}\"", path.replace('/', "&#x2f;"))),
        "{}",
        page.text
    );
    assert!(
        page.header("content-security-policy")
            .contains("img-src 'self'; form-action")
    );
}

#[test]
fn hostile_values_stay_text() {
    let app = App::shared();
    let sender = Sender::new(
        app,
        json!({ "title": "{{name}}", "message": "{{x}} [link]({{x}}) `{{x}}` {{long}}", "senderName": "</style><script>" }),
    );
    for hostile in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "a\r\nSet-Cookie: b=c\r\n\r\n<p>",
        "\u{202e}\u{2066}turned",
        "{{name}} {% raw %} {{ 7*7 }}",
        "javascript:alert(1)",
        "</title></style></textarea><script>",
        "\u{0}\u{8}\u{1b}[2J",
    ] {
        let name = hostile.replace(char::is_control, "");
        let values = json!({ "name": name, "email": "ada@example.org", "x": hostile, "long": "<&\"".repeat(6_000) });
        let id = sender.link(values);
        let page = view(app, &id);
        let text = &page.text;
        for absent in [
            "<script",
            "<img",
            "href=\"javascript",
            "<p>\"",
            "\u{202e}",
            "\u{2066}",
            "\u{0}",
            "\u{1b}",
        ] {
            assert!(!text.contains(absent), "{absent:?} of {hostile:?}");
        }
        assert!(page.header("set-cookie").is_empty());
        assert_eq!(text.matches("</style>").count(), 2);
    }
}

#[test]
fn a_card_whose_values_cannot_be_read_is_not_shown_with_blanks() {
    let app = App::start();
    let (_, ada) = Sender::to_ada(&app);
    view(&app, &ada);
    app.sql("UPDATE recipient SET merge_tags = '{\"name\": 7}'");
    let path = format!("/view/{ada}");
    let refused = app.client_with(None).get(&path);
    refused.expect_error(500, "internal_error");
    page(&app, &format!("/unsubscribe/{ada}")).expect(200);
}

#[test]
fn the_picture_is_the_same_for_everybody() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    let visible = |id: &str| {
        let reply = pixel(&app, id);
        let mut headers: Vec<_> = reply
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        headers.retain(|header| !header.starts_with("x-request-id") && !header.starts_with("date"));
        headers.sort();
        (reply.bytes, headers)
    };
    let known = visible(&ada);
    assert_eq!(known.0.len(), 43);
    assert!(known.0.starts_with(b"GIF89a\x01\x00\x01\x00") && known.0.ends_with(b";"));
    assert!(
        known.1.contains(&"content-type: \"image/gif\"".to_owned()),
        "{:?}",
        known.1
    );
    assert!(
        known
            .1
            .contains(&"cache-control: \"no-store, private\"".to_owned())
    );
    for nobody in [
        Uuid::now_v7().to_string().as_str(),
        "x",
        "%00",
        "..%2f..",
        &"y".repeat(2_000),
    ] {
        assert_eq!(visible(nobody), known, "{nobody}");
    }
    sender
        .client
        .delete(&format!("/v1/cards/{}", sender.card))
        .expect(200);
    assert_eq!(visible(&ada), known);
}

#[test]
fn opens_and_views_are_counted_apart() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    let nothing_yet = sender.recipients("");
    let recipient = &nothing_yet["recipients"][0];
    assert_eq!(recipient["id"], json!(ada));
    assert_eq!(
        (&recipient["opens"], &recipient["opened_at"]),
        (&json!(0), &Value::Null)
    );
    pixel(&app, &ada);
    let opened = sender.wait_until("opens", 1);
    assert_eq!(
        (&opened["views"], &opened["viewed_at"]),
        (&json!(0), &Value::Null)
    );
    let first = text(&opened, "opened_at");
    app.sql("UPDATE recipient SET opened_at = opened_at - 60000");
    view(&app, &ada);
    pixel(&app, &ada);
    pixel(&app, &ada.to_uppercase());
    let seen = sender.wait_until("opens", 3);
    assert_eq!(seen["views"], 1);
    assert!(text(&seen, "opened_at") < first, "the first time stays");
    assert!(text(&seen, "viewed_at") >= first);
    let totals = sender.recipients("")["totals"].clone();
    let expected = json!({
        "recipients": 1, "queued": 0, "sent": 0, "failed": 0, "opened": 1, "opens": 3, "viewed": 1, "views": 1,
        "unsubscribed": 0, "first_opened_at": seen["opened_at"], "first_viewed_at": seen["viewed_at"]
    });
    assert_eq!(totals, expected);
}

#[test]
fn only_who_looks_is_counted() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    let anybody = app.client_with(None);
    for path in [
        format!("/view/{ada}"),
        format!("/api/analytics/fetchImage/{ada}"),
    ] {
        anybody.call("HEAD", &path, &[], None).expect(200);
        for ahead in [
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("purpose", "Prefetch"),
            ("x-purpose", "preview"),
            ("x-moz", "prefetch"),
        ] {
            anybody.call("GET", &path, &[ahead], None).expect(200);
        }
    }
    page(&app, &format!("/unsubscribe/{ada}")).expect(200);
    // The counts are on disk when the server has stopped.
    view(&app, &ada);
    let app = App::on(app.stop(), |_| {});
    assert_eq!(app.number("SELECT opens FROM recipient"), 0);
    assert_eq!(app.number("SELECT views FROM recipient"), 1);
    drop(sender);
}

#[test]
fn no_look_is_lost_while_others_write() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    let project = sender.client.new_project();
    let writer = rusqlite::Connection::open(app.database()).unwrap();
    at_once(8, |n| {
        for _ in 0..40 {
            match n {
                0..4 => drop(pixel(&app, &ada)),
                4 => drop(view(&app, &ada)),
                _ => drop(sender.client.new_task(&project.id, "work")),
            }
        }
    });
    // The tracking pixel needs no write, so it works while another process holds the database.
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    pixel(&app, &ada);
    writer.execute_batch("COMMIT").unwrap();
    let seen = sender.wait_until("opens", 4 * 40 + 1);
    assert_eq!(seen["views"], 40);
}

#[test]
fn a_look_at_a_link_unsubscribes_nobody() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    let path = format!("/unsubscribe/{ada}");
    let anybody = app.client_with(None);
    for _ in 0..3 {
        let asked = page(&app, &path).expect(200);
        assert!(
            asked.text.contains("<form method=\"post\""),
            "{}",
            asked.text
        );
        assert!(
            asked.text.contains("a…@example.org") && !asked.text.contains("ada@"),
            "{}",
            asked.text
        );
        assert!(
            asked
                .header("content-security-policy")
                .contains("form-action 'self'")
        );
        anybody.get(&path).expect(200);
        anybody.call("HEAD", &path, &[], None).expect(200);
        pixel(&app, &ada);
        view(&app, &ada);
    }
    anybody
        .call("PUT", &path, &[], None)
        .expect_error(405, "method_not_allowed");
    assert_eq!(app.number("SELECT count(*) FROM suppression"), 0);
    assert_eq!(sender.recipients("")["totals"]["unsubscribed"], 0);
}

#[test]
fn who_unsubscribes_gets_no_more_cards_of_that_workspace() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    sender.mail(" ADA@Example.org ").expect(201);
    let path = format!("/unsubscribe/{ada}");
    let anybody = app.client_with(None);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let one_click = Some(b"List-Unsubscribe=One-Click".to_vec());
    let done = anybody.call("POST", &path, &form, one_click).expect(200);
    assert!(done.text.contains("You are unsubscribed"), "{}", done.text);
    for again in [None, Some(b"{".to_vec()), Some(vec![0xff; 3_000])] {
        anybody.call("POST", &path, &form, again).expect(200);
    }
    assert_eq!(app.number("SELECT count(*) FROM suppression"), 1);
    let asked = page(&app, &path).expect(200);
    for reply in [&done, &asked] {
        assert!(
            reply.text.contains("You are unsubscribed")
                && !reply.text.contains("action=\"/unsubscribe/"),
            "{}",
            reply.text
        );
        assert_offers_to_subscribe(reply, &ada);
    }
    let card = view(&app, &ada);
    assert!(
        card.text.contains("You have unsubscribed") && !card.text.contains("/unsubscribe/"),
        "{}",
        card.text
    );
    sender
        .mail("ada@example.org")
        .expect_error(409, "recipient_unsubscribed");
    sender.mail("grace@example.org").expect(201);
    let list = sender.recipients("");
    assert_eq!(list["totals"]["unsubscribed"], 2);
    assert!(list["recipients"][0]["unsubscribed_at"].is_string());
    let (other, _) = Sender::to_ada(&app);
    other.mail("ada@example.org").expect(201);
}

#[test]
fn who_is_gone_can_still_unsubscribe() {
    let app = App::start();
    let card = json!({ "title": "Hello", "message": "Hi {{name}}" });
    let to_ada = json!({ "name": "Ada", "email": "ada@example.org" });
    let delete = |sender: &Sender| {
        let path = format!("/v1/cards/{}", sender.card);
        sender.client.delete(&path).expect(200);
    };
    let erase = |_: &Sender| {
        let ada = Address::of("ada@example.org");
        app.write(|tx| recipients::erase(tx, None, &ada));
    };
    let (untouched, _) = Sender::to_ada(&app);
    let ways: [&dyn Fn(&Sender); 2] = [&delete, &erase];
    for (at, end) in ways.into_iter().enumerate() {
        let workspace = app.workspace("teams");
        let sender = Sender::of(&app, &workspace, card.clone());
        let path = format!("/unsubscribe/{}", sender.link(to_ada.clone()));
        end(&sender);
        let anybody = app.client_with(None);
        let asked = page(&app, &path).expect(200);
        assert!(asked.text.contains("<form method"), "{}", asked.text);
        for absent in ["example.org", "/view/"] {
            assert!(!asked.text.contains(absent), "{absent}: {}", asked.text);
        }
        let next = Sender::of(&app, &workspace, card.clone());
        next.mail("ada@example.org").expect(201);
        for _ in 0..2 {
            let form = [("content-type", "application/x-www-form-urlencoded")];
            let one_click = Some(b"List-Unsubscribe=One-Click".to_vec());
            let done = anybody.call("POST", &path, &form, one_click).expect(200);
            assert!(done.text.contains("You are unsubscribed"), "{}", done.text);
        }
        let asked = page(&app, &path).expect(200);
        assert!(
            !asked.text.contains("action=\"/unsubscribe/"),
            "{}",
            asked.text
        );
        next.mail("Ada@example.org")
            .expect_error(409, "recipient_unsubscribed");
        next.mail("grace@example.org").expect(201);
        assert_eq!(next.recipients("")["totals"]["unsubscribed"], 1);
        let suppressed = app.number("SELECT count(*) FROM suppression");
        assert_eq!(suppressed, at as i64 + 1);
    }
    untouched.mail("ada@example.org").expect(201);
}

/// Whether the page has a form to subscribe again, which its policy allows to send.
#[track_caller]
fn assert_offers_to_subscribe(reply: &Reply, id: &str) {
    let form = format!("<form method=\"post\" action=\"/subscribe/{id}\">");
    assert!(reply.text.contains(&form), "{}", reply.text);
    let policy = reply.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(policy.contains("form-action 'self'"), "{policy}");
}

/// Unsubscribes or subscribes with a form, as a browser does.
fn submit(app: &App, path: &str) -> Reply {
    let form = [
        BROWSER[0],
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let anybody = app.client_with(None);
    anybody
        .call("POST", path, &form, Some(Vec::new()))
        .expect(200)
}

#[test]
fn who_subscribes_again_gets_cards_again() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    sender.mail("ada@example.org").expect(201);
    let (other, other_ada) = Sender::to_ada(&app);
    for recipient in [&ada, &other_ada] {
        submit(&app, &format!("/unsubscribe/{recipient}"));
    }
    let before = sender.recipients("");
    assert_eq!(before["totals"]["unsubscribed"], 2);
    let latest = sender.client.latest();
    let path = format!("/subscribe/{ada}");
    let asked = page(&app, &path).expect(200);
    assert!(asked.text.contains("Subscribe again?"), "{}", asked.text);
    assert_offers_to_subscribe(&asked, &ada);
    assert!(view(&app, &ada).text.contains(&path));
    for _ in 0..2 {
        let done = submit(&app, &path);
        for part in [
            "You will receive cards again",
            "a…@example.org",
            &format!("href=\"/view/{ada}\""),
            &format!("href=\"/unsubscribe/{ada}\""),
        ] {
            assert!(done.text.contains(part), "{part}: {}", done.text);
        }
        assert!(!done.text.contains("<form"), "{}", done.text);
    }
    let events = sender.client.events_after(latest);
    assert_eq!(column(&events, "type"), ["card.resubscribed"; 2]);
    for event in &events {
        assert_eq!(event["actor"]["kind"], "recipient");
        assert_eq!(event["card_id"], sender.card);
        assert_eq!(event["data"]["unsubscribed_at"], Value::Null);
    }
    let after = sender.recipients("");
    assert_eq!(after["totals"]["unsubscribed"], 0);
    for (old, new) in before["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .zip(after["recipients"].as_array().unwrap())
    {
        assert_eq!(new["unsubscribed_at"], Value::Null);
        assert_eq!(new["status"], old["status"]);
    }
    let card = view(&app, &ada);
    assert!(!card.text.contains("You have unsubscribed"));
    sender.mail("Ada@example.org").expect(201);
    other
        .mail("ada@example.org")
        .expect_error(409, "recipient_unsubscribed");
    let asked = page(&app, &format!("/unsubscribe/{ada}")).expect(200);
    assert!(asked.text.contains("Unsubscribe?"), "{}", asked.text);
    submit(&app, &format!("/unsubscribe/{ada}"));
    sender
        .mail("ada@example.org")
        .expect_error(409, "recipient_unsubscribed");
}

#[test]
fn canceled_mails_stay_canceled() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    sender.mail("ada@example.org").expect(201);
    wait_for_rows(&app, "mail WHERE done_at IS NOT NULL", 1);
    // The mail waits for its next attempt.
    app.sql(
        "UPDATE mail SET due_at = 4102444800000, done_at = NULL;
         UPDATE recipient SET status = 'queued' WHERE status = 'sent'",
    );
    submit(&app, &format!("/unsubscribe/{ada}"));
    assert_eq!(sender.recipients("")["totals"]["failed"], 1);
    submit(&app, &format!("/subscribe/{ada}"));
    let totals = sender.recipients("")["totals"].clone();
    assert_eq!(
        (&totals["failed"], &totals["queued"]),
        (&json!(1), &json!(0))
    );
    wait_for_rows(&app, "mail WHERE due_at IS NULL", 1);
}

#[test]
fn a_look_at_a_link_subscribes_nobody() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    submit(&app, &format!("/unsubscribe/{ada}"));
    let path = format!("/subscribe/{ada}");
    let anybody = app.client_with(None);
    page(&app, &path).expect(200);
    anybody.get(&path).expect(200);
    anybody.call("HEAD", &path, &[], None).expect(200);
    anybody
        .call("PUT", &path, &[], None)
        .expect_error(405, "method_not_allowed");
    assert_eq!(app.number("SELECT count(*) FROM suppression"), 1);
    assert_eq!(sender.recipients("")["totals"]["unsubscribed"], 1);
}

#[test]
fn who_is_gone_can_still_subscribe_again() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    submit(&app, &format!("/unsubscribe/{ada}"));
    let address = Address::of("ada@example.org");
    app.write(|tx| recipients::erase(tx, None, &address));
    let asked = page(&app, &format!("/unsubscribe/{ada}")).expect(200);
    assert_offers_to_subscribe(&asked, &ada);
    let latest = sender.client.latest();
    for _ in 0..2 {
        let done = submit(&app, &format!("/subscribe/{ada}"));
        assert!(
            done.text.contains("You will receive cards again"),
            "{}",
            done.text
        );
        for absent in ["example.org", "/view/"] {
            assert!(!done.text.contains(absent), "{absent}: {}", done.text);
        }
    }
    let events = sender.client.events_after(latest);
    assert_eq!(column(&events, "type"), ["card.resubscribed"]);
    assert_eq!(events[0]["data"]["recipient_id"], ada);
    assert!(events[0]["data"].get("card_id").is_none());
    sender.mail("ada@example.org").expect(201);
}

#[test]
fn one_click_at_a_time_or_many_at_once_is_one_unsubscription() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    let path = format!("/unsubscribe/{ada}");
    let replies = at_once(8, |_| app.client_with(None).call("POST", &path, &[], None));
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert_eq!(app.number("SELECT count(*) FROM suppression"), 1);
    assert_eq!(sender.recipients("")["totals"]["unsubscribed"], 1);
}

#[test]
fn a_person_is_told_what_is_wrong_with_a_link() {
    let app = App::shared();
    let (sender, ada) = Sender::to_ada(app);
    let path = format!("/v1/cards/{}", sender.card);
    sender.client.delete(&path).expect(200);
    let anybody = app.client_with(None);
    let nobody = Uuid::now_v7().to_string();
    for (id, status, code, heading) in [
        (
            ada.as_str(),
            410,
            "card_expired",
            "The card is no longer available",
        ),
        (&nobody, 404, "recipient_not_found", "Card not found"),
        ("half-an-id", 400, "invalid_uuid", "Card not found"),
    ] {
        for (method, place) in [
            ("GET", "view"),
            ("GET", "unsubscribe"),
            ("POST", "unsubscribe"),
            ("GET", "subscribe"),
            ("POST", "subscribe"),
        ] {
            // A deleted recipient can still unsubscribe and subscribe again.
            if status == 410 && place != "view" {
                continue;
            }
            let path = format!("/{place}/{id}");
            let told = anybody
                .call(method, &path, &[], None)
                .expect_error(status, code);
            assert_eq!(told.json()["statusCode"], status);
            assert_eq!(told.json()["message"], told.json()["error"]["message"]);
            let shown = anybody.call(method, &path, &BROWSER, None);
            assert_eq!(shown.status, status, "{}", shown.text);
            for reply in [&told, &shown] {
                assert_eq!(reply.header("vary"), "Accept");
                assert_eq!(reply.header("cache-control"), "no-store, private");
            }
            assert!(
                shown.is_page() && shown.text.contains(heading),
                "{}",
                shown.text
            );
            assert!(
                !shown.text.contains(id) && !shown.text.contains("<form"),
                "{}",
                shown.text
            );
        }
    }
}

#[test]
fn recipients_are_listed_by_age_and_in_pages() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    let mut ids = vec![ada];
    for n in 0..4 {
        ids.push(
            sender.link(json!({ "name": format!("P{n}"), "email": format!("p{n}@example.org") })),
        );
        app.sql("UPDATE recipient SET created_at = created_at - 1000");
    }
    ids.push(sender.link(json!({ "name": "Last", "email": "last@example.org" })));
    let whole = sender.recipients("");
    let rows = whole["recipients"].as_array().unwrap();
    assert_eq!(column(rows, "id"), ids);
    assert!(whole.get("next_cursor").is_none());
    assert_eq!(
        (&whole["totals"]["recipients"], &rows[0]["status"]),
        (&json!(6), &json!("link"))
    );
    let mut paged = Vec::new();
    let mut query = "?limit=4".to_owned();
    loop {
        let page = sender.recipients(&query);
        assert_eq!(page["totals"], whole["totals"]);
        paged.extend(page["recipients"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("?limit=4&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(column(&paged, "id"), column(rows, "id"));
    let nothing = Sender::new(&app, json!({ "title": "x" }));
    assert_eq!(nothing.recipients("")["recipients"], json!([]));
    let path = format!("/v1/cards/{}/recipients", sender.card);
    nothing
        .client
        .get(&path)
        .expect_error(404, "card_not_found");
    sender
        .client
        .get(&format!("{path}?limit=0"))
        .expect_error(400, "invalid_request");
}

/// Restarts the server on the same folder. It applies retention at the start.
fn restart(app: App) -> App {
    App::on(app.stop(), |settings| {
        settings.card_days = 100;
        settings.keep_days = 10;
    })
}

/// Makes all rows this many days older.
fn age(app: &App, days: i64) {
    let ago = days * 86_400_000;
    app.sql(&format!(
        "UPDATE recipient SET created_at = created_at - {ago};
         UPDATE mail SET created_at = created_at - {ago}, done_at = done_at - {ago}, due_at = due_at - {ago};
         UPDATE gone_recipient SET gone_at = gone_at - {ago};"
    ));
}

/// Waits until a table has this many rows.
fn wait_for_rows(app: &App, table: &str, rows: i64) {
    wait_for(table, || {
        (app.number(&format!("SELECT count(*) FROM {table}")) == rows).then_some(())
    });
}

#[test]
fn what_is_old_goes_in_its_time() {
    let app = App::start();
    let (sender, ada) = Sender::to_ada(&app);
    sender.client.put_cover(&sender.card, &PNG).expect(200);
    sender.mail("grace@example.org").expect(201);
    wait_for_rows(&app, "mail WHERE done_at IS NOT NULL", 1);
    // The cover exists as long as an edition uses it.
    let text = json!({ "coverUrl": null, "message": "new" });
    sender
        .client
        .patch(&format!("/v1/cards/{}", sender.card), text)
        .expect(200);
    age(&app, 9);
    let app = restart(app);
    wait_for_rows(&app, "mail", 1);
    age(&app, 2);
    let app = restart(app);
    wait_for_rows(&app, "mail", 0);
    wait_for_rows(&app, "recipient", 2);
    page(&app, &format!("/view/{ada}")).expect(200);
    age(&app, 90);
    let app = restart(app);
    wait_for_rows(&app, "gone_recipient", 2);
    for table in ["recipient", "edition", "cover"] {
        wait_for_rows(&app, table, 0);
    }
    wait_for_rows(&app, "card", 1);
    let anybody = app.client_with(None);
    let path = format!("/view/{ada}");
    anybody.get(&path).expect_error(410, "card_expired");
    age(&app, 99);
    let app = restart(app);
    let anybody = app.client_with(None);
    let path = format!("/unsubscribe/{ada}");
    anybody.get(&path).expect(200);
    age(&app, 2);
    let app = restart(app);
    wait_for_rows(&app, "gone_recipient", 0);
    let anybody = app.client_with(None);
    anybody.get(&path).expect_error(404, "recipient_not_found");
}

#[test]
fn more_go_than_fit_into_one_transaction() {
    let app = App::start();
    let (_sender, _) = Sender::to_ada(&app);
    app.sql(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1700)
         INSERT INTO recipient (workspace_id, id, card_id, revision, email, email_digest, name, merge_tags, status, created_at)
         SELECT workspace_id, randomblob(16), card_id, revision, email, email_digest, name, merge_tags, status, i
           FROM recipient, n",
    );
    let app = restart(app);
    wait_for_rows(&app, "gone_recipient", 1700);
    wait_for_rows(&app, "recipient", 1);
    assert_eq!(app.number("SELECT recipients FROM card_count"), 1);
}
