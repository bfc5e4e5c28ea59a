//! Delivery of events: from a change to an endpoint.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tackboard::config::Settings;
use tackboard::model::addresses::AllowList;
use tempfile::TempDir;

use crate::harness::{App, Client, check_payload, text, wait_for};
use crate::sink::Reaction::{Close, Hang, Raw, Slow, Status};
use crate::sink::Sink;

/// The delay factor of tests that wait for retries: five seconds become fifty milliseconds.
const FAST: f64 = 0.01;
/// The delay factor of tests in which nothing must be retried.
const NEVER: f64 = 1_000.0;
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn reaching_sinks(delay_factor: f64) -> impl FnOnce(&mut Settings) {
    move |settings| {
        let allowed = vec!["127.0.0.1".parse().unwrap()];
        settings.webhook_allow = AllowList::new(allowed);
        settings.webhook_delay_factor = delay_factor;
    }
}

fn reaching_nothing(settings: &mut Settings) {
    settings.webhook_allow = AllowList::default();
    settings.webhook_delay_factor = NEVER;
}

fn app(delay_factor: f64) -> App {
    App::with(reaching_sinks(delay_factor))
}

/// A webhook with its client.
#[derive(Clone)]
struct Hook {
    client: Client,
    id: String,
}

impl Hook {
    fn new(client: &Client, url: &str) -> Self {
        Self::with(client, url, json!({}))
    }

    /// A webhook with these fields in addition to the usual ones.
    fn with(client: &Client, url: &str, fields: Value) -> Self {
        let mut body = json!({ "name": "Test", "url": url, "events": ["*"], "secret": SECRET });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        Self {
            client: client.clone(),
            id: client.post("/v1/webhooks", body).expect(201).id(),
        }
    }

    fn path(&self) -> String {
        format!("/v1/webhooks/{}", self.id)
    }

    fn show(&self) -> Value {
        self.client.show(&self.path())
    }

    /// The log, oldest first.
    fn log(&self) -> Vec<Value> {
        let path = format!("{}/deliveries?limit=500", self.path());
        let mut log = self.client.rows(&path);
        log.reverse();
        log
    }

    /// Waits until the log has this many deliveries, none of which waits for an attempt.
    fn settled(&self, count: usize) -> Vec<Value> {
        wait_for("the deliveries", || {
            let log = self.log();
            let is_settled = log.iter().all(|one| one["status"] != "pending");
            (log.len() == count && is_settled).then_some(log)
        })
    }

    /// Waits until the only delivery has been attempted this often.
    fn attempted(&self, attempts: u64) -> Value {
        wait_for("the attempt", || {
            let log = self.log();
            let first = log.first().cloned();
            first.filter(|one| one["attempts"].as_u64() >= Some(attempts))
        })
    }
}

fn statuses(log: &[Value]) -> Vec<&str> {
    log.iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect()
}

#[test]
fn an_event_arrives_signed() {
    let (app, sink) = (app(NEVER), Sink::usual());
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook?token=x"));
    let board = client.new_board();
    let log = hook.settled(1);
    let [delivery] = &sink.deliveries("/hook?token=x")[..] else {
        panic!("not one delivery");
    };
    delivery.verify(SECRET).unwrap();
    let event = &client.rows("/v1/events?limit=1")[0];
    assert_eq!(delivery.header("webhook-id"), text(event, "id"));
    assert_eq!(delivery.header("content-type"), "application/json");
    let agent = concat!("Tackboard/", env!("CARGO_PKG_VERSION"));
    assert_eq!(delivery.header("user-agent"), agent);
    let body = delivery.json();
    check_payload(&body);
    assert_eq!(body["event"], "board.created");
    assert_eq!(body["type"], "board.created");
    assert_eq!(body["data"]["id"], json!(board));
    for field in ["id", "sequence", "timestamp", "actor", "board_id", "data"] {
        assert_eq!(body[field], event[field], "{field}");
    }
    assert_eq!(log[0]["status"], "delivered");
    assert_eq!(log[0]["response_status"], 200);
    assert_eq!(log[0]["attempts"], 1);
    assert_eq!(log[0]["event_id"], event["id"]);
    assert_eq!(log[0]["next_attempt_at"], Value::Null);
}

