//! How much of its plan a workspace uses.

use serde_json::{Value, json};
use tackboard::model::scopes::Scope;
use tackboard::model::time::{Month, Timestamp};

use crate::harness::{App, Client};

const KINDS: [&str; 6] = ["boards", "projects", "tasks", "cards", "tokens", "webhooks"];

/// The `limit` or `current` of every limited kind.
fn figures(client: &Client, figure: &str) -> [Value; 6] {
    let usage = client.show("/v1/usage");
    KINDS.map(|kind| usage["resources"][kind][figure].clone())
}

fn quota_limits(client: &Client) -> [Value; 3] {
    let usage = client.show("/v1/usage");
    ["api_calls", "webhook_deliveries", "card_sends"].map(|quota| usage[quota]["limit"].clone())
}

fn calls(client: &Client) -> u64 {
    client.show("/v1/usage")["api_calls"]["used"]
        .as_u64()
        .unwrap()
}

#[test]
fn each_plan_has_the_limits_of_the_contract() {
    let app = App::shared();
    for (plan, resources, quotas) in [
        ("personal", [5, 25, 500, 10, 5, 0], [1_000, 0, 50]),
        ("pro", [25, 100, 2_500, 100, 25, 5], [12_000, 12_000, 2_500]),
        (
            "teams",
            [100, 500, 10_000, 1_000, 100, 20],
            [60_000, 60_000, 20_000],
        ),
    ] {
        let client = app.client_of(&app.workspace(plan));
        assert_eq!(client.show("/v1/usage")["plan"], plan);
        assert_eq!(
            figures(&client, "limit"),
            resources.map(Value::from),
            "{plan}"
        );
        assert_eq!(
            figures(&client, "current"),
            [0, 0, 0, 0, 1, 0].map(Value::from),
            "{plan}"
        );
        assert_eq!(quota_limits(&client), quotas.map(Value::from), "{plan}");
    }
}

#[test]
fn what_there_is_goes_up_and_down_with_every_kind_of_row() {
    let app = App::shared();
    let (client, other) = (app.client(), app.client());
    let project = client.new_project();
    let board = client.new_board();
    let tasks = [(); 3].map(|()| client.new_task(&project.id, "Task"));
    let token = client
        .post("/v1/tokens", json!({ "name": "CI", "scopes": ["read"] }))
        .expect(201)
        .id();
    client.new_lane(&board);
    client.new_subtask(&tasks[0], "Step");
    let cards = [(); 2].map(|()| client.new_card());
    assert_eq!(
        figures(&client, "current"),
        [2, 1, 3, 2, 2, 0].map(Value::from)
    );
    assert_eq!(
        figures(&other, "current"),
        [0, 0, 0, 0, 1, 0].map(Value::from)
    );
    client
        .delete(&format!("/v1/tasks/{}", tasks[0]))
        .expect(200);
    client.delete(&format!("/v1/tokens/{token}")).expect(200);
    client.delete(&format!("/v1/boards/{board}")).expect(200);
    client
        .delete(&format!("/v1/cards/{}", cards[0]))
        .expect(200);
    assert_eq!(
        figures(&client, "current"),
        [1, 1, 2, 1, 1, 0].map(Value::from)
    );
    client
        .delete(&format!("/v1/projects/{}", project.id))
        .expect(200);
    assert_eq!(
        figures(&client, "current"),
        [1, 0, 0, 1, 1, 0].map(Value::from)
    );
}

#[test]
fn a_move_counts_nothing_twice() {
    let app = App::shared();
    let client = app.client();
    let (from, to) = (client.new_project(), client.new_project());
    let task = client.new_task(&from.id, "Task");
    let before = figures(&client, "current");
    client
        .patch(&format!("/v1/tasks/{task}"), json!({ "projectId": to.id }))
        .expect(200);
    client
        .patch(
            &format!("/v1/projects/{}", to.id),
            json!({ "boardId": from.board }),
        )
        .expect(200);
    assert_eq!(figures(&client, "current"), before);
}

#[test]
fn a_refused_creation_leaves_the_counts_alone() {
    let app = App::shared();
    let client = app.client_of(&app.workspace("personal"));
    for _ in 0..5 {
        client.new_board();
    }
    let refused = client.post("/v1/boards", json!({ "name": "Sixth" }));
    let details = refused
        .expect_error(403, "resource_limit_exceeded")
        .details();
    assert_eq!(
        details,
        json!({ "resource": "boards", "limit": 5, "current": 5 })
    );
    client
        .post("/v1/projects", json!({}))
        .expect_error(400, "invalid_request");
    assert_eq!(
        figures(&client, "current"),
        [5, 0, 0, 0, 1, 0].map(Value::from)
    );
}

