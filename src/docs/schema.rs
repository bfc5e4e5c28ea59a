//! JSON Schemas as table rows: each field with its type and limits in words.

use serde::Serialize;
use serde_json::Value;

use super::format::{grouped, text};
use super::json::ordered;

/// Maximum depth of nested fields that are listed.
const MAX_DEPTH: usize = 4;

/// A field of a body, or a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Field {
    /// The path from the outermost object, for example `task.subtasks[].id`.
    pub name: String,
    /// The type in words.
    pub kind: String,
    pub is_required: bool,
    /// The limits of the value, in words.
    pub limits: Vec<String>,
    /// The default as JSON; empty for none.
    pub default: String,
    /// The description in Markdown.
    pub description: String,
}

/// Returns the fields of an object and of nested objects, required fields first.
pub(super) fn members(schema: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    collect(schema, "", 0, &mut found);
    found
}

fn collect(schema: &Value, path: &str, depth: usize, found: &mut Vec<Field>) {
    if depth == MAX_DEPTH {
        return;
    }
    collect_choices(schema, path, depth, found);
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    for (name, schema_of_member) in ordered(properties, schema) {
        let is_required = schema["required"]
            .as_array()
            .is_some_and(|required| required.iter().any(|one| one == name));
        let name = format!("{path}{name}");
        found.push(member(name.clone(), schema_of_member, is_required));
        collect(schema_of_member, &format!("{name}."), depth + 1, found);
        collect(
            &schema_of_member["items"],
            &format!("{name}[]."),
            depth + 1,
            found,
        );
    }
}

/// The fields of the alternatives of a schema. If there are several, none of their fields is required.
fn collect_choices(schema: &Value, path: &str, depth: usize, found: &mut Vec<Field>) {
    let choices = choices(schema).into_iter().flatten();
    let choices: Vec<_> = choices.filter(|one| one["type"] != "null").collect();
    for choice in &choices {
        let first = found.len();
        collect(choice, path, depth, found);
        for field in &mut found[first..] {
            field.is_required &= choices.len() == 1;
        }
    }
}

/// The alternatives of a schema, if it has some.
fn choices(schema: &Value) -> Option<&Vec<Value>> {
    schema["anyOf"]
        .as_array()
        .or_else(|| schema["oneOf"].as_array())
}

/// Returns one field.
pub(super) fn member(name: String, schema: &Value, is_required: bool) -> Field {
    Field {
        name,
        kind: kind(schema),
        is_required,
        limits: limits(schema),
        default: schema
            .get("default")
            .map(Value::to_string)
            .unwrap_or_default(),
        description: text(&schema["description"]),
    }
}

/// The type in words.
fn kind(schema: &Value) -> String {
    if let Some(choices) = choices(schema) {
        let mut kinds: Vec<_> = choices.iter().map(kind).collect();
        kinds.dedup();
        return kinds.join(" or ");
    }
    if let Some(list) = schema["type"].as_array() {
        let kinds: Vec<_> = list
            .iter()
            .map(|one| {
                let mut schema = schema.clone();
                schema["type"] = one.clone();
                kind(&schema)
            })
            .collect();
        return kinds.join(" or ");
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string"), Some("uuid")) => "UUID".to_owned(),
        (Some("string"), Some("date-time")) => "timestamp".to_owned(),
        (Some("string"), Some("email")) => "email address".to_owned(),
        (Some("string"), Some("uri")) => "URL".to_owned(),
        (Some("string"), _) => "string".to_owned(),
        (Some("integer"), _) => "integer".to_owned(),
        (Some("boolean"), _) => "boolean".to_owned(),
        (Some("array"), _) => match schema["items"]["type"] {
            Value::Null => "array".to_owned(),
            _ => format!("array of {}", plural(&kind(&schema["items"]))),
        },
        (Some(other), _) => other.to_owned(),
        (None, _) => "any".to_owned(),
    }
}

