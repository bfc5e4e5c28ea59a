//! Endpoints without a credential: health, metrics, the contract, the front page.

use serde_json::json;

use crate::harness::{App, document};

#[test]
fn a_server_says_that_it_lives_and_that_it_is_ready() {
    let app = App::start();
    let stranger = app.client_with(None);
    let health = stranger.get("/healthz").expect(200);
    assert_eq!(health.json(), json!({ "status": "ok" }));
    let ready = stranger.get("/readyz").expect(200);
    assert_eq!(ready.json(), json!({ "status": "ready" }));
    // Without its tables the server is alive but not ready.
    app.sql("ALTER TABLE plan RENAME TO mislaid");
    stranger.get("/healthz").expect(200);
    assert!(stranger.get("/readyz").status >= 500);
    app.sql("ALTER TABLE mislaid RENAME TO plan");
    stranger.get("/readyz").expect(200);
}

#[test]
fn the_contract_that_is_served_is_the_one_that_holds() {
    let app = App::shared();
    let stranger = app.client_with(None);
    let served = stranger.get("/openapi.json").expect(200);
    let mut expected = document().clone();
    expected["servers"] = json!([{ "url": app.origin }]);
    expected["info"]["contact"]["url"] = json!(format!("{}/docs", app.origin));
    assert_eq!(served.json(), expected);
    assert_eq!(served.header("content-type"), "application/json");
    let tag = served.header("etag");
    let again = stranger.call("GET", "/openapi.json", &[("if-none-match", tag)], None);
    assert_eq!((again.status, again.text.as_str()), (304, ""));
}

#[test]
fn metrics_tell_what_was_written_and_answered() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    client.new_task(&project.id, "Counted");
    let text = app.client_with(None).get("/metrics").expect(200).text;
    let batches = text
        .lines()
        .find_map(|line| line.strip_prefix("tackboard_writer_batch_size_count "))
        .unwrap();
    assert!(batches.parse::<f64>().unwrap() >= 3.0, "{text}");
    assert!(text.contains("tackboard_writer_queue_depth 0"), "{text}");
}

#[test]
fn metrics_are_nobody_elses_business() {
    let app = App::with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    });
    let stranger = app.client_with(None);
    let from = [("x-forwarded-for", "203.0.113.7")];
    stranger
        .call("GET", "/metrics", &from, None)
        .expect_error(404, "not_found");
    stranger.get("/metrics").expect(200);
}