#[test]
fn both_secrets_sign_after_a_rotation() {
    let (app, sink) = (app(NEVER), Sink::usual());
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    let path = format!("{}/secret/rotate", hook.path());
    let rotated = client.post(&path, json!({})).expect(200).object();
    let new = text(&rotated, "secret");
    client.new_board();
    let log = hook.settled(2);
    assert_eq!(statuses(&log), ["delivered"; 2]);
    for delivery in sink.deliveries("/hook") {
        check_payload(&delivery.json());
        delivery.verify(&new).unwrap();
        delivery.verify(SECRET).unwrap();
        assert!(
            delivery
                .verify("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
                .is_err()
        );
    }
    app.sql("UPDATE webhook SET old_key_until = 1");
    client.new_board();
    hook.settled(3);
    let last = sink.deliveries("/hook").pop().unwrap();
    last.verify(&new).unwrap();
    assert!(last.verify(SECRET).is_err(), "a day is over");
}

#[test]
fn at_most_eight_are_in_flight_and_connections_are_used_again() {
    let sink = Sink::start(|_, _| Slow(Duration::from_millis(20)));
    let app = app(NEVER);
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    for _ in 0..40 {
        client.new_board();
    }
    hook.settled(40);
    assert!(sink.most_in_flight() <= 8, "{}", sink.most_in_flight());
    assert!(sink.connections() <= 8, "{}", sink.connections());
    let mut sequences: Vec<_> = sink
        .deliveries("/hook")
        .iter()
        .map(|one| one.sequence())
        .collect();
    let first = sequences[0];
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len(), 40);
    assert!(
        first < sequences[8],
        "{first} is not one of the first eight"
    );
}

#[test]
fn a_failed_delivery_is_repeated_with_its_id_and_holds_up_nothing() {
    let sink = Sink::start(|_, nth| Status(if nth == 0 || nth == 4 { 500 } else { 204 }));
    let app = app(FAST);
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    for _ in 0..4 {
        client.new_board();
    }
    let log = hook.settled(4);
    assert_eq!(statuses(&log), ["delivered"; 4]);
    let arrived = wait_for("the retries", || {
        Some(sink.deliveries("/hook")).filter(|all| all.len() == 6)
    });
    let first = arrived[0].header("webhook-id");
    let again: Vec<_> = arrived
        .iter()
        .filter(|one| one.header("webhook-id") == first)
        .collect();
    assert!(again.len() >= 2, "it was repeated");
    assert_eq!(again[0].body, again[1].body);
    let attempts: u64 = log.iter().filter_map(|one| one["attempts"].as_u64()).sum();
    assert_eq!(attempts, 6);
    for delivery in arrived {
        delivery.verify(SECRET).unwrap();
    }
}

#[test]
fn a_delivery_fails_for_good_after_ten_attempts() {
    let sink = Sink::start(|_, _| Status(503));
    let app = app(0.000_001);
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    client.new_board();
    let log = hook.settled(1);
    assert_eq!(log[0]["attempts"], 10);
    assert_eq!(log[0]["status"], "failed");
    assert_eq!(log[0]["error"], "The endpoint returned status 503");
    assert_eq!(sink.deliveries("/hook").len(), 10);
    assert_eq!(hook.show()["is_active"], json!(true));
    let metrics = client.call("GET", "/metrics", &[], None).text;
    for line in [
        "tackboard_webhook_deliveries_failed_total 1",
        "tackboard_webhook_deliveries_retried_total 9",
        "tackboard_webhook_deliveries_delivered_total 0",
        "tackboard_webhook_deliveries_queued 0",
    ] {
        assert!(metrics.contains(line), "{line}");
    }
}

