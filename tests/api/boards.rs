//! Boards.

use serde_json::{Value, json};

use crate::harness::{App, Client, column};

/// Creates a board and returns its path.
fn new_board(client: &Client, body: Value) -> String {
    format!(
        "/v1/boards/{}",
        client.post("/v1/boards", body).expect(201).id()
    )
}

#[test]
fn a_board_lives_from_creation_to_deletion() {
    let app = App::shared();
    let client = app.client();
    let created = client
        .post(
            "/v1/boards",
            json!({ "name": "  Website  ", "accentColor": "#ff0000" }),
        )
        .expect(201);
    let board = created.json()["board"].clone();
    assert_eq!(board["name"], "Website");
    assert_eq!(
        (&board["description"], &board["layout_preference"]),
        (&json!(null), &json!("kanban"))
    );
    let path = format!("/v1/boards/{}", board["id"].as_str().unwrap());
    let read = client.get(&path).expect(200);
    assert_eq!(read.json()["board"], board);
    assert_eq!(read.header("etag"), created.header("etag"));
    let changed = client
        .patch(
            &path,
            json!({ "description": "Text", "layout_preference": "simple" }),
        )
        .expect(200);
    assert_eq!(changed.json()["board"]["description"], "Text");
    assert_eq!(changed.json()["board"]["layout_preference"], "simple");
    let cleared = client
        .patch(&path, json!({ "description": null }))
        .expect(200);
    assert_eq!(cleared.json()["board"]["description"], json!(null));
    let deleted = client.delete(&path).expect(200);
    assert_eq!(
        deleted.json(),
        json!({ "deleted": true, "id": board["id"] })
    );
    client.get(&path).expect_error(404, "board_not_found");
    client.delete(&path).expect_error(404, "board_not_found");
    client
        .patch(&path, json!({ "name": "x" }))
        .expect_error(404, "board_not_found");
}

#[test]
fn every_member_that_is_given_is_kept() {
    let app = App::shared();
    let client = app.client();
    let body = json!({
        "name": "Launch", "description": "Text", "icon": "🚀", "accentColor": "#3b82f6",
        "backgroundColor": "#F8FAFC", "layoutPreference": "simple"
    });
    let board = client.post("/v1/boards", body).expect(201).object();
    let expected = json!({
        "id": board["id"], "name": "Launch", "description": "Text", "icon": "🚀", "accent_color": "#3b82f6",
        "background_color": "#F8FAFC", "layout_preference": "simple",
        "created_at": board["created_at"], "updated_at": board["created_at"]
    });
    assert_eq!(board, expected);
    let mut summary = expected;
    for member in ["background_color", "layout_preference"] {
        summary.as_object_mut().unwrap().remove(member);
    }
    assert_eq!(client.rows("/v1/boards"), [summary]);
}

#[test]
fn names_and_icons_are_trimmed_and_descriptions_are_not() {
    let app = App::shared();
    let client = app.client();
    let padded = json!({ "name": " \t Plan \n", "icon": " 🚀 ", "description": "  as typed\n" });
    let created = client.post("/v1/boards", padded.clone()).expect(201);
    let path = new_board(&client, json!({ "name": "Other" }));
    let changed = client.patch(&path, padded).expect(200);
    for board in [created.object(), changed.object()] {
        assert_eq!(
            (&board["name"], &board["icon"], &board["description"]),
            (&json!("Plan"), &json!("🚀"), &json!("  as typed\n"))
        );
    }
}

#[test]
fn every_failing_field_is_told_at_once() {
    let app = App::shared();
    let client = app.client();
    let bad = json!({
        "name": "   ", "description": 5, "icon": "", "accentColor": "red", "backgroundColor": "#12345",
        "layoutPreference": "grid", "colour": "red"
    });
    let path = new_board(&client, json!({ "name": "Board" }));
    let replies = [
        client.post("/v1/boards", bad.clone()),
        client.patch(&path, bad),
    ];
    for reply in replies {
        let fields = reply.expect_error(400, "invalid_request").fields();
        assert_eq!(fields.as_object().unwrap().len(), 7, "{fields}");
        assert_eq!(fields["name"], "Name must not be empty");
        assert_eq!(fields["accentColor"], "Accent color must look like #rrggbb");
        assert_eq!(fields["colour"], "colour is not a known field");
    }
    let missing = client
        .post("/v1/boards", json!({}))
        .expect_error(400, "invalid_request");
    assert_eq!(missing.fields(), json!({ "name": "Name is required" }));
}

#[test]
fn texts_may_be_as_long_as_the_contract_says_and_no_longer() {
    let app = App::shared();
    let client = app.client();
    let path = new_board(&client, json!({ "name": "Board" }));
    for (member, longest) in [("name", 255), ("icon", 64), ("description", 65_536)] {
        let fits = json!({ member: "ü".repeat(longest) });
        let board = client.patch(&path, fits.clone()).expect(200).object();
        assert_eq!(board[member], fits[member]);
        let over = client.patch(&path, json!({ member: "ü".repeat(longest + 1) }));
        let over = over.expect_error(400, "invalid_request");
        assert_eq!(over.field_names(), [member]);
    }
}

