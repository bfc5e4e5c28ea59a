//! What is the same for every answer, and what the server serves beside the API.

use std::time::Duration;

use serde_json::json;

use crate::harness::{App, Reply};
use crate::operations::{self, Ids};

fn listed(reply: &Reply, name: &str) -> Vec<String> {
    let mut all: Vec<_> = reply
        .header(name)
        .split(',')
        .map(|one| one.trim().to_lowercase())
        .collect();
    all.sort();
    all
}

const ORIGIN: (&str, &str) = ("origin", "https://boards.example");

fn with_cors(origins: &[&str]) -> App {
    let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
    App::with(|settings| settings.cors_origins = origins)
}

#[test]
fn a_page_of_an_allowed_origin_may_ask_and_read() {
    let app = with_cors(&["https://boards.example", "https://other.example"]);
    let client = app.client_with(None);
    let wish = (
        "access-control-request-headers",
        "authorization, content-type, idempotency-key, if-match, if-none-match, x-request-id",
    );
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
        let headers = [ORIGIN, ("access-control-request-method", method), wish];
        let reply = client
            .call("OPTIONS", "/v1/tasks/1", &headers, None)
            .expect(200);
        assert_eq!(reply.header("access-control-allow-origin"), ORIGIN.1);
        assert!(listed(&reply, "access-control-allow-methods").contains(&method.to_lowercase()));
        let allowed = listed(&reply, "access-control-allow-headers");
        assert!(
            wish.1
                .split(", ")
                .all(|header| allowed.contains(&header.to_owned())),
            "{allowed:?}"
        );
    }
    let exposed = [
        "etag",
        "idempotent-replayed",
        "retry-after",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-request-id",
    ];
    for reply in [
        app.client()
            .call("GET", "/v1/boards", &[ORIGIN], None)
            .expect(200),
        client
            .call("GET", "/v1/boards", &[ORIGIN], None)
            .expect(401),
        client.call("GET", "/v1/nope", &[ORIGIN], None).expect(404),
    ] {
        assert_eq!(reply.header("access-control-allow-origin"), ORIGIN.1);
        assert_eq!(listed(&reply, "access-control-expose-headers"), exposed);
        assert!(listed(&reply, "vary").contains(&"origin".to_owned()));
    }
}

#[test]
fn a_page_of_another_origin_may_not() {
    let app = with_cors(&["https://boards.example"]);
    let stranger = ("origin", "https://evil.example");
    let asked = [stranger, ("access-control-request-method", "GET")];
    let preflight = app
        .client_with(None)
        .call("OPTIONS", "/v1/boards", &asked, None);
    assert!(preflight.status >= 400, "{}", preflight.status);
    assert_eq!(preflight.header("access-control-allow-origin"), "");
    let reply = app.client().call("GET", "/v1/boards", &[stranger], None);
    assert_eq!(reply.header("access-control-allow-origin"), "");
}

#[test]
fn a_star_opens_the_api_to_every_page() {
    let app = with_cors(&["*"]);
    let reply = app
        .client()
        .call("GET", "/v1/boards", &[ORIGIN], None)
        .expect(200);
    assert!(["*", ORIGIN.1].contains(&reply.header("access-control-allow-origin")));
    assert_eq!(reply.header("access-control-allow-credentials"), "");
}

#[test]
fn without_the_setting_nothing_is_said_of_origins() {
    let app = App::start();
    let asked = [ORIGIN, ("access-control-request-method", "GET")];
    let replies = [
        app.client()
            .call("GET", "/v1/boards", &[ORIGIN], None)
            .expect(200),
        app.client()
            .call("OPTIONS", "/v1/boards", &asked, None)
            .expect(405),
    ];
    for reply in replies {
        let names: Vec<_> = reply.headers.keys().map(|name| name.as_str()).collect();
        assert!(
            !names.iter().any(|name| name.starts_with("access-control")),
            "{names:?}"
        );
    }
}

#[test]
fn every_answer_says_what_a_browser_must_not_do_with_it() {
    let app = App::start();
    let client = app.client();
    let ids = Ids::new(&client);
    let gets = operations::all();
    let gets = gets.iter().filter(|operation| operation.method == "GET");
    let mut replies: Vec<_> = gets
        .map(|operation| operation.call(&ids).send(&client))
        .collect();
    replies.extend([client.get("/v1/nope"), client.put("/v1/boards", json!({}))]);
    replies.push(app.client_with(None).get("/v1/boards"));
    for reply in replies {
        assert_eq!(
            reply.header("x-content-type-options"),
            "nosniff",
            "{}",
            reply.text
        );
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.header("server"), "");
    }
}

