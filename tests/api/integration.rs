//! The card integration API, used as automations use it.

use serde_json::{Value, json};
use tackboard::model::recipients::Address;
use tackboard::model::scopes::{Role, Scope};
use tackboard::model::time::Timestamp;
use tackboard::store;
use uuid::Uuid;

use crate::errors::{Case, error};
use crate::harness::{App, Client, Workspace, at_once};
use crate::operations::{self, Ids};

/// A workspace with a card that automations can send.
struct Automation {
    workspace: Workspace,
    /// The client of a token, for `/v1`.
    owner: Client,
    /// The client of an integration key.
    key: Client,
    card: String,
    config: String,
}

impl Automation {
    fn new(app: &App) -> Self {
        let workspace = app.workspace("teams");
        let (owner, key) = (
            app.client_of(&workspace),
            app.client_with(Some(&app.key(&workspace))),
        );
        let card =
            json!({ "title": "Welcome, {{name}}", "message": "Hello {{ name }} of {{company}}" });
        let card = owner.post("/v1/cards", card).expect(201).id();
        let config = config_of(&workspace, &card);
        let config = key.post("/api/integration/config", config).expect(201);
        let config = config.json()["data"]["_id"].as_str().unwrap().to_owned();
        Self {
            workspace,
            owner,
            key,
            card,
            config,
        }
    }

    fn order(&self, people: Value) -> Value {
        json!({ "card": self.card, "integrationId": self.config, "mergeTags": people })
    }

    fn send(&self, people: Value) -> crate::harness::Reply {
        self.key
            .post("/api/integration/send-card", self.order(people))
    }

    /// The number of cards counted this month.
    fn sends(&self) -> i64 {
        self.owner.show("/v1/usage")["card_sends"]["used"]
            .as_i64()
            .unwrap()
    }
}

fn config_of(workspace: &Workspace, card: &str) -> Value {
    json!({ "userId": workspace.owner, "workspaceId": workspace.id, "cardId": card })
}

fn ada() -> Value {
    json!([{ "name": "Ada", "email": "ada@example.org" }])
}

/// The codes of this API only.
pub fn errors() -> Vec<Case> {
    let app = App::shared();
    let (it, nothing) = (Automation::new(app), Uuid::now_v7());
    let exists = it.key.post(
        "/api/integration/config",
        config_of(&it.workspace, &it.card),
    );
    let missing = it
        .key
        .get(&format!("/api/integration/config?integrationId={nothing}"));
    let workspace = it.key.post(
        &format!("/api/integration/cards?workspace={nothing}"),
        json!({}),
    );
    suppress(app, &it.workspace, "ada@example.org");
    let unsubscribed = it.send(ada());
    vec![
        (
            exists,
            409,
            error(
                "integration_config_exists",
                "Integration configuration already exists",
                json!({ "integration_id": it.config, "card_id": it.card }),
            ),
        ),
        (
            missing,
            409,
            error(
                "integration_config_missing",
                "Integration configuration doesn't exist",
                json!({ "integration_id": nothing }),
            ),
        ),
        (
            workspace,
            404,
            error(
                "workspace_not_found",
                "Workspace not found or access denied",
                json!({ "workspace_id": nothing }),
            ),
        ),
        (
            unsubscribed,
            409,
            error(
                "recipient_unsubscribed",
                "The recipient has unsubscribed",
                json!({ "email": "ada@example.org" }),
            ),
        ),
    ]
}

fn suppress(app: &App, workspace: &Workspace, email: &str) {
    let digest = Address::of(email).digest();
    let digest: String = digest
        .as_bytes()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let workspace = workspace.id.replace('-', "");
    app.sql(&format!(
        "INSERT INTO suppression VALUES (x'{workspace}', x'{digest}', 0)"
    ));
}

fn rows(app: &App, table: &str) -> i64 {
    app.number(&format!("SELECT count(*) FROM {table}"))
}

