//! The log of a webhook: lists, redeliveries, recoveries, the month's quota, and what happens when a webhook goes off.

use serde_json::{Value, json};
use tackboard::app;
use tackboard::model::deliveries::DeliveryStatus;
use tackboard::model::recipients::Address;
use tackboard::model::time::Timestamp;
use tackboard::store::{deliveries, quota};

use crate::harness::{App, Client, Workspace, at_once, check_payload, column, text, wait_for};
use crate::operations::Ids;
use crate::sink::Sink;

struct Hook {
    app: App,
    workspace: Workspace,
    client: Client,
    id: String,
    path: String,
}

impl Hook {
    fn new() -> Self {
        let app = App::start();
        let workspace = app.workspace("teams");
        let client = app.client_of(&workspace);
        let id = client.new_webhook();
        let path = format!("/v1/webhooks/{id}");
        Self {
            app,
            workspace,
            client,
            id,
            path,
        }
    }

    fn list(&self, query: &str) -> Vec<Value> {
        let path = format!("{}/deliveries{query}", self.path);
        let list = self.client.get(&path).expect(200).json();
        list["deliveries"].as_array().unwrap().clone()
    }

    fn redeliver(&self, delivery: &str) -> crate::harness::Reply {
        let path = format!("{}/deliveries/{delivery}/redeliver", self.path);
        self.client.post(&path, json!({}))
    }

    fn recover(&self, body: Value) -> crate::harness::Reply {
        self.client.post(&format!("{}/recover", self.path), body)
    }

    fn switch(&self, is_active: bool) {
        let change = json!({ "isActive": is_active });
        self.client.patch(&self.path, change).expect(200);
    }

    /// Sets how many deliveries the plan has left this month.
    fn leave(&self, left: i64) {
        self.app.sql(&format!(
            "UPDATE plan SET webhook_deliveries = {left} + coalesce((SELECT used FROM quota_usage
               WHERE metric = 'webhook_deliveries' AND workspace_id = x'{}'), 0) WHERE name = 'teams'",
            self.workspace.id.replace('-', "")
        ));
    }

    fn used(&self) -> Value {
        self.client.show("/v1/usage")["webhook_deliveries"]["used"].clone()
    }
}

#[test]
fn the_log_is_listed_newest_first_by_page_status_and_event() {
    let hook = Hook::new();
    let mut ids: Vec<_> = (0..3).map(|_| hook.client.new_delivery(&hook.id)).collect();
    ids.reverse();
    let all = hook.list("");
    assert_eq!(column(&all, "id"), ids);
    let expected = json!({
        "id": ids[0], "event_id": all[0]["event_id"], "event": "member.added", "status": "failed", "attempts": 0,
        "next_attempt_at": null, "response_status": null, "duration_ms": null, "error": null,
        "response_excerpt": null, "created_at": all[0]["created_at"], "delivered_at": null
    });
    assert_eq!(all[0], expected);
    let path = format!("{}/deliveries?limit=2", hook.path);
    let first = hook.client.get(&path).expect(200).json();
    let cursor = text(&first, "next_cursor");
    let rest = hook.list(&format!("?limit=2&cursor={cursor}"));
    assert_eq!(column(&rest, "id"), ids[2..]);
    assert_eq!(hook.list("?status=failed").len(), 3);
    assert_eq!(hook.list("?status=delivered").len(), 0);
    let event = text(&all[0], "event_id");
    assert_eq!(hook.list(&format!("?event_id={event}")).len(), 3);
    let other = uuid::Uuid::now_v7();
    assert_eq!(
        hook.list(&format!("?event_id={other}&status=failed")).len(),
        0
    );
    for (query, code) in [
        ("status=lost", "invalid_request"),
        ("event_id=x", "invalid_request"),
        ("limit=0", "invalid_request"),
        ("limit=501", "invalid_request"),
        ("cursor=x", "invalid_request"),
        ("since=1", "invalid_request"),
    ] {
        let path = format!("{}/deliveries?{query}", hook.path);
        hook.client.get(&path).expect_error(400, code);
    }
    let missing = format!("/v1/webhooks/{other}/deliveries");
    hook.client
        .get(&missing)
        .expect_error(404, "webhook_not_found");
}

#[test]
fn a_redelivery_is_a_new_delivery_of_the_same_event() {
    let hook = Hook::new();
    let old = hook.client.new_delivery(&hook.id);
    let new = hook.redeliver(&old).expect(200).object();
    assert_ne!(text(&new, "id"), old);
    let was = hook.list("").pop().unwrap();
    assert_eq!(new["event_id"], was["event_id"]);
    assert_eq!(new["event"], was["event"]);
    assert_eq!(new["status"], "pending");
    assert_eq!(hook.used(), 1);
    let other = hook.client.new_webhook();
    let elsewhere = format!("/v1/webhooks/{other}/deliveries/{old}/redeliver");
    hook.client
        .post(&elsewhere, json!({}))
        .expect_error(404, "delivery_not_found");
    hook.switch(false);
    let reply = hook.redeliver(&old).expect_error(409, "conflict");
    assert_eq!(reply.details(), json!({ "webhook_id": hook.id }));
}

