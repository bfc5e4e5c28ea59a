//! Unknown paths, wrong methods, HEAD, and request ids.

use serde_json::json;
use uuid::Uuid;

use crate::harness::{App, Reply, document};
use crate::operations::{self, Ids};

#[test]
fn an_unknown_path_is_told_without_a_look_at_the_token() {
    let app = App::shared();
    let (client, nobody) = (app.client(), app.client_with(None));
    for path in [
        "/v1",
        "/v1/",
        "/v1/nope",
        "/v1/boards/",
        "/v1//boards",
        "/V1/boards",
        "/nope",
    ] {
        for method in ["GET", "POST", "PATCH", "DELETE", "OPTIONS", "BREW"] {
            let known = client
                .call(method, path, &[], None)
                .expect_error(404, "not_found");
            assert_eq!(known.details(), json!({ "method": method, "path": path }));
            assert_eq!(known.header("x-ratelimit-limit"), "");
            let unknown = nobody.call(method, path, &[], None);
            assert_eq!(known.text, unknown.text);
        }
    }
    assert_eq!(
        client.get("/v1/usage").json()["usage"]["api_calls"]["used"],
        0
    );
}

#[test]
fn below_api_three_members_stand_beside_the_error() {
    let app = App::shared();
    for path in ["/api", "/api/", "/api/integration/nope", "/api/nope"] {
        let reply = app
            .client_with(None)
            .get(path)
            .expect_error(404, "not_found");
        let body = reply.json();
        assert_eq!(body["message"], "No such endpoint");
        assert_eq!(body["statusCode"], 404);
        let timestamp = body["timestamp"].as_str().unwrap();
        assert!(
            timestamp.len() == 24 && timestamp.ends_with('Z'),
            "{timestamp}"
        );
        assert_eq!(body.as_object().unwrap().len(), 4);
    }
    let elsewhere = app.client_with(None).get("/apis").expect(404).json();
    assert_eq!(elsewhere.as_object().unwrap().len(), 1);
}

#[test]
fn a_wrong_method_names_the_right_ones() {
    let app = App::shared();
    let (client, ids) = (app.client(), Ids::random());
    let all = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW",
    ];
    for operation in operations::all() {
        let item = document()["paths"][&operation.path].as_object().unwrap();
        let mut allowed: Vec<_> = item.keys().map(|method| method.to_uppercase()).collect();
        allowed.sort();
        let path = operation.call(&ids).path;
        let served = |method: &&str| {
            allowed.iter().any(|one| one == method)
                || (*method == "HEAD" && item.contains_key("get"))
        };
        for method in all.iter().filter(|method| !served(method)) {
            let reply = client.call(method, &path, &[], None).expect(405);
            let mut told: Vec<_> = reply.header("allow").split(", ").collect();
            if *method != "HEAD" {
                assert_eq!(reply.details(), json!({ "allowed": told }));
                assert_eq!(reply.code(), "method_not_allowed");
            }
            told.sort_unstable();
            assert_eq!(told, allowed, "{method} {path}");
            assert_eq!(reply.header("x-ratelimit-limit"), "");
        }
    }
    assert_eq!(
        client.get("/v1/usage").json()["usage"]["api_calls"]["used"],
        0
    );
}

/// The headers that must be the same for HEAD. Headers that differ per response are left out.
fn headers(reply: &Reply, path: &str) -> Vec<(String, String)> {
    let differs = ["date", "x-request-id", "x-ratelimit-remaining"];
    let mut headers: Vec<_> = reply
        .headers
        .iter()
        .filter(|(name, _)| !differs.contains(&name.as_str()))
        .filter(|(name, _)| !(path == "/metrics" && name.as_str() == "content-length"))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    headers
}

#[test]
fn head_is_get_without_a_body() {
    let app = App::shared();
    let client = app.client();
    let ids = [Ids::new(&client), Ids::random()];
    for operation in operations::all()
        .iter()
        .filter(|operation| operation.method == "GET")
    {
        for client in [&client, &app.client_with(None)] {
            for call in ids.iter().map(|ids| operation.call(ids)) {
                let get = call.send(client);
                let head = client.call("HEAD", &call.path, &[], None);
                assert_eq!(head.status, get.status, "{}", operation.id);
                // The time at which a token was last used may have been written since: then the next answer is the same.
                let get = match headers(&get, &call.path) == headers(&head, &call.path) {
                    true => get,
                    false => call.send(client),
                };
                assert_eq!(
                    headers(&head, &call.path),
                    headers(&get, &call.path),
                    "{}",
                    operation.id
                );
                assert_eq!(head.text, "");
            }
        }
    }
}

#[test]
fn a_valid_request_id_is_echoed_and_any_other_replaced() {
    let app = App::shared();
    let client = app.client();
    let long = "x".repeat(128);
    for id in [
        "a",
        "A-b_c.9",
        &long,
        "01b7c9f2-6a5d-4e38-9b04-f3d8e7a6c512",
    ] {
        for path in ["/v1/boards", "/v1/nope", "/healthz"] {
            let reply = client.call("GET", path, &[("x-request-id", id)], None);
            assert_eq!(reply.header("x-request-id"), id);
        }
    }
    let longer = "x".repeat(129);
    for id in ["", "a b", "a/b", "a\"b", "a,b", "<b>", &longer] {
        let reply = client.call("GET", "/v1/boards", &[("x-request-id", id)], None);
        assert!(
            Uuid::try_parse(reply.header("x-request-id")).is_ok(),
            "{id:?}"
        );
    }
}

#[test]
fn no_two_requests_get_the_same_id() {
    let app = App::shared();
    let client = app.client();
    let ids: std::collections::BTreeSet<_> = (0..50)
        .map(|_| client.get("/healthz").header("x-request-id").to_owned())
        .collect();
    assert_eq!(ids.len(), 50);
}
