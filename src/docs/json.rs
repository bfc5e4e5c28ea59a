//! Formats sample values: indented, with an object's required fields first, in the order of its schema.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// How a language writes values.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Spaces per level.
    pub indent: usize,
    /// The words for true, false and null.
    pub words: [&'static str; 3],
    /// Whether the last entry has a comma after it.
    pub comma_last: bool,
}

/// The style of JSON.
const JSON: Style = Style {
    indent: 2,
    words: ["true", "false", "null"],
    comma_last: false,
};

/// Formats a value as JSON.
pub(super) fn pretty(value: &Value, schema: &Value) -> String {
    styled(value, schema, JSON)
}

/// Formats a value in a language's style.
pub(super) fn styled(value: &Value, schema: &Value, style: Style) -> String {
    let mut text = String::new();
    write(&mut text, value, schema, style, 0);
    text
}

fn write(text: &mut String, value: &Value, schema: &Value, style: Style, depth: usize) {
    let [yes, no, nothing] = style.words;
    match value {
        Value::Null => text.push_str(nothing),
        Value::Bool(value) => text.push_str(if *value { yes } else { no }),
        Value::Array(items) if !items.is_empty() => {
            let entries = items.iter().map(|item| (None, item, &schema["items"]));
            list(text, ['[', ']'], entries.collect(), style, depth);
        }
        Value::Object(members) if !members.is_empty() => {
            let schema = matching(schema, value);
            let entries = ordered(members, schema)
                .into_iter()
                .map(|(name, value)| (Some(name), value, &schema["properties"][name]));
            list(text, ['{', '}'], entries.collect(), style, depth);
        }
        other => drop(write!(text, "{other}")),
    }
}

type Entry<'v> = (Option<&'v str>, &'v Value, &'v Value);

fn list(
    text: &mut String,
    brackets: [char; 2],
    entries: Vec<Entry<'_>>,
    style: Style,
    depth: usize,
) {
    // A list of short values is easier to read on one line.
    let in_line = entries
        .iter()
        .all(|(name, value, _)| name.is_none() && !value.is_object() && !value.is_array())
        && entries.len() <= 8;
    let last = entries.len().saturating_sub(1);
    text.push(brackets[0]);
    for (at, (name, value, schema)) in entries.into_iter().enumerate() {
        if !in_line {
            line(text, style.indent * (depth + 1));
        }
        if let Some(name) = name {
            let _ = write!(text, "{}: ", Value::from(name));
        }
        write(text, value, schema, style, depth + 1);
        match (at == last, in_line) {
            (false, true) => text.push_str(", "),
            (false, false) => text.push(','),
            (true, false) if style.comma_last => text.push(','),
            (true, _) => {}
        }
    }
    if !in_line {
        line(text, style.indent * depth);
    }
    text.push(brackets[1]);
}

fn line(text: &mut String, indent: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n(' ', indent));
}

/// The alternative of a schema that matches the value's fields; the schema itself if it has none.
fn matching<'s>(schema: &'s Value, value: &Value) -> &'s Value {
    let choices = ["oneOf", "anyOf", "allOf"]
        .into_iter()
        .find_map(|choice| schema[choice].as_array());
    let knows = |choice: &&Value| {
        value.as_object().is_some_and(|members| {
            members
                .keys()
                .all(|name| choice["properties"][name].is_object())
        })
    };
    choices
        .and_then(|choices| choices.iter().find(knows))
        .unwrap_or(schema)
}

/// The fields in the order in which the schema requires them, then the others.
pub(super) fn ordered<'v>(
    members: &'v Map<String, Value>,
    schema: &'v Value,
) -> Vec<(&'v str, &'v Value)> {
    let required = schema["required"].as_array().into_iter().flatten();
    let place = |name: &str| {
        required
            .clone()
            .position(|one| one == name)
            .unwrap_or(usize::MAX)
    };
    let mut ordered: Vec<_> = members
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .collect();
    ordered.sort_by_key(|(name, _)| place(name));
    ordered
}

#[cfg(test)]
mod tests {
    use super::pretty;
    use serde_json::json;

    #[test]
    fn required_members_come_first_and_the_text_is_json() {
        let schema = json!({
            "required": ["task"],
            "properties": { "task": { "required": ["id", "label"], "properties": {} } }
        });
        let value = json!({ "task": { "done": true, "label": "a \"b\"", "id": 1, "tags": ["x", "y"], "none": {} } });
        let text = pretty(&value, &schema);
        let expected = "{\n  \"task\": {\n    \"id\": 1,\n    \"label\": \"a \\\"b\\\"\",\n    \"done\": true,\n    \"none\": {},\n    \"tags\": [\"x\", \"y\"]\n  }\n}";
        assert_eq!(text, expected);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).ok(),
            Some(value)
        );
    }
}
