//! Requests that pages of other sites send in the browser of a person who is signed in here.

use serde_json::json;
use tackboard::model::scopes::Scope;

use crate::harness::{App, Reply};
use crate::operations::{self, Call, Ids, Operation};

/// What a browser says about a request of another site's page. `HOST` is the server's own host, without the port.
const FOREIGN: [&[(&str, &str)]; 9] = [
    &[],
    &[("origin", "null")],
    &[("origin", "https://evil.example")],
    &[("origin", "http://127.0.0.1:1")],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("sec-fetch-site", "none")],
    &[("sec-fetch-site", "cross-site"), ("origin", "OWN")],
    &[("sec-fetch-site", "same-origin, cross-site")],
];

/// What a browser says about a request of the server's own page.
const OWN: [&[(&str, &str)]; 3] = [
    &[("sec-fetch-site", "same-origin")],
    &[("sec-fetch-site", "same-origin"), ("origin", "OWN")],
    &[("origin", "OWN")],
];

fn with(app: &App, call: &Call, headers: &[(&str, &str)]) -> Call {
    headers.iter().fold(call.clone(), |call, (name, value)| {
        call.with(name, &value.replace("OWN", &app.origin))
    })
}

fn unsafe_operations() -> impl Iterator<Item = Operation> {
    operations::all()
        .into_iter()
        .filter(|operation| operation.method != "GET" && operation.path.starts_with("/v1/"))
}

fn is_refused(reply: &Reply) -> bool {
    reply.code() == "cross_origin_refused"
}

#[test]
fn every_change_with_a_cookie_needs_a_page_of_this_server() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let (token, cookie) = (
        app.token(&workspace, &Scope::ALL),
        app.cookie(&workspace.owner),
    );
    let mut tried = 0;
    for operation in unsafe_operations() {
        let call = operation.call(&Ids::random());
        for headers in FOREIGN {
            let (mut client, bearer) = (app.client_with(None), app.client_with(Some(&token)));
            client.cookie = Some(cookie.clone());
            let refused = with(app, &call, headers).send(&client);
            assert!(
                is_refused(&refused),
                "{} {headers:?}: {}",
                operation.id,
                refused.text
            );
            let passed = with(app, &call, headers).send(&bearer);
            assert!(!is_refused(&passed), "{} {headers:?}", operation.id);
            tried += 1;
        }
        for headers in OWN {
            let mut client = app.client_with(None);
            client.cookie = Some(app.cookie(&workspace.owner));
            let reply = with(app, &call, headers).send(&client);
            assert!(!is_refused(&reply), "{} {headers:?}", operation.id);
        }
    }
    assert!(tried >= 200, "{tried}");
}

#[test]
fn a_change_without_a_credential_is_unauthorized_wherever_it_comes_from() {
    let app = App::shared();
    let nobody = app.client_with(None);
    let mut other_cookie = app.client_with(None);
    other_cookie.cookie = Some("theme=dark".to_owned());
    let mut tried = 0;
    for operation in unsafe_operations().filter(|one| !one.path.starts_with("/v1/session/")) {
        if operation.id == "signIn" {
            continue;
        }
        let call = operation.call(&Ids::random());
        for headers in FOREIGN.into_iter().chain(OWN) {
            for client in [&nobody, &other_cookie] {
                let reply = with(app, &call, headers).send(client);
                assert_eq!(reply.status, 401, "{} {headers:?}", operation.id);
            }
            tried += 1;
        }
    }
    assert!(tried >= 200, "{tried}");
}

#[test]
fn signing_in_and_accepting_need_a_page_of_this_server_also_without_a_cookie() {
    let app = App::shared();
    let nobody = app.client_with(None);
    let own = format!("{}/app", app.origin);
    for path in [
        "/v1/session",
        "/v1/session/link",
        &format!("/sign-in/{}", "x".repeat(43)),
        &format!("/invitations/{}", "x".repeat(43)),
    ] {
        for headers in FOREIGN {
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (*name, value.replace("OWN", &app.origin)))
                .collect();
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (*name, &**value))
                .collect();
            let reply = nobody.json("POST", path, &headers, json!({}));
            reply.expect_error(403, "cross_origin_refused");
        }
        let reply = nobody.json("POST", path, &[("origin", &app.origin)], json!([]));
        assert!(!is_refused(&reply), "{path}: {}", reply.text);
        let reply = nobody.json("POST", path, &[("origin", &own)], json!([]));
        assert!(
            !is_refused(&reply),
            "a path in the origin changes nothing: {path}"
        );
    }
}

#[test]
fn the_error_names_the_origin_and_comes_before_the_credential() {
    let app = App::shared();
    let mut client = app.client_with(None);
    client.cookie = Some(format!("{}={}", app.cookie_name(), "x".repeat(43)));
    let origin = [("origin", "https://evil.example")];
    let body = json!({ "name": "x" });
    let refused = client
        .json("POST", "/v1/boards", &origin, body.clone())
        .expect_error(403, "cross_origin_refused");
    assert_eq!(
        refused.details(),
        json!({ "origin": "https://evil.example" })
    );
    let refused = client.json("POST", "/v1/boards", &[], body);
    assert_eq!(refused.details(), json!({ "origin": "" }));
    // Reading is not a change, and a page of another site cannot see the response.
    client
        .call("GET", "/v1/boards", &origin, None)
        .expect_error(401, "session_expired");
}

#[test]
fn a_request_with_a_token_and_a_cookie_uses_the_token() {
    let app = App::shared();
    let (one, other) = (app.workspace("teams"), app.workspace("teams"));
    let mut client = app.client_of(&one);
    client.cookie = Some(app.cookie(&other.owner));
    let evil = [("origin", "https://evil.example")];
    let made = client.json("POST", "/v1/boards", &evil, json!({ "name": "x" }));
    made.expect(201);
    assert_eq!(app.client_of(&one).rows("/v1/boards").len(), 1);
    assert_eq!(app.client_of(&other).rows("/v1/boards").len(), 0);
    client.token = Some("km_wrong".to_owned());
    client.get("/v1/boards").expect_error(401, "invalid_token");
    client
        .get("/v1/session")
        .expect_error(401, "session_expired");
}

#[test]
fn the_public_url_is_an_own_origin_behind_a_proxy_that_changes_the_host() {
    let app = App::with(|settings| {
        settings.public_url = Some("https://board.example.org".parse().unwrap());
    });
    let client = app.client_with(None);
    let link = |origin: &str| {
        let body = json!({ "email": "ada@example.org" });
        client.json("POST", "/v1/session/link", &[("origin", origin)], body)
    };
    link("https://board.example.org").expect(202);
    link("http://board.example.org").expect_error(403, "cross_origin_refused");
    link("https://board.example.org:8443").expect_error(403, "cross_origin_refused");
}

#[test]
fn cross_origin_pages_are_not_opened_to_cookies_by_the_cors_setting() {
    let app = App::with(|settings| settings.cors_origins = vec!["*".to_owned()]);
    let workspace = app.workspace("teams");
    let mut client = app.client_with(None);
    client.cookie = Some(app.cookie(&workspace.owner));
    let evil = [("origin", "https://evil.example")];
    client
        .json("POST", "/v1/boards", &evil, json!({ "name": "x" }))
        .expect_error(403, "cross_origin_refused");
    let read = client.call("GET", "/v1/boards", &evil, None).expect(200);
    assert_eq!(read.header("access-control-allow-credentials"), "");
}
