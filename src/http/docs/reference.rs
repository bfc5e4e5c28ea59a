//! The operations of the contract as the pages show them.

use serde::Serialize;
use serde_json::Value;

use super::code_samples::{self, Language, Outcome, Payload, Request};
use super::facts::text;
use super::json;
use super::markdown::slug;
use super::schema::{self, Member};
use crate::http::contract::inline;

/// Methods in the order in which one reads about them.
const METHODS: [&str; 5] = ["get", "post", "patch", "put", "delete"];
/// The media type of bodies.
const JSON: &str = "/content/application~1json";
/// Stands for an id that no example knows.
const SOME_ID: &str = "00000000-0000-0000-0000-000000000000";

/// A group of operations: a page.
#[derive(Serialize)]
pub(super) struct Tag {
    pub name: String,
    /// The name in the address.
    pub slug: String,
    /// Markdown.
    pub description: String,
    pub operations: Vec<Operation>,
}

/// One operation.
#[derive(Serialize)]
pub(super) struct Operation {
    /// The `operationId`, which is also its anchor.
    pub id: String,
    pub method: String,
    pub path: String,
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// The scope that a token needs; empty where none is needed.
    pub scope: String,
    /// Whether it takes an integration key too.
    pub takes_key: bool,
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
    pub samples: Vec<Sample>,
    pub answers: Vec<Answer>,
    /// The path with ids of the examples in it.
    pub sample_path: String,
}

/// A parameter.
#[derive(Serialize)]
pub(super) struct Parameter {
    /// `path`, `query` or `header`.
    pub place: String,
    /// What the sample has in its place; empty for nothing.
    pub sample: String,
    #[serde(flatten)]
    pub member: Member,
}

/// What a request carries.
#[derive(Serialize)]
pub(super) struct Body {
    /// The media types that it can have.
    pub kinds: Vec<String>,
    pub is_json: bool,
    pub members: Vec<Member>,
    pub examples: Vec<Example>,
}

/// A sample value, as JSON or another text.
#[derive(Serialize)]
pub(super) struct Example {
    pub title: String,
    pub text: String,
    pub language: &'static str,
    /// The error code of an answer that has one.
    pub code: String,
}

/// A request as code.
#[derive(Serialize)]
pub(super) struct Sample {
    pub language: &'static str,
    pub label: &'static str,
    pub code: String,
}

/// What can come back.
#[derive(Serialize)]
pub(super) struct Answer {
    pub status: String,
    pub reason: &'static str,
    /// Markdown.
    pub description: String,
    pub is_error: bool,
    /// The media types that it can have.
    pub kinds: Vec<String>,
    pub codes: Vec<String>,
    pub members: Vec<Member>,
    pub headers: Vec<String>,
    pub examples: Vec<Example>,
}

/// Every operation, by tag.
pub(super) fn tags(document: &Value, origin: &str) -> Vec<Tag> {
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.map(|tag| {
        let name = text(&tag["name"]);
        Tag {
            slug: slug(&name),
            description: text(&tag["description"]),
            operations: operations(document, origin, &name),
            name,
        }
    })
    .filter(|tag| !tag.operations.is_empty())
    .collect()
}

fn operations(document: &Value, origin: &str, tag: &str) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            if item[method]["tags"][0] == tag {
                let spec = inline(document, &item[method]);
                found.push(operation(document, origin, path, method, &spec));
            }
        }
    }
    // What is about many before what is about one.
    found.sort_by_key(|operation| operation.path.ends_with('}'));
    found
}

