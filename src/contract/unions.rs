//! The responses with one of several errors: names for their schemas. A client that is generated from the contract has a type for each
//! schema with a name, and an invented name for each one without.

use serde_json::{Map, Value, json};

use super::sessions::RESPONSES;

/// Where a reference to a schema begins.
const SCHEMAS: &str = "#/components/schemas/";
/// Where the schema of a JSON body is.
const SCHEMA: &str = "/content/application~1json/schema";

/// Moves the alternatives of each response to a schema: those of the response `Unauthorized` to `UnauthorizedError`.
///
/// # Errors
/// A message that names a schema that exists already.
pub(super) fn name(document: &mut Value) -> Result<(), String> {
    let mut named = Map::new();
    let responses = document.pointer_mut("/components/responses");
    for (response, spec) in responses
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        let description = spec["description"].clone();
        let Some(schema) = spec.pointer_mut(SCHEMA) else {
            continue;
        };
        if schema["anyOf"].is_null() {
            continue;
        }
        let name = format!("{response}Error");
        let target = json!({ "$ref": format!("{SCHEMAS}{name}") });
        let mut union = std::mem::replace(schema, target);
        union["description"] = description;
        named.insert(name, union);
    }
    for (name, union) in named {
        let old = std::mem::replace(&mut document["components"]["schemas"][&name], union);
        if !old.is_null() {
            return Err(format!("the schema {name} is defined twice"));
        }
    }
    Ok(())
}

/// Drops what no operation uses: responses with one of several errors, and their schemas. Those of one error are the
/// catalog.
pub(super) fn drop_unused(document: &mut Value) {
    let paths = document["paths"].to_string();
    let is_used = |target: String| paths.contains(&format!("\"{target}\""));
    let mut dropped = Vec::new();
    let responses = document.pointer_mut("/components/responses");
    if let Some(responses) = responses.and_then(Value::as_object_mut) {
        responses.retain(|name, response| {
            let schema = format!("{SCHEMAS}{name}Error");
            let has_several = response["content"]["application/json"]["examples"].is_object();
            if !has_several || is_used(format!("{RESPONSES}{name}")) {
                return true;
            }
            if !is_used(schema) {
                dropped.push(format!("{name}Error"));
            }
            false
        });
    }
    let schemas = document.pointer_mut("/components/schemas");
    if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
        schemas.retain(|name, _| !dropped.contains(name));
    }
}

#[cfg(test)]
mod tests {
    use super::{drop_unused, name};
    use serde_json::json;

    #[test]
    fn a_response_with_alternatives_gets_a_schema() {
        let body = |schema| json!({ "description": "No.", "content": { "application/json": { "schema": schema } } });
        let union = json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] });
        let mut document = json!({ "components": {
            "schemas": {},
            "responses": { "Bad": body(union), "Worse": body(json!({ "type": "string" })) }
        } });
        assert_eq!(name(&mut document), Ok(()));
        let components = &document["components"];
        assert_eq!(
            components["responses"]["Bad"],
            body(json!({ "$ref": "#/components/schemas/BadError" }))
        );
        assert_eq!(
            components["schemas"],
            json!({ "BadError": { "anyOf": [{ "type": "string" }, { "type": "null" }], "description": "No." } })
        );
        document["components"]["responses"]["Bad"] = body(json!({ "anyOf": [{}] }));
        let refused = Err("the schema BadError is defined twice".to_owned());
        assert_eq!(name(&mut document), refused);
    }

    #[test]
    fn what_no_operation_uses_is_dropped_but_the_catalog_stays() {
        let body = |content| json!({ "content": { "application/json": content } });
        let several = body(json!({ "examples": {} }));
        let mut document = json!({
            "paths": { "/a": { "$ref": "#/components/responses/Used" }, "/b": { "$ref": "#/components/schemas/PageError" } },
            "components": {
                "responses": { "Used": several, "Unused": several, "Page": several, "One": body(json!({ "example": {} })) },
                "schemas": { "UsedError": {}, "UnusedError": {}, "PageError": {}, "OneError": {} }
            }
        });
        drop_unused(&mut document);
        let names = |part: &str| {
            let all = document["components"][part]
                .as_object()
                .into_iter()
                .flatten();
            all.map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names("responses"), ["One", "Used"]);
        assert_eq!(names("schemas"), ["OneError", "PageError", "UsedError"]);
    }
}
