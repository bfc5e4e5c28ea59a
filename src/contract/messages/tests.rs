//! Tests of the messages for each kind of schema violation.

use super::in_words;
use crate::contract::{Input, Invalid};
use serde_json::{Value, json};

fn refusal(schema: Value, mut value: Value) -> Value {
    match Input::new(&schema).check(&mut value) {
        Ok(()) => Value::Null,
        Err(Invalid::Schema(why)) => unreachable!("{why}"),
        Err(Invalid::Fields(fields)) => json!(fields),
        Err(Invalid::Uuid { field, value, .. }) => json!([field, value]),
    }
}

#[test]
fn names_are_put_into_words() {
    for (name, expected) in [
        ("label", "Label"),
        ("accentColor", "Accent color"),
        ("projectId", "Project ID"),
        ("id", "Id"),
    ] {
        assert_eq!(in_words(name), expected);
    }
}

#[test]
fn every_failing_field_is_told_with_its_most_basic_failure() {
    let schema = json!({
        "type": "object",
        "properties": {
            "label": { "type": "string", "minLength": 1, "maxLength": 5 },
            "status": { "type": "integer", "enum": [0, 1, 2] },
            "events": { "type": "array", "minItems": 1, "items": { "x-label": "Event", "enum": ["a", "b", "c", "d", "e", "f"] } },
            "accentColor": { "type": "string", "pattern": "^#", "x-message": "must look like #rrggbb" },
            "note": { "type": ["string", "null"] }
        },
        "required": ["label"],
        "additionalProperties": false
    });
    let cases = [
        (json!({}), json!({ "label": "Label is required" })),
        (json!([]), json!({ "body": "Body must be an object" })),
        (
            json!({ "label": 1, "status": 7, "events": [], "accentColor": "red", "note": 1, "colour": 1 }),
            json!({
                "label": "Label must be text",
                "status": "Status must be 0, 1, or 2",
                "events": "Events must list at least one event",
                "accentColor": "Accent color must look like #rrggbb",
                "note": "Note must be text or null",
                "colour": "colour is not a known field"
            }),
        ),
        (
            json!({ "label": "", "status": "0", "events": ["a", "x"] }),
            json!({
                "label": "Label must not be empty",
                "status": "Status must be a whole number",
                "events[1]": "Events[1] must be one of a, b, c, d, e, f"
            }),
        ),
        (
            json!({ "label": "123456" }),
            json!({ "label": "Label must be at most 5 characters" }),
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(refusal(schema.clone(), value), expected);
    }
}

#[test]
fn a_bad_id_that_is_the_only_failure_is_told_apart() {
    let schema = json!({
        "type": "object",
        "properties": {
            "projectId": { "type": "string", "format": "uuid" },
            "label": { "type": "string" }
        }
    });
    assert_eq!(
        refusal(schema.clone(), json!({ "project_id": "x" })),
        json!(["projectId", "x"])
    );
    assert_eq!(
        refusal(schema, json!({ "projectId": "x", "label": 1 })),
        json!({ "projectId": "Project ID must be a UUID", "label": "Label must be text" })
    );
}

#[test]
fn nested_members_are_named_by_path() {
    let schema = json!({
        "type": "object",
        "properties": { "mergeTags": { "type": "array", "items": {
            "type": "object", "required": ["email"], "properties": { "email": { "type": "string", "format": "email" } } } } }
    });
    assert_eq!(
        refusal(schema, json!({ "mergeTags": [{}, { "email": "x" }] })),
        json!({
            "mergeTags[0].email": "Merge tags[0].email is required",
            "mergeTags[1].email": "Merge tags[1].email must be a valid email address"
        })
    );
}

#[test]
fn a_choice_is_explained_by_the_alternative_that_is_meant() {
    let side = |name: &str| {
        json!({
            "type": "object",
            "required": [name],
            "properties": { name: { "type": "string", "format": "uuid" } },
            "additionalProperties": false
        })
    };
    let text = json!({ "type": "string", "maxLength": 9, "pattern": "^[a-z]+$" });
    let places = [text, side("after"), side("before")];
    let place = |keyword: &str| json!({ "x-message": "must be a place", keyword: places });
    let schema =
        |keyword: &str| json!({ "type": "object", "properties": { "position": place(keyword) } });
    let id = "5b0e7c39-d1f8-4a62-93e4-0c7f82b6a1d5";
    let no_place = json!({ "position": "Position must be a place" });
    let cases = [
        (json!("first"), Value::Null),
        (json!({ "before": id }), Value::Null),
        (
            json!("somewhere else"),
            json!({ "position": "Position must be at most 9 characters" }),
        ),
        (json!({ "after": "x" }), json!(["position.after", "x"])),
        (
            json!({ "before": 1 }),
            json!({ "position.before": "Position.before must be text" }),
        ),
        (
            json!({ "inside": id, "after": id }),
            json!({ "position.inside": "position.inside is not a known field" }),
        ),
        (json!({ "after": id, "before": id }), no_place.clone()),
        (json!({}), no_place.clone()),
        (json!("A"), no_place.clone()),
        (json!(null), no_place.clone()),
        (json!([]), no_place),
    ];
    for (position, expected) in cases {
        let value = json!({ "position": position });
        for keyword in ["anyOf", "oneOf"] {
            let told = refusal(schema(keyword), value.clone());
            assert_eq!(told, expected, "{keyword} {value}");
        }
    }
}