#[test]
fn an_endpoint_decides_when_it_is_tried_again() {
    let sink = Sink::start(|delivery, _| {
        let after = match delivery.path.as_str() {
            "/seconds" => "3600",
            "/days" => "999999",
            "/soon" => "1",
            _ => "Wed, 21 Oct 2015 07:28:00 GMT",
        };
        let head = format!(
            "HTTP/1.1 429 Slow down\r\nretry-after: {after}\r\ncontent-length: 4\r\n\r\nslow"
        );
        Raw(head.into_bytes())
    });
    let app = app(NEVER);
    // Where the schedule counts, its 5 seconds or 2 hours take a thousand times as long.
    for (path, attempts, from, to) in [
        ("/seconds", 1, 3_590, 3_600),
        ("/days", 1, 86_390, 86_400),
        ("/past", 1, 4_500, 5_500),
        ("/soon", 4, 6_480_000, 7_920_000),
    ] {
        let client = app.client();
        let hook = Hook::new(&client, &sink.url(path));
        client.new_board();
        hook.attempted(attempts);
        let due = app.number(&format!(
            "SELECT (due_at - unixepoch() * 1000) / 1000 FROM webhook_delivery
              WHERE lower(hex(webhook_id)) = '{}'",
            hook.id.replace('-', "")
        ));
        assert!((from - 30..=to).contains(&due), "{path}: {due}");
        let log = hook.log();
        assert_eq!(log[0]["response_status"], 429);
        assert_eq!(log[0]["response_excerpt"], "slow");
    }
}

#[test]
fn bad_responses_are_failures_with_a_reason() {
    let sink = Sink::start(|delivery, _| match delivery.path.as_str() {
        "/close" => Close,
        "/redirect" => {
            Raw(b"HTTP/1.1 307 Moved\r\nlocation: /target\r\ncontent-length: 0\r\n\r\n".to_vec())
        }
        "/nonsense" => Raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec()),
        "/headers" => Raw([&b"HTTP/1.1 200 OK\r\nx: "[..], &[b'x'; 200_000]].concat()),
        "/many" => Raw(["HTTP/1.1 200 OK\r\n", &"x: y\r\n".repeat(5_000)]
            .concat()
            .into_bytes()),
        "/binary" => Raw([
            &b"HTTP/1.1 400 No\r\ncontent-length: 9\r\n\r\n"[..],
            b"\xff\x00\x1bno\r\n!\xfe",
        ]
        .concat()),
        "/huge" => Raw([
            &b"HTTP/1.1 500 No\r\ncontent-length: 99999999\r\n\r\n"[..],
            &[b'x'; 300_000],
        ]
        .concat()),
        _ => Raw(b"HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec()),
    });
    let app = app(NEVER);
    let huge = "x".repeat(1_024);
    for (path, status, error, excerpt) in [
        (
            "/close",
            None,
            "The connection was closed without a response",
            "",
        ),
        (
            "/redirect",
            Some(307),
            "The endpoint returned a redirect (status 307), which is not followed",
            "",
        ),
        (
            "/nonsense",
            None,
            "The response is not HTTP, or its headers are too large",
            "",
        ),
        (
            "/headers",
            None,
            "The response is not HTTP, or its headers are too large",
            "",
        ),
        (
            "/many",
            None,
            "The response is not HTTP, or its headers are too large",
            "",
        ),
        (
            "/binary",
            Some(400),
            "The endpoint returned status 400",
            "\u{fffd}no\n!\u{fffd}",
        ),
        (
            "/huge",
            Some(500),
            "The endpoint returned status 500",
            huge.as_str(),
        ),
        ("/chunks", Some(500), "The endpoint returned status 500", ""),
    ] {
        let client = app.client();
        let hook = Hook::new(&client, &sink.url(path));
        client.new_board();
        let log = hook.attempted(1);
        assert_eq!(log["status"], "pending", "{path}");
        assert_eq!(log["response_status"], json!(status), "{path}");
        assert_eq!(log["error"], error, "{path}");
        assert_eq!(
            log["response_excerpt"].as_str().unwrap_or_default(),
            excerpt,
            "{path}"
        );
        assert!(log["next_attempt_at"].is_string(), "{path}");
    }
    assert_eq!(sink.deliveries("/target").len(), 0);
}

