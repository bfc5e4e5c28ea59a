//! The index of the search box: guides and their sections, operations, error codes, fields, settings and limits.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::guides::Guide;
use super::reference::{Operation, Tag};
use super::schema::Field;
use super::site_data::SiteData;
use super::{markdown, sections};

/// The index as JSON: a list of `[kind, title, address, line, text]`. The line is shown below the title; the text is only
/// searched.
pub(super) fn json(data: &SiteData, guides: &[Guide]) -> String {
    let mut entries = Vec::new();
    for guide in guides {
        entries.extend(of_guide(data, guide));
    }
    let conventions = markdown::render(&data.conventions).headings.into_iter();
    let texts = sections::texts(&data.conventions);
    for (heading, text) in conventions.zip(texts.iter().skip(1)) {
        let address = format!("/docs/reference#{}", heading.id);
        entries.push(entry("Section", &heading.text, address, "Reference", text));
    }
    for error in &data.errors {
        entries.push(entry(
            "Error",
            error.code,
            format!("/docs/errors#{}", error.code),
            &format!("{} {}: {}", error.status, error.reason, error.message),
            &format!("{} {}", error.cause, error.remedy),
        ));
    }
    for tag in &data.tags {
        entries.extend(tag.operations.iter().map(|one| of_operation(tag, one)));
    }
    entries.extend(fields(data));
    for setting in &data.settings {
        let address = format!("/docs/self-hosting#{}", setting.key);
        let text = format!("setting {} {}", setting.environment, setting.default);
        entries.push(entry(
            "Setting",
            &setting.flag,
            address,
            &setting.help,
            &text,
        ));
    }
    for row in &data.plan_rows {
        let line = format!("{} {}", row.figures.join(" · "), row.period);
        let address = "/docs/plans#plans".to_owned();
        entries.push(entry("Limit", row.name, address, &line, "limit plan"));
    }
    Value::from(entries).to_string()
}

/// A guide and its sections. Error codes have entries of their own.
fn of_guide(data: &SiteData, guide: &Guide) -> Vec<Value> {
    let page = format!("/docs/{}", guide.name);
    let rendered = &guide.rendered;
    let texts = sections::texts(&guide.markdown);
    let is_code = |id: &str| data.errors.iter().any(|error| error.code == id);
    let headings = rendered.headings.iter().zip(texts.iter().skip(1));
    let sections = headings.filter(|(heading, _)| !is_code(&heading.id));
    let sections = sections.map(|(heading, text)| {
        let address = format!("{page}#{}", heading.id);
        entry("Section", &heading.text, address, &rendered.title, text)
    });
    let (title, lead) = (&rendered.title, &rendered.lead);
    let whole = entry(
        "Guide",
        title,
        page.clone(),
        lead,
        texts.first().map_or("", String::as_str),
    );
    std::iter::once(whole).chain(sections).collect()
}

fn of_operation(tag: &Tag, operation: &Operation) -> Value {
    let line = format!("{} {}", operation.method, operation.path);
    let mut text = format!("{} {}", tag.name, operation.description);
    for parameter in operation
        .parameters
        .iter()
        .filter(|one| one.place == "query")
    {
        let member = &parameter.member;
        text.push_str(&format!(" {} {}", member.name, member.description));
    }
    for member in operation.body.iter().flat_map(|body| &body.members) {
        text.push_str(&format!(" {}", member.name));
    }
    entry(
        "Operation",
        &operation.summary,
        address(tag, operation),
        &line,
        &text,
    )
}

fn address(tag: &Tag, operation: &Operation) -> String {
    format!("/docs/reference/{}#{}", tag.slug, operation.id)
}

/// A field of a body or a response, or a parameter, with the first operation that has it.
struct FieldEntry {
    kind: String,
    address: String,
    description: String,
    tags: Vec<String>,
}

/// Every field once: those of the same name belong together, wherever they are.
fn fields(data: &SiteData) -> Vec<Value> {
    let mut found: BTreeMap<String, FieldEntry> = BTreeMap::new();
    // Requests before responses: readers ask what they can send.
    for members in [sent as fn(&Operation) -> Vec<&Field>, received] {
        for tag in &data.tags {
            for operation in &tag.operations {
                for member in members(operation) {
                    let name = member.name.rsplit(['.', ']']).find(|part| !part.is_empty());
                    let field = found.entry(name.unwrap_or_default().to_owned());
                    let field = field.or_insert_with(|| FieldEntry {
                        kind: member.kind.clone(),
                        address: address(tag, operation),
                        description: member.description.clone(),
                        tags: Vec::new(),
                    });
                    if !field.tags.contains(&tag.name) {
                        field.tags.push(tag.name.clone());
                    }
                }
            }
        }
    }
    let entry = |(name, field): (String, FieldEntry)| {
        let line = format!("{} · {}", field.kind, field.tags.join(", "));
        entry("Field", &name, field.address, &line, &field.description)
    };
    found.into_iter().map(entry).collect()
}

fn sent(operation: &Operation) -> Vec<&Field> {
    let body = operation.body.iter().flat_map(|body| &body.members);
    let parameters = operation.parameters.iter().map(|one| &one.member);
    body.chain(parameters).collect()
}

fn received(operation: &Operation) -> Vec<&Field> {
    operation
        .responses
        .iter()
        .flat_map(|one| &one.members)
        .collect()
}

fn entry(kind: &str, title: &str, address: String, line: &str, text: &str) -> Value {
    json!([kind, title, address, line, text])
}
