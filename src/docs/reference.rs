//! The operations of the contract as the pages show them.

use serde::Serialize;
use serde_json::Value;

use super::code_samples::{self, Credential, Language, Outcome, Payload, Request};
use super::format::text;
use super::json;
use super::markdown::slug;
use super::responses::{Example, Response, examples_of, responses};
use super::schema::{self, Field};
use crate::contract::inline;

/// Methods in the order in which one reads about them.
const METHODS: [&str; 5] = ["get", "post", "patch", "put", "delete"];

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
    /// Whether only a session may call it.
    pub needs_session: bool,
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
    pub samples: Vec<Sample>,
    pub responses: Vec<Response>,
    /// The path with ids of the examples in it.
    pub sample_path: String,
    /// The `operationId` of the PUT that does the same; empty for none.
    pub put: String,
    /// Whether this is such a PUT, which the PATCH describes too.
    pub is_alias: bool,
}

/// A parameter.
#[derive(Serialize)]
pub(super) struct Parameter {
    /// `path`, `query` or `header`.
    pub place: String,
    /// What the sample has in its place; empty for nothing.
    pub sample: String,
    #[serde(flatten)]
    pub member: Field,
}

/// What a request carries.
#[derive(Serialize)]
pub(super) struct Body {
    /// The media types that it can have.
    pub kinds: Vec<String>,
    pub is_json: bool,
    pub members: Vec<Field>,
    pub examples: Vec<Example>,
}

/// A request as code.
#[derive(Serialize)]
pub(super) struct Sample {
    pub language: &'static str,
    pub label: &'static str,
    pub code: String,
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
                let mut operation = operation(origin, path, method, &spec);
                match (method, same_put(item)) {
                    ("patch", Some(put)) => operation.put = put,
                    ("put", same) => operation.is_alias = same.is_some(),
                    _ => {}
                }
                found.push(operation);
            }
        }
    }
    // What is about many before what is about one.
    found.sort_by_key(|operation| operation.path.ends_with('}'));
    found
}

/// The `operationId` of a path's PUT, if it takes and returns exactly what its PATCH does.
fn same_put(item: &Value) -> Option<String> {
    let (put, patch) = (item.get("put")?, item.get("patch")?);
    let parts = ["parameters", "requestBody", "responses", "security"];
    let is_same = parts.iter().all(|part| put.get(part) == patch.get(part));
    is_same.then(|| text(&put["operationId"]))
}

fn operation(origin: &str, path: &str, method: &str, spec: &Value) -> Operation {
    let parameters: Vec<_> = spec["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(parameter)
        .collect();
    let scope = scheme(spec, "token")
        .map(|scopes| text(&scopes[0]))
        .unwrap_or_default();
    let sample_path = sample_path(path, &parameters);
    Operation {
        id: text(&spec["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&spec["summary"]),
        description: text(&spec["description"]),
        samples: samples(spec, method, origin, &sample_path),
        takes_key: scheme(spec, "integrationKey").is_some(),
        needs_session: credential(spec) == Credential::Session,
        scope,
        parameters,
        body: body(spec),
        responses: responses(spec),
        sample_path,
        put: String::new(),
        is_alias: false,
    }
}

fn parameter(parameter: &Value) -> Parameter {
    let place = text(&parameter["in"]);
    let is_required = parameter["required"] == true;
    // The sample has what the request needs. Other parameters are in it where they show what the operation is for.
    let is_shown = place != "header" && (is_required || parameter["x-sample"] == true);
    let sample = match (is_shown, &parameter["example"]) {
        (false, _) => String::new(),
        (true, Value::String(example)) => example.clone(),
        (true, example) => example.to_string(),
    };
    let mut member = schema::member(text(&parameter["name"]), &parameter["schema"], is_required);
    member.description = text(&parameter["description"]);
    Parameter {
        place,
        sample,
        member,
    }
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

/// The scopes of a way to authenticate, if the operation accepts it.
fn scheme<'v>(spec: &'v Value, name: &str) -> Option<&'v Value> {
    let schemes = spec["security"].as_array()?;
    schemes.iter().find_map(|one| one.get(name))
}

/// Who sends the sample.
fn credential(spec: &Value) -> Credential {
    match (scheme(spec, "token"), scheme(spec, "session")) {
        (Some(_), _) => Credential::Token,
        (None, Some(_)) => Credential::Session,
        (None, None) => Credential::None,
    }
}

fn samples(spec: &Value, method: &str, origin: &str, path: &str) -> Vec<Sample> {
    let refuses_other_sites = spec.to_string().contains("\"cross_origin_refused\"");
    let credential = credential(spec);
    let request = Request {
        method: &method.to_uppercase(),
        url: format!("{origin}{path}"),
        credential,
        origin: (refuses_other_sites && credential != Credential::Token).then_some(origin),
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
    let known = [
        ("application/json", Outcome::Json),
        ("image/", Outcome::Bytes),
        ("text/event-stream", Outcome::Stream),
    ];
    let found = known.into_iter().find(|(kind, _)| is(kind));
    found.map_or(Outcome::Text, |(_, outcome)| outcome)
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
