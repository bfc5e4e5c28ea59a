//! What is wrong with a value, field by field, in words for a person. Everything said here is built from the schema.

use std::collections::btree_map::Entry;
mod predicates;

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use self::predicates::predicate;
use super::fields::{Invalid, MOST_FIELDS, in_words, join};
use crate::error::Fields;

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
                message,
                ..
            },
        )) if failures.is_empty() => Invalid::Uuid {
            field,
            value,
            message,
        },
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
    if let Kind::AnyOf { context } | Kind::OneOfNotValid { context } = error.kind() {
        let found = failures_of_choice(schema, path, context);
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

/// The fields of a value that is none of the alternatives: what is wrong with the alternative that the client means, or the
/// fields that no alternative has. None where only the choice itself can be explained.
fn failures_of_choice(
    schema: &Value,
    path: &str,
    alternatives: &[Vec<ValidationError<'static>>],
) -> Vec<(String, Failure)> {
    let is_here = |error: &ValidationError<'_>| error.instance_path().as_str() == path;
    let fails_by_type =
        |error: &ValidationError<'_>| is_here(error) && matches!(error.kind(), Kind::Type { .. });
    let of_its_type = alternatives
        .iter()
        .filter(|all| !all.iter().any(fails_by_type));
    let of_its_type: Vec<_> = of_its_type.collect();
    let has_fitting_fields = |errors: &&&Vec<ValidationError<'_>>| !errors.iter().any(is_here);
    let meant = match of_its_type.as_slice() {
        [only] => Some(only),
        several => several.iter().find(has_fitting_fields),
    };
    if let Some(meant) = meant {
        // Nobody understands a pattern. The message of the choice says more.
        let told = meant
            .iter()
            .filter(|error| !matches!(error.kind(), Kind::Pattern { .. }));
        return told.flat_map(|error| failures_of(schema, error)).collect();
    }
    let unknown = of_its_type.into_iter().map(|errors| {
        let names = errors.iter().filter_map(|error| match error.kind() {
            Kind::AdditionalProperties { unexpected } if is_here(error) => Some(unexpected),
            _ => None,
        });
        names.flatten().collect::<BTreeSet<_>>()
    });
    let unknown = unknown
        .reduce(|one, other| &one & &other)
        .unwrap_or_default();
    let at = field_name(path);
    let unknown = unknown.into_iter().take(MOST_FIELDS);
    unknown.map(|name| unknown_field(&at, name)).collect()
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
        .map_or_else(|| in_words(&member), str::to_owned);
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
