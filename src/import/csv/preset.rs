//! The tables of well-known products: the titles of their columns, and what is particular about them.

use csv::StringRecord;

use super::super::problem::Failed;
use super::titles::{Titles, shown};
use crate::model::imports::Preset;

/// The columns of Asana. The section is a column of a board.
const ASANA: Titles = &[
    ("label", &["name"]),
    ("description", &["notes"]),
    ("lane", &["section/column"]),
    ("project", &["projects"]),
    ("labels", &["tags"]),
    ("assignees", &["assignee email", "assignee"]),
    ("due_on", &["due date"]),
    ("created_at", &["created at"]),
    ("updated_at", &["last modified"]),
    ("id", &["task id"]),
    ("parent", &["parent task"]),
    ("completed", &["completed at"]),
];

/// The columns of GitHub Projects. A person can add others.
const GITHUB: Titles = &[
    ("label", &["title"]),
    ("status", &["status"]),
    ("labels", &["labels"]),
    ("assignees", &["assignees"]),
    (
        "due_on",
        &["due date", "due", "end date", "target date", "deadline"],
    ),
    ("id", &["url"]),
];

/// The columns of Jira, which repeats the title of a column with several values.
const JIRA: Titles = &[
    ("label", &["summary"]),
    ("description", &["description"]),
    ("status", &["status"]),
    ("category", &["status category"]),
    ("project", &["project name"]),
    ("labels", &["labels"]),
    ("assignees", &["assignee"]),
    ("due_on", &["due date", "due"]),
    ("created_at", &["created"]),
    ("updated_at", &["updated"]),
    ("id", &["issue key"]),
    ("other_id", &["issue id"]),
    ("parent", &["parent key", "parent id", "parent"]),
    ("type", &["issue type"]),
    ("comments", &["comment", "comments"]),
    ("completed", &["resolved"]),
];

/// Columns of Jira that have no meaning outside of it: ids, and what is the same for the whole project.
const OF_JIRA_ONLY: &[&str] = &[
    "assignee id",
    "creator id",
    "issue id",
    "reporter id",
    "last viewed",
    "parent summary",
    "project description",
    "project key",
    "project lead",
    "project lead id",
    "project type",
    "project url",
    "status category changed",
    "watchers",
    "watchers id",
    "work ratio",
];

/// Finds the product of a table from its header.
pub(super) fn detect(header: &StringRecord) -> Option<Preset> {
    Preset::ALL
        .into_iter()
        .find(|preset| missing(*preset, header).is_none())
}

/// Checks that a header has the columns of a product.
///
/// # Errors
/// If it lacks one.
pub(super) fn check(preset: Preset, header: &StringRecord) -> Result<(), Failed> {
    let Some(missing) = missing(preset, header) else {
        return Ok(());
    };
    let message = format!(
        "The table is not one of {}: it has no column {missing:?}; it has {}",
        preset.product(),
        shown(header)
    );
    Err(Failed::at("header", message))
}

/// A column that the tables of a product have, and this one does not.
fn missing(preset: Preset, header: &StringRecord) -> Option<&'static str> {
    let columns: &[&str] = match preset {
        Preset::Todoist => &["TYPE", "CONTENT", "INDENT"],
        Preset::Asana => &["Task ID", "Name", "Section/Column"],
        Preset::Github => &["Title", "URL", "Assignees"],
        Preset::Jira => &["Summary", "Issue key"],
    };
    let has = |wanted: &str| {
        let mut titles = header.iter();
        titles.any(|title| title.trim().eq_ignore_ascii_case(wanted))
    };
    columns.iter().copied().find(|wanted| !has(wanted))
}

/// The titles of the columns of a product; none for Todoist, whose rows are not all tasks.
pub(super) fn titles(preset: Preset) -> Titles {
    match preset {
        Preset::Todoist => &[],
        Preset::Asana => ASANA,
        Preset::Github => GITHUB,
        Preset::Jira => JIRA,
    }
}

/// Whether the content of a column is left out, and not kept in descriptions.
pub(super) fn is_left_out(preset: Option<Preset>, title: &str) -> bool {
    let title = title.to_lowercase();
    match preset {
        Some(Preset::Jira) => OF_JIRA_ONLY.contains(&title.as_str()),
        // A number that only its database knows.
        Some(Preset::Asana) => title == "task id",
        _ => false,
    }
}

/// Whether a column of a field has more than what the field keeps of it.
pub(super) fn is_more_than(field: &str, title: &str) -> bool {
    match field {
        "id" | "other_id" | "type" => true,
        // A time, of which the field keeps that the task is done.
        "completed" => ["completed at", "resolved"].contains(&title),
        _ => false,
    }
}
