//! Comments on tasks.

use serde_json::{Value, json};
use tackboard::app::{members, tokens, users};
use tackboard::model::scopes::{Role, Scope, Scopes};
use tackboard::model::time::Timestamp;
use uuid::Uuid;

use crate::harness::{App, Client, Workspace, column};

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

fn path(task: &str) -> String {
    format!("/v1/tasks/{task}/comments")
}

fn comments_total(client: &Client, task: &str) -> Value {
    client.show(&format!("/v1/tasks/{task}"))["comments_total"].clone()
}

#[test]
fn a_comment_lives_from_creation_to_deletion() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let task = client.new_task(&client.new_project().id, "Task");
    assert!(client.rows(&path(&task)).is_empty());
    let text = "    an indented line\n\n**bold** <b>kept</b> 😀 ";
    let created = client
        .post(&path(&task), json!({ "text": text }))
        .expect(201);
    let comment = created.object();
    let expected = json!({
        "id": comment["id"], "task_id": task, "text": text,
        "author": { "id": workspace.owner, "name": "Owner" }, "imported_author": null,
        "created_at": comment["created_at"], "updated_at": comment["created_at"], "edited_at": null
    });
    assert_eq!(comment, expected);
    let second = client.new_comment(&task, "Second");
    let rows = client.rows(&path(&task));
    assert_eq!((rows.len(), &rows[0]), (2, &expected));
    assert_eq!(comments_total(&client, &task), 2);
    let one = format!("/v1/comments/{}", created.id());
    let same = client.patch(&one, json!({ "text": text })).expect(200);
    assert_eq!(same.object(), expected);
    let changed = client
        .patch(&one, json!({ "text": "Changed" }))
        .expect(200)
        .object();
    assert_eq!(changed["text"], "Changed");
    assert_eq!(changed["edited_at"], changed["updated_at"]);
    assert_eq!(client.rows(&path(&task))[0], changed);
    let deleted = client.delete(&one).expect(200);
    assert_eq!(
        deleted.json(),
        json!({ "deleted": true, "id": comment["id"] })
    );
    assert_eq!(column(&client.rows(&path(&task)), "id"), [second]);
    assert_eq!(comments_total(&client, &task), 1);
    client
        .patch(&one, json!({ "text": "x" }))
        .expect_error(404, "comment_not_found");
    client.delete(&one).expect_error(404, "comment_not_found");
    client
        .get(&path(NOBODY))
        .expect_error(404, "task_not_found");
    client
        .post(&path(NOBODY), json!({ "text": "x" }))
        .expect_error(404, "task_not_found");
}

#[test]
fn bad_texts_are_refused() {
    let app = App::shared();
    let client = app.client();
    let task = client.new_task(&client.new_project().id, "Task");
    let comment = client.new_comment(&task, "Comment");
    for body in [
        json!({}),
        json!({ "text": null }),
        json!({ "text": "" }),
        json!({ "text": " \n\t\u{a0}" }),
        json!({ "text": "a\u{0}b" }),
        json!({ "text": "\u{0}" }),
        json!({ "text": "😀".repeat(20_001) }),
        json!({ "text": ["x"] }),
        json!({ "text": { "text": "x" } }),
    ] {
        let reply = client.post(&path(&task), body.clone());
        let reply = reply.expect_error(400, "invalid_request");
        let fields = reply.details()["fields"].clone();
        assert_eq!(fields.as_object().unwrap().len(), 1, "{fields}");
        assert!(fields["text"].is_string(), "{fields}");
        if body["text"] != json!(null) || body.get("text").is_some() {
            client
                .patch(&format!("/v1/comments/{comment}"), body)
                .expect_error(400, "invalid_request");
        }
    }
    client
        .post(&path(&task), json!({ "text": "x", "author": NOBODY }))
        .expect_error(400, "invalid_request");
    let longest = "😀".repeat(20_000);
    let made = client
        .post(&path(&task), json!({ "text": longest }))
        .expect(201);
    assert_eq!(made.object()["text"], longest);
    assert_eq!(client.rows(&path(&task)).len(), 2);
}

