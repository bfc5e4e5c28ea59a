//! Paging: `limit` and `cursor` lead through every list.

use serde_json::{Value, json};

use crate::harness::{App, Client, column};

/// Every list of the API, each with seven rows.
fn lists(client: &Client) -> Vec<String> {
    let board = client.new_board();
    let project = client.new_project_on(&board);
    let task = client.new_task(&project, "Task 0");
    for n in 1..7 {
        client.new_board();
        client.new_project_on(&board);
        client.new_task(&project, &format!("Task {n}"));
        client
            .post("/v1/tokens", json!({ "name": "Token", "scopes": ["read"] }))
            .expect(201);
    }
    for _ in 0..7 {
        client.new_lane(&board);
        client.new_subtask(&task, "Step");
        client.new_card();
        client.new_account();
    }
    vec![
        "/v1/boards".to_owned(),
        "/v1/tokens".to_owned(),
        "/v1/cards".to_owned(),
        "/v1/email-accounts".to_owned(),
        format!("/v1/boards/{board}/projects"),
        format!("/v1/boards/{board}/lanes"),
        format!("/v1/projects/{project}/tasks"),
        format!("/v1/tasks/{task}/subtasks"),
    ]
}

/// Adds a parameter to a path.
fn with(path: &str, parameter: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}{parameter}")
}

/// One page: its rows and the cursor of the next.
#[track_caller]
fn page(client: &Client, path: &str) -> (Vec<Value>, Option<String>) {
    let rows = client.rows(path);
    let json = client.get(path).expect(200).json();
    assert!(json.get("next_cursor").is_some(), "{json}");
    (rows, json["next_cursor"].as_str().map(str::to_owned))
}

/// The pages of a list; `between` is called after each.
#[track_caller]
fn walk(
    client: &Client,
    path: &str,
    limit: usize,
    mut between: impl FnMut(usize),
) -> Vec<Vec<Value>> {
    let path = with(path, &format!("limit={limit}"));
    let (mut pages, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let at = cursor.map_or_else(
            || path.clone(),
            |cursor| with(&path, &format!("cursor={cursor}")),
        );
        let (rows, next) = page(client, &at);
        assert!(rows.len() <= limit && (next.is_none() || rows.len() == limit));
        pages.push(rows);
        between(pages.len());
        cursor = next;
        if cursor.is_none() {
            return pages;
        }
    }
}

#[test]
fn the_pages_of_every_list_make_the_whole_list() {
    let app = App::shared();
    let client = app.client();
    for path in lists(&client) {
        let whole = client.rows(&path);
        assert_eq!(whole.len(), 7, "{path}");
        for (limit, pages) in [(1, 7), (2, 4), (3, 3), (6, 2), (7, 1), (8, 1), (500, 1)] {
            let walked = walk(&client, &path, limit, |_| {});
            assert_eq!(
                (walked.len(), walked.concat()),
                (pages, whole.clone()),
                "{path} by {limit}"
            );
        }
    }
}

#[test]
fn without_parameters_there_is_the_whole_list_and_no_cursor() {
    let app = App::shared();
    let client = app.client();
    for path in lists(&client) {
        for path in [path.clone(), with(&path, "_page=2&_=1")] {
            let json = client.get(&path).expect(200).json();
            assert_eq!(json.as_object().unwrap().len(), 1, "{path}");
            assert_eq!(client.rows(&path).len(), 7, "{path}");
        }
    }
}

#[test]
fn a_cursor_alone_gives_the_rest() {
    let app = App::shared();
    let client = app.client();
    for path in lists(&client) {
        let (first, cursor) = page(&client, &with(&path, "limit=3"));
        let (rest, end) = page(
            &client,
            &with(&path, &format!("cursor={}", cursor.unwrap())),
        );
        assert_eq!(
            ([first, rest].concat(), end),
            (client.rows(&path), None),
            "{path}"
        );
    }
}

#[test]
fn an_empty_list_is_one_empty_page() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let task = client.new_task(&project.id, "Task");
    for path in [
        format!("/v1/boards/{}/lanes", project.board),
        format!("/v1/boards/{}/projects", client.new_board()),
        format!("/v1/tasks/{task}/subtasks"),
        format!("/v1/projects/{}/tasks?status=2", project.id),
    ] {
        assert_eq!(page(&client, &with(&path, "limit=5")), (Vec::new(), None));
    }
}

#[test]
fn rows_of_the_same_moment_or_place_are_neither_lost_nor_doubled() {
    let app = App::start();
    let client = app.client();
    let paths = lists(&client);
    for table in ["board", "token", "card", "email_account"] {
        app.sql(&format!("UPDATE {table} SET created_at = 1700000000000"));
    }
    for table in ["project", "lane", "task", "subtask"] {
        app.sql(&format!("UPDATE {table} SET position = 'm'"));
    }
    for path in paths {
        let mut ids = column(&walk(&client, &path, 2, |_| {}).concat(), "id");
        assert_eq!(ids, column(&client.rows(&path), "id"), "{path}");
        assert!(ids.is_sorted());
        ids.dedup();
        assert_eq!(ids.len(), 7, "{path}");
    }
}

