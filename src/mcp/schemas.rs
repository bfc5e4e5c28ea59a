//! Makes the schemas of tools from those of the API, so that no field is described twice.
//!
//! `schema/mcp.json` refers to the OpenAPI document, and to its own definitions under `#/mcp`. Keywords of its own:
//! `x-parameter` is the schema of a query parameter, `x-parameters` adds all parameters of an operation, `x-only`,
//! `x-without` and `x-with` choose fields, and `x-hint` is the description that agents get.

use serde_json::{Map, Value, json};

use crate::contract::inline;

/// The parameter that names the workspace. A tool always works in one workspace.
const WORKSPACE: &str = "workspace";

/// Returns a schema of `schema/mcp.json` without references, with every constraint of the API.
pub(super) fn derive(document: &Value, schema: &Value) -> Value {
    choose(document, inline(document, schema))
}

/// Applies the keywords of this module.
fn choose(document: &Value, schema: Value) -> Value {
    let Value::Object(mut members) = schema else {
        return schema;
    };
    if let Some(wanted) = members.remove("x-parameter") {
        let own = std::mem::replace(&mut members, one(document, &wanted));
        members.extend(own);
    }
    if let Some(wanted) = members.remove("x-parameters") {
        add_parameters(document, &mut members, &wanted);
    }
    let (only, without) = (members.remove("x-only"), members.remove("x-without"));
    let with = members.remove("x-with");
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        let lists = |list: &Value, name: &str| {
            list.as_array()
                .is_some_and(|all| all.iter().any(|one| one == name))
        };
        properties.retain(|name, _| {
            only.as_ref().is_none_or(|list| lists(list, name))
                && !without.as_ref().is_some_and(|list| lists(list, name))
        });
        if let Some(Value::Object(with)) = with {
            properties.extend(with);
        }
    }
    for keyword in ["properties", "items"] {
        if let Some(inner) = members.remove(keyword) {
            members.insert(keyword.to_owned(), choose_in(document, keyword, inner));
        }
    }
    Value::Object(members)
}

fn choose_in(document: &Value, keyword: &str, inner: Value) -> Value {
    match (keyword, inner) {
        ("properties", Value::Object(properties)) => {
            let properties = properties.into_iter();
            let chosen = properties.map(|(name, schema)| (name, choose(document, schema)));
            Value::Object(chosen.collect())
        }
        (_, schema) => choose(document, schema),
    }
}

/// The schema of a query parameter. If there is none, the reference to it stays, which [`first_dangling`] finds.
fn one(document: &Value, wanted: &Value) -> Map<String, Value> {
    let named = parameters(document, wanted).find(|parameter| parameter["name"] == wanted["name"]);
    match named.as_ref().map(|parameter| &parameter["schema"]) {
        Some(Value::Object(schema)) => schema.clone(),
        _ => Map::from_iter([("$ref".to_owned(), wanted["name"].clone())]),
    }
}

/// A reference to something that the API does not have (any more).
pub(super) fn first_dangling(schema: &Value) -> Option<&Value> {
    match schema {
        Value::Object(members) => {
            let inner = || members.values().find_map(first_dangling);
            members.get("$ref").or_else(inner)
        }
        Value::Array(items) => items.iter().find_map(first_dangling),
        _ => None,
    }
}

/// Adds the query parameters of a GET that the schema does not have yet.
fn add_parameters(document: &Value, members: &mut Map<String, Value>, wanted: &Value) {
    let without = wanted["without"].as_array().cloned().unwrap_or_default();
    let properties = members.entry("properties").or_insert_with(|| json!({}));
    for parameter in parameters(document, wanted) {
        let name = &parameter["name"];
        if name == WORKSPACE || without.contains(name) {
            continue;
        }
        if let (Some(name), Some(properties)) = (name.as_str(), properties.as_object_mut()) {
            let schema = || parameter["schema"].clone();
            properties.entry(name.to_owned()).or_insert_with(schema);
        }
    }
}