#[test]
fn an_automation_goes_from_its_key_to_a_sent_card() {
    let app = App::start();
    let it = Automation::new(&app);
    let valid = it
        .key
        .get("/api/integration/auth/validate")
        .expect(200)
        .json();
    assert_eq!(
        valid,
        json!({ "success": true, "message": "Bearer token authentication successful", "user_id": it.workspace.owner })
    );
    let workspaces = it.key.get("/api/integration/workspaces").expect(200).json();
    let id = &it.workspace.id;
    let choice =
        json!({ "key": id, "label": "Workspace Id", "value": "Test", "id": id, "name": "Test" });
    assert_eq!(
        workspaces,
        json!([{ "key": "workspace", "choices": [choice] }])
    );
    let path = format!("/api/integration/cards?workspace={id}");
    for reply in [
        it.key.call("POST", &path, &[], None),
        it.key
            .call("POST", &path, &[("content-type", "application/json")], None),
        it.key.call(
            "POST",
            &path,
            &[("content-type", "application/json")],
            Some(Vec::new()),
        ),
        it.key.post(&path, json!({})),
    ] {
        let cards = reply.expect(200).json();
        assert_eq!(cards[0]["key"], "card");
        assert_eq!(cards[0]["choices"][0]["id"], it.card.as_str());
        assert_eq!(cards[0]["choices"][0]["title"], "Welcome, {{name}}");
    }
    let sent = it
        .send(json!([{ "name": "Ada", "email": " Ada@Example.org ", "company": "AE" }]))
        .expect(201)
        .json();
    let recipient = sent["recipient_id"].as_str().unwrap();
    assert_eq!(
        sent,
        json!({
            "message": "Card successfully sent to recipient: ada@example.org", "status": true, "recipient_id": recipient,
            "tracking_url": format!("{}/api/analytics/fetchImage/{recipient}", app.origin)
        })
    );
    assert_eq!(
        (rows(&app, "recipient"), rows(&app, "mail"), it.sends()),
        (1, 1, 1)
    );
}

#[test]
fn a_configuration_is_found_in_every_way_that_clients_ask() {
    let app = App::shared();
    let it = Automation::new(app);
    let again = it.key.post(
        "/api/integration/config",
        config_of(&it.workspace, &it.card),
    );
    let again = again.expect_error(409, "integration_config_exists");
    assert_eq!(
        again.json()["message"],
        "Integration configuration already exists"
    );
    assert_eq!(
        again.details(),
        json!({ "integration_id": it.config, "card_id": it.card })
    );
    let by_card = it
        .key
        .get(&format!(
            "/api/integration/config/by-card?cardId={}",
            it.card
        ))
        .expect(200)
        .json();
    assert_eq!(
        (&by_card["_id"], &by_card["data"]["_id"]),
        (&json!(it.config), &json!(it.config))
    );
    assert_eq!(by_card["message"], "Integration configuration retrieved");
    let account = it
        .owner
        .post(
            "/v1/email-accounts",
            json!({ "address": "hello@example.org" }),
        )
        .expect(201)
        .id();
    let by_id = it
        .key
        .get(&format!(
            "/api/integration/config?integrationId={}",
            it.config
        ))
        .expect(200)
        .json();
    assert_eq!(by_id["key"], it.config.as_str());
    assert_eq!(by_id["card"]["mergeTags"], json!(["name", "company"]));
    assert_eq!(
        by_id["mergeTags"],
        json!([{ "key": "name", "required": true }, { "key": "company", "required": false }])
    );
    assert_eq!(by_id["emailAccount"][0]["id"], account.as_str());
    let bare = it.owner.new_card();
    let path = format!("/api/integration/config/by-card?cardId={bare}");
    let missing = it
        .key
        .get(&path)
        .expect_error(409, "integration_config_missing");
    assert_eq!(
        missing.json()["message"],
        "Integration configuration doesn't exist"
    );
    assert_eq!(missing.details(), json!({ "card_id": bare }));
    let made = it
        .key
        .post("/api/integration/config", config_of(&it.workspace, &bare))
        .expect(201)
        .json();
    assert_eq!(
        it.key.get(&path).expect(200).json()["_id"],
        made["data"]["_id"]
    );
    let path = format!("/api/integration/config/{}", it.config);
    let deleted = it.key.delete(&path).expect(200).json();
    assert_eq!(
        deleted,
        json!({ "data": { "_id": it.config }, "message": "Integration configuration deleted" })
    );
    it.key
        .delete(&path)
        .expect_error(409, "integration_config_missing");
    it.send(ada())
        .expect_error(409, "integration_config_missing");
}

