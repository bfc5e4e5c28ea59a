//! Sessions in the contract. Every operation that accepts a token accepts a session too, so the fragments do not repeat
//! it: the parameters that name the workspace, and the errors of sessions, are added here.

use serde_json::{Map, Value, json};

use super::methods::METHODS;

/// The name of the security scheme.
const SCHEME: &str = "session";
/// The method that changes nothing.
const SAFE: &str = "get";
/// Where a reference to a response begins.
pub(super) const RESPONSES: &str = "#/components/responses/";
/// Where the JSON body of a response is described.
const BODY: &str = "/content/application~1json";

/// Adds sessions to the operations that accept a token.
pub(super) fn accept(mut whole: Value) -> Value {
    let take = |whole: &mut Value, pointer| whole.pointer_mut(pointer).map(Value::take);
    let Some(Value::Object(mut paths)) = take(&mut whole, "/paths") else {
        return whole;
    };
    let responses = take(&mut whole, "/components/responses");
    let mut responses = responses.unwrap_or_else(|| json!({}));
    for item in paths.values_mut() {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                accept_in(&mut responses, method, operation);
            }
        }
    }
    whole["paths"] = Value::Object(paths);
    whole["components"]["responses"] = responses;
    whole
}

/// Whether an operation accepts a session in a workspace, which the request can name.
pub(super) fn names_workspace(operation: &Value) -> bool {
    let schemes = operation["security"].as_array();
    let has = |name: &str| {
        let mut each = schemes.into_iter().flatten();
        each.any(|scheme| scheme.get(name).is_some())
    };
    has(SCHEME) && has("token") && !has_parameter(operation, "workspace")
}

fn accept_in(responses: &mut Value, method: &str, operation: &mut Value) {
    let schemes = operation["security"].as_array();
    let token = schemes.and_then(|all| all.iter().find_map(|one| one.get("token").cloned()));
    let Some(scopes) = token else {
        return;
    };
    push(&mut operation["security"], json!({ SCHEME: scopes }));
    for name in ["X-Workspace", "workspace"] {
        // One operation of the card integration API has a parameter `workspace` of its own.
        if !has_parameter(operation, name) {
            let parameter = json!({ "$ref": format!("#/components/parameters/{name}") });
            push(&mut operation["parameters"], parameter);
        }
    }
    let own = &mut operation["responses"];
    add(responses, own, "401", "SessionExpired");
    add(responses, own, "404", "WorkspaceNotFound");
    if method != SAFE {
        add(responses, own, "403", "CrossOriginRefused");
    }
}

fn has_parameter(operation: &Value, name: &str) -> bool {
    let mut parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.any(|parameter| parameter["name"] == name)
}

fn push(list: &mut Value, item: Value) {
    match list {
        Value::Array(items) => items.push(item),
        other => *other = json!([item]),
    }
}

/// Adds a response to those of a status. Two responses become a third, which operations share.
fn add(responses: &mut Value, own: &mut Value, status: &str, name: &str) {
    let old = own.get(status).and_then(|old| old["$ref"].as_str());
    let together = match old.and_then(|old| old.strip_prefix(RESPONSES)) {
        None if own.get(status).is_some() => return,
        None => name.to_owned(),
        Some(old) if has_errors_of(&responses[old], &responses[name]) => return,
        Some(old) => {
            let together = format!("{old}Or{name}");
            if responses.get(&together).is_none() {
                responses[&together] = both(responses[old].clone(), &responses[name]);
            }
            together
        }
    };
    own[status] = json!({ "$ref": format!("{RESPONSES}{together}") });
}

/// Whether a response has all errors of another one.
fn has_errors_of(response: &Value, other: &Value) -> bool {
    let (Some(body), Some(other)) = (response.pointer(BODY), other.pointer(BODY)) else {
        return false;
    };
    let examples = examples_of(body);
    examples_of(other)
        .keys()
        .all(|code| examples.contains_key(code))
}

/// One response with the errors of two.
fn both(mut first: Value, second: &Value) -> Value {
    let (Some(more), Some(body)) = (second.pointer(BODY), first.pointer_mut(BODY)) else {
        return first;
    };
    let schemas = [alternatives(body), alternatives(more)].concat();
    let mut examples = examples_of(body);
    examples.extend(examples_of(more));
    *body = json!({ "schema": { "anyOf": schemas }, "examples": examples });
    let text = |response: &Value| {
        response["description"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    first["description"] = json!(format!("{} {}", text(&first), text(second)));
    if let Some(members) = first.as_object_mut() {
        // It is about one error alone.
        members.remove("x-remedy");
    }
    first
}

fn alternatives(body: &Value) -> Vec<Value> {
    match body["schema"]["anyOf"].as_array() {
        Some(schemas) => schemas.clone(),
        None => vec![body["schema"].clone()],
    }
}

/// The examples by error code.
fn examples_of(body: &Value) -> Map<String, Value> {
    if let Some(examples) = body["examples"].as_object() {
        return examples.clone();
    }
    let example = &body["example"];
    let code = example["error"]["code"].as_str().unwrap_or_default();
    let shown = json!({ "summary": example["error"]["message"], "value": example });
    Map::from_iter([(code.to_owned(), shown)])
}
