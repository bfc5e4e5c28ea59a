//! ETags, `If-Match` and `If-None-Match`.

use serde_json::json;
use uuid::Uuid;

use crate::harness::{App, Client, Reply};
use crate::operations::{self, Ids};

fn get_if(client: &Client, path: &str, known: &str) -> Reply {
    client.call("GET", path, &[("if-none-match", known)], None)
}

/// Creates a task, and returns its path and that of its project.
fn task(client: &Client) -> (String, String) {
    let project = client.new_project().id;
    let task = client.new_task(&project, "Task");
    (
        format!("/v1/tasks/{task}"),
        format!("/v1/projects/{project}"),
    )
}

#[test]
fn every_answer_that_documents_an_etag_has_the_one_of_what_it_shows() {
    let app = App::shared();
    let client = app.client();
    let ids = Ids::new(&client);
    for kind in ["board", "project", "task", "card"] {
        let path = format!("/v1/{kind}s/{}", ids.get(kind));
        let tag = client.get(&path).expect(200).header("etag").to_owned();
        assert!(
            tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'),
            "{tag}"
        );
        let unchanged = client.patch(&path, json!({})).expect(200);
        assert_eq!(unchanged.header("etag"), tag, "{kind}");
    }
}

#[test]
fn a_known_state_is_304_without_a_body() {
    let app = App::shared();
    let client = app.client();
    let (path, _) = task(&client);
    let tag = client.get(&path).expect(200).header("etag").to_owned();
    let lists = [
        tag.clone(),
        "*".to_owned(),
        format!("W/{tag}"),
        format!("\"old\", {tag}"),
        format!("W/\"old\",W/{tag} , \"x\""),
    ];
    for known in &lists {
        let reply = get_if(&client, &path, known).expect(304);
        assert_eq!(
            (reply.text.as_str(), reply.header("etag")),
            ("", tag.as_str()),
            "{known}"
        );
        assert_eq!(reply.header("content-type"), "");
        let head = client.call("HEAD", &path, &[("if-none-match", known)], None);
        assert_eq!((head.status, head.header("etag")), (304, tag.as_str()));
    }
    for unknown in [
        "\"old\"",
        "",
        ",",
        "W/\"old\"",
        tag.trim_matches('"'),
        tag.trim_end_matches('"'),
        &format!("w/{tag}"),
        "\"*\"",
        "\u{e9}",
    ] {
        assert_eq!(
            get_if(&client, &path, unknown).expect(200).header("etag"),
            tag,
            "{unknown}"
        );
    }
    let two = [
        ("if-none-match", "\"old\""),
        ("if-none-match", tag.as_str()),
    ];
    client.call("GET", &path, &two, None).expect(304);
}

#[test]
fn a_condition_does_not_hide_an_error() {
    let app = App::shared();
    let client = app.client();
    let nothing = format!("/v1/tasks/{}", Uuid::now_v7());
    get_if(&client, &nothing, "*").expect_error(404, "task_not_found");
    get_if(&app.client_with(None), &nothing, "*").expect_error(401, "invalid_token");
}

#[test]
fn a_subtask_changes_its_tasks_etag_and_nothing_else_of_it() {
    let app = App::start();
    let client = app.client();
    let (path, project) = task(&client);
    app.sql("UPDATE task SET updated_at = 1000");
    let mut tags = vec![client.get(&path).header("etag").to_owned()];
    let subtask = client.new_subtask(path.rsplit('/').next().unwrap(), "One");
    let mut look = || {
        let reply = client.get(&path).expect(200);
        assert_eq!(reply.json()["task"]["updated_at"], "1970-01-01T00:00:01Z");
        assert!(!tags.contains(&reply.header("etag").to_owned()));
        tags.push(reply.header("etag").to_owned());
    };
    look();
    let subtask = format!("/v1/subtasks/{subtask}");
    client
        .patch(&subtask, json!({ "isCompleted": true }))
        .expect(200);
    look();
    client
        .patch(&subtask, json!({ "label": "Two" }))
        .expect(200);
    look();
    client.delete(&subtask).expect(200);
    let last = client.get(&path).expect(200);
    assert_eq!(
        last.header("etag"),
        tags[0],
        "it shows what it showed in the beginning"
    );
    client.get(&project).expect(200);
}

#[test]
fn a_counter_changes_its_projects_etag_and_not_its_updated_at() {
    let app = App::start();
    let client = app.client();
    let (path, project) = task(&client);
    app.sql("UPDATE project SET updated_at = 1000");
    let before = client.get(&project).expect(200);
    client.patch(&path, json!({ "status": 2 })).expect(200);
    let after = client.get(&project).expect(200);
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_eq!(
        after.json()["project"]["updated_at"],
        "1970-01-01T00:00:01Z"
    );
    assert_eq!(after.json()["project"]["progress"], 1.0);
    get_if(&client, &project, before.header("etag")).expect(200);
}

