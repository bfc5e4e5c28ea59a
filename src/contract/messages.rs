//! What is wrong with a value, field by field, in words for a person. Everything said here is built from the schema.

use std::collections::btree_map::Entry;
mod choices;

use std::collections::BTreeMap;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use super::fields::{Invalid, join, words};
use crate::error::Fields;

/// The most failing fields in one response, which must not grow with what is wrong.
pub(super) const MOST_FIELDS: usize = 200;

/// A field's failure and how basic it is: the most basic one is told.
struct Failure {
    rank: u8,
    message: String,
    /// The value, where it should have been a UUID.
    bad_uuid: Option<String>,
}

/// Tells every failing field of a value. `twice` are fields that failed before the check.
pub(super) fn explain<'e>(
    schema: &Value,
    errors: impl Iterator<Item = ValidationError<'e>>,
    twice: Fields,
) -> Invalid {
    let mut failures: BTreeMap<String, Failure> = BTreeMap::new();
    for (name, message) in twice {
        failures.insert(
            name,
            Failure {
                rank: 0,
                message,
                bad_uuid: None,
            },
        );
    }
    for error in errors {
        if failures.len() >= MOST_FIELDS {
            break;
        }
        for (name, failure) in failures_of(schema, &error) {
            match failures.entry(name) {
                Entry::Vacant(entry) => drop(entry.insert(failure)),
                Entry::Occupied(mut entry) if failure.rank < entry.get().rank => {
                    drop(entry.insert(failure))
                }
                Entry::Occupied(_) => {}
            }
        }
    }
    match failures.pop_first() {
        Some((
            field,
            Failure {
                bad_uuid: Some(value),
                ..
            },
        )) if failures.is_empty() => Invalid::Uuid { field, value },
        Some((name, first)) => {
            failures.insert(name, first);
            Invalid::Fields(
                failures
                    .into_iter()
                    .map(|(name, failure)| (name, failure.message))
                    .collect(),
            )
        }
        None => Invalid::Fields(Fields::new()),
    }
}

/// An error's fields: one, or every unknown member of an object.
fn failures_of(schema: &Value, error: &ValidationError<'_>) -> Vec<(String, Failure)> {
    let path = error.instance_path().as_str();
    let at = field_name(path);
    let plain = |rank, message| Failure {
        rank,
        message,
        bad_uuid: None,
    };
    if let Kind::AnyOf { context } = error.kind() {
        let found = choices::failures(schema, path, context);
        if !found.is_empty() {
            return found;
        }
    }
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            unexpected
                .iter()
                .take(MOST_FIELDS)
                .map(|name| unknown_field(&at, name))
                .collect()
        }
        Kind::Required { property } => {
            let member = property.as_str().unwrap_or_default();
            let pointer = format!("{path}/{member}");
            vec![(
                field_name(&pointer),
                plain(0, format!("{} is required", label(schema, &pointer))),
            )]
        }
        _ if at.is_empty() => vec![(
            "body".to_owned(),
            plain(1, "Body must be an object".to_owned()),
        )],
        kind => {
            let subject = label(schema, path);
            let bad_uuid = match kind {
                Kind::Format { format } if format == "uuid" => {
                    error.instance().as_str().map(str::to_owned)
                }
                _ => None,
            };
            let message = format!("{subject} {}", predicate(node(schema, error), kind));
            vec![(
                at,
                Failure {
                    rank: rank(kind),
                    message,
                    bad_uuid,
                },
            )]
        }
    }
}

fn unknown_field(at: &str, name: &str) -> (String, Failure) {
    let name = join(at, name);
    let message = format!("{name} is not a known field");
    let failure = Failure {
        rank: 0,
        message,
        bad_uuid: None,
    };
    (name, failure)
}

