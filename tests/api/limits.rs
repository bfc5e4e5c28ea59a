//! Plan limits. The database enforces them, even for concurrent requests.

use serde_json::{Value, json};

use crate::harness::{App, Client, Workspace, at_once};
use crate::operations::{self, Ids};

/// The limited kinds that the API can create.
const KINDS: [&str; 5] = ["boards", "projects", "tasks", "tokens", "cards"];

/// A request that creates one more object of a kind.
fn one_more(kind: &str, ids: &Ids) -> (String, Value) {
    let body = match kind {
        "projects" => json!({ "boardId": ids.get("board"), "name": "One more" }),
        "tasks" => json!({ "projectId": ids.get("project"), "label": "One more" }),
        "tokens" => json!({ "name": "One more", "scopes": ["read"], "expiresInDays": 1 }),
        "cards" => json!({ "title": "One more" }),
        _ => json!({ "name": "One more" }),
    };
    (format!("/v1/{kind}"), body)
}

fn hex(workspace: &Workspace) -> String {
    format!("x'{}'", workspace.id.replace('-', ""))
}

/// The number of objects: as rows, and in the counter.
fn counted(app: &App, workspace: &Workspace, kind: &str) -> (i64, i64) {
    let (id, table) = (hex(workspace), kind.trim_end_matches('s'));
    (
        app.number(&format!(
            "SELECT count(*) FROM {table} WHERE workspace_id = {id}"
        )),
        app.number(&format!(
            "SELECT {kind} FROM workspace_count WHERE workspace_id = {id}"
        )),
    )
}

/// A workspace on its own plan, with two objects of every kind.
fn filled_workspace(app: &App) -> (Workspace, Client, Ids) {
    app.sql("INSERT INTO plan (name) VALUES ('own')");
    let workspace = app.workspace("own");
    let client = app.client_of(&workspace);
    let ids = Ids::new(&client);
    (workspace, client, ids)
}

fn set_limit(app: &App, kind: &str, limit: i64) {
    app.sql(&format!(
        "UPDATE plan SET {kind} = {limit} WHERE name = 'own'"
    ));
}

#[test]
fn of_many_at_once_exactly_as_many_are_made_as_there_is_room_for() {
    for kind in KINDS {
        let app = App::start();
        let (workspace, client, ids) = filled_workspace(&app);
        let limit = counted(&app, &workspace, kind).0 + 10;
        set_limit(&app, kind, limit);
        let (path, body) = one_more(kind, &ids);
        let replies = at_once(64, |_| client.clone().post(&path, body.clone()));
        let (made, refused): (Vec<_>, Vec<_>) =
            replies.into_iter().partition(|reply| reply.status == 201);
        assert_eq!((made.len(), refused.len()), (10, 54), "{kind}");
        for reply in refused {
            let reply = reply.expect_error(403, "resource_limit_exceeded");
            assert_eq!(
                reply.details(),
                json!({ "resource": kind, "limit": limit, "current": limit })
            );
        }
        assert_eq!(counted(&app, &workspace, kind), (limit, limit));
        let usage = client.get("/v1/usage").json()["usage"]["resources"][kind].clone();
        assert_eq!(usage, json!({ "limit": limit, "current": limit }));
    }
}

#[test]
fn the_message_names_what_has_run_out() {
    let app = App::start();
    let (_, client, ids) = filled_workspace(&app);
    for (kind, name) in KINDS
        .iter()
        .zip(["Board", "Project", "Task", "Token", "Card"])
    {
        set_limit(&app, kind, 0);
        let (path, body) = one_more(kind, &ids);
        let reply = client
            .post(&path, body)
            .expect_error(403, "resource_limit_exceeded");
        let message = format!("{name} limit reached for your plan");
        assert_eq!(reply.json()["error"]["message"], json!(message));
    }
}

