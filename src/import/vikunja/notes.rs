//! What has no place in a task: lines for the end of its description.

use serde_json::Value;

use super::super::fields::{Fields, line};
use super::super::receiver::{Receiver, Warnings};
use super::values::date;

const DATES: &[(&str, &str)] = &[("start_date", "Start"), ("end_date", "End")];
const NUMBERS: &[(&str, &str)] = &[
    ("priority", "Priority"),
    ("percent_done", "Percent done"),
    ("repeat_after", "Repeat after seconds"),
];

/// The notes of a task. `is_child`: its parent is known by its place.
pub(super) fn notes(
    task: &Value,
    path: &str,
    is_child: bool,
    to: &mut dyn Receiver,
) -> Vec<String> {
    let mut notes = Vec::new();
    let mut keep = |field: &str, note: String| {
        Warnings(to).add(&format!("{path}.{field}"), "It is kept in the description");
        notes.push(note);
    };
    for (field, name) in DATES {
        let text = line(date(task, field));
        if !text.is_empty() {
            keep(field, format!("{name}: {text}"));
        }
    }
    for (field, name) in NUMBERS {
        if let Some(number) = task.number(field).filter(|number| *number != 0.0) {
            keep(field, format!("{name}: {number}"));
        }
    }
    let attachments = task.list("attachments").iter();
    let attachments: Vec<_> = attachments
        .map(|one| line(&one["file"].text("name")))
        .collect();
    if !attachments.is_empty() {
        let names = attachments.join(", ");
        keep("attachments", format!("Attachments: {names}"));
    }
    let reminders = task.list("reminders").iter();
    let reminders: Vec<_> = reminders.map(reminder).collect();
    if !reminders.is_empty() {
        keep("reminders", format!("Reminders: {}", reminders.join(", ")));
    }
    let reactions = reactions(task);
    if !reactions.is_empty() {
        keep("reactions", format!("Reactions: {}", reactions.join(", ")));
    }
    for (kind, titles) in related(task, is_child) {
        let titles = titles.join(", ");
        keep("related_tasks", format!("Related ({kind}): {titles}"));
    }
    notes
}

/// When a reminder is due. Those relative to a date of the task have no time of their own.
fn reminder(reminder: &Value) -> String {
    let time = line(date(reminder, "reminder"));
    let relation = line(&reminder.text("relative_to"));
    match reminder {
        Value::String(time) => line(time),
        _ if !time.is_empty() => time,
        _ if relation.is_empty() => "without a time".to_owned(),
        _ => {
            let seconds = reminder.number("relative_period").unwrap_or(0.0);
            format!("{seconds} seconds from {relation}")
        }
    }
}

/// Emoji, and how many people have chosen each.
fn reactions(task: &Value) -> Vec<String> {
    let all = task["reactions"].as_object().into_iter().flatten();
    let chosen = all.map(|(emoji, people)| (line(emoji), people.as_array().map_or(0, Vec::len)));
    chosen
        .filter(|(_, people)| *people > 0)
        .map(|(emoji, people)| format!("{emoji} {people}"))
        .collect()
}

/// The titles of related tasks by the kind of relation. Those of children are with the children.
fn related(task: &Value, is_child: bool) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for (kind, related) in task["related_tasks"].as_object().into_iter().flatten() {
        if kind == "subtask" || (kind == "parenttask" && is_child) {
            continue;
        }
        let titles = related.as_array().into_iter().flatten();
        let titles: Vec<_> = titles.map(|one| line(&one.text("title"))).collect();
        if !titles.is_empty() {
            all.push((line(kind), titles));
        }
    }
    all
}
