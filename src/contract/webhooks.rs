//! The requests that webhooks send, described from the fragments' lists of events.
//!
//! A fragment lists its events under `x-events`, in groups that have the same `data`:
//! `{"types": {"task.created": {"summary": "…"}}, "data": <schema>, "example": <part of a body>}`. The document describes
//! each of them under `webhooks`, and its body as a schema, such as `TaskCreatedWebhook`. Those are complete and independent
//! of each other, because generators understand `allOf` and `unevaluatedProperties` in different ways.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::errors::pascal;

const EVENTS: &str = "x-events";
/// The schema of what the bodies of all events have.
const BODY: &str = "x-webhook-body";
const EVENT_TYPES: &str = "/components/schemas/EventType/enum";
const SCHEMAS: &str = "/components/schemas";

/// Replaces the lists of events by `webhooks` with their schemas, and adds the schema `EventPattern`.
///
/// # Errors
/// A message that names a problem with a list.
pub(super) fn describe(document: &mut Value) -> Result<(), String> {
    let members = document.as_object_mut().ok_or("not an object")?;
    let Some(groups) = members.remove(EVENTS) else {
        return Ok(());
    };
    let common = members.remove(BODY).ok_or("x-webhook-body is missing")?;
    let mut webhooks = Map::new();
    let mut schemas = Map::new();
    for group in groups.as_array().into_iter().flatten() {
        let (data, union) = data_or_ids(&group["data"]);
        schemas.insert(data.clone(), union);
        for (name, event) in group["types"].as_object().into_iter().flatten() {
            let schema = format!("{}Webhook", pascal(name));
            let described = webhook(name, &schema, event, group);
            if webhooks.insert(name.clone(), described).is_some() {
                return Err(format!("the event {name} is listed twice"));
            }
            schemas.insert(schema, body_schema(&common, name, event, &data));
        }
    }
    document["webhooks"] = Value::Object(webhooks);
    let types = document.pointer(EVENT_TYPES).and_then(Value::as_array);
    schemas.insert(
        "EventPattern".to_owned(),
        pattern(types.map_or(&[], Vec::as_slice)),
    );
    let all = document.pointer_mut(SCHEMAS).and_then(Value::as_object_mut);
    if let Some(all) = all {
        all.extend(schemas);
    }
    Ok(())
}

/// Returns the bodies that the document shows, by event, as JSON texts.
pub(super) fn examples(document: &Value) -> HashMap<String, Box<str>> {
    let webhooks = document["webhooks"].as_object().into_iter().flatten();
    let example = |webhook: &Value| {
        let content = &webhook["post"]["requestBody"]["content"];
        let example = content["application/json"].get("example")?;
        Some(example.to_string().into())
    };
    webhooks
        .filter_map(|(event, webhook)| Some((event.clone(), example(webhook)?)))
        .collect()
}

/// A request, as OpenAPI describes an operation.
fn webhook(name: &str, schema: &str, event: &Value, group: &Value) -> Value {
    json!({ "post": {
        "operationId": name,
        "tags": ["Webhook requests"],
        "summary": event["summary"],
        "security": [],
        "parameters": headers(),
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": reference(schema), "example": body(name, event, group) } }
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

/// The schema of a body: the common one with the name of the event and its data.
fn body_schema(common: &Value, name: &str, event: &Value, data: &str) -> Value {
    let mut schema = common.clone();
    schema["description"] = event["summary"].clone();
    for field in ["event", "type"] {
        schema["properties"][field] = json!({ "type": "string", "const": name });
    }
    schema["properties"]["data"] = reference(data);
    schema
}

/// The name and the schema of `data`: the object, or only its ids if the webhook's payload is `thin`.
fn data_or_ids(object: &Value) -> (String, Value) {
    let target = object["$ref"].as_str().unwrap_or_default();
    let name = target.rsplit('/').next().unwrap_or_default();
    let union = json!({
        "description": "The object after the change or, for a deletion, before it. Only its ids if the webhook's payload is `thin`.",
        "anyOf": [object, reference("WebhookIds")]
    });
    (format!("{name}OrIds"), union)
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#{SCHEMAS}/{name}") })
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
    use super::{describe, examples, pattern};
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
        let data = json!({ "$ref": "#/components/schemas/B" });
        let group = json!({ "types": { "a.b": { "summary": "B" } }, "data": data, "example": { "data": { "id": 1 } } });
        let start = json!({
            "components": { "schemas": {} },
            "x-webhook-body": { "type": "object", "properties": { "id": {} } },
            "x-events": [group.clone()]
        });
        let mut document = start.clone();
        assert_eq!(describe(&mut document), Ok(()));
        let schemas = &document["components"]["schemas"];
        let own = &schemas["ABWebhook"]["properties"];
        assert_eq!(own["event"]["const"], "a.b");
        assert_eq!(own["data"]["$ref"], "#/components/schemas/BOrIds");
        assert_eq!(own["id"], json!({}));
        assert_eq!(schemas["BOrIds"]["anyOf"][0], data);
        let bodies = examples(&document);
        assert!(bodies["a.b"].contains(r#""data":{"id":1}"#) && bodies.len() == 1);
        let mut twice = start;
        twice["x-events"] = json!([group.clone(), group]);
        let refused = Err("the event a.b is listed twice".to_owned());
        assert_eq!(describe(&mut twice), refused);
    }
}
