//! The monthly quota: what is counted, what is told, and that neither a crowd nor a stop makes it wrong.

use serde_json::{Value, json};
use tackboard::app::workspaces;
use tackboard::model::scopes::Scope;
use tackboard::model::time::{Month, Timestamp};

use crate::harness::{App, Client, Reply, Workspace, at_once};
use crate::operations::{self, Ids};
use crate::raw::Raw;

/// A workspace that has this many calls a month.
pub fn workspace(app: &App, calls: u64) -> Workspace {
    app.sql(&format!(
        "INSERT OR IGNORE INTO plan (name, api_calls) VALUES ('p{calls}', {calls})"
    ));
    app.workspace(&format!("p{calls}"))
}

fn hex(workspace: &Workspace) -> String {
    format!("x'{}'", workspace.id.replace('-', ""))
}

/// Writes into the database that calls were made, in this month or so many months before.
pub fn set_used(app: &App, workspace: &Workspace, used: u64, month: i32) {
    app.sql(&format!(
        "INSERT INTO quota_usage (workspace_id, metric, month, used) VALUES ({}, 'api_calls', {month}, {used})",
        hex(workspace)
    ));
}

/// The number that stands for this month in the database.
pub fn this_month() -> i32 {
    Month::of(Timestamp::now()).number()
}

/// What the database says was used.
pub fn on_disk(app: &App, workspace: &Workspace) -> i64 {
    app.number(&format!(
        "SELECT coalesce(sum(used), 0) FROM quota_usage WHERE workspace_id = {}",
        hex(workspace)
    ))
}

/// What the server says was used.
pub fn used(client: &Client) -> Value {
    client.get("/v1/usage").expect(200).json()["usage"]["api_calls"]["used"].clone()
}

/// The calls that are left, as an answer tells.
pub fn remaining(reply: &Reply) -> Option<u64> {
    reply.header("x-ratelimit-remaining").parse().ok()
}

#[test]
fn every_counted_answer_carries_the_three_headers_errors_included() {
    let app = App::shared();
    let workspace = workspace(app, 1000);
    let writer = app.client_with(Some(&app.token(&workspace, &[Scope::Write])));
    let reset = Month::of(Timestamp::now()).end().to_string();
    let mut left = 1000;
    for client in [&app.client_of(&workspace), &writer] {
        for operation in operations::secured().filter(|operation| operation.id != "getUsage") {
            let reply = operation.call(&Ids::random()).send(client);
            left -= 1;
            assert_eq!(
                remaining(&reply),
                Some(left),
                "{}: {}",
                operation.id,
                reply.text
            );
            assert_eq!(reply.header("x-ratelimit-limit"), "1000");
            assert_eq!(reply.header("x-ratelimit-reset"), reset);
        }
    }
}

#[test]
fn a_call_that_fails_before_its_handler_is_counted_too() {
    let app = App::start();
    let client = app.client_of(&workspace(&app, 10));
    let post = |kind, body: &str| {
        let headers = [("content-type", kind)];
        client.call("POST", "/v1/boards", &headers, Some(body.into()))
    };
    let json = ("content-type", "application/json");
    let long = [json, ("content-length", "9999999")];
    let replies = [
        post("text/plain", "x").expect(415),
        post("application/json", "{").expect(400),
        post("application/json", "{}").expect(400),
        Raw::head(&client, "POST", "/v1/boards", &long)
            .reply(&client)
            .expect(413),
        client.get("/v1/tasks/x").expect(400),
        client.get("/v1/boards?limit=0").expect(400),
    ];
    assert_eq!(
        replies.each_ref().map(remaining),
        [9, 8, 7, 6, 5, 4].map(Some)
    );
    app.sql("ALTER TABLE board RENAME TO lost");
    assert_eq!(remaining(&client.get("/v1/boards").expect(500)), Some(3));
}

#[test]
fn what_is_not_counted_carries_no_headers() {
    let app = App::shared();
    let workspace = workspace(app, 1000);
    let client = app.client_of(&workspace);
    let past = Timestamp::now().plus_days(-1);
    let expired = app.client_with(Some(&app.token_until(&workspace, &Scope::ALL, past)));
    let replies = [
        client.get("/v1/usage").expect(200),
        client.get("/v1/nope").expect(404),
        client.put("/v1/boards", json!({})).expect(405),
        client.get("/healthz").expect(200),
        client.get("/openapi.json").expect(200),
        expired.get("/v1/boards").expect(401),
        app.client_with(None).get("/v1/boards").expect(401),
    ];
    for reply in replies {
        for header in ["limit", "remaining", "reset"] {
            assert_eq!(
                reply.header(&format!("x-ratelimit-{header}")),
                "",
                "{}",
                reply.text
            );
        }
    }
    assert_eq!(used(&client), 0);
}

#[test]
fn head_and_not_modified_are_counted_too() {
    let app = App::shared();
    let client = app.client_of(&workspace(app, 10));
    let board = format!("/v1/boards/{}", client.new_board());
    let head = client.call("HEAD", &board, &[], None).expect(200);
    let known = client
        .call("GET", &board, &[("if-none-match", "*")], None)
        .expect(304);
    assert_eq!([&head, &known].map(remaining), [Some(8), Some(7)]);
    assert_eq!(used(&client), 3);
}