#[test]
fn rows_that_come_between_two_pages_double_and_hide_nothing() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    for n in 0..6 {
        client.new_task(&project.id, &format!("Task {n}"));
    }
    let path = format!("/v1/projects/{}/tasks", project.id);
    let insert = |place: Value| {
        let task = client.new_task(&project.id, "New");
        client
            .patch(&format!("/v1/tasks/{task}"), json!({ "position": place }))
            .expect(200);
        task
    };
    let mut added = Vec::new();
    let pages = walk(&client, &path, 2, |pages| {
        if pages == 1 {
            added = vec![insert(json!("first")), insert(json!("last"))];
        }
    });
    let labels = column(&pages.concat(), "label");
    assert_eq!(
        labels,
        [
            "Task 0", "Task 1", "Task 2", "Task 3", "Task 4", "Task 5", "New"
        ]
    );
    assert_eq!(pages.concat().last().unwrap()["id"], json!(added[1]));
}

#[test]
fn new_boards_stand_on_the_last_page() {
    let app = App::start();
    let client = app.client();
    let boards = [(); 4].map(|()| client.new_board());
    app.age("board");
    let mut late = Vec::new();
    let pages = walk(&client, "/v1/boards", 2, |pages| {
        if pages == 1 {
            late.push(client.new_board());
        }
    });
    assert_eq!(
        column(&pages.concat(), "id"),
        [boards.to_vec(), late].concat()
    );
}

#[test]
fn the_walk_goes_on_where_the_last_row_of_a_page_is_deleted() {
    let app = App::shared();
    let client = app.client();
    for path in lists(&client) {
        let whole = client.rows(&path);
        let (_, cursor) = page(&client, &with(&path, "limit=3"));
        let name = path.rsplit('/').next().unwrap();
        client
            .delete(&format!("/v1/{name}/{}", whole[2]["id"].as_str().unwrap()))
            .expect(200);
        let (rest, _) = page(
            &client,
            &with(&path, &format!("cursor={}", cursor.unwrap())),
        );
        assert_eq!(column(&rest, "id"), column(&whole[3..], "id"), "{path}");
    }
}

#[test]
fn filters_and_nesting_hold_on_every_page() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    for n in 0..9 {
        let body =
            json!({ "projectId": project.id, "label": format!("Task {n}"), "status": n % 2 });
        client.post("/v1/tasks", body).expect(201);
    }
    let tasks = format!("/v1/projects/{}/tasks", project.id);
    client.new_project();
    for path in [
        with(&tasks, "status=0"),
        with(&tasks, "q=task&lane=none"),
        "/v1/boards?include=projects".to_owned(),
    ] {
        let whole = client.rows(&path);
        assert!(whole.len() > 1);
        assert_eq!(walk(&client, &path, 2, |_| {}).concat(), whole, "{path}");
    }
}

#[test]
fn a_bad_limit_or_cursor_is_told_by_its_name() {
    let app = App::shared();
    let client = app.client();
    for path in lists(&client) {
        for limit in ["0", "501", "-1", "x", "1.5", "", "99999999999999999999"] {
            let reply = client.get(&with(&path, &format!("limit={limit}")));
            assert_eq!(
                reply.expect_error(400, "invalid_request").field_names(),
                ["limit"],
                "{path} {limit}"
            );
        }
        let long = "A".repeat(513);
        for cursor in ["x", "", "AAAA", "%25%25", "MDE5MGYzYTE", &long] {
            let reply = client.get(&with(&path, &format!("cursor={cursor}")));
            assert_eq!(
                reply.expect_error(400, "invalid_request").field_names(),
                ["cursor"],
                "{path} {cursor}"
            );
        }
        let both = client
            .get(&with(&path, "limit=0&cursor="))
            .expect_error(400, "invalid_request");
        assert_eq!(both.field_names(), ["cursor", "limit"]);
    }
}

#[test]
fn a_cursor_never_opens_another_list() {
    let app = App::shared();
    let (client, stranger) = (app.client(), app.client());
    let (own, foreign) = (lists(&client), lists(&stranger));
    for (own, foreign) in own.iter().zip(&foreign) {
        let (_, cursor) = page(&client, &with(own, "limit=1"));
        let at = format!("limit=500&cursor={}", cursor.unwrap());
        let there = column(&stranger.rows(foreign), "id");
        let (rows, _) = page(&stranger, &with(foreign, &at));
        let found = column(&rows, "id");
        assert!(!found.is_empty() && found.iter().all(|id| there.contains(id)));
    }
}