/// A client of another member of the workspace, with these scopes.
fn colleague(app: &App, workspace: &Workspace, role: Role, scopes: &[Scope]) -> Client {
    let (ctx, email) = (
        workspace.command(),
        format!("{}@example.org", Uuid::now_v7()),
    );
    let scopes = Scopes::from(scopes.to_vec());
    let token = app.write(|tx| {
        let user = users::create(tx, &email, "Colleague")?;
        members::join(tx, &ctx, &user, role)?;
        let ends = Timestamp::now().plus_days(1);
        tokens::issue(tx, &ctx, user.id, "Test".to_owned(), scopes, ends)
    });
    app.client_with(Some(token.1.expose()))
}

#[test]
fn only_the_author_changes_a_comment_and_an_admin_may_delete_it() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let owner = app.client_of(&workspace);
    let task = owner.new_task(&owner.new_project().id, "Task");
    let member = [Scope::Read, Scope::Write, Scope::Delete];
    let ada = colleague(&app, &workspace, Role::Member, &member);
    let ben = colleague(&app, &workspace, Role::Member, &member);
    let comment = ada.new_comment(&task, "Ada's");
    let one = format!("/v1/comments/{comment}");
    let change = json!({ "text": "Changed" });
    let reply = ben
        .patch(&one, change.clone())
        .expect_error(403, "insufficient_scope");
    let scopes = json!(["read", "write", "delete"]);
    assert_eq!(
        reply.details(),
        json!({ "required": "author", "provided": scopes })
    );
    assert_eq!(
        reply.json()["error"]["message"],
        "Only the author can change a comment"
    );
    ben.patch(&one, json!({}))
        .expect_error(403, "insufficient_scope");
    let reply = ben.delete(&one).expect_error(403, "insufficient_scope");
    assert_eq!(
        reply.details(),
        json!({ "required": "admin", "provided": scopes })
    );
    // Not even the owner changes what another has said.
    owner
        .patch(&one, change.clone())
        .expect_error(403, "insufficient_scope");
    assert_eq!(owner.rows(&path(&task))[0]["text"], "Ada's");
    ada.patch(&one, change).expect(200);
    assert_eq!(comments_total(&owner, &task), 1);
    owner.delete(&one).expect(200);
    let comment = ada.new_comment(&task, "Again");
    ada.delete(&format!("/v1/comments/{comment}")).expect(200);
    assert_eq!(comments_total(&owner, &task), 0);
}

#[test]
fn the_author_is_named_after_leaving_the_workspace() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let owner = app.client_of(&workspace);
    let task = owner.new_task(&owner.new_project().id, "Task");
    let scopes = [Scope::Write];
    let ada = colleague(&app, &workspace, Role::Member, &scopes);
    ada.new_comment(&task, "Ada's");
    let before = owner.latest();
    app.sql("DELETE FROM member WHERE role = 'member'");
    let comment = owner.rows(&path(&task)).remove(0);
    assert_eq!(comment["author"]["name"], "Colleague");
    assert_eq!(owner.latest(), before);
    app.sql("DELETE FROM user WHERE name = 'Colleague'");
    let comment = owner.rows(&path(&task)).remove(0);
    assert_eq!(comment["author"], json!(null));
    owner
        .delete(&format!("/v1/comments/{}", comment["id"].as_str().unwrap()))
        .expect(200);
}

