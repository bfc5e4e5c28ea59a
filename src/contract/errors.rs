//! The schemas of errors, made from the list in `schema/api/errors.json`.
//!
//! `x-errors` has what differs between error codes: a description, and the fields of `error` other than `code` and
//! `message`. Each code becomes three named schemas: for `task_not_found`, the body `TaskNotFoundError`, its field `error`
//! as `TaskNotFoundInfo`, and `TaskNotFoundDetails`. So every generated client has types for each code.

use serde_json::{Map, Value, json};

/// The list in the fragment.
const LIST: &str = "x-errors";

/// Replaces the list of errors by named schemas.
///
/// # Errors
/// A message that names a schema that exists already.
pub(super) fn describe(document: &mut Value) -> Result<(), String> {
    let list = document.as_object_mut().and_then(|all| all.remove(LIST));
    let Some(Value::Object(errors)) = list else {
        return Ok(());
    };
    let mut described = Map::new();
    for (code, error) in errors {
        described.extend(schemas(&code, error));
    }
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return Err("there are no schemas".to_owned());
    };
    for (name, schema) in described {
        if schemas.insert(name.clone(), schema).is_some() {
            return Err(format!("the schema {name} is defined twice"));
        }
    }
    Ok(())
}

/// The schemas of one code by name.
fn schemas(code: &str, mut error: Value) -> Vec<(String, Value)> {
    let name = pascal(code);
    let (body, info, details) = (
        format!("{name}Error"),
        format!("{name}Info"),
        format!("{name}Details"),
    );
    let mut made = Vec::new();
    let mut properties = json!({
        "code": { "type": "string", "const": code },
        "message": { "type": "string", "minLength": 1 }
    });
    let own = error["properties"].as_object_mut().map(std::mem::take);
    for (field, schema) in own.unwrap_or_default() {
        properties[&field] = if field == "details" {
            made.push((details.clone(), schema));
            reference(&details)
        } else {
            schema
        };
    }
    let mut required = vec![json!("code"), json!("message")];
    required.extend(error["required"].as_array().into_iter().flatten().cloned());
    made.push((
        info.clone(),
        json!({
            "type": "object",
            "required": required,
            "properties": properties,
            "additionalProperties": false
        }),
    ));
    made.push((body, envelope(&error["description"], &info)));
    made
}

/// The body of a response with an error.
fn envelope(description: &Value, info: &str) -> Value {
    json!({
        "type": "object",
        "description": description,
        "required": ["error"],
        "properties": {
            "error": reference(info),
            "message": reference("ErrorMessage"),
            "statusCode": reference("ErrorStatusCode"),
            "timestamp": reference("ErrorTimestamp")
        },
        "additionalProperties": false
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Returns a name in the form of schema names: `task_not_found` is `TaskNotFound`, `task.created` is `TaskCreated`.
pub(super) fn pascal(name: &str) -> String {
    name.split(['_', '.'])
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::describe;
    use serde_json::{Value, json};

    #[test]
    fn each_code_has_a_body_an_error_and_details() {
        let details = json!({ "type": "object" });
        let error = json!({
            "description": "Gone.",
            "required": ["details"],
            "properties": { "details": details, "limit": { "type": "integer" } }
        });
        let mut document =
            json!({ "components": { "schemas": {} }, "x-errors": { "task_gone": error } });
        assert_eq!(describe(&mut document), Ok(()));
        assert_eq!(document["x-errors"], Value::Null);
        let schemas = &document["components"]["schemas"];
        let target = "#/components/schemas/TaskGoneInfo";
        assert_eq!(
            schemas["TaskGoneError"]["properties"]["error"]["$ref"],
            target
        );
        let info = &schemas["TaskGoneInfo"];
        assert_eq!(info["required"], json!(["code", "message", "details"]));
        assert_eq!(info["properties"]["code"]["const"], "task_gone");
        assert_eq!(info["properties"]["limit"], json!({ "type": "integer" }));
        assert_eq!(schemas["TaskGoneDetails"], details);
    }

    #[test]
    fn a_name_that_exists_is_refused() {
        let mut document = json!({
            "components": { "schemas": { "GoneError": {} } },
            "x-errors": { "gone": { "description": "Gone." } }
        });
        let refused = Err("the schema GoneError is defined twice".to_owned());
        assert_eq!(describe(&mut document), refused);
    }
}
