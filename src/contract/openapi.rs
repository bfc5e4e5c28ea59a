//! The OpenAPI document, merged from the fragments of `schema/api/`.

use serde_json::{Map, Value};

use super::{errors, pages, sessions, unions, webhooks};

/// The fragments, one per noun.
const FRAGMENTS: &[(&str, &str)] = &[
    ("common.json", include_str!("../../schema/api/common.json")),
    ("errors.json", include_str!("../../schema/api/errors.json")),
    ("boards.json", include_str!("../../schema/api/boards.json")),
    (
        "projects.json",
        include_str!("../../schema/api/projects.json"),
    ),
    (
        "snapshot.json",
        include_str!("../../schema/api/snapshot.json"),
    ),
    ("labels.json", include_str!("../../schema/api/labels.json")),
    ("lanes.json", include_str!("../../schema/api/lanes.json")),
    ("tasks.json", include_str!("../../schema/api/tasks.json")),
    ("batch.json", include_str!("../../schema/api/batch.json")),
    (
        "subtasks.json",
        include_str!("../../schema/api/subtasks.json"),
    ),
    (
        "comments.json",
        include_str!("../../schema/api/comments.json"),
    ),
    ("cards.json", include_str!("../../schema/api/cards.json")),
    ("covers.json", include_str!("../../schema/api/covers.json")),
    (
        "recipients.json",
        include_str!("../../schema/api/recipients.json"),
    ),
    (
        "email_accounts.json",
        include_str!("../../schema/api/email_accounts.json"),
    ),
    ("search.json", include_str!("../../schema/api/search.json")),
    (
        "preview.json",
        include_str!("../../schema/api/preview.json"),
    ),
    ("events.json", include_str!("../../schema/api/events.json")),
    ("export.json", include_str!("../../schema/api/export.json")),
    (
        "imports.json",
        include_str!("../../schema/api/imports.json"),
    ),
    (
        "webhooks.json",
        include_str!("../../schema/api/webhooks.json"),
    ),
    (
        "deliveries.json",
        include_str!("../../schema/api/deliveries.json"),
    ),
    ("usage.json", include_str!("../../schema/api/usage.json")),
    ("tokens.json", include_str!("../../schema/api/tokens.json")),
    (
        "members.json",
        include_str!("../../schema/api/members.json"),
    ),
    (
        "invitations.json",
        include_str!("../../schema/api/invitations.json"),
    ),
    (
        "sessions.json",
        include_str!("../../schema/api/sessions.json"),
    ),
    (
        "sign_in_links.json",
        include_str!("../../schema/api/sign_in_links.json"),
    ),
    (
        "accounts.json",
        include_str!("../../schema/api/accounts.json"),
    ),
    (
        "integration.json",
        include_str!("../../schema/api/integration.json"),
    ),
    ("system.json", include_str!("../../schema/api/system.json")),
];

/// Returns the merged document.
///
/// # Errors
/// A message that names the fragment and the problem: invalid JSON, or a key that another fragment also defines. A test looks
/// for a `$ref` without a target.
pub fn document() -> Result<Value, String> {
    let mut parsed = Vec::new();
    for (name, text) in FRAGMENTS {
        let fragment =
            serde_json::from_str(text).map_err(|cause| format!("schema/api/{name}: {cause}"))?;
        parsed.push((*name, fragment));
    }
    merge(parsed)
}

fn merge(fragments: Vec<(&str, Value)>) -> Result<Value, String> {
    let mut whole = Map::new();
    for (name, fragment) in fragments {
        let Value::Object(fragment) = fragment else {
            return Err(format!("schema/api/{name}: not an object"));
        };
        join(&mut whole, fragment, 0)
            .map_err(|key| format!("schema/api/{name}: {key} is defined twice"))?;
    }
    complete(Value::Object(whole)).map_err(|why| format!("schema/api: {why}"))
}

/// Adds what the fragments do not repeat.
fn complete(mut whole: Value) -> Result<Value, String> {
    errors::describe(&mut whole)?;
    let mut whole = sessions::accept(whole);
    unions::name(&mut whole)?;
    let mut whole = pages::show_errors(whole);
    unions::drop_unused(&mut whole);
    webhooks::describe(&mut whole)?;
    Ok(whole)
}