#[test]
fn a_limit_that_is_left_out_is_null() {
    let app = App::start();
    let client = app.client();
    app.sql("UPDATE plan SET tasks = NULL, api_calls = NULL, card_sends = NULL");
    let expected = [
        json!(100),
        json!(500),
        Value::Null,
        json!(1_000),
        json!(100),
        json!(20),
    ];
    assert_eq!(figures(&client, "limit"), expected);
    assert_eq!(
        quota_limits(&client),
        [Value::Null, json!(60_000), Value::Null]
    );
    let reply = client.get("/v1/boards").expect(200);
    assert_eq!((reply.header("x-ratelimit-limit"), calls(&client)), ("", 1));
}

#[test]
fn top_ups_add_to_the_plans_calls_and_a_new_plan_holds_at_once() {
    let app = App::start();
    let client = app.client_of(&app.workspace("pro"));
    app.sql("UPDATE workspace SET extra_api_calls = 10000");
    assert_eq!(quota_limits(&client)[0], 22_000);
    app.sql("UPDATE workspace SET plan = 'teams', extra_api_calls = 0");
    assert_eq!(
        (
            quota_limits(&client)[0].clone(),
            figures(&client, "limit")[0].clone()
        ),
        (json!(60_000), json!(100))
    );
    assert_eq!(client.show("/v1/usage")["plan"], "teams");
}

#[test]
fn every_authenticated_call_counts_once_also_a_failed_one() {
    let app = App::shared();
    let client = app.client();
    assert_eq!(calls(&client), 0);
    client.get("/v1/boards").expect(200);
    client
        .post("/v1/boards", json!({}))
        .expect_error(400, "invalid_request");
    client.get("/v1/boards/x").expect_error(400, "invalid_uuid");
    assert_eq!(calls(&client), 3);
    let elsewhere = client.get("/v1/boards?workspace=elsewhere");
    assert_eq!(elsewhere.header("x-ratelimit-remaining"), "59996");
    elsewhere.expect_error(404, "workspace_not_found");
    let same = app.client_with(client.token.as_deref());
    same.get("/v1/search?q=x").expect(200);
    assert_eq!(calls(&client), 5);
}

#[test]
fn usage_itself_unknown_routes_wrong_methods_and_strangers_are_not_counted() {
    let app = App::shared();
    let client = app.client();
    client.get("/v1/usage").expect(200);
    client.get("/v1/nope").expect_error(404, "not_found");
    client
        .delete("/v1/boards")
        .expect_error(405, "method_not_allowed");
    app.client_with(None)
        .get("/v1/boards")
        .expect_error(401, "invalid_token");
    assert_eq!(calls(&client), 0);
    let reply = client.get("/v1/boards").expect(200);
    assert_eq!(
        (
            reply.header("x-ratelimit-limit"),
            reply.header("x-ratelimit-remaining")
        ),
        ("60000", "59999")
    );
}

#[test]
fn usage_is_told_also_when_the_calls_are_used_up() {
    let app = App::start();
    let client = app.client();
    app.sql("UPDATE plan SET api_calls = 1");
    client.get("/v1/boards").expect(200);
    client.get("/v1/boards").expect_error(429, "quota_exceeded");
    let quota = client.show("/v1/usage")["api_calls"].clone();
    assert_eq!((&quota["limit"], &quota["used"]), (&json!(1), &json!(1)));
}

#[test]
fn every_quota_begins_again_with_the_next_month() {
    let app = App::shared();
    let client = app.client();
    let end = || Month::of(Timestamp::now()).end().to_string();
    let before = end();
    let usage = client.show("/v1/usage");
    for quota in ["api_calls", "webhook_deliveries", "card_sends"] {
        let reset = usage[quota]["reset"].as_str().unwrap();
        assert!(reset == before || reset == end(), "{reset}");
        assert!(reset.ends_with("-01T00:00:00Z"), "{reset}");
        assert_eq!(usage[quota]["used"], 0);
    }
}

#[test]
fn usage_needs_the_scope_to_read() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_with(Some(&app.token(&workspace, &[Scope::Write, Scope::Delete])));
    let refused = client
        .get("/v1/usage")
        .expect_error(403, "insufficient_scope");
    assert_eq!(
        refused.details(),
        json!({ "required": "read", "provided": ["write", "delete"] })
    );
}