#[test]
fn a_used_up_month_refuses_redeliveries_and_recoveries() {
    let hook = Hook::new();
    let old = hook.client.new_delivery(&hook.id);
    hook.leave(5);
    let statuses = at_once(4, |_| [(); 3].map(|()| hook.redeliver(&old).status));
    let made = statuses
        .concat()
        .iter()
        .filter(|status| **status == 200)
        .count();
    assert_eq!(made, 5, "exactly the plan's figure, also in a race");
    let reply = hook.redeliver(&old).expect_error(429, "quota_exceeded");
    assert_eq!(reply.details()["resource"], "webhook_deliveries");
    assert_eq!(
        (&reply.details()["limit"], &reply.details()["used"]),
        (&json!(5), &json!(5))
    );
    assert!(
        reply
            .text
            .contains("Monthly webhook delivery quota exceeded"),
        "{}",
        reply.text
    );
    assert!(!reply.header("retry-after").is_empty());
    hook.recover(json!({ "since": 0 }))
        .expect_error(429, "quota_exceeded");
    assert_eq!(hook.used(), 5);
    // The quota of API calls is another one.
    hook.client.get("/v1/boards").expect(200);
}

#[test]
fn a_recovery_is_a_range_of_the_journal() {
    let hook = Hook::new();
    hook.client.new_board();
    let latest = hook.client.latest();
    // The server examines the new events soon.
    let cursor = || hook.app.number("SELECT cursor FROM webhook_progress");
    hook.app
        .sql("UPDATE webhook_progress SET cursor = (SELECT latest FROM journal_state)");
    let made = hook.recover(json!({ "since": 1 })).expect(200).object();
    assert_eq!(
        made,
        json!({ "since": 1, "until": cursor(), "only": "failed" })
    );
    let all = json!({ "since": "1970-01-01T00:00:00Z", "only": "all" });
    let made = hook.recover(all).expect(200).object();
    assert_eq!(made, json!({ "since": 0, "until": latest, "only": "all" }));
    let future = Timestamp::now().plus_days(1);
    let made = hook
        .recover(json!({ "since": future }))
        .expect(200)
        .object();
    assert_eq!(
        made,
        json!({ "since": latest, "until": latest, "only": "failed" })
    );
    let reply = hook.recover(json!({ "since": latest + 1 }));
    let reply = reply.expect_error(410, "events_expired");
    assert_eq!(reply.details(), json!({ "oldest": 1, "latest": latest }));
    for bad in [
        json!(-1),
        json!("yesterday"),
        json!(null),
        json!(1.5),
        json!(1e300),
        json!([]),
        json!(""),
    ] {
        hook.recover(json!({ "since": bad }))
            .expect_error(400, "invalid_request");
    }
    hook.recover(json!({ "since": 1.0 })).expect(200);
    hook.recover(json!({})).expect_error(400, "invalid_request");
    hook.recover(json!({ "since": 1, "only": "some" }))
        .expect_error(400, "invalid_request");
    hook.switch(false);
    hook.recover(json!({ "since": 1 }))
        .expect_error(409, "conflict");
}

#[test]
fn a_time_is_found_in_the_journal() {
    let hook = Hook::new();
    let client = &hook.client;
    let first = client.latest();
    client.new_board();
    // The new events are a day younger than the others.
    hook.app.sql(&format!(
        "DROP TRIGGER event_stays; UPDATE event SET created_at = created_at - 86400000 WHERE sequence <= {first};
         UPDATE webhook_progress SET cursor = (SELECT latest FROM journal_state)"
    ));
    let since = Timestamp::now().plus_days(-1).plus_millis(3_600_000);
    let made = hook.recover(json!({ "since": since })).expect(200).object();
    assert_eq!(made["since"], first);
}

#[test]
fn a_webhook_that_goes_off_gives_up_what_waits() {
    let hook = Hook::new();
    let waits = hook.client.new_delivery(&hook.id);
    let due = Timestamp::now().plus_days(1).millis();
    hook.app.sql(&format!(
        "UPDATE webhook_delivery SET status = 'pending', due_at = {due}"
    ));
    hook.app
        .sql("UPDATE webhook_progress SET failing_since = 1");
    assert_eq!(hook.list("?status=pending").len(), 1);
    hook.switch(false);
    let row = hook.list("").remove(0);
    assert_eq!(text(&row, "id"), waits);
    assert_eq!(row["status"], "failed");
    assert_eq!(row["error"], "The webhook was switched off");
    assert_eq!(
        hook.app
            .number("SELECT count(failing_since) FROM webhook_progress"),
        0
    );
    hook.switch(true);
    assert_eq!(hook.list("?status=failed").len(), 1);
}

