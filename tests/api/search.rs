//! Search.

use serde_json::{Value, json};

use crate::harness::{App, Client, Reply, column, wait_for};

fn ask(client: &Client, typed: &str) -> Reply {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", typed)
        .finish();
    client.get(&format!("/v1/search?{query}"))
}

/// Returns the hits of a search.
#[track_caller]
fn find(client: &Client, typed: &str) -> Vec<Value> {
    let reply = ask(client, typed).expect(200);
    reply.object().as_array().unwrap().clone()
}

/// Returns the titles of a search's hits, best first.
#[track_caller]
fn titles(client: &Client, typed: &str) -> Vec<String> {
    column(&find(client, typed), "title")
}

/// Creates a task and returns its path.
fn new_task(client: &Client, label: &str, description: &str) -> String {
    let body =
        json!({ "projectId": client.new_project().id, "label": label, "description": description });
    format!(
        "/v1/tasks/{}",
        client.post("/v1/tasks", body).expect(201).id()
    )
}

/// The highlighted parts of a hit's snippet.
fn marked(hit: &Value) -> Vec<String> {
    let snippet: Vec<char> = hit["snippet"].as_str().unwrap().chars().collect();
    let at = |pair: &Value, n: usize| usize::try_from(pair[n].as_u64().unwrap()).unwrap();
    let pairs = hit["highlights"].as_array().unwrap().iter();
    pairs
        .map(|pair| snippet[at(pair, 0)..at(pair, 1)].iter().collect())
        .collect()
}

#[test]
fn tasks_projects_and_boards_are_found_with_where_they_are() {
    let app = App::shared();
    let client = app.client();
    let board = client
        .post("/v1/boards", json!({ "name": "Needle board" }))
        .expect(201)
        .id();
    let body = json!({ "boardId": board, "name": "Needle project" });
    let project = client.post("/v1/projects", body).expect(201).id();
    let task = client.new_task(&project, "Needle task");
    let mut hits = find(&client, "needle");
    hits.sort_by_key(|hit| hit["type"].to_string());
    let hit = |kind: &str, id: &str, project: Value| {
        json!({
            "type": kind, "id": id, "title": format!("Needle {kind}"), "snippet": format!("Needle {kind}"),
            "highlights": [[0, 6]], "board_id": board, "project_id": project
        })
    };
    let expected = [
        hit("board", &board, Value::Null),
        hit("project", &project, json!(project)),
        hit("task", &task, json!(project)),
    ];
    assert_eq!(hits, expected);
}

#[test]
fn a_word_finds_longer_ones_that_begin_with_it_whatever_their_case_and_accents() {
    let app = App::shared();
    let client = app.client();
    new_task(&client, "Größe der Überschrift", "");
    for typed in [
        "gr", "GRÖSS", "größe", "grö", "uber", "über", "der gr", "schrift", "röße",
    ] {
        let found = titles(&client, typed).len();
        let expected = usize::from(!["GRÖSS", "schrift", "röße"].contains(&typed));
        assert_eq!(found, expected, "{typed}");
    }
}

#[test]
fn a_match_in_a_title_comes_before_one_in_a_description() {
    let app = App::shared();
    let client = app.client();
    new_task(&client, "First", "about the needle");
    new_task(&client, "A needle", "");
    new_task(&client, "Third", "needle");
    assert_eq!(titles(&client, "needle")[0], "A needle");
    assert_eq!(titles(&client, "needle").len(), 3);
}

#[test]
fn highlights_count_characters_of_the_snippet() {
    let app = App::shared();
    let client = app.client();
    new_task(&client, "🚀👩‍🚀 Über die needle, NEEDLEwork", "");
    let hit = &find(&client, "needle")[0];
    assert_eq!(hit["snippet"], "🚀👩‍🚀 Über die needle, NEEDLEwork");
    assert_eq!(marked(hit), ["needle", "NEEDLEwork"]);
    let padding = "übrigens 🎉 ".repeat(200);
    new_task(&client, "Long", &format!("{padding} haystack {padding}"));
    let hit = &find(&client, "hay")[0];
    assert_eq!(marked(hit), ["haystack"]);
    assert!(hit["snippet"].as_str().unwrap().chars().count() < padding.chars().count());
}

