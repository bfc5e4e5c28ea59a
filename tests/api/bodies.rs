//! Whatever is sent as a body, the answer is one that the contract knows, and what is accepted comes back as it was.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{App, Client, Reply};
use crate::raw::Raw;

const JSON: (&str, &str) = ("content-type", "application/json");

/// Sends these bytes as a new board.
pub fn send(client: &Client, bytes: impl Into<Vec<u8>>) -> Reply {
    client.call("POST", "/v1/boards", &[JSON], Some(bytes.into()))
}

#[test]
fn what_is_not_json_is_told_with_its_place() {
    let app = App::shared();
    let client = app.client();
    for (text, line, column) in [
        ("{", 1, 1),
        ("{\"name\":", 1, 8),
        ("{\"name\" \"x\"}", 1, 9),
        ("{\n\"name\": x}", 2, 9),
        ("{\"name\":\"x\",}", 1, 13),
        ("{\"name\":\"x\"} {}", 1, 14),
        ("name=x", 1, 2),
        ("{\"name\":NaN}", 1, 9),
        ("{\"name\":\"x\n\"}", 2, 0),
        ("{'name':'x'}", 1, 2),
        ("\u{feff}{\"name\":\"x\"}", 1, 1),
        ("// c\n{\"name\":\"x\"}", 1, 1),
    ] {
        let details = send(&client, text)
            .expect_error(400, "invalid_json")
            .details();
        assert_eq!(
            (&details["line"], &details["column"]),
            (&json!(line), &json!(column)),
            "{text}"
        );
        let reason = details["reason"].as_str().unwrap();
        assert!(!reason.is_empty() && !reason.contains("line"), "{reason}");
    }
}

#[test]
fn no_body_at_all_is_no_json() {
    let app = App::shared();
    let client = app.client();
    send(&client, "").expect_error(400, "invalid_json");
    for headers in [
        &[] as &[_],
        &[JSON],
        &[("content-length", "0")],
        &[("content-type", "text/csv")],
    ] {
        let reply = Raw::head(&client, "POST", "/v1/boards", headers).reply(&client);
        reply.expect_error(400, "invalid_json");
    }
    let chunked = [JSON, ("transfer-encoding", "chunked")];
    let mut raw = Raw::head(&client, "POST", "/v1/boards", &chunked);
    raw.send("0\r\n\r\n");
    raw.reply(&client).expect_error(400, "invalid_json");
}

#[test]
fn nesting_without_end_is_refused() {
    let app = App::shared();
    let client = app.client();
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        send(&client, deep.clone()).expect_error(400, "invalid_json");
        send(&client, format!("{{\"name\":{deep}}}")).expect_error(400, "invalid_json");
    }
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let app = App::shared();
    let client = app.client();
    send(&client, r#"{"name":"a","name":"b"}"#).expect_error(400, "invalid_json");
    send(&client, r#"{"name":"a","x":{"y":1,"y":1}}"#).expect_error(400, "invalid_json");
}

#[test]
fn whole_numbers_may_be_written_as_floats_and_huge_ones_are_refused() {
    let app = App::shared();
    let client = app.client();
    let task = format!(
        "/v1/tasks/{}",
        client.new_task(&client.new_project().id, "Task")
    );
    let set = |number: &str| {
        let body = format!("{{\"status\":{number}}}");
        client.call("PATCH", &task, &[JSON], Some(body.into()))
    };
    for (number, status) in [
        ("1.0", 1),
        ("2e0", 2),
        ("0.0", 0),
        ("10e-1", 1),
        ("-0.0", 0),
        ("2.000", 2),
    ] {
        assert_eq!(
            set(number).expect(200).json()["task"]["status"],
            status,
            "{number}"
        );
    }
    let huge = [
        "1e300",
        "-1e300",
        "99999999999999999999",
        "18446744073709551615",
        "1.5",
        "3",
        "-1",
        "1e18",
        "1e999",
        "-1E+999",
    ];
    for number in huge {
        set(number).expect_error(400, "invalid_request");
    }
    set("01").expect_error(400, "invalid_json");
    set("+1").expect_error(400, "invalid_json");
}

#[test]
fn a_body_must_be_of_a_json_type() {
    let app = App::shared();
    let client = app.client();
    let send = |kind: &str| {
        let body = Some(b"{\"name\":\"x\"}".to_vec());
        client.call("POST", "/v1/boards", &[("content-type", kind)], body)
    };
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8;x=y",
        "Application/JSON",
        "application/problem+json",
        "application/merge-patch+json; charset=utf-8",
        "application/vnd.tackboard.v1+json",
    ] {
        send(kind).expect(201);
    }
    for kind in [
        "text/json",
        "text/plain",
        "application/xml",
        "application/jsonp",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "image/svg+json",
        "json",
        "application/",
        ";",
    ] {
        let reply = send(kind).expect_error(415, "unsupported_media_type");
        assert_eq!(reply.details(), json!({ "content_type": kind }));
    }
    let none = client.call(
        "POST",
        "/v1/boards",
        &[],
        Some(b"{\"name\":\"x\"}".to_vec()),
    );
    assert_eq!(
        none.expect_error(415, "unsupported_media_type").details(),
        json!({ "content_type": "" })
    );
}