fn parameters(document: &Value, wanted: &Value) -> impl Iterator<Item = Value> {
    let path = wanted["path"].as_str().unwrap_or_default();
    let all = inline(document, &document["paths"][path]["get"]["parameters"]);
    let all = all.as_array().cloned().unwrap_or_default();
    all.into_iter()
        .filter(|parameter| parameter["in"] == "query")
}

/// Refuses unknown fields, as the API does.
pub(super) fn close(schema: &mut Value) {
    let Value::Object(members) = schema else {
        return;
    };
    if members.contains_key("properties") {
        let closed = members.entry("additionalProperties");
        closed.or_insert(Value::Bool(false));
    }
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        properties.values_mut().for_each(close);
    }
    if let Some(items) = members.get_mut("items") {
        close(items);
    }
}

/// The schema of arguments as agents get it: names, types, choices and hints. The rest is in the messages of errors.
pub(super) fn published(schema: &Value) -> Value {
    reduce(schema, &|keyword, value| match keyword {
        "type" | "enum" | "required" => Some((keyword.to_owned(), value.clone())),
        "format" if value == "date" => Some((keyword.to_owned(), value.clone())),
        "x-hint" => Some(("description".to_owned(), value.clone())),
        _ => None,
    })
}

/// The schema of results as agents get it: names and types.
pub(super) fn names_and_types(schema: &Value) -> Value {
    reduce(schema, &|keyword, value| {
        (keyword == "type").then(|| (keyword.to_owned(), value.clone()))
    })
}

/// Returns a keyword as it is kept, if it is.
type Keep = dyn Fn(&str, &Value) -> Option<(String, Value)>;

fn reduce(schema: &Value, keep: &Keep) -> Value {
    let mut kept = Map::new();
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                let properties = properties.iter();
                let reduced = properties.map(|(name, schema)| (name.clone(), reduce(schema, keep)));
                kept.insert(keyword.clone(), Value::Object(reduced.collect()));
            }
            ("items", items) => drop(kept.insert(keyword.clone(), reduce(items, keep))),
            _ => kept.extend(keep(keyword, value)),
        }
    }
    Value::Object(kept)
}

/// Keeps only the fields that a schema of results names.
pub(super) fn project(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(members) => {
            let Some(properties) = schema["properties"].as_object() else {
                return;
            };
            members.retain(|name, _| properties.contains_key(name));
            for (name, member) in members {
                project(member, &properties[name]);
            }
        }
        Value::Array(items) => {
            for item in items {
                project(item, &schema["items"]);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{close, derive, names_and_types, project, published};
    use serde_json::json;

    #[test]
    fn fields_are_chosen_from_the_schemas_of_the_api() {
        let document = json!({
            "components": { "schemas": { "A": { "type": "object", "required": ["x"], "properties": {
                "x": { "type": "string", "maxLength": 3, "description": "for people" }, "y": { "type": "integer" }
            } } } },
            "paths": { "/p": { "get": { "parameters": [
                { "in": "query", "name": "q", "schema": { "type": "string", "format": "date" } },
                { "in": "query", "name": "ids", "schema": {} },
                { "in": "header", "name": "h", "schema": {} }
            ] } } }
        });
        let wanted = json!({ "type": "object", "x-parameters": { "path": "/p", "without": ["ids"] }, "properties": {
            "a": { "$ref": "#/components/schemas/A", "x-only": ["x"], "x-with": { "z": { "type": "null" } } },
            "b": { "x-parameter": { "path": "/p", "name": "q" }, "x-hint": "hint" }
        } });
        let mut schema = derive(&document, &wanted);
        close(&mut schema);
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["a"]["properties"]["x"]["maxLength"], 3);
        assert_eq!(
            published(&schema)["properties"],
            json!({
                "a": { "type": "object", "required": ["x"],
                       "properties": { "x": { "type": "string" }, "z": { "type": "null" } } },
                "b": { "type": "string", "format": "date", "description": "hint" },
                "q": { "type": "string", "format": "date" }
            })
        );
        let mut value = json!({ "a": { "x": "1", "w": 2 }, "c": 3 });
        project(&mut value, &names_and_types(&schema));
        assert_eq!(value, json!({ "a": { "x": "1" } }));
    }
}