/// Merges two objects: `tags` and `x-events` are concatenated, `components` (and the objects in it) and `paths` are merged by key. Any
/// other key may be in only one fragment.
fn join(
    into: &mut Map<String, Value>,
    from: Map<String, Value>,
    depth: usize,
) -> Result<(), String> {
    for (key, value) in from {
        let joinable = match depth {
            0 => ["components", "paths", "tags", "x-events"].contains(&key.as_str()),
            1 => into.get(&key).is_some_and(Value::is_object) && !key.starts_with('/'),
            _ => false,
        };
        match (into.get_mut(&key), value) {
            (None, value) => drop(into.insert(key, value)),
            (Some(Value::Object(old)), Value::Object(new)) if joinable => {
                join(old, new, depth + 1).map_err(|inner| format!("{key}/{inner}"))?;
            }
            (Some(Value::Array(old)), Value::Array(new)) if joinable => old.extend(new),
            _ => return Err(key),
        }
    }
    Ok(())
}

fn resolve<'v>(whole: &'v Value, target: &str) -> Option<&'v Value> {
    whole.pointer(target.strip_prefix('#')?)
}

/// Returns a part of the document with every `$ref` replaced by its target. Fields next to a `$ref` override those of
/// the target.
pub fn inline(whole: &Value, part: &Value) -> Value {
    match part {
        Value::Object(members) => {
            let target = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|target| resolve(whole, target));
            let mut merged = match target.map(|target| inline(whole, target)) {
                Some(Value::Object(merged)) => merged,
                _ => Map::new(),
            };
            let own = members
                .iter()
                .filter(|(key, _)| target.is_none() || *key != "$ref");
            merged.extend(own.map(|(key, value)| (key.clone(), inline(whole, value))));
            Value::Object(merged)
        }
        Value::Array(items) => items.iter().map(|item| inline(whole, item)).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{document, inline, merge, resolve};
    use serde_json::{Value, json};

    #[test]
    fn a_key_that_two_fragments_define_is_refused() {
        let one =
            json!({ "paths": { "/a": {} }, "components": { "schemas": { "A": {} } }, "tags": [1] });
        let two =
            json!({ "paths": { "/b": {} }, "components": { "schemas": { "B": {} } }, "tags": [2] });
        let merged = merge(vec![("one.json", one.clone()), ("two.json", two)]).unwrap_or_default();
        assert_eq!(merged["tags"], json!([1, 2]));
        assert!(
            merged["components"]["schemas"]["A"].is_object() && merged["paths"]["/b"].is_object()
        );
        for (clash, key) in [
            (json!({ "paths": { "/a": { "get": {} } } }), "paths//a"),
            (
                json!({ "components": { "schemas": { "A": {} } } }),
                "components/schemas/A",
            ),
        ] {
            let refused = merge(vec![("one.json", one.clone()), ("two.json", clash)]);
            assert_eq!(
                refused,
                Err(format!("schema/api/two.json: {key} is defined twice"))
            );
        }
    }

    /// The first `$ref` without a target.
    fn first_dangling<'v>(whole: &Value, part: &'v Value) -> Option<&'v str> {
        match part {
            Value::Object(members) => {
                let own = members
                    .get("$ref")
                    .and_then(Value::as_str)
                    .filter(|target| resolve(whole, target).is_none());
                own.or_else(|| {
                    members
                        .values()
                        .find_map(|member| first_dangling(whole, member))
                })
            }
            Value::Array(items) => items.iter().find_map(|item| first_dangling(whole, item)),
            _ => None,
        }
    }

    #[test]
    fn every_reference_has_a_target() {
        let whole = document().unwrap_or_default();
        assert!(whole["paths"].is_object());
        assert_eq!(first_dangling(&whole, &whole), None);
        let broken = json!({ "paths": { "/a": [{ "$ref": "#/components/nothing" }] } });
        assert_eq!(
            first_dangling(&broken, &broken),
            Some("#/components/nothing")
        );
    }

    #[test]
    fn members_beside_a_reference_win() {
        let whole = json!({ "Id": { "type": "string", "title": "ID" } });
        let part = json!({ "a": { "$ref": "#/Id", "title": "Project ID" } });
        assert_eq!(
            inline(&whole, &part),
            json!({ "a": { "type": "string", "title": "Project ID" } })
        );
    }
}