#[test]
fn a_long_response_that_is_never_completed_is_a_success_by_its_status() {
    let sink =
        Sink::start(|_, _| Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegin".to_vec()));
    let app = app(NEVER);
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    client.new_board();
    let log = hook.settled(1);
    assert_eq!(log[0]["status"], "delivered");
    assert_eq!(log[0]["response_excerpt"], "begin");
}

#[test]
fn an_endpoint_that_is_gone_switches_its_webhook_off() {
    let sink = Sink::start(|_, nth| Status(if nth < 2 { 200 } else { 410 }));
    let app = app(NEVER);
    let client = app.client();
    let hook = Hook::with(
        &client,
        &sink.url("/hook"),
        json!({ "events": ["board.*"] }),
    );
    // One after the other: a webhook that is switched off drops what is on its way.
    for sent in 1..3 {
        client.new_board();
        hook.settled(sent);
    }
    client.new_board();
    let off = wait_for("the end", || {
        Some(hook.show()).filter(|hook| hook["is_active"] == json!(false))
    });
    assert_eq!(
        off["disabled_reason"],
        "The endpoint returned status 410 (Gone)"
    );
    assert!(off["disabled_at"].is_string());
    let event = &client.rows("/v1/events?limit=1")[0];
    assert_eq!(event["type"], "webhook.updated");
    assert_eq!(event["actor"]["kind"], "system");
    client.new_board();
    // A delivery that was in flight when the webhook was switched off can still become delivered.
    wait_for("all results", || {
        let log = hook.settled(3);
        let mut statuses = statuses(&log);
        statuses.sort_unstable();
        (statuses == ["delivered", "delivered", "failed"]).then_some(())
    });
    assert_eq!(
        sink.deliveries("/hook").len(),
        3,
        "nothing is sent any more"
    );
}

#[test]
fn five_days_of_failures_switch_a_webhook_off() {
    let sink = Sink::start(|_, _| Status(500));
    let app = app(NEVER);
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    client.new_board();
    hook.attempted(1);
    let since = "SELECT count(*) FROM webhook_progress WHERE failing_since IS NOT NULL";
    assert_eq!(app.number(since), 1);
    let almost = 5 * 86_400_000 - 60_000;
    app.sql(&format!(
        "UPDATE webhook_progress SET failing_since = failing_since - {almost}"
    ));
    client.new_board();
    wait_for("the second attempt", || {
        Some(()).filter(|()| hook.log().get(1).is_some_and(|one| one["attempts"] == 1))
    });
    assert_eq!(hook.show()["is_active"], json!(true));
    app.sql("UPDATE webhook_progress SET failing_since = failing_since - 60000");
    client.new_board();
    let off = wait_for("the end", || {
        Some(hook.show()).filter(|hook| hook["is_active"] == json!(false))
    });
    assert_eq!(
        off["disabled_reason"],
        "All deliveries have failed for 5 days. The last error: The endpoint returned status 500"
    );
    assert!(
        statuses(&hook.settled(3))
            .iter()
            .all(|status| *status == "failed")
    );
}

#[test]
fn a_success_ends_a_time_of_failures() {
    let sink = Sink::start(|_, nth| Status(if nth == 0 { 500 } else { 200 }));
    let app = app(NEVER);
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    client.new_board();
    hook.attempted(1);
    client.new_board();
    wait_for("the success", || {
        Some(()).filter(|()| statuses(&hook.log()).contains(&"delivered"))
    });
    assert_eq!(
        app.number("SELECT count(failing_since) FROM webhook_progress"),
        0
    );
}

#[test]
fn a_name_of_a_private_address_fails_at_delivery() {
    let sink = Sink::usual();
    let app = App::with(reaching_nothing);
    let client = app.client();
    let hook = Hook::new(&client, &format!("https://localhost:{}/hook", sink.port));
    client.new_board();
    let log = hook.attempted(1);
    assert_eq!(
        log["error"],
        "localhost resolves to a loopback address; allow it with --webhook-allow localhost"
    );
    assert_eq!(log["response_status"], Value::Null);
    assert_eq!(sink.connections(), 0);
}

#[test]
fn a_target_that_is_no_longer_allowed_is_not_reached() {
    let sink = Sink::usual();
    let app = app(NEVER);
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    let data = app.stop();
    let app = App::on(data, reaching_nothing);
    let client = app.client_with(client.token.as_deref());
    client.new_board();
    let hook = Hook { client, ..hook };
    let log = hook.attempted(1);
    assert!(
        log["error"]
            .as_str()
            .unwrap()
            .contains("a loopback address (127.0.0.1)"),
        "{log}"
    );
    assert_eq!(sink.connections(), 0);
}

#[test]
fn what_was_in_flight_is_sent_again_after_a_restart() {
    static HANGS: AtomicUsize = AtomicUsize::new(1);
    let sink = Sink::start(|_, _| match HANGS.load(Ordering::Relaxed) {
        1 => Hang,
        _ => Status(200),
    });
    let app = app(NEVER);
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    for _ in 0..20 {
        client.new_board();
    }
    wait_for("eight attempts", || {
        Some(()).filter(|()| sink.deliveries("/hook").len() == 8)
    });
    let began = Instant::now();
    let data = app.stop();
    assert!(began.elapsed() < Duration::from_secs(10));
    HANGS.store(0, Ordering::Relaxed);
    let app = App::on(data, reaching_sinks(NEVER));
    let hook = Hook {
        client: app.client_with(client.token.as_deref()),
        ..hook
    };
    let log = hook.settled(20);
    assert_eq!(statuses(&log), ["delivered"; 20]);
    let arrived = sink.deliveries("/hook");
    let ids = |deliveries: &[crate::sink::Delivery]| -> Vec<String> {
        deliveries
            .iter()
            .map(|one| one.header("webhook-id").to_owned())
            .collect()
    };
    let (before, after) = (ids(&arrived[..8]), ids(&arrived[8..]));
    assert!(before.contains(&after[0]), "the same events come first");
    assert!(
        before.iter().all(|id| after.contains(id)),
        "each is repeated"
    );
    assert_eq!(arrived.len(), 28);
}

#[test]
fn a_webhook_that_is_switched_off_or_deleted_stops_at_once() {
    let sink = Sink::start(|_, nth| match nth {
        0 => Status(500),
        _ => Status(200),
    });
    let app = app(0.1);
    for end in ["off", "delete"] {
        let client = app.client();
        let path = format!("/{end}");
        let hook = Hook::with(&client, &sink.url(&path), json!({ "events": ["board.*"] }));
        client.new_board();
        hook.attempted(1);
        match end {
            "off" => drop(
                client
                    .patch(&hook.path(), json!({ "is_active": false }))
                    .expect(200),
            ),
            _ => drop(client.delete(&hook.path()).expect(200)),
        }
        client.new_board();
        // A later retry of another webhook shows that the first one had its chance.
        let later = format!("/after-{end}");
        Hook::new(&client, &sink.url(&later));
        client.new_board();
        wait_for("the later retry", || {
            Some(()).filter(|()| sink.deliveries(&later).len() >= 2)
        });
        assert_eq!(sink.deliveries(&path).len(), 1, "{end}");
    }
}

#[test]
fn events_over_the_monthly_limit_are_skipped() {
    let (app, sink) = (app(NEVER), Sink::usual());
    let workspace = app.workspace("pro");
    let client = app.client_of(&workspace);
    let hook = Hook::with(
        &client,
        &sink.url("/hook"),
        json!({ "events": ["board.*"] }),
    );
    client.new_board();
    hook.settled(1);
    app.sql("UPDATE quota_usage SET used = 11999 WHERE metric = 'webhook_deliveries'");
    client.new_board();
    client.new_board();
    let log = hook.settled(3);
    assert_eq!(statuses(&log), ["delivered", "delivered", "skipped"]);
    assert_eq!(log[2]["attempts"], 0);
    assert_eq!(sink.deliveries("/hook").len(), 2);
    // Next month.
    app.sql("UPDATE quota_usage SET used = 0 WHERE metric = 'webhook_deliveries'");
    let since = json!({ "since": 0, "only": "failed" });
    client
        .post(&format!("{}/recover", hook.path()), since)
        .expect(200);
    let log = wait_for("the recovery", || {
        Some(hook.log())
            .filter(|log| log.len() > 3 && log.iter().all(|one| one["status"] != "pending"))
    });
    assert_eq!(log[3]["event_id"], log[2]["event_id"]);
    assert_eq!(log[3]["status"], "delivered");
}

#[test]
fn the_objects_of_an_import_are_not_delivered() {
    let (app, sink) = (app(NEVER), Sink::usual());
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    client.new_board();
    hook.settled(1);
    // As an import records them.
    app.sql(
        "BEGIN;
         WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 3000)
         INSERT INTO event (workspace_id, sequence, id, type, created_at, actor_kind, data)
           SELECT workspace_id, latest + value, randomblob(16), 'task.created', unixepoch() * 1000, 'import', '{}'
             FROM journal_state, n WHERE latest > 0;
         COMMIT;",
    );
    client.new_board();
    let log = hook.settled(2);
    let events: Vec<_> = log.iter().map(|one| text(one, "event")).collect();
    assert_eq!(events, ["board.created", "board.created"]);
}