/// What a field must be, after its name.
fn predicate(node: Option<&Value>, kind: &Kind) -> String {
    let own = node
        .and_then(|node| node["x-message"].as_str())
        .map(str::to_owned);
    match kind {
        Kind::Type {
            kind: TypeKind::Single(one),
        } => format!("must be {}", type_words(&one.to_string())),
        Kind::Type {
            kind: TypeKind::Multiple(_),
        } => or_null(node)
            .or(own)
            .unwrap_or_else(|| "has the wrong type".into()),
        Kind::Enum { options } => format!("must be {}", one_of(options)),
        Kind::Constant { expected_value } => format!("must be {}", plain(expected_value)),
        Kind::MinLength { limit: 1 } => "must not be empty".to_owned(),
        Kind::MinLength { limit } => format!("must be at least {limit} characters"),
        Kind::MaxLength { limit } => format!("must be at most {limit} characters"),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::MinItems { limit } => format!("must list at least {}", entries(node, *limit)),
        Kind::MaxItems { limit } => format!("must list at most {}", entries(node, *limit)),
        Kind::MaxProperties { limit } => format!("must have at most {limit} members"),
        Kind::UniqueItems => "must not list the same entry twice".to_owned(),
        Kind::Format { format } => format!("must be {}", format_words(format)),
        _ => own.unwrap_or_else(|| "has the wrong form".to_owned()),
    }
}

/// How basic a failure is: missing and unknown come before everything (0), then the type, the list of values, the rest.
fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Type { .. } => 1,
        Kind::Enum { .. } | Kind::Constant { .. } => 2,
        Kind::MinLength { .. } | Kind::MinItems { .. } => 3,
        Kind::MaxLength { .. } | Kind::MaxItems { .. } => 4,
        _ => 5,
    }
}

/// "text or null", where a member is either of its type or null.
fn or_null(node: Option<&Value>) -> Option<String> {
    let types: Vec<&str> = node?["type"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    match types.as_slice() {
        [one, "null"] | ["null", one] => Some(format!("must be {} or null", type_words(one))),
        _ => None,
    }
}

fn type_words(name: &str) -> &str {
    match name {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

fn format_words(format: &str) -> &str {
    match format {
        "uuid" => "a UUID",
        "date" => "an existing date such as 2024-02-01",
        "date-time" => "a date and time such as 2024-01-15T10:30:00Z",
        "email" => "a valid email address",
        "uri" => "a valid URL",
        other => other,
    }
}

/// "0, 1, or 2"; from six values on "one of a, b, …".
fn one_of(options: &Value) -> String {
    let options: Vec<String> = options
        .as_array()
        .into_iter()
        .flatten()
        .map(plain)
        .collect();
    match options.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [one, other] => format!("{one} or {other}"),
        [most @ .., last] if options.len() <= 5 => format!("{}, or {last}", most.join(", ")),
        all => format!("one of {}", all.join(", ")),
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// "one event", "3 events": what a list lists is its items' `x-label`.
fn entries(node: Option<&Value>, count: u64) -> String {
    let noun = node
        .and_then(|node| node["items"]["x-label"].as_str())
        .map_or_else(|| "entry".to_owned(), str::to_lowercase);
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("one {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {noun}s"),
    }
}

/// The subschema whose keyword failed.
fn node<'s>(schema: &'s Value, error: &ValidationError<'_>) -> Option<&'s Value> {
    let (parent, _keyword) = error.schema_path().as_str().rsplit_once('/')?;
    schema.pointer(parent)
}

/// A field's name in a sentence: its schema's `x-label` or its own name in words, and where in it the trouble is. A `title`
/// would do the same, but generated clients take it as the name of a type.
fn label(schema: &Value, pointer: &str) -> String {
    let name = field_name(pointer);
    let member = pointer.split('/').nth(1).map(unescape).unwrap_or_default();
    let title = schema["properties"][&member]["x-label"]
        .as_str()
        .map_or_else(|| words(&member), str::to_owned);
    format!("{title}{}", name.strip_prefix(&member).unwrap_or_default())
}

/// A JSON pointer as people write it: `mergeTags[0].email`.
fn field_name(pointer: &str) -> String {
    pointer
        .split('/')
        .skip(1)
        .fold(String::new(), |path, segment| {
            match segment.parse::<usize>() {
                Ok(index) if !path.is_empty() => format!("{path}[{index}]"),
                _ => join(&path, &unescape(segment)),
            }
        })
}

fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests;