#[test]
fn a_burst_is_told_how_long_to_wait_and_is_that_of_one_token() {
    let app = App::with(|settings| settings.burst_per_second = Some(2));
    let workspace = app.workspace("teams");
    let (hasty, calm) = (app.client_of(&workspace), app.client_of(&workspace));
    let replies: Vec<_> = (0..100).map(|_| hasty.get("/v1/boards")).collect();
    let refused: Vec<_> = replies.iter().filter(|reply| reply.status != 200).collect();
    assert!(refused.len() > 50 && replies[0].status == 200 && replies[1].status == 200);
    for reply in &refused {
        assert_eq!((reply.status, reply.code().as_str()), (429, "rate_limited"));
        let wait = reply.header("retry-after").parse::<u64>().unwrap();
        assert_eq!((wait, reply.details()), (1, json!({ "retry_after": 1 })));
    }
    calm.get("/v1/boards").expect(200);
    // They have passed the credential check, so they count.
    let used = calm.get("/v1/usage").expect(200).json()["usage"]["api_calls"]["used"].clone();
    assert_eq!(used, 101);
}

#[test]
fn metrics_count_requests_by_route_and_never_by_what_people_type() {
    let app = App::start();
    let client = app.client();
    let board = client.new_board();
    client.get(&format!("/v1/boards/{board}")).expect(200);
    client
        .get(&format!("/v1/boards/{}", client.new_project().id))
        .expect(404);
    client.get("/v1/nope-4711").expect(404);
    client.call("BREW", "/v1/boards", &[], None).expect(405);
    let metrics = app.client_with(None).get("/metrics").expect(200);
    assert!(
        metrics
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let has = |line: &str| {
        assert!(
            metrics.text.lines().any(|one| one == line),
            "{line}\n{}",
            metrics.text
        )
    };
    let total = |method: &str, route: &str, status: u16, count: u8| {
        has(&format!(
            "tackboard_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
        ));
    };
    total("POST", "/v1/boards", 201, 2);
    total("GET", "/v1/boards/{boardId}", 200, 1);
    total("GET", "/v1/boards/{boardId}", 404, 1);
    total("GET", "unmatched", 404, 1);
    total("other", "/v1/boards", 405, 1);
    has("tackboard_http_request_seconds_count{method=\"GET\",route=\"/v1/boards/{boardId}\"} 2");
    has("tackboard_writer_queue_depth 0");
    for name in [
        "database_bytes",
        "start_time_seconds",
        "writer_batch_size_count",
    ] {
        let value = metrics
            .text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("tackboard_{name} ")));
        assert!(value.unwrap().parse::<f64>().unwrap() > 0.0, "{name}");
    }
    assert!(!metrics.text.contains(&board) && !metrics.text.contains("4711"));
}

#[test]
fn metrics_are_for_this_machine_alone() {
    let app = App::start();
    let client = app.client_with(None);
    for handed_on in [
        ("x-forwarded-for", "192.0.2.1"),
        ("forwarded", "for=192.0.2.1"),
    ] {
        let reply = client
            .call("GET", "/metrics", &[handed_on], None)
            .expect_error(404, "not_found");
        assert_eq!(
            reply.details(),
            json!({ "method": "GET", "path": "/metrics" })
        );
    }
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
    client.get("/v1/boards").expect(200);
    let batches = || {
        let metrics = app.client_with(None).get("/metrics").expect(200).text;
        let mut lines = metrics.lines();
        let count = lines.find_map(|line| line.strip_prefix("tackboard_writer_batch_size_count "));
        count.unwrap().parse::<u64>().unwrap()
    };
    client.new_board();
    let lock = rusqlite::Connection::open(app.database()).unwrap();
    lock.busy_timeout(Duration::from_secs(10)).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let before = batches();
    let late = std::thread::scope(|scope| {
        let late = scope.spawn(|| client.post("/v1/boards", json!({ "name": "Late" })));
        while batches() == before {}
        // A request that is never sent whole lasts exactly as long as the one that waits may.
        let headers = [
            ("content-type", "application/json"),
            ("content-length", "9"),
        ];
        let clock = crate::raw::Raw::head(&client, "POST", "/v1/boards", &headers);
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