#[test]
fn snippets_are_plain_text() {
    let app = App::shared();
    let client = app.client();
    let text = "<b>needle</b> & \"more\" <script>";
    new_task(&client, text, "");
    new_task(&client, "Other", text);
    for hit in find(&client, "needle") {
        assert_eq!(
            (&hit["snippet"], marked(&hit)),
            (&json!(text), vec!["needle".to_owned()])
        );
    }
}

#[test]
fn whatever_is_typed_is_never_syntax() {
    let app = App::shared();
    let client = app.client();
    new_task(&client, "alpha", "");
    new_task(&client, "beta", "");
    for (typed, found) in [
        ("alpha", 1),
        ("alpha*", 1),
        ("\"alpha\"", 1),
        ("\"alpha", 1),
        ("(alpha", 1),
        ("^alpha", 1),
        ("'alpha'; --", 1),
        ("alpha OR beta", 0),
        ("alpha AND alpha", 0),
        ("alpha NOT beta", 0),
        ("NEAR(alpha alpha)", 0),
        ("title:alpha", 0),
        ("title : alpha", 0),
        ("{title} : alpha", 0),
        ("search MATCH alpha", 0),
    ] {
        assert_eq!(find(&client, typed).len(), found, "{typed}");
    }
    for odd in [
        "\"", "*", "OR", "NEAR(", "col:", "-", "\\", "%", "_", "()", "\"\"\"", "a\"*\"b", "ⓐ", "²",
        "🚀", "\u{301}",
    ] {
        find(&client, odd);
    }
}

#[test]
fn words_like_or_are_found_as_words() {
    let app = App::shared();
    let client = app.client();
    new_task(&client, "Sink or swim", "");
    new_task(&client, "C++ (near: the end)", "");
    assert_eq!(titles(&client, "OR"), ["Sink or swim"]);
    assert_eq!(titles(&client, "NEAR("), ["C++ (near: the end)"]);
    assert_eq!(titles(&client, "near: the"), ["C++ (near: the end)"]);
}

#[test]
fn another_workspaces_rows_are_never_found() {
    let app = App::shared();
    let (ours, theirs) = (app.workspace("teams"), app.workspace("teams"));
    let (client, stranger) = (app.client_of(&ours), app.client_of(&theirs));
    new_task(&client, "needle of ours", "");
    new_task(&stranger, "needle of theirs", "");
    assert_eq!(titles(&client, "needle"), ["needle of ours"]);
    assert_eq!(titles(&stranger, "needle"), ["needle of theirs"]);
    let bare = |id: &str| id.replace('-', "");
    for typed in [
        bare(&ours.id),
        bare(&theirs.id),
        format!("owner:{}", bare(&theirs.id)),
        theirs.id.clone(),
    ] {
        assert_eq!(find(&client, &typed), Vec::<Value>::new());
    }
}

#[test]
fn a_changed_text_is_found_by_its_new_words_only() {
    let app = App::shared();
    let client = app.client();
    let task = new_task(&client, "old", "ancient");
    client
        .patch(&task, json!({ "label": "new", "description": "modern" }))
        .expect(200);
    let board = format!("/v1/boards/{}", client.new_board());
    client.patch(&board, json!({ "name": "fresh" })).expect(200);
    let project = format!("/v1/projects/{}", client.new_project().id);
    client
        .patch(&project, json!({ "description": "recent" }))
        .expect(200);
    for (typed, found) in [
        ("old", 0),
        ("ancient", 0),
        ("new", 1),
        ("modern", 1),
        ("fresh", 1),
        ("recent", 1),
    ] {
        assert_eq!(find(&client, typed).len(), found, "{typed}");
    }
    client
        .patch(&task, json!({ "description": null }))
        .expect(200);
    assert_eq!(find(&client, "modern"), Vec::<Value>::new());
    assert_eq!(titles(&client, "new"), ["new"]);
}

