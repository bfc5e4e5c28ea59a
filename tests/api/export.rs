//! Everything in a workspace as one document.

use serde_json::{Value, json};
use tackboard::model::scopes::Scope;

use crate::harness::{App, Client, column};
use crate::operations::Ids;

/// Checks an export against the schema that describes it.
pub fn check(export: &Value) {
    let schema = include_str!("../../schema/export.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    let validator = options.build(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(export)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// The export of a client's workspace.
pub fn export(client: &Client) -> Value {
    let export = client.get("/v1/export").expect(200).json();
    check(&export);
    export
}

#[test]
fn an_export_has_everything_and_no_secret() {
    let app = App::start();
    let client = app.client();
    let ids = Ids::new(&client);
    let others = app.client();
    Ids::new(&others);
    let change = json!({
        "dueOn": "2024-02-01", "isArchived": true, "labelIds": [ids.get("label")],
        "assigneeIds": [ids.get("member")], "workflowLaneId": ids.get("lane"), "description": "Text\nwith \"lines\"",
    });
    client
        .patch(&format!("/v1/tasks/{}", ids.get("task")), change)
        .expect(200);
    let export = export(&client);
    for (name, kind, more) in [
        ("boards", "board", 0),
        ("labels", "label", 0),
        ("lanes", "lane", 0),
        ("projects", "project", 0),
        ("tasks", "task", 0),
        ("subtasks", "subtask", 0),
        ("comments", "comment", 0),
        ("webhooks", "webhook", 0),
        ("configurations", "integration", 0),
        ("cards", "card", 2),
    ] {
        let shown = column(export[name].as_array().unwrap(), "id");
        assert_eq!(shown.len(), 2 + more, "{name}");
        assert!(shown.contains(&ids.get(kind).to_owned()), "{name}");
    }
    let task = &export["tasks"][0];
    assert_eq!(task["label_ids"], json!([ids.get("label")]));
    assert_eq!(task["assignee_ids"], json!([ids.get("member")]));
    assert_eq!(task["workflow_lane_id"], ids.get("lane"));
    assert!(task["archived_at"].is_string());
    assert_eq!(export["recipients"], json!([]));
    let covers = export["cards"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|card| card["cover"].is_object());
    assert_eq!(covers.count(), 2);
    let text = export.to_string();
    for secret in ["whsec_", "km_", "digest", "secret", "password"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let with = client
        .get("/v1/export?with_recipients=true")
        .expect(200)
        .json();
    check(&with);
    assert_eq!(with["recipients"].as_array().unwrap().len(), 2);
    client
        .get("/v1/export?with_recipients=1")
        .expect_error(400, "invalid_request");
}

#[test]
fn only_an_admin_exports() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let scopes = [Scope::Read, Scope::Write, Scope::Delete];
    let client = app.client_with(Some(&app.token(&workspace, &scopes)));
    client
        .get("/v1/export")
        .expect_error(403, "insufficient_scope");
}
