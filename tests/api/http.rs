//! What is the same for every response, and what the server serves besides the API.

use serde_json::json;

use crate::harness::App;
use crate::operations::{self, Ids};

#[test]
fn every_answer_says_what_a_browser_must_not_do_with_it() {
    let app = App::shared();
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
    // They passed the credential check, so they count.
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