#[test]
fn a_moved_task_is_found_where_it_is_now() {
    let app = App::shared();
    let client = app.client();
    let task = new_task(&client, "needle", "");
    let to = client.new_project();
    client
        .patch(&task, json!({ "projectId": to.id }))
        .expect(200);
    let hit = &find(&client, "needle")[0];
    assert_eq!(
        (&hit["project_id"], &hit["board_id"]),
        (&json!(to.id), &json!(to.board))
    );
    let board = client.new_board();
    client
        .patch(
            &format!("/v1/projects/{}", to.id),
            json!({ "boardId": board }),
        )
        .expect(200);
    assert_eq!(find(&client, "needle")[0]["board_id"], json!(board));
}

#[test]
fn what_was_deleted_is_not_found() {
    let app = App::shared();
    let client = app.client();
    let task = new_task(&client, "needle", "");
    new_task(&client, "needle", "");
    let project = client.show(&task)["project_id"]
        .as_str()
        .unwrap()
        .to_owned();
    client.delete(&task).expect(200);
    assert_eq!(find(&client, "needle").len(), 1);
    client.new_task(&project, "needle");
    client
        .delete(&format!("/v1/projects/{project}"))
        .expect(200);
    assert_eq!(find(&client, "needle").len(), 1);
    for board in column(&client.rows("/v1/boards"), "id") {
        client.delete(&format!("/v1/boards/{board}")).expect(200);
    }
    assert_eq!(find(&client, "needle"), Vec::<Value>::new());
    assert_eq!(find(&client, "project"), Vec::<Value>::new());
}

#[test]
fn a_bad_query_is_told_by_its_parameter() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project().id;
    for n in 1..=3 {
        client.new_task(&project, &format!("needle {n}"));
    }
    let long = format!("q={}", "x".repeat(256));
    for (query, field) in [
        ("", "q"),
        ("q=", "q"),
        ("q=%20%20", "q"),
        ("q=a%00b", "q"),
        (&long, "q"),
        ("q=x&limit=x", "limit"),
        ("q=x&limit=101", "limit"),
        ("q=x&colour=red", "colour"),
    ] {
        let reply = client
            .get(&format!("/v1/search?{query}"))
            .expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [field], "{query}");
    }
    for (limit, found) in [(1, 1), (2, 2), (100, 3)] {
        let reply = client
            .get(&format!("/v1/search?q=needle&limit={limit}"))
            .expect(200);
        assert_eq!(reply.object().as_array().unwrap().len(), found);
    }
}

#[test]
fn a_long_text_that_repeats_a_word_is_found_as_fast_as_any() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let body =
        json!({ "projectId": project.id, "label": "Long", "description": "a ".repeat(32_000) });
    for _ in 0..5 {
        client.post("/v1/tasks", body.clone()).expect(201);
    }
    // Two letters, each typed in every variant: many words that all match every word of the text. A search that takes
    // too long would get 503.
    let typed = "a%20A%20%C3%A1%20%C3%81%20".repeat(10);
    let found = client.get(&format!("/v1/search?q={typed}")).expect(200);
    assert_eq!(found.json()["results"].as_array().unwrap().len(), 5);
}

#[test]
fn the_index_is_updated_when_the_server_is_idle() {
    let app = App::start();
    new_task(&app.client(), "Needle", "");
    wait_for("the index to be updated", || {
        let lacking = "SELECT (SELECT count(*) FROM search_queue)
                            + (SELECT max(seq) FROM task) - (SELECT task_seq FROM search_mark)";
        (app.number(lacking) == 0).then_some(())
    });
}

