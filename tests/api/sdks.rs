//! What generators of clients need in the contract. CI runs the generators themselves: `.ci/sdks`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::walk;
use crate::harness::document;
use crate::operations;

/// Calls `visit` with every schema of the document, and the path of each.
fn schemas(visit: &mut dyn FnMut(&str, &Value)) {
    let mut below = |at: &str, schema: &Value| {
        walk(schema, at, &mut |at, object| {
            // Neither the map of properties nor a default is a schema.
            if !at.ends_with("/properties") && !at.contains("/default") {
                visit(at, object);
            }
        });
    };
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        below(&format!("/components/schemas/{name}"), schema);
    }
    let mut inline = Vec::new();
    walk(document(), "", &mut |at, object| {
        if object["schema"].is_object() && !at.contains("/example") {
            inline.push(format!("{at}/schema"));
        }
    });
    for at in inline {
        below(&at, document().pointer(&at).unwrap());
    }
}

/// Whether a path leads to a schema that has a name.
fn is_named(at: &str) -> bool {
    at.strip_prefix("/components/schemas/")
        .is_some_and(|name| !name.contains('/'))
}

#[test]
fn every_object_and_every_union_has_a_name() {
    let mut named = 0;
    schemas(&mut |at, schema| {
        let has_fields = schema["properties"].is_object() && schema["type"] == "object";
        let choices = ["anyOf", "oneOf"]
            .iter()
            .filter_map(|keyword| schema[keyword].as_array());
        let choices = choices.flatten();
        let is_union = choices.filter(|one| one["type"] != "null").count() > 1;
        named += usize::from(is_named(at));
        assert!(
            is_named(at) || !(has_fields || is_union),
            "{at} has no name"
        );
    });
    assert!(named > 300, "{named}");
}

#[test]
fn references_name_a_component() {
    walk(document(), "", &mut |at, object| {
        let Some(target) = object["$ref"].as_str() else {
            return;
        };
        let name = target.strip_prefix("#/components/").unwrap_or_default();
        assert_eq!(name.matches('/').count(), 1, "{at}: {target}");
    });
}

#[test]
fn schemas_use_only_what_generators_understand() {
    schemas(&mut |at, schema| {
        for keyword in ["allOf", "unevaluatedProperties"] {
            assert!(schema.get(keyword).is_none(), "{at}: {keyword}");
        }
        let is_string = schema.get("const").is_none_or(Value::is_string);
        assert!(
            is_string,
            "{at}: a client in Rust reads another const as a string"
        );
        // Generators name types after titles, and titles can be the same.
        assert!(schema.get("title").is_none(), "{at}: title");
        let kinds = &schema["type"];
        let is_list = kinds == "array"
            || kinds
                .as_array()
                .is_some_and(|all| all.iter().any(|kind| kind == "array"));
        assert!(!is_list || schema["items"].is_object(), "{at}: no items");
        for keyword in ["const", "enum", "pattern", "format"] {
            let is_typed = schema.get(keyword).is_none() || !kinds.is_null();
            assert!(is_typed, "{at}: {keyword} without a type");
        }
    });
}

#[test]
fn no_name_is_one_that_a_language_has_already() {
    let names = document()["components"]["schemas"].as_object().unwrap();
    let taken = [
        "Array", "Date", "Error", "Import", "Map", "Number", "Object", "Option", "Promise",
        "Response", "Result", "Set", "String", "Type", "Vec",
    ];
    let mut lower = BTreeSet::new();
    for name in names.keys() {
        assert!(!taken.contains(&name.as_str()), "{name}");
        // Files are named after them, on systems that ignore case.
        assert!(lower.insert(name.to_lowercase()), "{name}");
    }
}

#[test]
fn every_parameter_has_an_example() {
    for operation in operations::all() {
        for parameter in operation.spec["parameters"]
            .as_array()
            .into_iter()
            .flatten()
        {
            assert!(
                !parameter["example"].is_null(),
                "{}: {}",
                operation.id,
                parameter["name"]
            );
        }
    }
}