#[test]
fn a_webhook_behind_the_kept_events_goes_on_with_the_oldest() {
    let (app, sink) = (app(NEVER), Sink::usual());
    let client = app.client();
    let hook = Hook::with(
        &client,
        &sink.url("/hook"),
        json!({ "events": ["board.*"] }),
    );
    let data = app.stop();
    let app = App::on(data, |settings| {
        reaching_sinks(NEVER)(settings);
        settings.event_days = 1;
    });
    let client = app.client_with(client.token.as_deref());
    client.new_board();
    let hook = Hook {
        client: client.clone(),
        ..hook
    };
    hook.settled(1);
    let data = app.stop();
    // Events that nobody delivered are removed.
    let conn = rusqlite::Connection::open(data.path().join("tackboard.db")).unwrap();
    conn.execute_batch(
        "INSERT INTO event (workspace_id, sequence, id, type, created_at, actor_kind, data)
           SELECT workspace_id, latest + 100, randomblob(16), 'board.created', unixepoch() * 1000, 'system', '{}'
             FROM journal_state WHERE latest > 0;",
    )
    .unwrap();
    drop(conn);
    let app = App::on(data, reaching_sinks(NEVER));
    let hook = Hook {
        client: app.client_with(client.token.as_deref()),
        ..hook
    };
    assert_eq!(statuses(&hook.settled(2)), ["delivered"; 2]);
}

