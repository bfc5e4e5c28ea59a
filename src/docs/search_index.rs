//! What the search box looks through: guides and their sections, operations, error codes, fields, settings.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::guides::Guide;
use super::markdown;
use super::reference::{Operation, Tag};
use super::site_data::SiteData;

/// The index as JSON: a list of `[kind, title, address, what it says]`.
pub(super) fn json(data: &SiteData, guides: &[Guide]) -> String {
    let mut entries = Vec::new();
    for guide in guides {
        let address = format!("/docs/{}", guide.name);
        let rendered = &guide.rendered;
        entries.push(entry(
            "Guide",
            &rendered.title,
            address.clone(),
            &rendered.lead,
        ));
        // Codes and settings are told apart, as what they are.
        let is_entry = |id: &str| {
            data.errors.iter().any(|error| error.code == id)
                || data.settings.iter().any(|setting| setting.key == id)
        };
        for heading in rendered
            .headings
            .iter()
            .filter(|heading| !is_entry(&heading.id))
        {
            let address = format!("{address}#{}", heading.id);
            entries.push(entry("Section", &heading.text, address, &rendered.title));
        }
    }
    for heading in markdown::render(&data.conventions).headings {
        let address = format!("/docs/reference#{}", heading.id);
        entries.push(entry("Section", &heading.text, address, "Reference"));
    }
    for error in &data.errors {
        let says = format!("{} {}: {}", error.status, error.reason, error.message);
        entries.push(entry(
            "Error",
            error.code,
            format!("/docs/errors#{}", error.code),
            &says,
        ));
    }
    for tag in &data.tags {
        for operation in &tag.operations {
            let title = format!("{} {}", operation.method, operation.path);
            entries.push(entry(
                "Operation",
                &title,
                address(tag, operation),
                &operation.summary,
            ));
        }
    }
    entries.extend(fields(data));
    for setting in &data.settings {
        let address = format!("/docs/self-hosting#{}", setting.key);
        entries.push(entry("Setting", &setting.flag, address, &setting.help));
    }
    for row in &data.plan_rows {
        let says = format!("{} {}", row.figures.join(" · "), row.period);
        entries.push(entry(
            "Limit",
            row.name,
            "/docs/plans#plans".to_owned(),
            &says,
        ));
    }
    Value::from(entries).to_string()
}

fn address(tag: &Tag, operation: &Operation) -> String {
    format!("/docs/reference/{}#{}", tag.slug, operation.id)
}

/// Members of bodies and of answers, and parameters: each once a page.
fn fields(data: &SiteData) -> Vec<Value> {
    let mut found = BTreeMap::new();
    for tag in &data.tags {
        for operation in &tag.operations {
            let sent = operation.body.iter().flat_map(|body| &body.members);
            let sent = sent.chain(
                operation
                    .parameters
                    .iter()
                    .map(|parameter| &parameter.member),
            );
            let shown = operation.responses.iter().flat_map(|one| &one.members);
            for member in sent.chain(shown) {
                let says = || format!("{} · {} {}", member.kind, operation.method, operation.path);
                let key = (member.name.clone(), tag.slug.clone());
                found
                    .entry(key)
                    .or_insert_with(|| (address(tag, operation), says()));
            }
        }
    }
    let fields = found.into_iter();
    fields
        .map(|((name, _), (address, says))| entry("Field", &name, address, &says))
        .collect()
}

fn entry(kind: &str, title: &str, address: String, says: &str) -> Value {
    json!([kind, title, address, says])
}
