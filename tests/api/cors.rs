//! Pages of other origins, as the settings allow.

use crate::harness::{App, Reply};

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
        "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, x-request-id",
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
    let app = App::shared();
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