#[test]
fn endpoints_that_hang_or_close_slow_down_nobody_else() {
    let sink = Sink::start(|delivery, _| match delivery.path.as_str() {
        "/hang" => Hang,
        "/slow" => Slow(Duration::from_secs(14)),
        "/close" => Close,
        _ => Status(200),
    });
    let app = app(FAST);
    let client = app.client();
    for path in ["/hang", "/slow", "/close"] {
        Hook::new(&client, &sink.url(path));
    }
    let neighbor = app.client();
    let times = Mutex::new(Vec::new());
    for one in [&client, &neighbor] {
        Hook::with(
            one,
            &sink.url("/good"),
            json!({ "events": ["board.created"] }),
        );
    }
    for round in 1..=30 {
        let began = Instant::now();
        client.new_board();
        neighbor.new_board();
        wait_for("the others' delivery", || {
            Some(()).filter(|()| sink.deliveries("/good").len() == 2 * round)
        });
        times.lock().unwrap().push(began.elapsed());
    }
    let slowest = times.lock().unwrap().iter().max().copied().unwrap();
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
}

/// A failing endpoint rests. Its failures are recorded meanwhile, and what waits is delivered after the first success.
#[test]
fn an_endpoint_that_has_failed_often_gets_everything_when_it_works_again() {
    let works = Arc::new(AtomicBool::new(false));
    let is_working = Arc::clone(&works);
    let sink = Sink::start(move |_, _| match is_working.load(Ordering::SeqCst) {
        true => Status(200),
        false => Status(500),
    });
    let app = app(NEVER);
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    for _ in 0..20 {
        client.new_board();
    }
    wait_for("recorded failures", || {
        let log = hook.log();
        let failed = log.iter().filter(|one| one["response_status"] == 500);
        (failed.count() >= 12).then_some(())
    });
    works.store(true, Ordering::SeqCst);
    wait_for("the other deliveries", || {
        let log = hook.log();
        let attempted = log.iter().filter(|one| one["attempts"] == 1);
        (attempted.count() == 20).then_some(())
    });
    let log = hook.log();
    assert_eq!(log[19]["status"], "delivered", "{}", log[19]);
}

