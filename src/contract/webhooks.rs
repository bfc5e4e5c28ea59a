//! The requests that webhooks send, described from the fragments' lists of events.
//!
//! A fragment lists its events under `x-events`, in groups that have the same `data`:
//! `{"types": {"task.created": {"summary": "…"}}, "data": <schema>, "example": <part of a body>}`. The document describes
//! each of them under `webhooks`.

use serde_json::{Map, Value, json};

const EVENTS: &str = "x-events";
const EVENT_TYPES: &str = "/components/schemas/EventType/enum";

/// Replaces the lists of events by `webhooks`, and adds the schema `EventPattern`.
///
/// # Errors
/// A message that names a problem with a list.
pub(super) fn describe(document: &mut Value) -> Result<(), String> {
    let members = document.as_object_mut().ok_or("not an object")?;
    let Some(groups) = members.remove(EVENTS) else {
        return Ok(());
    };
    let mut webhooks = Map::new();
    for group in groups.as_array().into_iter().flatten() {
        for (name, event) in group["types"].as_object().into_iter().flatten() {
            if webhooks
                .insert(name.clone(), webhook(name, event, group))
                .is_some()
            {
                return Err(format!("the event {name} is listed twice"));
            }
        }
    }
    members.insert("webhooks".to_owned(), Value::Object(webhooks));
    let types = document.pointer(EVENT_TYPES).and_then(Value::as_array);
    let pattern = pattern(types.map(Vec::as_slice).unwrap_or_default());
    document["components"]["schemas"]["EventPattern"] = pattern;
    Ok(())
}

/// Returns the body that the document shows for an event.
pub(super) fn example<'d>(document: &'d Value, event: &str) -> Option<&'d Value> {
    let content = &document["webhooks"][event]["post"]["requestBody"]["content"];
    content["application/json"].get("example")
}

/// A request, as OpenAPI describes an operation.
fn webhook(name: &str, event: &Value, group: &Value) -> Value {
    json!({ "post": {
        "operationId": name,
        "tags": ["Webhooks"],
        "summary": event["summary"],
        "security": [],
        "parameters": headers(),
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": schema(name, group), "example": body(name, event, group) } }
        },
        "responses": { "2XX": { "description": "The event was received. Any other response is a failure." } }
    } })
}

fn headers() -> Value {
    let header = |name: &str, description: &str| {
        json!({
            "name": name,
            "in": "header",
            "required": true,
            "description": description,
            "schema": { "type": "string" }
        })
    };
    json!([
        header(
            "webhook-id",
            "The id of the event, the same at each attempt."
        ),
        header(
            "webhook-timestamp",
            "The time of the attempt, in seconds since 1970."
        ),
        header(
            "webhook-signature",
            "`v1,` and the base64 of the HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`. After the secret was \
             rotated, two of them, separated by a space."
        )
    ])
}

fn schema(name: &str, group: &Value) -> Value {
    let own = json!({
        "type": "object",
        "properties": {
            "event": { "const": name },
            "type": { "const": name },
            "data": { "anyOf": [group["data"], { "$ref": "#/components/schemas/WebhookIds" }] }
        }
    });
    json!({
        "allOf": [{ "$ref": "#/components/schemas/WebhookEvent" }, own],
        "unevaluatedProperties": false
    })
}

fn body(name: &str, event: &Value, group: &Value) -> Value {
    let mut body = json!({
        "event": name,
        "timestamp": "2024-01-21T10:30:45Z",
        "data": {},
        "type": name,
        "id": "0197c1ef-9b2d-7e41-8a6f-5d3c1b0e9f27",
        "sequence": 4711,
        "workspace_id": "c81f7a2e-4d06-4b93-95ea-60b3d9f7e214",
        "actor": {
            "kind": "token",
            "user_id": "5b0e7c39-d1f8-4a62-93e4-0c7f82b6a1d5",
            "name": "Ada Lovelace",
            "credential": "ci-bot"
        }
    });
    let own = group["example"].as_object().into_iter().flatten();
    for (key, value) in own {
        body[key] = value.clone();
    }
    for part in ["actor", "data", "changes", "deleted", "cleared"] {
        if let Some(value) = event.get(part) {
            body[part] = value.clone();
        }
    }
    body
}

/// The schema of what a webhook can name: a type, all types of a noun, or all types. Those of tasks come first, because
/// messages quote the list.
fn pattern(types: &[Value]) -> Value {
    let names = types.iter().filter_map(Value::as_str);
    let mut patterns: Vec<String> = names.map(str::to_owned).collect();
    patterns.sort_by_key(|name| !name.starts_with("task."));
    let mut nouns: Vec<String> = Vec::new();
    for name in &patterns {
        let noun = name.split('.').next().unwrap_or_default();
        let all = format!("{noun}.*");
        if !nouns.contains(&all) {
            nouns.push(all);
        }
    }
    patterns.append(&mut nouns);
    patterns.push("*".to_owned());
    json!({
        "type": "string",
        "description": "An event type, `task.*` for all types of tasks, or `*` for all types.",
        "enum": patterns
    })
}

#[cfg(test)]
mod tests {
    use super::{describe, example, pattern};
    use serde_json::json;

    #[test]
    fn a_pattern_is_a_type_a_noun_or_everything() {
        let types = ["board.created", "task.created", "task.deleted"].map(|name| json!(name));
        assert_eq!(
            pattern(&types)["enum"],
            json!([
                "task.created",
                "task.deleted",
                "board.created",
                "task.*",
                "board.*",
                "*"
            ])
        );
    }

    #[test]
    fn an_event_is_described_once_with_its_example() {
        let group = json!({ "types": { "a.b": { "summary": "B" } }, "data": {}, "example": { "data": { "id": 1 } } });
        let mut document = json!({ "components": { "schemas": {} }, "x-events": [group.clone()] });
        assert_eq!(describe(&mut document), Ok(()));
        let body = example(&document, "a.b");
        assert_eq!(body.map(|body| &body["data"]["id"]), Some(&json!(1)));
        assert_eq!(example(&document, "a.c"), None);
        let mut twice = json!({ "x-events": [group.clone(), group] });
        let refused = Err("the event a.b is listed twice".to_owned());
        assert_eq!(describe(&mut twice), refused);
    }
}