/// SQLite gives the number of the last row again after that row was deleted.
#[test]
fn a_task_with_the_number_of_a_deleted_one_is_found() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project().id;
    for between in [false, true] {
        let task = client.new_task(&project, "Needle");
        let number = app.number("SELECT max(seq) FROM task");
        assert_eq!(titles(&client, "needle"), ["Needle"]);
        client.delete(&format!("/v1/tasks/{task}")).expect(200);
        if between {
            assert!(titles(&client, "needle").is_empty());
        }
        let task = client.new_task(&project, "Thimble");
        assert_eq!(app.number("SELECT max(seq) FROM task"), number);
        assert!(titles(&client, "needle").is_empty());
        assert_eq!(titles(&client, "thimble"), ["Thimble"]);
        client.delete(&format!("/v1/tasks/{task}")).expect(200);
    }
}

/// The index may be behind, but a search never is.
#[test]
fn a_search_finds_every_change_before_it_while_others_write() {
    let app = App::start();
    let client = app.client();
    let other = app.client_with(client.token.as_deref());
    let project = client.new_project().id;
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 0..200 {
                other.new_task(&project, &format!("Noise {n}"));
            }
        });
        for n in 0..50 {
            client.new_task(&project, &format!("Needle {n}"));
            assert_eq!(find(&client, &format!("needle {n}")).len(), 1, "{n}");
        }
        writer.join().unwrap();
    });
}

/// Like every other read, a search works while nothing can be written.
#[test]
fn a_search_finds_what_is_indexed_when_the_index_cannot_be_updated() {
    let app = App::start();
    let client = app.client();
    new_task(&client, "Needle one", "");
    assert_eq!(titles(&client, "needle"), ["Needle one"]);
    app.sql(
        "CREATE TRIGGER refused BEFORE DELETE ON search_queue BEGIN SELECT RAISE(ABORT, 'no'); END;
         INSERT INTO search_queue (doc) VALUES (1 << 40)",
    );
    assert_eq!(titles(&client, "needle"), ["Needle one"]);
}

#[test]
fn comments_and_labels_find_their_task() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let task = client.new_task(&project.id, "Paint the fence");
    let other = client.new_task(&project.id, "Mow the lawn");
    let comment = client.new_comment(&task, "Which colour? I would say **turquoise**, or teal.");
    client.new_comment(&task, "Turquoise it is.");
    let label = client.new_label(&project.board, "Weekend");
    let both = json!({ "labelIds": [label] });
    for task in [&task, &other] {
        client
            .patch(&format!("/v1/tasks/{task}"), both.clone())
            .expect(200);
    }
    let hits = find(&client, "turq");
    assert_eq!(hits.len(), 1, "each task once: {hits:?}");
    let hit = &hits[0];
    assert_eq!((&hit["type"], &hit["id"]), (&json!("task"), &json!(task)));
    assert_eq!(hit["title"], "Paint the fence");
    assert_eq!(
        (&hit["board_id"], &hit["project_id"]),
        (&json!(project.board), &json!(project.id))
    );
    assert!(
        marked(hit)
            .iter()
            .all(|word| word.to_lowercase() == "turquoise"),
        "{hit}"
    );
    let hits = find(&client, "teal");
    assert_eq!(
        hits[0]["snippet"],
        "Which colour? I would say **turquoise**, or teal."
    );
    assert_eq!(marked(&hits[0]), ["teal"]);
    let hits = find(&client, "weekend");
    assert_eq!(column(&hits, "id"), [other, task.clone()], "newest first");
    assert_eq!(
        (&hits[0]["snippet"], marked(&hits[0])),
        (&json!("Weekend"), vec!["Weekend".to_owned()])
    );
    // All words in one text, and a match in the task's own label comes first.
    assert_eq!(titles(&client, "weekend lawn"), [""; 0]);
    client.new_comment(&task, "lawn lawn lawn");
    assert_eq!(titles(&client, "lawn"), ["Mow the lawn", "Paint the fence"]);
    let path = format!("/v1/comments/{comment}");
    client
        .patch(&path, json!({ "text": "Magenta!" }))
        .expect(200);
    assert_eq!(titles(&client, "teal"), [""; 0]);
    assert_eq!(titles(&client, "magenta"), ["Paint the fence"]);
    client.delete(&path).expect(200);
    assert_eq!(titles(&client, "magenta"), [""; 0]);
    let label = format!("/v1/labels/{label}");
    client
        .patch(&label, json!({ "name": "Holiday" }))
        .expect(200);
    assert_eq!(titles(&client, "weekend"), [""; 0]);
    assert_eq!(titles(&client, "holi").len(), 2);
    client.delete(&label).expect(200);
    assert_eq!(titles(&client, "holiday"), [""; 0]);
    client.delete(&format!("/v1/tasks/{task}")).expect(200);
    assert_eq!(titles(&client, "turquoise"), [""; 0]);
}