#[test]
fn comments_are_events_with_the_counters_of_their_task() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let task = client.new_task(&project.id, "Task");
    client.new_subtask(&task, "Step");
    let before = client.latest();
    let comment = client.new_comment(&task, "One");
    let one = format!("/v1/comments/{comment}");
    client.patch(&one, json!({ "text": "Two" })).expect(200);
    client.delete(&one).expect(200);
    let events = client.events_after(before);
    assert_eq!(
        column(&events, "type"),
        ["comment.created", "comment.updated", "comment.deleted"]
    );
    for (event, total) in events.iter().zip([1, 1, 0]) {
        assert_eq!(event["task_id"], json!(task));
        assert_eq!(event["project_id"], json!(project.id));
        assert_eq!(event["board_id"], json!(project.board));
        let data = &event["data"];
        assert_eq!(
            (&data["id"], &data["comments_total"]),
            (&json!(comment), &json!(total))
        );
        assert_eq!(
            (&data["subtasks_total"], &data["subtasks_completed"]),
            (&json!(1), &json!(0))
        );
    }
    assert_eq!(
        events[1]["changes"]["text"],
        json!({ "from": "One", "to": "Two" })
    );
    let long = client.new_comment(&task, &"x".repeat(20_000));
    let event = client.events_after(before).pop().unwrap();
    assert_eq!(event["data"]["id"], json!(long));
    assert_eq!(event["data"]["text"], "x".repeat(4_096));
    assert_eq!(event["truncated"], json!(["text"]));
}

#[test]
fn a_task_counts_its_comments_everywhere() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    let task = client.new_task(&project.id, "Task");
    app.sql("UPDATE task SET updated_at = 1000");
    let one = format!("/v1/tasks/{task}");
    let stale = client.get(&one).expect(200).header("etag").to_owned();
    client.new_comment(&task, "Comment");
    let shown = client.get(&one).expect(200);
    assert_ne!(shown.header("etag"), stale);
    assert_eq!(shown.object()["updated_at"], "1970-01-01T00:00:01Z");
    client
        .json(
            "PATCH",
            &one,
            &[("if-match", &stale)],
            json!({ "status": 1 }),
        )
        .expect_error(412, "precondition_failed");
    for list in [
        format!("/v1/projects/{}/tasks", project.id),
        format!("/v1/boards/{}/snapshot", project.board),
    ] {
        let tasks = client.get(&list).expect(200).json()["tasks"].clone();
        assert_eq!(tasks[0]["comments_total"], 1, "{list}");
    }
    let changed = client.patch(&one, json!({ "status": 2 })).expect(200);
    assert_eq!(changed.object()["comments_total"], 1);
    let event = client.get(&format!("/v1/events?task={task}&limit=1"));
    let event = event.expect(200).json()["events"][0].clone();
    assert_eq!(event["data"]["comments_total"], 1);
    let before = client.latest();
    client.delete(&one).expect(200);
    let event = client.events_after(before).remove(0);
    assert_eq!(event["deleted"], json!({ "subtasks": 0, "comments": 1 }));
    assert_eq!(app.number("SELECT count(*) FROM comment"), 0);
}

#[test]
fn comments_are_paged_oldest_first_and_have_a_limit() {
    let app = App::start();
    let client = app.client();
    let task = client.new_task(&client.new_project().id, "Task");
    let comments: Vec<_> = (0..5)
        .map(|at| client.new_comment(&task, &format!("Comment {at}")))
        .collect();
    assert_eq!(column(&client.rows(&path(&task)), "id"), comments);
    let page = client
        .get(&format!("{}?limit=3", path(&task)))
        .expect(200)
        .json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = client.get(&format!("{}?cursor={cursor}", path(&task)));
    let rest = rest.expect(200).json();
    assert_eq!(
        column(rest["comments"].as_array().unwrap(), "id"),
        comments[3..]
    );
    app.sql("UPDATE task SET comments_total = 5000");
    let body = json!({ "text": "One more" });
    let reply = client
        .post(&path(&task), body)
        .expect_error(403, "resource_limit_exceeded");
    assert_eq!(
        reply.details(),
        json!({ "resource": "comments", "limit": 5_000, "current": 5_000 })
    );
}
