//! What a field must be, in words.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

/// What a field must be, after its name.
pub(super) fn predicate(node: Option<&Value>, kind: &Kind) -> String {
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