#[test]
fn the_products_sentences_stand_in_every_error() {
    let app = App::shared();
    let it = Automation::new(app);
    let said = |headers: &[(&str, &str)]| {
        let reply = app
            .client_with(None)
            .call("GET", "/api/integration/workspaces", headers, None);
        let json = reply.expect_error(401, "invalid_token").json();
        assert_eq!(
            (&json["statusCode"], &json["message"]),
            (&json!(401), &json["error"]["message"])
        );
        assert!(json["timestamp"].as_str().unwrap().ends_with('Z'));
        json["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(said(&[]), "Authorization header with Bearer token required");
    assert_eq!(
        said(&[("authorization", "Basic eDp5")]),
        "Authorization header with Bearer token required"
    );
    assert_eq!(
        said(&[("authorization", "Bearer ")]),
        "Bearer token is empty"
    );
    let unknown = "Invalid bearer token - user not found";
    assert_eq!(said(&[("authorization", "Bearer x")]), unknown);
    let old = it.key.token.clone().unwrap();
    assert_eq!(
        said(&[("authorization", &format!("Bearer {}", old.to_uppercase()))]),
        unknown
    );
    app.key(&it.workspace);
    assert_eq!(
        said(&[("authorization", &format!("Bearer {old}"))]),
        unknown
    );
    let key = app.client_with(Some(&app.key(&it.workspace)));
    let single = |path: &str, body: Value| {
        let reply = key.post(path, body).expect_error(400, "invalid_request");
        reply.json()["message"].as_str().unwrap().to_owned()
    };
    let order = json!({ "integrationId": it.config, "mergeTags": ada() });
    assert_eq!(
        single("/api/integration/send-card", order),
        "Card ID is required"
    );
    assert_eq!(
        single("/api/integration/cards", json!({})),
        "Workspace is required"
    );
    assert_eq!(
        single("/api/integration/cards?workspace=", json!({})),
        "Workspace is required"
    );
    let none = single("/api/integration/send-card", it.order(json!([])));
    assert_eq!(none, "Merge tags must list at least one recipient");
    let several = single("/api/integration/send-card", json!({}));
    assert_eq!(several, "Request validation failed");
    let unknown = key.get(&format!("/api/integration/card-details/{}", it.config));
    assert_eq!(
        unknown.expect_error(404, "card_not_found").json()["message"],
        "Card not found or you do not have access to this card"
    );
    let bad = key
        .get("/api/integration/config/by-card?cardId=y&cardId=x%20")
        .expect_error(400, "invalid_uuid");
    assert_eq!(
        bad.json()["error"]["details"],
        json!({ "field": "cardId", "value": "x " })
    );
    for query in ["", "?cardId="] {
        let path = format!("/api/integration/config/by-card{query}");
        let bad = key.get(&path).expect_error(400, "invalid_request").json();
        assert_eq!(bad["message"], "Card ID is required", "{query}");
    }
    // A key gives access to this API only.
    key.get("/v1/boards").expect_error(401, "invalid_token");
}

#[test]
fn of_64_configurations_at_once_one_is_made() {
    for _ in 0..5 {
        let app = App::shared();
        let it = Automation::new(app);
        let card = it.owner.new_card();
        let replies = at_once(64, |_| {
            it.key
                .post("/api/integration/config", config_of(&it.workspace, &card))
        });
        let made: Vec<_> = replies.iter().filter(|reply| reply.status == 201).collect();
        assert_eq!(made.len(), 1);
        let id = &made[0].json()["_id"];
        for reply in replies.into_iter().filter(|reply| reply.status != 201) {
            let reply = reply.expect_error(409, "integration_config_exists");
            assert_eq!(&reply.details()["integration_id"], id);
        }
    }
}

#[test]
fn several_recipients_get_their_cards_or_none_does() {
    let app = App::start();
    let it = Automation::new(&app);
    let both = json!([
        { "name": "Ada", "email": "ada@example.org", "age": 36, "vip": true },
        { "name": "Grace", "email": "grace@example.org" }
    ]);
    let sent = it.send(both.clone()).expect(201).json();
    assert_eq!(sent["recipients"].as_array().unwrap().len(), 2);
    assert_eq!(sent["recipients"][0]["recipient_id"], sent["recipient_id"]);
    assert_eq!(sent["recipients"][1]["email"], "grace@example.org");
    app.sql("UPDATE plan SET card_sends = 3 WHERE name = 'teams'");
    let refused = it.send(both).expect_error(429, "quota_exceeded");
    let details = refused.details();
    assert_eq!(
        (&details["resource"], &details["limit"], &details["used"]),
        (&json!("card_sends"), &json!(3), &json!(2))
    );
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!((rows(&app, "recipient"), it.sends()), (2, 2));
    it.send(ada()).expect(201);
    it.send(ada()).expect_error(429, "quota_exceeded");
    // The first card URLs are not counted.
    it.key
        .post("/api/integration/get-card-url", it.order(ada()))
        .expect(201);
    assert_eq!(
        (rows(&app, "recipient"), rows(&app, "mail"), it.sends()),
        (4, 3, 3)
    );
}

#[test]
fn every_tenth_card_url_counts_as_a_card_send() {
    let app = App::start();
    let it = Automation::new(&app);
    app.sql("UPDATE plan SET card_sends = 2 WHERE name = 'teams'");
    let link = |people| {
        let path = "/api/integration/get-card-url";
        it.key.post(path, it.order(people))
    };
    let many = |count| {
        let one = |n| json!({ "name": "Ada", "email": format!("{n}@example.org") });
        Value::Array((0..count).map(one).collect())
    };
    at_once(9, |_| link(ada()).expect(201).status);
    assert_eq!(it.sends(), 0);
    link(ada()).expect(201);
    assert_eq!(it.sends(), 1);
    link(many(19)).expect(201);
    assert_eq!((it.sends(), rows(&app, "recipient")), (2, 29));
    for _ in 0..2 {
        let refused = link(ada()).expect_error(429, "quota_exceeded");
        assert_eq!(refused.details()["resource"], "card_sends");
    }
    assert_eq!((it.sends(), rows(&app, "recipient")), (2, 29));
    app.sql("UPDATE plan SET card_sends = 3 WHERE name = 'teams'");
    link(ada()).expect(201);
    assert_eq!((it.sends(), rows(&app, "recipient")), (3, 30));
}

#[test]
fn of_many_at_once_exactly_the_plans_cards_are_sent() {
    let app = App::start();
    let it = Automation::new(&app);
    app.sql("UPDATE plan SET card_sends = 20 WHERE name = 'teams'");
    let replies = at_once(32, |_| it.send(ada()).status);
    assert_eq!(replies.iter().filter(|status| **status == 201).count(), 20);
    assert_eq!(replies.iter().filter(|status| **status == 429).count(), 12);
    assert_eq!((rows(&app, "recipient"), it.sends()), (20, 20));
}

#[test]
fn a_card_is_made_out_without_a_mail() {
    let app = App::start();
    let it = Automation::new(&app);
    let cover = json!({ "coverUrl": "https://example.org/a.png" });
    it.owner
        .patch(&format!("/v1/cards/{}", it.card), cover)
        .expect(200);
    let made = it
        .key
        .post("/api/integration/get-card-url", it.order(ada()))
        .expect(201)
        .json();
    let view = made["view_card_url"].as_str().unwrap();
    let id = view.rsplit('/').next().unwrap();
    assert_eq!(
        made,
        json!({
            "view_card_url": format!("{}/view/{id}", app.origin), "white_label_app_name": "Test",
            "card_cover": "https://example.org/a.png", "unsubscribe_link_url": format!("{}/unsubscribe/{id}", app.origin)
        })
    );
    assert_eq!(
        (rows(&app, "recipient"), rows(&app, "mail"), it.sends()),
        (1, 0, 0)
    );
    let mut with_account = it.order(ada());
    with_account["emailAccount"] = json!("CardClan");
    it.key
        .post("/api/integration/get-card-url", with_account)
        .expect_error(400, "invalid_request");
}

#[test]
fn a_retry_with_its_key_sends_once() {
    let app = App::start();
    let it = Automation::new(&app);
    for path in [
        "/api/integration/send-card",
        "/api/integration/get-card-url",
    ] {
        let before = rows(&app, "recipient");
        let headers = [("idempotency-key", "order-4711")];
        let replies = at_once(8, |_| it.key.json("POST", path, &headers, it.order(ada())));
        let texts: std::collections::BTreeSet<_> = replies
            .into_iter()
            .map(|reply| reply.expect(201).text)
            .collect();
        assert_eq!((texts.len(), rows(&app, "recipient")), (1, before + 1));
        let other = it.order(json!([{ "name": "Eve", "email": "eve@example.org" }]));
        it.key
            .json("POST", path, &headers, other)
            .expect_error(422, "idempotency_key_reused");
    }
}

#[test]
fn what_was_sent_stays_as_it_was() {
    let app = App::start();
    let it = Automation::new(&app);
    it.send(ada()).expect(201);
    it.send(ada()).expect(201);
    assert_eq!(rows(&app, "edition"), 1);
    it.owner
        .patch(
            &format!("/v1/cards/{}", it.card),
            json!({ "title": "Another" }),
        )
        .expect(200);
    it.send(ada()).expect(201);
    assert_eq!(rows(&app, "edition"), 2);
    assert_eq!(app.number("SELECT count(*) FROM recipient r JOIN edition e ON e.card_id = r.card_id AND e.revision = r.revision WHERE e.title = 'Welcome, {{name}}'"), 2);
}

#[test]
fn bad_recipients_are_named_all_at_once() {
    let app = App::start();
    let it = Automation::new(&app);
    let people = json!([
        { "name": "", "email": "nobody" }, { "email": "a@example.org" }, { "name": "B", "email": "b@example.org", "x": null },
        { "name": "C\r\nBcc: d@example.org", "email": "c@example.org" }
    ]);
    let reply = it.send(people).expect_error(400, "invalid_request");
    assert_eq!(
        reply.field_names(),
        [
            "mergeTags[0].email",
            "mergeTags[0].name",
            "mergeTags[1].name",
            "mergeTags[2].x",
            "mergeTags[3].name"
        ]
    );
    for bad in [
        "a@b@c",
        "a b@example.org",
        "a@example.org, b@example.org",
        "<a@example.org>",
        "a@example.org\r\nBcc: x@y.z",
    ] {
        let reply = it.send(json!([{ "name": "A", "email": bad }]));
        let reply = reply.expect_error(400, "invalid_request");
        assert_eq!(
            reply.json()["message"],
            "Merge tags[0].email must be a valid email address",
            "{bad}"
        );
    }
    let people = json!([{ "name": "A", "email": "A@Bücher.example" }]);
    it.key
        .post("/api/integration/get-card-url", it.order(people))
        .expect(201);
    let person = json!({ "name": "A", "email": "a@example.org", "x": null, "y": [1] });
    assert_eq!(
        it.send(json!([person])).expect(400).fields(),
        json!({
            "mergeTags[0].x": "Merge tags[0].x must be text, a number, or true or false",
            "mergeTags[0].y": "Merge tags[0].y must be text, a number, or true or false",
        })
    );
    let mut person = ada()[0].clone();
    for tag in 0..100 {
        person[format!("tag{tag}")] = json!(tag);
    }
    assert_eq!(
        it.send(json!([person])).expect(400).fields(),
        json!({ "mergeTags[0]": "Merge tags[0] must have at most 100 members" })
    );
    assert_eq!(rows(&app, "recipient"), 1);
}

#[test]
fn of_very_many_failing_fields_2_000_are_reported() {
    let app = App::shared();
    let it = Automation::new(app);
    let tags: String = (0..1_500).map(|tag| format!("{{{{t{tag}}}}}")).collect();
    let path = format!("/v1/cards/{}", it.card);
    it.owner
        .patch(&path, json!({ "message": tags }))
        .expect(200);
    let people: Vec<_> = (0..500).map(|_| ada()[0].clone()).collect();
    let strict = "/api/integration/send-card?strict=true";
    let reply = it.key.post(strict, it.order(json!(people))).expect(400);
    assert_eq!(reply.field_names().len(), 2_000);
    let nobody: Vec<_> = (0..500)
        .map(|_| json!({ "t": null, "u": null, "v": null, "w": null, "x": null }))
        .collect();
    let reply = it.send(json!(nobody)).expect(400);
    assert!((2_000..=2_010).contains(&reply.field_names().len()));
}

#[test]
fn a_missing_value_is_refused_where_that_is_asked_for() {
    let app = App::shared();
    let it = Automation::new(app);
    let strict = "/api/integration/send-card?strict=true";
    let reply = it
        .key
        .post(strict, it.order(ada()))
        .expect_error(400, "invalid_request");
    assert_eq!(
        reply.fields(),
        json!({ "mergeTags[0].company": "Merge tags[0].company is required" })
    );
    let whole = json!([{ "name": "Ada", "email": "ada@example.org", "company": "AE" }]);
    it.key.post(strict, it.order(whole)).expect(201);
    it.key
        .post("/api/integration/send-card?strict=false", it.order(ada()))
        .expect(201);
    it.key
        .post("/api/integration/send-card?strict=yes", it.order(ada()))
        .expect_error(400, "invalid_request");
}

#[test]
fn a_card_that_grows_beyond_measure_is_refused() {
    let app = App::shared();
    let it = Automation::new(app);
    let message = json!({ "message": "{{x}}".repeat(4_000) });
    it.owner
        .patch(&format!("/v1/cards/{}", it.card), message)
        .expect(200);
    let person =
        |length| json!([{ "name": "Ada", "email": "ada@example.org", "x": "y".repeat(length) }]);
    let reply = it.send(person(20_000)).expect_error(400, "invalid_request");
    assert_eq!(
        reply.json()["message"],
        "Merge tags[0] must not make the card longer than 256 KiB"
    );
    it.send(person(60)).expect(201);
}

#[test]
fn who_has_unsubscribed_gets_nothing_from_that_workspace_and_all_from_others() {
    let app = App::start();
    let (it, other) = (Automation::new(&app), Automation::new(&app));
    suppress(&app, &it.workspace, "ada@example.org");
    for path in [
        "/api/integration/send-card",
        "/api/integration/get-card-url",
    ] {
        let people = json!([{ "name": "Eve", "email": "eve@example.org" }, { "name": "Ada", "email": " ADA@example.org" }]);
        let refused = it
            .key
            .post(path, it.order(people))
            .expect_error(409, "recipient_unsubscribed");
        assert_eq!(refused.details(), json!({ "email": "ada@example.org" }));
    }
    assert_eq!((rows(&app, "recipient"), it.sends()), (0, 0));
    other.send(ada()).expect(201);
}

#[test]
fn a_key_opens_all_workspaces_of_its_user_as_far_as_the_role_goes() {
    let app = App::start();
    let (it, theirs, strange) = (
        Automation::new(&app),
        Automation::new(&app),
        Automation::new(&app),
    );
    app.write(|tx| {
        let (workspace, user) = (
            theirs.workspace.id.parse().unwrap(),
            it.workspace.owner.parse().unwrap(),
        );
        store::members::put(tx, workspace, user, Role::Viewer, Timestamp::now())
    });
    let workspaces = it.key.get("/api/integration/workspaces").expect(200).json();
    assert_eq!(workspaces[0]["choices"].as_array().unwrap().len(), 2);
    let cards = it
        .key
        .get("/api/integration/workflow-cards")
        .expect(200)
        .json();
    let ids: Vec<_> = cards["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|card| card["_id"].clone())
        .collect();
    assert_eq!(ids, [json!(it.card), json!(theirs.card)]);
    // A viewer may only read.
    it.key
        .get(&format!("/api/integration/card-details/{}", theirs.card))
        .expect(200);
    let refused = it
        .key
        .post("/api/integration/send-card", theirs.order(ada()));
    let refused = refused.expect_error(403, "insufficient_scope");
    assert_eq!(
        refused.details(),
        json!({ "required": "write", "provided": ["read"] })
    );
    it.key
        .delete(&format!("/api/integration/config/{}", theirs.config))
        .expect_error(403, "insufficient_scope");
    // A token gives access to its own workspace only, even if its user has more.
    let token = app.client_with(Some(&app.token(&it.workspace, &Scope::ALL)));
    let path = format!("/api/integration/card-details/{}", theirs.card);
    token.get(&path).expect_error(404, "card_not_found");
    it.key
        .get(&format!("/api/integration/card-details/{}", strange.card))
        .expect_error(404, "card_not_found");
    it.key
        .post("/api/integration/send-card", strange.order(ada()))
        .expect_error(404, "card_not_found");
    let mut mixed = it.order(ada());
    mixed["integrationId"] = json!(theirs.config);
    let refused = it.key.post("/api/integration/send-card", mixed);
    refused.expect_error(409, "integration_config_missing");
    let mut config = config_of(&it.workspace, &it.owner.new_card());
    config["userId"] = json!(theirs.workspace.owner);
    it.key
        .post("/api/integration/config", config)
        .expect_error(404, "card_not_found");
}

#[test]
fn a_keys_calls_count_against_its_home_and_its_cards_against_the_cards_workspace() {
    let app = App::start();
    let (it, theirs) = (Automation::new(&app), Automation::new(&app));
    app.write(|tx| {
        let (workspace, user) = (
            theirs.workspace.id.parse().unwrap(),
            it.workspace.owner.parse().unwrap(),
        );
        store::members::put(tx, workspace, user, Role::Member, Timestamp::now())
    });
    let calls = |of: &Automation| {
        of.owner.show("/v1/usage")["api_calls"]["used"]
            .as_i64()
            .unwrap()
    };
    let before = (calls(&it), calls(&theirs));
    let sent = it
        .key
        .post("/api/integration/send-card", theirs.order(ada()))
        .expect(201);
    assert_eq!((calls(&it), calls(&theirs)), (before.0 + 1, before.1));
    assert_eq!((it.sends(), theirs.sends()), (0, 1));
    let remaining: i64 = sent.header("x-ratelimit-remaining").parse().unwrap();
    assert_eq!(remaining, 60_000 - before.0 - 1);
}

#[test]
fn a_card_comes_from_an_address_of_its_own_workspace() {
    let app = App::start();
    let (it, other) = (Automation::new(&app), Automation::new(&app));
    let add = |of: &Automation| {
        let account = json!({ "address": "Hello@Example.org", "name": "Design team" });
        of.owner
            .post("/v1/email-accounts", account)
            .expect(201)
            .id()
    };
    let (own, foreign) = (add(&it), add(&other));
    let send = |account: &str| {
        let mut order = it.order(ada());
        order["emailAccount"] = json!(account);
        it.key.post("/api/integration/send-card", order)
    };
    let listed = it
        .key
        .get("/api/integration/email-accounts")
        .expect(200)
        .json();
    let choice = json!({ "key": own, "value": "hello@example.org", "label": "Email account", "id": own, "name": "hello@example.org" });
    assert_eq!(
        listed,
        json!([{ "key": "email-account", "choices": [choice] }])
    );
    send(&own).expect(201);
    send("CardClan").expect(201);
    // What an HTML form sends if nothing is filled in.
    send("").expect(201);
    let mut order = it.order(ada());
    order["emailAccount"] = json!(null);
    it.key.post("/api/integration/send-card", order).expect(201);
    send(&foreign).expect_error(404, "email_account_not_found");
    let refused = send("cardclan").expect_error(400, "invalid_request");
    assert_eq!(
        refused.json()["message"],
        "Email account must be an email account's id or CardClan"
    );
    let from = "SELECT count(*) FROM mail WHERE from_address = 'hello@example.org' AND from_name = 'Design team'";
    assert_eq!((app.number(from), rows(&app, "mail")), (1, 4));
}

#[test]
fn a_key_ends_with_its_users_membership_at_home() {
    let app = App::start();
    let it = Automation::new(&app);
    // The last owner stays.
    app.member(&it.workspace, Role::Owner);
    let user = it.workspace.owner.replace('-', "");
    app.sql(&format!(
        "PRAGMA foreign_keys = ON; DELETE FROM member WHERE user_id = x'{user}'"
    ));
    it.key
        .get("/api/integration/workspaces")
        .expect_error(401, "invalid_token");
    // Other users can still send the cards.
    assert_eq!(rows(&app, "integration_config"), 1);
}

#[test]
fn the_ids_of_another_workspace_are_like_ids_of_nothing() {
    let app = App::shared();
    let theirs = Ids::new(&app.client());
    let client = app.client();
    let mut tried = 0;
    for operation in operations::secured().filter(|one| one.path.starts_with("/api/")) {
        let told = |ids: &Ids| {
            let reply = operation.call(ids).send(&client);
            let mut json = reply.json();
            if json["timestamp"].is_string() {
                json["timestamp"] = json!("now");
            }
            let kinds = ["card", "bare card", "integration", "workspace", "user"];
            let text = kinds.iter().fold(json.to_string(), |text, kind| {
                text.replace(ids.get(kind), "ID")
            });
            (reply.status, text)
        };
        let (foreign, nothing) = (told(&theirs), told(&Ids::random()));
        assert_eq!(foreign, nothing, "{}", operation.id);
        if foreign.0 != 200 {
            assert!(
                [404, 409].contains(&foreign.0),
                "{}: {}",
                operation.id,
                foreign.1
            );
            tried += 1;
        }
    }
    assert_eq!(tried, 8);
}