#[test]
fn of_many_calls_at_once_exactly_as_many_succeed_as_are_left() {
    let app = App::shared();
    let workspace = workspace(app, 1000);
    set_used(app, &workspace, 990, this_month());
    let client = app.client_of(&workspace);
    let replies = at_once(64, |_| client.clone().get("/v1/boards"));
    let (passed, refused): (Vec<_>, Vec<_>) =
        replies.into_iter().partition(|reply| reply.status == 200);
    let mut left: Vec<_> = passed
        .iter()
        .map(|reply| remaining(reply).unwrap())
        .collect();
    left.sort_unstable();
    assert_eq!(left, (0..10).collect::<Vec<_>>());
    assert_eq!(refused.len(), 54);
    let reset = Month::of(Timestamp::now()).end();
    for reply in refused {
        let reply = reply.expect_error(429, "quota_exceeded");
        assert_eq!(remaining(&reply), Some(0));
        assert_eq!(reply.header("x-ratelimit-limit"), "1000");
        assert_eq!(reply.header("x-ratelimit-reset"), reset.to_string());
        assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
        assert_eq!(
            reply.details(),
            json!({ "limit": 1000, "used": 1000, "reset": reset })
        );
        assert_eq!(reply.json()["error"]["limit"], 1000);
        assert_eq!(reply.json()["error"]["reset"], json!(reset));
    }
    assert_eq!(
        (used(&client), on_disk(app, &workspace)),
        (json!(1000), 1000)
    );
}

#[test]
fn usage_answers_also_when_nothing_is_left() {
    let app = App::shared();
    let client = app.client_of(&workspace(app, 2));
    client.get("/v1/boards").expect(200);
    client.get("/v1/boards").expect(200);
    client.get("/v1/boards").expect_error(429, "quota_exceeded");
    let usage = client.get("/v1/usage").expect(200).json()["usage"]["api_calls"].clone();
    let reset = Month::of(Timestamp::now()).end();
    assert_eq!(usage, json!({ "limit": 2, "used": 2, "reset": reset }));
}

#[test]
fn a_top_up_and_a_change_of_plan_hold_at_once() {
    let app = App::start();
    let few = workspace(&app, 1);
    let (client, ctx) = (app.client_of(&few), few.command());
    assert_eq!(remaining(&client.get("/v1/boards").expect(200)), Some(0));
    client.get("/v1/boards").expect(429);
    app.write(|tx| workspaces::top_up(tx, &ctx, 1));
    let reply = client.get("/v1/boards").expect(200);
    assert_eq!(
        (reply.header("x-ratelimit-limit"), remaining(&reply)),
        ("2", Some(0))
    );
    client.get("/v1/boards").expect(429);
    app.write(|tx| workspaces::set_plan(tx, &ctx, "pro"));
    let reply = client.get("/v1/boards").expect(200);
    assert_eq!(
        (reply.header("x-ratelimit-limit"), remaining(&reply)),
        ("12001", Some(11_998))
    );
    app.write(|tx| workspaces::set_plan(tx, &ctx, "p1"));
    let refused = client.get("/v1/boards").expect_error(429, "quota_exceeded");
    assert_eq!(
        (refused.header("x-ratelimit-limit"), remaining(&refused)),
        ("2", Some(0))
    );
    app.sql("UPDATE plan SET api_calls = 4 WHERE name = 'p1'");
    assert_eq!(remaining(&client.get("/v1/boards").expect(200)), Some(1));
}

#[test]
fn a_plan_without_a_limit_has_no_headers_but_is_counted() {
    let app = App::start();
    app.sql("INSERT INTO plan (name) VALUES ('free')");
    let workspace = app.workspace("free");
    let client = app.client_of(&workspace);
    for _ in 0..5 {
        let reply = client.get("/v1/boards").expect(200);
        assert_eq!(reply.header("x-ratelimit-limit"), "");
        assert_eq!(remaining(&reply), None);
    }
    let usage = client.get("/v1/usage").json()["usage"]["api_calls"].clone();
    assert_eq!((&usage["limit"], &usage["used"]), (&Value::Null, &json!(5)));
    let app = App::on(app.stop(), |_| {});
    assert_eq!(on_disk(&app, &workspace), 5);
}

#[test]
fn tokens_of_a_workspace_share_its_quota_and_no_other() {
    let app = App::shared();
    let (one, other) = (workspace(app, 5), workspace(app, 5));
    let clients = [&one, &one, &other].map(|workspace| app.client_of(workspace));
    let left: Vec<_> = clients
        .iter()
        .map(|client| remaining(&client.get("/v1/boards").expect(200)).unwrap())
        .collect();
    assert_eq!(left, [4, 3, 4]);
}

#[test]
fn a_limit_that_is_lowered_below_what_was_used_tells_both() {
    let app = App::start();
    let workspace = app.workspace("pro");
    let client = app.client_of(&workspace);
    for _ in 0..3 {
        client.get("/v1/boards").expect(200);
    }
    app.sql("UPDATE plan SET api_calls = 2 WHERE name = 'pro'");
    let details = client
        .get("/v1/boards")
        .expect_error(429, "quota_exceeded")
        .details();
    assert_eq!(
        (&details["limit"], &details["used"]),
        (&2.into(), &3.into())
    );
}
