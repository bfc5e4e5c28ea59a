//! What clients learn when the server is unavailable or stops, and what stays hidden.

use std::time::Duration;

use serde_json::json;
use tackboard::model::time::{Month, Timestamp};

use crate::harness::{App, wait_for};
use crate::operations::{self, Ids};
use crate::raw::Raw;

#[test]
fn an_internal_error_tells_nothing_but_the_request_id() {
    let app = App::start();
    let client = app.client();
    let ids = Ids::new(&client);
    app.sql("ALTER TABLE task RENAME TO lost; ALTER TABLE subtask RENAME TO lost_too;");
    for operation in operations::secured().filter(|operation| operation.path.contains("tasks")) {
        let reply = operation
            .call(&ids)
            .send(&client)
            .expect_error(500, "internal_error");
        let id = reply.header("x-request-id");
        let error = json!({
            "code": "internal_error",
            "message": "Something went wrong",
            "details": { "request_id": id }
        });
        assert_eq!(reply.json(), json!({ "error": error }), "{}", operation.id);
        let headers = format!("{:?}", reply.headers).to_lowercase();
        assert!(
            !headers.contains("sql") && !headers.contains("lost"),
            "{headers}"
        );
    }
}

#[test]
fn retry_after_tells_how_long_to_wait() {
    let app = App::start();
    app.sql("INSERT INTO plan (name, api_calls) VALUES ('none', 0)");
    let client = app.client_of(&app.workspace("none"));
    let now = Timestamp::now();
    let wait = client
        .get("/v1/boards")
        .expect(429)
        .header("retry-after")
        .parse::<u64>();
    let until = now.seconds_until(Month::of(now).end());
    assert!((until.saturating_sub(60)..=until).contains(&wait.unwrap()));
    app.begin_stop();
    let stopped = client
        .get("/v1/boards")
        .expect_error(503, "service_unavailable");
    assert_eq!(stopped.header("retry-after"), "5");
}

#[test]
fn health_and_readiness_are_told_apart() {
    let app = App::start();
    let client = app.client_with(None);
    assert_eq!(
        client.get("/healthz").expect(200).json(),
        json!({ "status": "ok" })
    );
    assert_eq!(
        client.get("/readyz").expect(200).json(),
        json!({ "status": "ready" })
    );
    app.sql("ALTER TABLE plan RENAME TO lost");
    client.get("/healthz").expect(200);
    client.get("/readyz").expect_error(500, "internal_error");
}

#[test]
fn a_server_that_stops_says_so_and_that_it_lives() {
    let app = App::start();
    let client = app.client();
    app.begin_stop();
    for path in ["/v1/boards", "/v1/usage", "/readyz"] {
        let reply = client.get(path).expect_error(503, "service_unavailable");
        assert_eq!(reply.details(), json!({ "reason": "shutting_down" }));
        assert_eq!(reply.header("retry-after"), "5");
    }
    for path in ["/healthz", "/metrics", "/openapi.json", "/"] {
        client.get(path).expect(200);
    }
}

#[test]
fn a_change_whose_turn_comes_too_late_is_not_made() {
    let app = App::with(|settings| settings.request_timeout = Duration::from_millis(200));
    let client = app.client();
    let counted = || {
        let usage = client.get("/v1/usage").expect(200).json();
        usage["usage"]["api_calls"]["used"].as_u64().unwrap()
    };
    client.new_board();
    let lock = rusqlite::Connection::open(app.database()).unwrap();
    lock.busy_timeout(Duration::from_secs(10)).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let before = counted();
    let late = std::thread::scope(|scope| {
        let late = scope.spawn(|| client.post("/v1/boards", json!({ "name": "Late" })));
        wait_for("the late call", || (counted() != before).then_some(()));
        // An incomplete request stays open exactly as long as the test needs it.
        let headers = [
            ("content-type", "application/json"),
            ("content-length", "9"),
        ];
        let clock = Raw::head(&client, "POST", "/v1/boards", &headers);
        clock.reply(&client).expect_error(408, "request_timeout");
        lock.execute_batch("ROLLBACK").unwrap();
        late.join().unwrap()
    });
    let late = late.expect_error(503, "service_unavailable");
    assert_eq!(late.details(), json!({ "reason": "database_busy" }));
    assert_eq!(
        client.get("/v1/boards").json()["boards"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