#[test]
fn comments_and_labels_of_other_workspaces_are_not_found() {
    let app = App::shared();
    let (client, stranger) = (app.client(), app.client());
    let project = client.new_project();
    let task = client.new_task(&project.id, "Task");
    client.new_comment(&task, "Xylophone");
    let label = client.new_label(&project.board, "Xylograph");
    let body = json!({ "labelIds": [label] });
    client.patch(&format!("/v1/tasks/{task}"), body).expect(200);
    assert_eq!(titles(&client, "xylo"), ["Task"]);
    assert_eq!(titles(&stranger, "xylo"), [""; 0]);
}

/// Only the newest 500 matches are ranked, but no board or project is missed, and no archived task takes a place.
#[test]
fn of_very_many_matches_the_newest_are_ranked() {
    let app = App::start();
    let client = app.client();
    let board = client.post("/v1/boards", json!({ "name": "Needle" }));
    board.expect(201);
    let project = client.new_project();
    client.new_task(&project.id, "Needle 0");
    let label = client.new_label(&project.board, "Haystack");
    app.sql(&format!(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
         INSERT INTO task (workspace_id, id, project_id, label, description, position, created_at, updated_at, archived_at)
         SELECT workspace_id, randomblob(16), project_id, iif(n <= 1500, 'Needle ' || n, 'Other ' || n), 'needles and a needle',
                'k' || n, created_at + n, created_at + n, iif(n <= 1200, NULL, created_at + n)
           FROM n, task WHERE label = 'Needle 0';
         INSERT INTO task_label (workspace_id, task_id, label_id)
         SELECT workspace_id, id, x'{}' FROM task WHERE label LIKE 'Other%'",
        label.replace('-', "")
    ));
    let first = |query: &str, most: usize| {
        let path = format!("/v1/search?{query}&limit=100");
        let hits = client.get(&path).expect(200).object().clone();
        let mut found = column(hits.as_array().unwrap(), "title");
        found.truncate(most);
        found
    };
    // The second search finds no whole words.
    for query in ["q=needle", "q=needl"] {
        assert_eq!(
            first(query, 3),
            ["Needle", "Needle 999", "Needle 998"],
            "{query}"
        );
    }
    assert_eq!(first("q=needle&archived=any", 1), ["Needle"]);
    let archived = first("q=needle&archived=true", 2);
    assert_eq!(archived, ["Needle 1500", "Needle 1499"]);
    let labelled = first("q=haystack&archived=true", 2);
    assert_eq!(labelled, ["Other 3000", "Other 2999"]);
    assert_eq!(first("q=haystack&archived=any", 1), ["Other 3000"]);
    assert_eq!(first("q=haystack", 1), [""; 0]);
}

/// Only texts count as matches of the whole words, not each of their ranks.
#[test]
fn longer_words_are_found_beside_several_hundred_whole_ones() {
    let app = App::start();
    let client = app.client();
    client
        .post("/v1/boards", json!({ "name": "Strawb" }))
        .expect(201);
    client.new_task(&client.new_project().id, "Straw 0");
    app.sql(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 400)
         INSERT INTO task (workspace_id, id, project_id, label, position, created_at, updated_at)
         SELECT workspace_id, randomblob(16), project_id, 'Straw ' || n, 'k' || n, created_at + n, created_at + n
           FROM n, task WHERE label = 'Straw 0'",
    );
    assert_eq!(titles(&client, "straw")[0], "Strawb");
}