#[test]
fn a_stale_if_match_changes_nothing() {
    let app = App::shared();
    let with_match = |operation: &&operations::Operation| {
        operation
            .parameters("header")
            .any(|one| one["name"] == "If-Match")
    };
    assert_eq!(operations::all().iter().filter(with_match).count(), 26);
    for operation in operations::all().iter().filter(with_match) {
        let client = app.client();
        let ids = Ids::new(&client);
        let look = || {
            client.get(&format!("/v1/tasks/{}", ids.get("task"))).text
                + &client.get("/v1/tokens").text
                + &client.get("/v1/invitations").text
                + &client.get("/v1/members").text
                + &client.get("/v1/email-accounts").text
                + &client.get("/v1/boards?include=projects").text
                + &client.get("/v1/cards").text
                + &client.get(&format!("/v1/boards/{}", ids.get("board"))).text
                + &client.get(&format!("/v1/cards/{}", ids.get("card"))).text
                + &client.get("/v1/webhooks").text
                + &client
                    .get(&format!("/v1/boards/{}/lanes", ids.get("board")))
                    .text
                + &client
                    .get(&format!("/v1/boards/{}/labels", ids.get("board")))
                    .text
                + &client
                    .get(&format!("/v1/tasks/{}/comments", ids.get("task")))
                    .text
        };
        let before = look();
        let mut call = operation.call(&ids);
        if call.body.is_some() {
            call = call.with_body(match operation.id.as_str() {
                "updateMember" => json!({ "role": "admin" }),
                _ => json!({ operation.text_member(): "Another" }),
            });
        }
        let refused = call.clone().with("if-match", "\"old\"").send(&client);
        let refused = refused.expect_error(412, "precondition_failed");
        assert_eq!(look(), before, "{}", operation.id);
        let current = refused.details()["current_etag"]
            .as_str()
            .unwrap()
            .to_owned();
        call.clone()
            .with("if-match", &format!("W/{current}"))
            .send(&client)
            .expect(412);
        call.with("if-match", &format!("\"old\", {current}"))
            .send(&client)
            .expect(200);
        assert_ne!(look(), before, "{}", operation.id);
    }
}

#[test]
fn the_etag_of_a_new_object_does_not_depend_on_its_secret() {
    let app = App::shared();
    let client = app.client();
    let webhook =
        json!({ "name": "Hook", "url": "https://example.com/", "events": ["*"], "boardId": null });
    let cases = [
        (
            "/v1/tokens",
            "token",
            json!({ "name": "New", "scopes": ["read"] }),
        ),
        (
            "/v1/invitations",
            "invitation",
            json!({ "email": "grace@example.org", "role": "member" }),
        ),
        ("/v1/webhooks", "webhook", webhook),
    ];
    for (path, name, body) in cases {
        let key = [("idempotency-key", "once")];
        let made = client.json("POST", path, &key, body.clone()).expect(201);
        let tag = made.header("etag").to_owned();
        assert!(tag.len() > 2, "{path}");
        let again = client.json("POST", path, &key, body).expect(201);
        assert_eq!(
            (again.header("idempotent-replayed"), again.header("etag")),
            ("true", tag.as_str()),
            "{path}"
        );
        let id = made.json()[name]["id"].as_str().unwrap().to_owned();
        let path = format!("{path}/{id}");
        client
            .call("DELETE", &path, &[("if-match", "\"old\"")], None)
            .expect_error(412, "precondition_failed");
        client
            .call("DELETE", &path, &[("if-match", &tag)], None)
            .expect(200);
    }
}

#[test]
fn if_match_takes_the_current_tag_or_a_star() {
    let app = App::shared();
    let client = app.client();
    let (path, _) = task(&client);
    let change = |tag: &str, status: u8| {
        client.json(
            "PATCH",
            &path,
            &[("if-match", tag)],
            json!({ "status": status }),
        )
    };
    let first = client.get(&path).header("etag").to_owned();
    let second = change(&first, 1).expect(200).header("etag").to_owned();
    let refused = change(&first, 2).expect_error(412, "precondition_failed");
    assert_eq!(refused.details(), json!({ "current_etag": second }));
    let third = change("*", 2).expect(200).header("etag").to_owned();
    let bare = third.trim_matches('"');
    for malformed in ["", ",", "\"*\"", "\u{e9}", bare, &format!("\"{bare}")] {
        change(malformed, 0).expect_error(412, "precondition_failed");
    }
    assert_eq!(client.get(&path).json()["task"]["status"], 2);
    client
        .call("DELETE", &path, &[("if-match", &second)], None)
        .expect(412);
    client
        .call("DELETE", &path, &[("if-match", "*")], None)
        .expect(200);
    client
        .call("DELETE", &path, &[("if-match", "*")], None)
        .expect_error(404, "task_not_found");
}

#[test]
fn one_of_two_changes_to_the_same_state_is_refused() {
    let app = App::shared();
    let client = app.client();
    let (path, _) = task(&client);
    let tag = client.get(&path).header("etag").to_owned();
    let statuses = crate::harness::at_once(8, |n| {
        let body = json!({ "label": format!("Label {n}") });
        client
            .clone()
            .json("PATCH", &path, &[("if-match", &tag)], body)
            .status
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 7);
}
