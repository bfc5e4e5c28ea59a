//! The responses of an operation, and examples of request and response bodies.

use serde::Serialize;
use serde_json::Value;

use super::format::{reason_phrase, text};
use super::json;
use super::schema::{self, Field};

/// A response of an operation.
#[derive(Serialize)]
pub(super) struct Response {
    pub status: String,
    pub reason: &'static str,
    /// The description in Markdown.
    pub description: String,
    /// The description, with links to the error codes.
    pub linked: String,
    pub is_error: bool,
    /// The possible media types.
    pub kinds: Vec<String>,
    pub codes: Vec<String>,
    pub members: Vec<Field>,
    pub headers: Vec<String>,
    pub examples: Vec<Example>,
}

/// An example value, as JSON or other text.
#[derive(Serialize)]
pub(super) struct Example {
    pub title: String,
    pub text: String,
    pub language: &'static str,
    /// The error code; empty if the response is not an error.
    pub code: String,
}

/// Returns every response of an operation, sorted by status.
pub(super) fn responses(spec: &Value) -> Vec<Response> {
    let responses = spec["responses"].as_object().into_iter().flatten();
    responses
        .map(|(status, spec)| response(status, spec))
        .collect()
}

fn response(status: &str, spec: &Value) -> Response {
    let content = spec["content"]
        .as_object()
        .and_then(|content| content.iter().next());
    let examples: Vec<_> = content
        .into_iter()
        .flat_map(|(kind, content)| {
            let examples = examples_of(content).into_iter();
            examples.map(move |(title, value)| example(kind, &content["schema"], title, value))
        })
        .collect();
    let is_error = status >= "400";
    let description = text(&spec["description"]);
    let codes: Vec<_> = examples
        .iter()
        .map(|one| one.code.clone())
        .filter(|code| !code.is_empty())
        .collect();
    Response {
        status: status.to_owned(),
        reason: reason_phrase(status.parse().unwrap_or_default()),
        linked: linked(&description, &codes),
        description,
        is_error,
        kinds: spec["content"]
            .as_object()
            .map(|all| all.keys().cloned().collect())
            .unwrap_or_default(),
        codes,
        members: match is_error {
            // These are described on the page of error codes.
            true => Vec::new(),
            false => content
                .map(|(_, content)| schema::members(&content["schema"]))
                .unwrap_or_default(),
        },
        headers: spec["headers"]
            .as_object()
            .map(|all| all.keys().cloned().collect())
            .unwrap_or_default(),
        examples,
    }
}

/// A description with a link for each error code, at the end for a code that it does not name.
fn linked(description: &str, codes: &[String]) -> String {
    let mut linked = description.to_owned();
    for code in codes {
        let (name, link) = (
            format!("`{code}`"),
            format!("[`{code}`](/docs/errors#{code})"),
        );
        match linked.contains(&name) {
            true => linked = linked.replacen(&name, &link, 1),
            false => linked.push_str(&format!(" {link}")),
        }
    }
    linked
}

fn example(kind: &str, schema: &Value, title: String, value: &Value) -> Example {
    Example {
        title,
        text: match (kind, value.as_str()) {
            ("application/json", _) | (_, None) => json::pretty(value, schema),
            (_, Some(text)) => text.trim_end().to_owned(),
        },
        language: if kind == "application/json" {
            "json"
        } else {
            "text"
        },
        code: value.pointer("/error/code").map(text).unwrap_or_default(),
    }
}

/// Returns the examples of a body with their titles, the most complete first.
pub(super) fn examples_of(content: &Value) -> Vec<(String, &Value)> {
    let named = content["examples"].as_object().into_iter().flatten();
    let named = named.map(|(_, one)| (text(&one["summary"]), &one["value"]));
    let single = content.get("example").map(|value| (String::new(), value));
    let mut all: Vec<_> = named.chain(single).collect();
    let says = |value: &Value| {
        let members = value.as_object().into_iter().flat_map(|all| all.values());
        members.filter(|member| !member.is_null()).count()
    };
    all.sort_by_key(|(_, value)| std::cmp::Reverse(says(value)));
    all
}
