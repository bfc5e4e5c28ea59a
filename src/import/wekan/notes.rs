//! What has no place in a task: lines for the end of its description.

use std::collections::HashMap;

use serde_json::Value;

use super::super::fields::{Fields, line};
use super::super::receiver::{Receiver, Warnings};

/// Fields that are kept with these names.
const KEPT: &[(&str, &str)] = &[
    ("receivedAt", "Received"),
    ("startAt", "Start"),
    ("endAt", "End"),
    ("spentTime", "Spent time"),
    ("requestedBy", "Requested by"),
    ("assignedBy", "Assigned by"),
];

/// What notes refer to.
pub(super) struct Sources {
    /// The names of attachments by card.
    pub(super) attachments: HashMap<String, Vec<String>>,
    pub(super) custom_fields: HashMap<String, Value>,
    /// The titles of cards.
    pub(super) titles: HashMap<String, String>,
}

impl Sources {
    /// The notes of a card.
    pub(super) fn notes(&self, card: &Value, path: &str, to: &mut dyn Receiver) -> Vec<String> {
        let mut notes = Vec::new();
        let mut keep = |field: &str, note: String| {
            Warnings(to).add(&format!("{path}.{field}"), "It is kept in the description");
            notes.push(note);
        };
        for (field, name) in KEPT {
            let text = line(&card.text(field));
            if !["", "0"].contains(&text.as_str()) {
                keep(field, format!("{name}: {text}"));
            }
        }
        for field in card.list("customFields") {
            let (name, shown) = self.custom_field(field);
            if !shown.is_empty() {
                keep("customFields", format!("{name}: {shown}"));
            }
        }
        let vote = &card["vote"];
        let votes = vote.list("positive").len() + vote.list("negative").len();
        let question = line(&vote.text("question"));
        match (question.is_empty(), votes) {
            (true, 0) => {}
            (true, _) => keep("vote", format!("Votes: {votes}")),
            (false, _) => keep("vote", format!("Vote: {question} ({votes} votes)")),
        }
        let parent = card.text("parentId");
        if !parent.is_empty() {
            keep("parentId", format!("Subtask of: {}", self.title(&parent)));
        }
        let linked = card.text("linkedId");
        if !linked.is_empty() {
            keep("linkedId", format!("Linked to: {}", self.title(&linked)));
        }
        let kinds = card.texts("linkType_gantt");
        let targets = card.texts("targetId_gantt");
        let targets: Vec<_> = targets
            .iter()
            .enumerate()
            .map(|(at, target)| match kinds.get(at) {
                Some(kind) => format!("{} ({})", self.title(target), line(kind)),
                None => self.title(target),
            })
            .collect();
        if !targets.is_empty() {
            let targets = targets.join(", ");
            keep("targetId_gantt", format!("Gantt links to: {targets}"));
        }
        if let Some(attachments) = self.attachments.get(&card.text("_id")) {
            let attachments = attachments.join(", ");
            keep("attachments", format!("Attachments: {attachments}"));
        }
        notes
    }

    /// The title of a card, or its id if the file does not have it.
    fn title(&self, id: &str) -> String {
        let title = self.titles.get(id).map(|title| line(title));
        title
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| line(id))
    }

    /// The name and the value of a custom field.
    fn custom_field(&self, item: &Value) -> (String, String) {
        let field = self.custom_fields.get(&item.text("_id"));
        let name = field
            .map(|field| line(&field.text("name")))
            .filter(|name| !name.is_empty());
        let value = &item["value"];
        let plain = match value {
            Value::Bool(value) => value.to_string(),
            Value::Array(_) => item.texts("value").join(", "),
            _ => item.text("value"),
        };
        let options = field.map(|field| field["settings"].list("dropdownItems"));
        let chosen = options
            .into_iter()
            .flatten()
            .find(|option| option.text("_id") == plain);
        let shown = chosen.map_or(plain, |option| option.text("name"));
        (
            name.unwrap_or_else(|| "Custom field".to_owned()),
            line(&shown),
        )
    }
}
