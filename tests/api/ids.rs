//! Invalid ids, and the two spellings of the fields that contain ids.

use serde_json::json;
use uuid::Uuid;

use crate::harness::App;
use crate::messages::fields;

#[test]
fn a_bad_id_has_a_code_of_its_own_where_nothing_else_is_wrong() {
    let app = App::shared();
    let client = app.client();
    let uuid = Uuid::now_v7();
    let simple = uuid.simple().to_string();
    for bad in [
        "x",
        "",
        "123",
        &simple,
        &format!("{{{uuid}}}"),
        &uuid.urn().to_string(),
    ] {
        let body = json!({ "projectId": bad, "label": "x" });
        let reply = client
            .post("/v1/tasks", body)
            .expect_error(400, "invalid_uuid");
        assert_eq!(
            reply.details(),
            json!({ "field": "projectId", "value": bad })
        );
        let both = fields(&client, "POST", "/v1/tasks", json!({ "projectId": bad }));
        assert_eq!(
            both,
            json!({ "projectId": "Project ID must be a UUID", "label": "Label is required" })
        );
        if !bad.is_empty() {
            let reply = client.delete(&format!("/v1/lanes/{bad}"));
            assert_eq!(
                reply.expect_error(400, "invalid_uuid").details(),
                json!({ "field": "laneId", "value": bad })
            );
        }
    }
    let number = fields(
        &client,
        "POST",
        "/v1/tasks",
        json!({ "projectId": 1, "label": "x" }),
    );
    assert_eq!(number, json!({ "projectId": "Project ID must be text" }));
}

#[test]
fn an_id_may_be_written_in_capitals() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project().id;
    let task = client.new_task(&project.to_uppercase(), "Task");
    let read = client
        .get(&format!("/v1/tasks/{}", task.to_uppercase()))
        .expect(200);
    assert_eq!(read.json()["task"]["project_id"], json!(project));
}

#[test]
fn an_alias_is_accepted_and_messages_name_the_member_itself() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    client
        .post(
            "/v1/tasks",
            json!({ "project_id": project.id, "label": "x" }),
        )
        .expect(201);
    client
        .post(
            "/v1/projects",
            json!({ "board_id": project.board, "name": "x" }),
        )
        .expect(201);
    let reply = client.post("/v1/tasks", json!({ "project_id": "x", "label": "x" }));
    assert_eq!(
        reply.expect_error(400, "invalid_uuid").details()["field"],
        "projectId"
    );
    let both = json!({ "project_id": project.id, "projectId": project.id, "label": "x" });
    let twice = "Project ID is sent twice, as projectId and as project_id";
    assert_eq!(
        fields(&client, "POST", "/v1/tasks", both),
        json!({ "projectId": twice })
    );
    let color = fields(
        &client,
        "POST",
        "/v1/boards",
        json!({ "name": "x", "accent_color": "red" }),
    );
    assert_eq!(
        color,
        json!({ "accentColor": "Accent color must look like #rrggbb" })
    );
}
