//! Sign-in links: once, by POST only, whoever else opens them.

use serde_json::json;

use crate::harness::{App, Client, Reply, at_once};

fn open(client: &Client, code: &str) -> Reply {
    client.post(&format!("/sign-in/{code}"), json!({}))
}

#[test]
fn a_link_signs_in_once() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let code = app.sign_in_code(&workspace.owner);
    let reply = open(&app.browser(), &code).expect(200);
    assert_eq!(reply.object()["user"]["id"], json!(workspace.owner));
    assert_eq!(reply.header("referrer-policy"), "no-referrer");
    let cookie = reply.header("set-cookie").split(';').next().unwrap();
    app.browser_with(Some(cookie)).get("/v1/boards").expect(200);
    open(&app.browser(), &code).expect_error(410, "sign_in_link_invalid");
}

#[test]
fn of_two_who_open_a_link_at_once_one_is_signed_in() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    for _ in 0..10 {
        let code = app.sign_in_code(&workspace.owner);
        let mut statuses = at_once(4, |_| open(&app.browser(), &code).status);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 410, 410, 410]);
    }
}

#[test]
fn a_program_that_follows_the_link_does_not_use_it_up() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let code = app.sign_in_code(&workspace.owner);
    let (scanner, path) = (app.client_with(None), format!("/sign-in/{code}"));
    for method in ["GET", "HEAD", "OPTIONS"] {
        scanner.call(method, &path, &[], None);
    }
    scanner
        .post(&path, json!({}))
        .expect_error(403, "cross_origin_refused");
    open(&app.browser(), &code).expect(200);
}

#[test]
fn a_form_is_sent_to_the_app() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let send = |code: &str, fields: &[u8]| {
        let path = format!("/sign-in/{code}");
        app.browser()
            .call("POST", &path, &form, Some(fields.to_vec()))
    };
    let code = app.sign_in_code(&workspace.owner);
    let reply = send(&code, b"password=").expect(303);
    assert_eq!(reply.header("location"), "/app");
    let cookie = reply.header("set-cookie").split(';').next().unwrap();
    let browser = app.browser_with(Some(cookie));
    assert_eq!(
        browser.show("/v1/session")["user"]["has_password"],
        json!(false)
    );
    let code = app.sign_in_code(&workspace.owner);
    send(&code, b"password=short").expect_error(400, "invalid_request");
    send(&code, b"password=correct+horse+battery").expect(303);
    browser
        .get("/v1/session")
        .expect_error(401, "session_expired");
    let email = format!("{}@example.org", workspace.id);
    let body = json!({ "email": email, "password": "correct horse battery" });
    app.browser().post("/v1/session", body).expect(200);
}

#[test]
fn a_link_ends_with_its_time_and_with_a_new_password() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let old = app.sign_in_code(&workspace.owner);
    app.sql("UPDATE sign_in_link SET expires_at = 1000");
    open(&app.browser(), &old).expect_error(410, "sign_in_link_invalid");
    let code = app.sign_in_code(&workspace.owner);
    app.set_password(&workspace.owner, "correct horse battery");
    open(&app.browser(), &code).expect_error(410, "sign_in_link_invalid");
}

#[test]
fn codes_of_every_kind_of_nonsense_are_used_links() {
    let app = App::shared();
    for code in [
        "x",
        "%00",
        "%2e%2e%2f",
        &"x".repeat(43),
        &"x".repeat(2000),
        "%C3%BC",
    ] {
        open(&app.browser(), code).expect_error(410, "sign_in_link_invalid");
    }
}

#[test]
fn a_link_is_requested_without_learning_who_is_known() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let known = format!("{}@example.org", workspace.id);
    let request = |email: &str| {
        let reply = app
            .browser()
            .post("/v1/session/link", json!({ "email": email }));
        (reply.status, reply.text)
    };
    let answers = [&known, "nobody@example.org", "no address"].map(request);
    assert!(
        answers
            .iter()
            .all(|answer| answer == &(202, r#"{"accepted":true}"#.to_owned()))
    );
    for _ in 3..20 {
        assert_eq!(request(&known).0, 202);
    }
    assert_eq!(request(&known).0, 429);
}
