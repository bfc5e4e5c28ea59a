//! Workflow lanes.

use serde_json::json;

use crate::harness::App;

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

#[test]
fn a_lane_lives_from_creation_to_deletion() {
    let app = App::shared();
    let client = app.client();
    let board = client.new_board();
    let list = format!("/v1/boards/{board}/lanes");
    assert!(client.rows(&list).is_empty());
    let created = client
        .post(&list, json!({ "name": "  Doing " }))
        .expect(201);
    let lane = created.object();
    let expected = json!({
        "id": lane["id"], "board_id": board, "name": "Doing", "position": "aaa", "wip_limit": null, "color": null,
        "created_at": lane["created_at"], "updated_at": lane["created_at"]
    });
    assert_eq!(lane, expected);
    assert_eq!(client.rows(&list), [expected]);
    let path = format!("/v1/lanes/{}", created.id());
    let changed = client
        .patch(&path, json!({ "name": " Review " }))
        .expect(200)
        .object();
    assert_eq!(changed["name"], "Review");
    assert_eq!(client.rows(&list), [changed]);
    let deleted = client.delete(&path).expect(200);
    assert_eq!(deleted.json(), json!({ "deleted": true, "id": lane["id"] }));
    assert!(client.rows(&list).is_empty());
    client
        .patch(&path, json!({}))
        .expect_error(404, "lane_not_found");
    client.delete(&path).expect_error(404, "lane_not_found");
}

#[test]
fn a_lane_has_a_limit_and_a_color_for_display() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let list = format!("/v1/boards/{}/lanes", project.board);
    let new = json!({ "name": "Doing", "wipLimit": 1, "color": "#F59E0B" });
    let lane = client.post(&list, new).expect(201).object();
    let shown = |lane: &serde_json::Value| (lane["wip_limit"].clone(), lane["color"].clone());
    assert_eq!(shown(&lane), (json!(1), json!("#F59E0B")));
    // More tasks than the limit are allowed.
    for _ in 0..3 {
        let task = format!("/v1/tasks/{}", client.new_task(&project.id, "Task"));
        let into = json!({ "workflowLaneId": lane["id"] });
        client.patch(&task, into).expect(200);
    }
    let path = format!("/v1/lanes/{}", lane["id"].as_str().unwrap());
    let before = client.latest();
    for (change, expected) in [
        (json!({ "name": "Doing it" }), (json!(1), json!("#F59E0B"))),
        (
            json!({ "wip_limit": 100_000 }),
            (json!(100_000), json!("#F59E0B")),
        ),
        (json!({ "color": null }), (json!(100_000), json!(null))),
        (
            json!({ "wipLimit": null, "color": "#000000" }),
            (json!(null), json!("#000000")),
        ),
    ] {
        let changed = client.patch(&path, change.clone()).expect(200).object();
        assert_eq!(shown(&changed), expected, "{change}");
        assert_eq!(client.rows(&list), [changed]);
    }
    let events = client.events_after(before);
    let changes = json!({ "wip_limit": { "from": 1, "to": 100_000 } });
    assert_eq!((events.len(), &events[1]["changes"]), (4, &changes));
    for bad in [
        json!({ "wipLimit": 0 }),
        json!({ "wipLimit": -1 }),
        json!({ "wipLimit": 1.5 }),
        json!({ "wipLimit": "3" }),
        json!({ "wipLimit": 100_001 }),
        json!({ "wipLimit": 1e300 }),
        json!({ "color": "orange" }),
        json!({ "color": "#fff" }),
        json!({ "color": 7 }),
    ] {
        client
            .patch(&path, bad.clone())
            .expect_error(400, "invalid_request");
        let mut new = bad;
        new["name"] = json!("Doing");
        client.post(&list, new).expect_error(400, "invalid_request");
    }
}

#[test]
fn bad_members_are_told_by_name() {
    let app = App::shared();
    let client = app.client();
    let board = client.new_board();
    let (list, lane) = (format!("/v1/boards/{board}/lanes"), client.new_lane(&board));
    for (body, fields) in [
        (json!({}), json!(["name"])),
        (json!({ "name": null }), json!(["name"])),
        (json!({ "name": " " }), json!(["name"])),
        (json!({ "name": "x".repeat(256) }), json!(["name"])),
        (
            json!({ "name": "Lane", "boardId": board }),
            json!(["boardId"]),
        ),
        (
            json!({ "name": 1, "position": "last" }),
            json!(["name", "position"]),
        ),
    ] {
        let reply = client
            .post(&list, body)
            .expect_error(400, "invalid_request");
        assert_eq!(json!(reply.field_names()), fields);
    }
    for body in [
        json!({ "name": null }),
        json!({ "position": null }),
        json!({ "boardId": board }),
    ] {
        let reply = client
            .patch(&format!("/v1/lanes/{lane}"), body.clone())
            .expect_error(400, "invalid_request");
        assert!(body.get(&reply.field_names()[0]).is_some());
    }
    assert_eq!(client.rows(&list).len(), 1);
}

#[test]
fn an_empty_change_changes_nothing_and_a_real_one_moves_updated_at() {
    let app = App::start();
    let client = app.client();
    let board = client.new_board();
    let lane = client.new_lane(&board);
    app.age("lane");
    let before = client.rows(&format!("/v1/boards/{board}/lanes"))[0].clone();
    let same = client
        .patch(&format!("/v1/lanes/{lane}"), json!({}))
        .expect(200);
    assert_eq!(same.object(), before);
    let changed = client
        .patch(&format!("/v1/lanes/{lane}"), json!({ "name": "Other" }))
        .expect(200)
        .object();
    assert_eq!(changed["created_at"], before["created_at"]);
    assert_ne!(changed["updated_at"], before["updated_at"]);
}

#[test]
fn lanes_belong_to_a_board_of_the_callers_workspace() {
    let app = App::shared();
    let (client, stranger) = (app.client(), app.client());
    let theirs = stranger.new_board();
    for board in [NOBODY, &theirs] {
        let list = format!("/v1/boards/{board}/lanes");
        client.get(&list).expect_error(404, "board_not_found");
        let reply = client
            .post(&list, json!({ "name": "Lane" }))
            .expect_error(404, "board_not_found");
        assert_eq!(reply.details(), json!({ "board_id": board }));
    }
    assert!(
        stranger
            .rows(&format!("/v1/boards/{theirs}/lanes"))
            .is_empty()
    );
}