#[test]
fn a_content_type_without_a_body_is_ignored() {
    let app = App::shared();
    let client = app.client();
    for kind in ["application/json", "text/plain", "nonsense"] {
        let kind = [("content-type", kind)];
        let board = format!("/v1/boards/{}", client.new_board());
        client.call("GET", &board, &kind, None).expect(200);
        client.call("HEAD", &board, &kind, None).expect(200);
        client.call("DELETE", &board, &kind, None).expect(200);
    }
}

#[test]
fn a_body_where_none_is_wanted_is_ignored() {
    let app = App::shared();
    let client = app.client();
    let board = format!("/v1/boards/{}", client.new_board());
    let body = || Some(b"{\"what\":".to_vec());
    client.call("GET", &board, &[JSON], body()).expect(200);
    client.call("DELETE", &board, &[JSON], body()).expect(200);
}

#[test]
fn what_is_too_large_is_refused_whether_its_length_is_told_or_not() {
    let app = App::with(|settings| settings.body_limit = 1000);
    let client = app.client();
    let body = |length: usize| "{\"name\":\"x\"}".to_owned() + &" ".repeat(length - 12);
    send(&client, body(1000)).expect(201);
    let refused = send(&client, body(1001)).expect_error(413, "payload_too_large");
    assert_eq!(refused.details(), json!({ "limit_bytes": 1000 }));
    let chunked = |length: usize| {
        let headers = [JSON, ("transfer-encoding", "chunked")];
        let mut raw = Raw::head(&client, "POST", "/v1/boards", &headers);
        for part in body(length).as_bytes().chunks(100) {
            raw.send(format!("{:x}\r\n", part.len()));
            raw.send(part);
            raw.send("\r\n");
        }
        raw.send("0\r\n\r\n");
        raw.reply(&client)
    };
    chunked(1000).expect(201);
    chunked(1001).expect_error(413, "payload_too_large");
    chunked(100_000).expect_error(413, "payload_too_large");
}

#[test]
fn a_told_length_is_believed_before_anything_is_read() {
    let app = App::shared();
    let client = app.client();
    for length in ["1048577", "9999999999999"] {
        let headers = [JSON, ("content-length", length)];
        let reply = Raw::head(&client, "POST", "/v1/boards", &headers).reply(&client);
        reply.expect_error(413, "payload_too_large");
    }
}

#[test]
fn a_body_that_dribbles_is_cut_off_and_nothing_is_made_of_it() {
    let app = App::with(|settings| settings.request_timeout = Duration::from_millis(200));
    let client = app.client();
    let headers = [JSON, ("content-length", "100")];
    let mut raw = Raw::head(&client, "POST", "/v1/boards", &headers);
    raw.send("{\"name\":\"x\"}");
    let reply = raw.reply(&client).expect_error(408, "request_timeout");
    assert_eq!(reply.header("connection"), "close");
    assert_eq!(client.get("/v1/boards").json(), json!({ "boards": [] }));
}

#[test]
fn a_body_that_ends_too_soon_makes_nothing() {
    let app = App::shared();
    let client = app.client();
    let headers = [JSON, ("content-length", "100")];
    let mut raw = Raw::head(&client, "POST", "/v1/boards", &headers);
    raw.send("{\"name\":\"x\"}");
    raw.end();
    assert_eq!(client.get("/v1/boards").json(), json!({ "boards": [] }));
}

#[test]
fn a_body_in_chunks_that_never_ends_does_not_keep_its_connection() {
    let app = App::shared();
    let nobody = app.client_with(None);
    let chunked = [
        ("transfer-encoding", "chunked"),
        ("content-type", "application/json"),
    ];
    for (method, path, status) in [
        ("POST", "/v1/tasks", 401),
        ("POST", "/v1/nope", 404),
        ("GET", "/healthz", 200),
    ] {
        let mut raw = Raw::head(&nobody, method, path, &chunked);
        raw.send("10\r\nabc");
        // The server gives up waiting long before the client of this test does.
        assert_eq!(
            raw.reply_at_close(&nobody).status,
            status,
            "{method} {path}"
        );
    }
}

#[test]
fn a_large_body_is_validated_beside_other_requests() {
    let app = App::with(|settings| settings.workers = 1);
    let (client, other) = (app.client(), app.client());
    let body = format!("{{\"mergeTags\":[{}{{}}]}}", "{},".repeat(300_000));
    // On a busy machine one round can be slow for other reasons.
    let is_free = (0..10).any(|_| {
        let body = body.clone();
        let is_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let validation = scope.spawn(|| {
                let started = Instant::now();
                let reply = client.call(
                    "POST",
                    "/api/integration/send-card",
                    &[JSON],
                    Some(body.into()),
                );
                let took = started.elapsed();
                is_done.store(true, Ordering::Relaxed);
                let fields = reply.expect_error(400, "invalid_request").fields();
                let message = "Merge tags must list at most 500 recipients";
                assert_eq!(fields["mergeTags"], message);
                took
            });
            let mut longest = Duration::ZERO;
            while !is_done.load(Ordering::Relaxed) {
                let started = Instant::now();
                other.get("/healthz").expect(200);
                longest = longest.max(started.elapsed());
            }
            longest * 3 < validation.join().unwrap()
        })
    });
    assert!(is_free, "other requests wait for the validation");
}