#[test]
fn snake_case_members_are_taken_as_well_but_not_both_spellings_at_once() {
    let app = App::shared();
    let client = app.client();
    let snake = json!({
        "name": "Board", "accent_color": "#111111", "background_color": "#222222", "layout_preference": "simple"
    });
    let board = client
        .post("/v1/boards", snake.clone())
        .expect(201)
        .object();
    for member in ["accent_color", "background_color", "layout_preference"] {
        assert_eq!(board[member], snake[member]);
    }
    let both = json!({ "name": "Board", "accentColor": "#111111", "accent_color": "#111111" });
    let path = format!("/v1/boards/{}", board["id"].as_str().unwrap());
    for reply in [
        client.post("/v1/boards", both.clone()),
        client.patch(&path, both),
    ] {
        assert_eq!(
            reply.expect_error(400, "invalid_request").field_names(),
            ["accentColor"]
        );
    }
}

#[test]
fn only_a_description_can_be_null() {
    let app = App::shared();
    let client = app.client();
    let path = new_board(&client, json!({ "name": "Board", "description": "Text" }));
    for member in [
        "name",
        "icon",
        "accentColor",
        "backgroundColor",
        "layoutPreference",
    ] {
        let changed = client.patch(&path, json!({ member: null }));
        assert_eq!(
            changed.expect_error(400, "invalid_request").field_names(),
            [member]
        );
        let mut body = json!({ "name": "Board" });
        body[member] = Value::Null;
        let created = client.post("/v1/boards", body);
        assert_eq!(
            created.expect_error(400, "invalid_request").field_names(),
            [member]
        );
    }
    let body = json!({ "name": "Board", "description": null });
    assert_eq!(
        client.post("/v1/boards", body).expect(201).object()["description"],
        Value::Null
    );
    assert_eq!(client.show(&path)["description"], "Text");
}

#[test]
fn an_empty_change_changes_nothing_and_a_real_one_moves_updated_at() {
    let app = App::start();
    let client = app.client();
    let path = new_board(&client, json!({ "name": "Board" }));
    app.age("board");
    let before = client.get(&path);
    let same = client.patch(&path, json!({})).expect(200);
    assert_eq!(same.json(), before.json());
    assert_eq!(same.header("etag"), before.header("etag"));
    assert_eq!(client.get(&path).json(), before.json());
    let changed = client
        .patch(&path, json!({ "name": "Other" }))
        .expect(200)
        .object();
    assert_eq!(changed["created_at"], before.object()["created_at"]);
    assert_ne!(changed["updated_at"], before.object()["updated_at"]);
    assert_eq!(client.show(&path), changed);
}

#[test]
fn boards_are_listed_by_age_then_id() {
    let app = App::start();
    let client = app.client();
    let mut boards: Vec<String> = (0..4).map(|_| client.new_board()).collect();
    assert_eq!(column(&client.rows("/v1/boards"), "id"), boards);
    app.sql("UPDATE board SET created_at = 1700000000000");
    boards.sort();
    assert_eq!(column(&client.rows("/v1/boards"), "id"), boards);
    app.sql("UPDATE board SET created_at = 1600000000000 WHERE id = (SELECT max(id) FROM board)");
    boards.rotate_right(1);
    assert_eq!(column(&client.rows("/v1/boards"), "id"), boards);
}

#[test]
fn include_projects_nests_each_boards_projects_in_their_order() {
    let app = App::shared();
    let client = app.client();
    let first = client.new_project();
    let empty = client.new_board();
    let second = client.new_project_on(&first.board);
    client.new_task(&second, "Task");
    client
        .patch(
            &format!("/v1/projects/{second}"),
            json!({ "position": "first" }),
        )
        .expect(200);
    assert!(
        client
            .rows("/v1/boards")
            .iter()
            .all(|board| board["projects"].is_null())
    );
    let boards = client.rows("/v1/boards?include=projects");
    assert_eq!(column(&boards, "id"), [first.board.clone(), empty]);
    let own = client.rows(&format!("/v1/boards/{}/projects", first.board));
    assert_eq!(boards[0]["projects"], json!(own));
    assert_eq!(column(&own, "id"), [second, first.id]);
    assert_eq!(boards[1]["projects"], json!([]));
    let page = client
        .get("/v1/boards?include=projects&limit=1")
        .expect(200)
        .json();
    assert_eq!(page["boards"], json!([boards[0]]));
    let wrong = client
        .get("/v1/boards?include=tasks")
        .expect_error(400, "invalid_request");
    assert_eq!(wrong.field_names(), ["include"]);
}