#[test]
fn what_is_over_the_limit_stays_readable_changeable_and_deletable() {
    let app = App::start();
    let (_, client, ids) = filled_workspace(&app);
    for kind in KINDS {
        set_limit(&app, kind, 1);
    }
    for kind in KINDS {
        let (path, body) = one_more(kind, &ids);
        let refused = client
            .post(&path, body)
            .expect_error(403, "resource_limit_exceeded");
        let current = match kind {
            "tokens" => 3,
            "cards" => 4,
            _ => 2,
        };
        assert_eq!(
            refused.details(),
            json!({ "resource": kind, "limit": 1, "current": current })
        );
    }
    for operation in operations::secured()
        .filter(|operation| ["GET", "PATCH", "PUT"].contains(&&*operation.method))
    {
        operation.call(&ids).send(&client).expect(200);
    }
    for kind in ["task", "project", "board", "token", "card"] {
        for which in [kind.to_owned(), format!("other {kind}")] {
            client
                .delete(&format!("/v1/{kind}s/{}", ids.get(&which)))
                .expect(200);
        }
    }
    client
        .post("/v1/boards", json!({ "name": "There is room again" }))
        .expect(201);
}

#[test]
fn what_is_deleted_makes_room_also_for_what_went_with_it() {
    let app = App::start();
    let (workspace, client, ids) = filled_workspace(&app);
    for kind in KINDS {
        set_limit(&app, kind, counted(&app, &workspace, kind).1);
    }
    client
        .delete(&format!("/v1/boards/{}", ids.get("board")))
        .expect(200);
    for kind in ["boards", "projects", "tasks"] {
        let expected = if kind == "boards" { 1 } else { 0 };
        assert_eq!(
            counted(&app, &workspace, kind),
            (expected, expected),
            "{kind}"
        );
    }
    client.new_task(&client.new_project().id, "There is room");
}

#[test]
fn a_refused_creation_leaves_nothing_behind() {
    let app = App::start();
    let (workspace, client, ids) = filled_workspace(&app);
    for kind in KINDS {
        let before = counted(&app, &workspace, kind);
        set_limit(&app, kind, before.1);
        let (path, body) = one_more(kind, &ids);
        client
            .json("POST", &path, &[("idempotency-key", "k")], body.clone())
            .expect(403);
        assert_eq!(counted(&app, &workspace, kind), before);
        set_limit(&app, kind, before.1 + 1);
        let made = client
            .json("POST", &path, &[("idempotency-key", "k")], body)
            .expect(201);
        assert_eq!(made.header("idempotent-replayed"), "");
    }
}

#[test]
fn a_board_has_at_most_a_hundred_lanes() {
    let app = App::start();
    let (_, client, ids) = filled_workspace(&app);
    let board = client.new_board();
    for _ in 0..95 {
        client.new_lane(&board);
    }
    let path = format!("/v1/boards/{board}/lanes");
    let lane = json!({ "name": "One more" });
    let replies = at_once(16, |_| client.clone().post(&path, lane.clone()));
    let (made, refused): (Vec<_>, Vec<_>) =
        replies.into_iter().partition(|reply| reply.status == 201);
    assert_eq!((made.len(), refused.len()), (5, 11));
    for reply in refused {
        let reply = reply.expect_error(403, "resource_limit_exceeded");
        let details = json!({ "resource": "lanes", "limit": 100, "current": 100 });
        assert_eq!(reply.details(), details);
        let message = "Lane limit reached for your plan";
        assert_eq!(reply.json()["error"]["message"], message);
    }
    assert_eq!(
        client.show("/v1/usage")["limits"],
        json!({ "lanes_per_board": 100, "labels_per_board": 200, "comments_per_task": 5_000 })
    );
    client
        .delete(&format!("/v1/lanes/{}", made[0].id()))
        .expect(200);
    client.new_lane(&board);
    client.new_lane(ids.get("board"));
}

#[test]
fn subtasks_have_no_limit_and_a_plan_may_leave_one_out() {
    let app = App::start();
    let (_, client, ids) = filled_workspace(&app);
    for kind in ["boards", "projects", "tasks", "cards", "tokens", "webhooks"] {
        set_limit(&app, kind, 0);
    }
    client.new_lane(ids.get("board"));
    client.new_subtask(ids.get("task"), "One more");
    app.sql("UPDATE plan SET boards = NULL WHERE name = 'own'");
    client.new_board();
    let boards = client.get("/v1/usage").json()["usage"]["resources"]["boards"].clone();
    assert_eq!(boards, json!({ "limit": null, "current": 3 }));
}

#[test]
fn one_workspace_does_not_fill_another() {
    let app = App::start();
    let (_, full, _) = filled_workspace(&app);
    set_limit(&app, "boards", 2);
    full.post("/v1/boards", json!({ "name": "x" })).expect(403);
    let other = app.client_of(&app.workspace("own"));
    other.new_board();
}
