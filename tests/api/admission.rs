//! Expensive connections: clients that do not read, too many connections, and bytes that are not a request.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{App, wait_for};

/// A connection that stays open between two requests.
struct Open(TcpStream);

impl Open {
    fn to(app: &App) -> Self {
        let client = app.client_with(None);
        let stream = TcpStream::connect(client.origin.trim_start_matches("http://")).unwrap();
        let limit = Some(Duration::from_secs(60));
        stream.set_read_timeout(limit).unwrap();
        Self(stream)
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).unwrap();
    }

    /// Requests `/healthz` with more headers and returns the status. The connection stays open after a 200.
    fn health(&mut self, headers: &str) -> (u16, String) {
        // The server may already have refused the connection.
        let head = format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
        let _ = self.0.write_all(head.as_bytes());
        self.answer()
    }

    /// The status of the next response, and the whole response.
    fn answer(&mut self) -> (u16, String) {
        let mut text = String::new();
        let mut part = [0; 4096];
        loop {
            match self.0.read(&mut part) {
                Ok(0) => break,
                Ok(length) => text += &String::from_utf8_lossy(&part[..length]),
                Err(cause) if cause.kind() == ErrorKind::ConnectionReset => break,
                Err(cause) => panic!("{cause}"),
            }
            if text.starts_with("HTTP/1.1 200") && text.contains("\r\n\r\n{") {
                break;
            }
        }
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
        (status.unwrap_or(0), text)
    }
}

/// The error in a response that ends its connection.
#[track_caller]
fn envelope(response: &str) -> Value {
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    for wanted in [
        "x-request-id: ",
        "content-type: application/json",
        "connection: close",
        "x-content-type-options: nosniff",
        &format!("content-length: {}", body.len()),
    ] {
        assert!(head.contains(wanted), "{wanted}: {response}");
    }
    let body: Value = serde_json::from_str(body).unwrap();
    body["error"].clone()
}

#[test]
fn a_client_that_does_not_read_is_cut() {
    let app = App::with(|settings| settings.send_timeout = Duration::from_millis(300));
    let mut client = Open::to(&app);
    client.send("GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200));
    client.0.set_nonblocking(true).unwrap();
    wait_for("the end of the connection", || {
        let sent = (&client.0).write(b"GET /");
        sent.is_err_and(|cause| cause.kind() != ErrorKind::WouldBlock)
            .then_some(())
    });
}

#[test]
fn a_client_that_reads_gets_everything() {
    let app = App::with(|settings| settings.send_timeout = Duration::from_millis(300));
    let mut client = Open::to(&app);
    client.send("GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(49));
    client.send("GET /openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let mut all = String::new();
    client.0.read_to_string(&mut all).unwrap();
    assert_eq!(all.matches("HTTP/1.1 200 OK\r\n").count(), 50);
}

#[test]
fn an_address_has_a_limit_of_connections() {
    let app = App::with(|settings| settings.max_connections_per_address = 3);
    let mut open: Vec<_> = (0..3).map(|_| Open::to(&app)).collect();
    for client in &mut open {
        assert_eq!(client.health("").0, 200);
    }
    refused(&app);
    open.pop();
    wait_for("room for one more", || {
        (Open::to(&app).health("").0 == 200).then_some(())
    });
}

#[test]
fn the_server_has_a_limit_of_connections() {
    let app = App::with(|settings| settings.max_connections = 2);
    let mut open: Vec<_> = (0..2).map(|_| Open::to(&app)).collect();
    for client in &mut open {
        assert_eq!(client.health("").0, 200);
    }
    refused(&app);
}

#[track_caller]
fn refused(app: &App) {
    let (status, response) = Open::to(app).answer();
    assert_eq!(status, 503, "{response}");
    assert!(response.contains("retry-after: 1\r\n"), "{response}");
    let error = envelope(&response);
    let expected = json!(["service_unavailable", { "reason": "overloaded" }]);
    assert_eq!(json!([error["code"], error["details"]]), expected);
}

#[test]
fn behind_a_trusted_proxy_the_limit_is_one_of_running_requests_per_client() {
    let app = App::with(|settings| {
        settings.max_connections_per_address = 1;
        settings.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    });
    let mut proxy: Vec<_> = (0..3).map(|_| Open::to(&app)).collect();
    for connection in &mut proxy {
        assert_eq!(connection.health("").0, 200);
    }
    let token = app.client().token.clone().unwrap();
    proxy[0].send(format!(
        "POST /v1/boards HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nx-forwarded-for: 192.0.2.1\r\n\
         content-type: application/json\r\ncontent-length: 12\r\nexpect: 100-continue\r\n\r\n"
    ));
    let mut interim = [0; 25];
    proxy[0].0.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    let close = "connection: close\r\n";
    let (status, response) =
        Open::to(&app).health(&format!("x-forwarded-for: 192.0.2.1\r\n{close}"));
    assert_eq!(status, 503, "{response}");
    assert!(response.contains("overloaded"), "{response}");
    assert_eq!(proxy[1].health("x-forwarded-for: 192.0.2.2\r\n").0, 200);
    proxy[0].send("{\"name\":\"B\"}");
    let mut created = [0; 16];
    proxy[0].0.read_exact(&mut created).unwrap();
    assert_eq!(&created, b"HTTP/1.1 201 Cre");
    wait_for("the end of the first request", || {
        let headers = "x-forwarded-for: 192.0.2.1\r\n";
        (Open::to(&app).health(headers).0 == 200).then_some(())
    });
}

#[test]
fn what_is_no_request_gets_the_envelope() {
    let app = App::start();
    let long = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n",
        "x".repeat(140_000)
    );
    let headers = format!(
        "GET / HTTP/1.1\r\nhost: x\r\n{}\r\n",
        "x: y\r\n".repeat(200)
    );
    for (bytes, status) in [
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/9.9\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nbad header\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
            400,
        ),
        ("\x16\x03\x01\x02\x00\x01", 400),
        (&headers, 431),
        (&long, 431),
    ] {
        for first in [false, true] {
            let mut client = Open::to(&app);
            if first {
                assert_eq!(client.health("").0, 200);
            }
            let _ = client.0.write_all(bytes.as_bytes());
            let (answered, response) = client.answer();
            assert_eq!(answered, status, "{:?}: {response}", bytes.get(..60));
            let error = envelope(&response);
            assert_eq!(error["code"], "invalid_request", "{response}");
            assert!(error["details"]["fields"]["request"].is_string());
        }
    }
}

#[test]
fn a_head_that_does_not_arrive_gets_the_envelope() {
    let app = App::start();
    let mut client = Open::to(&app);
    client.send("GET / HTTP/1.1\r\n");
    let (status, response) = client.answer();
    assert_eq!(status, 408, "{response}");
    let error = envelope(&response);
    let expected = json!(["request_timeout", { "timeout_seconds": 10 }]);
    assert_eq!(json!([error["code"], error["details"]]), expected);
}

#[test]
fn a_handlers_own_bytes_are_never_taken_for_the_librarys() {
    let app = App::start();
    let client = app.client();
    let fake = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
    let task = client.new_task(&client.new_project().id, "Task");
    let path = format!("/v1/tasks/{task}");
    client
        .patch(&path, json!({ "description": fake }))
        .expect(200);
    assert_eq!(client.show(&path)["description"], fake);
}