#[test]
fn an_endpoint_that_does_not_respond_fails_after_fifteen_seconds() {
    let sink = Sink::start(|_, _| Hang);
    let app = app(NEVER);
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    client.new_board();
    let log = hook.attempted(1);
    assert_eq!(log["error"], "No response within 15 seconds");
    let duration = log["duration_ms"].as_u64().unwrap();
    assert!((15_000..17_000).contains(&duration), "{duration}");
}

#[test]
fn a_board_filter_and_thin_payloads_are_respected() {
    let (app, sink) = (app(NEVER), Sink::usual());
    let client = app.client();
    let (wanted, other) = (client.new_board(), client.new_board());
    let fields = json!({ "board_id": wanted, "payload": "thin", "events": ["project.created"] });
    let hook = Hook::with(&client, &sink.url("/hook"), fields);
    for board in [&other, &wanted, &other] {
        client.new_project_on(board);
    }
    hook.settled(1);
    let body = sink.deliveries("/hook")[0].json();
    check_payload(&body);
    assert_eq!(body["board_id"], json!(wanted));
    let names: Vec<_> = body["data"].as_object().unwrap().keys().collect();
    assert!(
        names
            .iter()
            .all(|name| *name == "id" || name.ends_with("_id")),
        "{names:?}"
    );
}

#[test]
fn a_redelivery_has_the_same_id() {
    let (app, sink) = (app(NEVER), Sink::usual());
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    client.new_board();
    let log = hook.settled(1);
    let path = format!(
        "{}/deliveries/{}/redeliver",
        hook.path(),
        text(&log[0], "id")
    );
    client.post(&path, json!({})).expect(200);
    hook.settled(2);
    let arrived = sink.deliveries("/hook");
    assert_eq!(arrived.len(), 2);
    assert_eq!(
        arrived[0].header("webhook-id"),
        arrived[1].header("webhook-id")
    );
}

#[test]
fn changes_by_commands_are_delivered_too() {
    let (app, sink) = (app(NEVER), Sink::usual());
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let hook = Hook::with(
        &client,
        &sink.url("/hook"),
        json!({ "events": ["token.*"] }),
    );
    app.client_of(&workspace);
    let log = hook.settled(1);
    assert_eq!(log[0]["event"], "token.created");
    let body = &sink.deliveries("/hook")[0].body;
    assert!(!body.contains("tb_"), "{body}");
}

#[test]
fn a_stop_keeps_what_was_not_delivered() {
    let sink = Sink::start(|_, _| Status(500));
    let app = app(NEVER);
    let client = app.client();
    let hook = Hook::new(&client, &sink.url("/hook"));
    for _ in 0..50 {
        client.new_board();
    }
    let data: TempDir = app.stop();
    let conn = rusqlite::Connection::open(data.path().join("tackboard.db")).unwrap();
    let count = |sql: &str| conn.query_row(sql, (), |row| row.get::<_, i64>(0)).unwrap();
    let (rows, cursor, latest) = (
        count("SELECT count(*) FROM webhook_delivery"),
        count("SELECT cursor FROM webhook_progress"),
        count("SELECT max(latest) FROM journal_state"),
    );
    let first = count("SELECT min(sequence) FROM event WHERE type = 'board.created'");
    assert_eq!(
        rows,
        cursor - first + 1,
        "one row per event up to the cursor"
    );
    assert!(cursor <= latest);
    assert_eq!(
        count("SELECT count(*) FROM webhook_delivery WHERE status <> 'pending'"),
        0
    );
    let _ = hook;
}