#[test]
fn the_owners_are_mailed_when_the_server_switches_a_webhook_off() {
    let hook = Hook::new();
    let before = hook.client.latest();
    let change = json!({ "name": "Chat\r\nBcc: all@example.org" });
    hook.client.patch(&hook.path, change).expect(200);
    let (workspace, id) = (hook.workspace.id.parse().unwrap(), hook.id.parse().unwrap());
    for _ in 0..2 {
        // The second time it is off already.
        hook.app
            .write(|tx| app::webhooks::switch_off(tx, workspace, id, "No success for 5 days"));
    }
    let off = hook.client.show(&hook.path);
    assert_eq!(off["is_active"], false);
    assert_eq!(off["disabled_reason"], "No success for 5 days");
    assert!(off["disabled_at"].is_string());
    let events = hook.client.events_after(before + 1);
    assert_eq!(column(&events, "type"), ["webhook.updated"]);
    assert_eq!(events[0]["actor"]["kind"], "system");
    let outbox = hook.app.data.path().join("outbox");
    let mail = wait_for("the mail", || {
        let file = std::fs::read_dir(&outbox).ok()?.next()?.ok()?.path();
        let is_whole = file.extension().is_some_and(|kind| kind == "eml");
        is_whole.then(|| std::fs::read_to_string(file).unwrap())
    });
    let email = format!("{}@example.org", hook.workspace.id);
    assert!(mail.contains(&format!("To: Owner <{email}>")), "{mail}");
    assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
    assert!(!mail.contains("\r\nBcc:"), "{mail}");
    let text = mail.replace("=\r\n", "");
    assert!(
        text.contains("No success for 5 days") && text.contains(&hook.id),
        "{mail}"
    );
    wait_for("the end of the mail", || {
        let open = hook
            .app
            .number("SELECT count(*) FROM mail WHERE due_at IS NOT NULL");
        (open == 0).then_some(())
    });
    assert_eq!(hook.app.number("SELECT count(*) FROM mail"), 1);
    hook.switch(true);
    let on = hook.client.show(&hook.path);
    assert_eq!(
        (&on["disabled_reason"], &on["disabled_at"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn old_deliveries_go_and_waiting_ones_stay() {
    let hook = Hook::new();
    let kept = hook.client.new_delivery(&hook.id);
    hook.client.new_delivery(&hook.id);
    hook.app.sql(&format!(
        "UPDATE webhook_delivery SET created_at = 1;
         UPDATE webhook_delivery SET status = 'pending', due_at = 9999999999999 WHERE id = x'{}'",
        kept.replace('-', "")
    ));
    let now = Timestamp::now();
    // The server itself may have deleted the old one already.
    assert!(hook.app.write(|tx| deliveries::delete_old(tx, now)) <= 1);
    assert_eq!(column(&hook.list(""), "id"), [kept]);
}

#[test]
fn the_month_is_counted_exactly() {
    let hook = Hook::new();
    let workspace = hook.workspace.id.parse().unwrap();
    let now = Timestamp::now();
    hook.leave(2);
    let took: Vec<_> = (0..3)
        .map(|_| {
            hook.app
                .write(|tx| quota::take_webhook_delivery(tx, workspace, now))
        })
        .collect();
    assert_eq!(took, [true, true, false]);
    hook.app.sql("UPDATE plan SET webhook_deliveries = NULL");
    assert!(
        hook.app
            .write(|tx| quota::take_webhook_delivery(tx, workspace, now))
    );
    assert_eq!(hook.used(), 3);
    assert_eq!(
        DeliveryStatus::parse("skipped"),
        Some(DeliveryStatus::Skipped)
    );
}

/// Sends tests of a webhook.
fn test_of(client: &Client, webhook: &str, body: Value) -> crate::harness::Reply {
    client.post(&format!("/v1/webhooks/{webhook}/test"), body)
}

#[test]
fn a_test_sends_an_example_and_shows_what_came_back() {
    let sink = Sink::usual();
    let app = App::start();
    let client = app.client();
    let secret = "whsec_RXhhbXBsZUV4YW1wbGVFeGFtcGxlRXhhbXBsZUV4YW0=";
    let hook = json!({
        "name": "Test", "url": sink.url("/test"), "events": ["card.*", "*"], "secret": secret, "isActive": false
    });
    let id = client.post("/v1/webhooks", hook).expect(201).id();
    let before = client.latest();
    let shown = test_of(&client, &id, json!({})).expect(200).object();
    assert_eq!(
        (&shown["status"], &shown["attempts"]),
        (&json!("delivered"), &json!(1))
    );
    assert_eq!(
        (&shown["event"], &shown["response_status"]),
        (&json!("card.created"), &json!(200))
    );
    let named = json!({ "event": "task.completed" });
    test_of(&client, &id, named).expect(200);
    let received = sink.deliveries("/test");
    let types: Vec<_> = received
        .iter()
        .map(|one| text(&one.json(), "type"))
        .collect();
    assert_eq!(types, ["card.created", "task.completed"]);
    for one in &received {
        one.verify(secret).unwrap();
        check_payload(&one.json());
        assert_eq!(one.sequence(), 0);
        assert_eq!(one.header("webhook-id"), text(&one.json(), "id"));
    }
    assert_eq!(shown["event_id"], received[0].header("webhook-id"));
    assert_eq!(client.latest(), before, "a test is not in the journal");
    let usage = client.show("/v1/usage")["webhook_deliveries"]["used"].clone();
    assert_eq!(usage, 2);
    for bad in ["task.*", "*", "task.made"] {
        test_of(&client, &id, json!({ "event": bad })).expect_error(400, "invalid_request");
    }
    client
        .patch(&format!("/v1/webhooks/{id}"), json!({ "payload": "thin" }))
        .expect(200);
    test_of(&client, &id, json!({ "event": "task.completed" })).expect(200);
    let thin = sink.deliveries("/test").pop().unwrap().json();
    check_payload(&thin);
    assert!(
        thin["data"]["label"].is_null() && thin["data"]["project_id"].is_string(),
        "{thin}"
    );
    assert_eq!(thin["changes"], json!({ "status": {} }));
}

#[test]
fn a_test_is_attempted_once_and_replayed_with_its_result() {
    let app = App::start();
    let client = app.client();
    let id = client.new_webhook();
    let path = format!("/v1/webhooks/{id}/test");
    let key = [("idempotency-key", "k")];
    let first = client.json("POST", &path, &key, json!({})).expect(200);
    assert_eq!(
        (&first.object()["status"], &first.object()["attempts"]),
        (&json!("failed"), &json!(1))
    );
    assert!(first.object()["error"].is_string());
    let again = client.json("POST", &path, &key, json!({})).expect(200);
    assert_eq!(again.text, first.text);
    assert_eq!(app.number("SELECT count(*) FROM webhook_delivery"), 1);
    // What was tested can be sent again.
    let again = format!("/v1/webhooks/{id}/deliveries/{}/redeliver", first.id());
    client.post(&again, json!({})).expect(200);
}

#[test]
fn ten_tests_a_minute_are_enough() {
    let app = App::start();
    let client = app.client();
    let id = client.new_webhook();
    let statuses = at_once(4, |_| {
        [(); 3].map(|()| test_of(&client, &id, json!({})).status)
    });
    let mut statuses = statuses.concat();
    statuses.sort_unstable();
    assert_eq!(statuses, [[200; 10].as_slice(), &[429; 2]].concat());
    let reply = test_of(&client, &id, json!({})).expect_error(429, "rate_limited");
    let wait: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    // Another webhook has its own tests.
    test_of(&client, &client.new_webhook(), json!({})).expect(200);
    app.sql("UPDATE webhook_delivery SET created_at = created_at - 61000");
    test_of(&client, &id, json!({})).expect(200);
}

#[test]
fn a_test_takes_a_delivery_of_the_month() {
    let hook = Hook::new();
    hook.leave(1);
    test_of(&hook.client, &hook.id, json!({})).expect(200);
    let reply = test_of(&hook.client, &hook.id, json!({}));
    let reply = reply.expect_error(429, "quota_exceeded");
    assert_eq!(reply.details()["resource"], "webhook_deliveries");
}

#[test]
fn an_erased_person_is_in_no_response_of_the_log() {
    let hook = Hook::new();
    hook.client.new_delivery(&hook.id);
    let ids = Ids::new(&hook.client);
    hook.app
        .sql("UPDATE webhook_delivery SET response_excerpt = 'Hello Ada'");
    let excerpts = "SELECT count(response_excerpt) FROM webhook_delivery";
    let erase = |email: &str| {
        let email = Address::of(email);
        let workspace = Some(ids.get("workspace").parse().unwrap());
        hook.app
            .write(|tx| app::recipients::erase(tx, workspace, &email))
    };
    assert_eq!(erase("nobody@example.org"), 0);
    assert!(hook.app.number(excerpts) > 0);
    assert_eq!(erase("ada@example.org"), 2);
    assert_eq!(hook.app.number(excerpts), 0);
}