fn operation(document: &Value, origin: &str, path: &str, method: &str, spec: &Value) -> Operation {
    let parameters: Vec<_> = spec["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| self::parameter(document, parameter))
        .collect();
    let scheme = |name: &str| {
        spec["security"]
            .as_array()?
            .iter()
            .find_map(|one| one.get(name))
    };
    let scope = scheme("token")
        .map(|scopes| text(&scopes[0]))
        .unwrap_or_default();
    let sample_path = sample_path(path, &parameters);
    Operation {
        id: text(&spec["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&spec["summary"]),
        description: text(&spec["description"]),
        samples: samples(
            spec,
            method,
            format!("{origin}{sample_path}"),
            !scope.is_empty(),
        ),
        takes_key: scheme("integrationKey").is_some(),
        scope,
        parameters,
        body: body(spec),
        answers: answers(spec),
        sample_path,
    }
}

fn parameter(document: &Value, parameter: &Value) -> Parameter {
    let schema = &parameter["schema"];
    let name = text(&parameter["name"]);
    let is_required = parameter["required"] == true;
    let sample = match (parameter["in"].as_str(), parameter.get("example")) {
        (_, Some(example)) => example
            .as_str()
            .map_or_else(|| example.to_string(), str::to_owned),
        (Some("path"), None) => example_id(document, &name).unwrap_or_else(|| SOME_ID.to_owned()),
        (Some("query"), None) if is_required => match schema["format"].as_str() {
            Some("uuid") => example_id(document, &name).unwrap_or_else(|| SOME_ID.to_owned()),
            _ => "word".to_owned(),
        },
        _ => String::new(),
    };
    let mut member = schema::member(name, schema, is_required);
    member.description = text(&parameter["description"]);
    Parameter {
        place: text(&parameter["in"]),
        sample,
        member,
    }
}

/// The id that examples of errors have for a kind of thing: the `task_id` of the details for a parameter `taskId`.
fn example_id(document: &Value, parameter: &str) -> Option<String> {
    let mut name = String::new();
    for c in parameter.chars() {
        if c.is_uppercase() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    let responses = document["components"]["responses"].as_object()?;
    let details = responses
        .values()
        .filter_map(|response| response.pointer(&format!("{JSON}/example/error/details")));
    details
        .filter_map(|details| details[&name].as_str())
        .map(str::to_owned)
        .next()
}

fn sample_path(path: &str, parameters: &[Parameter]) -> String {
    let of = |place: &'static str| {
        parameters
            .iter()
            .filter(move |one| one.place == place && !one.sample.is_empty())
    };
    let path = of("path").fold(path.to_owned(), |path, one| {
        path.replace(&format!("{{{}}}", one.member.name), &one.sample)
    });
    let query: Vec<_> = of("query")
        .map(|one| format!("{}={}", one.member.name, one.sample))
        .collect();
    match query.is_empty() {
        true => path,
        false => format!("{path}?{}", query.join("&")),
    }
}

fn samples(spec: &Value, method: &str, url: String, has_token: bool) -> Vec<Sample> {
    let request = Request {
        method: &method.to_uppercase(),
        url,
        has_token,
        payload: payload(spec),
        outcome: outcome(spec),
    };
    let sample = |language: Language| Sample {
        language: language.name(),
        label: language.label(),
        code: code_samples::code(&request, language),
    };
    Language::ALL.into_iter().map(sample).collect()
}

/// What a sample request carries: the fullest example, or a file of the first media type.
fn payload(spec: &Value) -> Payload<'_> {
    let content = &spec["requestBody"]["content"];
    let json = &content["application/json"];
    match (examples_of(json).first(), content.as_object()) {
        (Some((_, value)), _) => Payload::Json(value, &json["schema"]),
        (None, Some(kinds)) if json.is_null() => {
            let kinds: Vec<_> = kinds.keys().map(String::as_str).collect();
            let best = kinds
                .iter()
                .find(|kind| kind.ends_with("png"))
                .or(kinds.first());
            best.map_or(Payload::Nothing, |kind| Payload::File(kind))
        }
        _ => Payload::Nothing,
    }
}

fn outcome(spec: &Value) -> Outcome {
    let responses = spec["responses"].as_object().into_iter().flatten();
    let mut successes = responses.filter(|(status, _)| status.starts_with('2'));
    let content = successes.find_map(|(_, response)| response["content"].as_object());
    let is =
        |kind: &str| content.is_some_and(|content| content.keys().any(|one| one.starts_with(kind)));
    match (is("application/json"), is("image/")) {
        (true, _) => Outcome::Json,
        (false, true) => Outcome::Bytes,
        (false, false) => Outcome::Text,
    }
}

/// The examples of a body, the one that says most first, with what they show.
fn examples_of(content: &Value) -> Vec<(String, &Value)> {
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

fn body(spec: &Value) -> Option<Body> {
    let contents = spec["requestBody"]["content"].as_object()?;
    let content = &spec["requestBody"]["content"]["application/json"];
    let examples = examples_of(content)
        .into_iter()
        .map(|(title, value)| Example {
            title,
            text: json::pretty(value, &content["schema"]),
            language: "json",
            code: String::new(),
        });
    Some(Body {
        kinds: contents.keys().cloned().collect(),
        is_json: content.is_object(),
        members: schema::members(&content["schema"]),
        examples: examples.collect(),
    })
}

fn answers(spec: &Value) -> Vec<Answer> {
    let responses = spec["responses"].as_object().into_iter().flatten();
    responses
        .map(|(status, response)| answer(status, response))
        .collect()
}

fn answer(status: &str, response: &Value) -> Answer {
    let content = response["content"]
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
    Answer {
        status: status.to_owned(),
        reason: reason(status.parse().unwrap_or_default()),
        description: text(&response["description"]),
        is_error,
        kinds: response["content"]
            .as_object()
            .map(|all| all.keys().cloned().collect())
            .unwrap_or_default(),
        codes: examples
            .iter()
            .map(|one| one.code.clone())
            .filter(|code| !code.is_empty())
            .collect(),
        members: match is_error {
            // Those are told with the error codes.
            true => Vec::new(),
            false => content
                .map(|(_, content)| schema::members(&content["schema"]))
                .unwrap_or_default(),
        },
        headers: response["headers"]
            .as_object()
            .map(|all| all.keys().cloned().collect())
            .unwrap_or_default(),
        examples,
    }
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

/// The phrase of a status.
pub(super) fn reason(status: u16) -> &'static str {
    actix_web::http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default()
}