fn plural(kind: &str) -> String {
    match kind {
        "email address" => "email addresses".to_owned(),
        kind if kind.contains(" or ") || kind.starts_with("array of ") => kind.to_owned(),
        kind => format!("{kind}s"),
    }
}

fn limits(schema: &Value) -> Vec<String> {
    let mut limits = Vec::new();
    let of_items = &schema["items"];
    for schema in [schema, of_items] {
        if let Some(options) = schema["enum"].as_array() {
            let options: Vec<_> = options
                .iter()
                .map(|option| format!("`{}`", bare(option)))
                .collect();
            limits.push(format!("one of {}", options.join(", ")));
        }
    }
    if let Some(only) = schema.get("const") {
        limits.push(format!("always `{}`", bare(only)));
    }
    limits.extend(range(schema, ["minLength", "maxLength"], "character"));
    limits.extend(range(schema, ["minimum", "maximum"], ""));
    limits.extend(range(schema, ["minItems", "maxItems"], "entry"));
    if schema["uniqueItems"] == true {
        limits.push("no duplicates".to_owned());
    }
    match (schema["x-message"].as_str(), schema["pattern"].as_str()) {
        (Some(message), _) => limits.push(message.to_owned()),
        (None, Some(_)) if schema["format"] == "date-time" => {}
        (None, Some(pattern)) => limits.push(format!("matches `{pattern}`")),
        (None, None) => {}
    }
    limits
}

/// A value as text, strings without quotes.
fn bare(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A range in words: "1 to 255 characters".
fn range(schema: &Value, [least, most]: [&str; 2], unit: &str) -> Option<String> {
    let figure = |key: &str| schema[key].as_u64();
    let counted = |count: u64| match (unit, count) {
        ("", _) => String::new(),
        ("entry", 1) => " entry".to_owned(),
        ("entry", _) => " entries".to_owned(),
        (unit, 1) => format!(" {unit}"),
        (unit, _) => format!(" {unit}s"),
    };
    match (figure(least), figure(most)) {
        (None, None) => None,
        (Some(least), Some(most)) if least == most => {
            Some(format!("{}{}", grouped(least), counted(least)))
        }
        (Some(least), Some(most)) => Some(format!(
            "{} to {}{}",
            grouped(least),
            grouped(most),
            counted(most)
        )),
        (Some(least), None) => Some(format!("at least {}{}", grouped(least), counted(least))),
        (None, Some(most)) => Some(format!("at most {}{}", grouped(most), counted(most))),
    }
}

#[cfg(test)]
mod tests {
    use super::members;
    use serde_json::json;

    #[test]
    fn members_are_told_with_their_limits() {
        let schema = json!({
            "required": ["label"],
            "properties": {
                "label": { "type": "string", "minLength": 1, "maxLength": 65536 },
                "status": { "type": "integer", "enum": [0, 1, 2], "default": 0 },
                "events": { "type": "array", "minItems": 1, "items": { "type": "object", "properties": {
                    "id": { "type": ["string", "null"], "format": "uuid" } } } },
                "place": { "anyOf": [
                    { "type": "string" },
                    { "type": "object", "required": ["after"], "properties": { "after": { "type": "string" } } }
                ] },
            }
        });
        let rows: Vec<_> = members(&schema)
            .into_iter()
            .map(|row| (row.name, row.kind, row.limits.join("; "), row.default))
            .collect();
        let row = |name: &str, kind: &str, limits: &str, default: &str| {
            (
                name.to_owned(),
                kind.to_owned(),
                limits.to_owned(),
                default.to_owned(),
            )
        };
        assert_eq!(
            rows,
            [
                row("label", "string", "1 to 65,536 characters", ""),
                row("events", "array of objects", "at least 1 entry", ""),
                row("events[].id", "UUID or null", "", ""),
                row("place", "string or object", "", ""),
                row("place.after", "string", "", ""),
                row("status", "integer", "one of `0`, `1`, `2`", "0"),
            ]
        );
    }
}
