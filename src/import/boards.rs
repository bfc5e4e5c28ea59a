//! Boards of other products: what all their formats have in common.

use super::persons::Person;
use crate::model::date::Date;
use crate::model::tasks::Status;
use crate::model::time::Timestamp;

/// A board with everything on it.
#[derive(Debug, Default)]
pub(super) struct Board {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) created: Option<Timestamp>,
    pub(super) labels: Vec<Label>,
    pub(super) lanes: Vec<Lane>,
    pub(super) projects: Vec<Project>,
    /// Where the creators of tasks are in the file.
    pub(super) creators: &'static str,
}

#[derive(Debug)]
pub(super) struct Label {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) color: String,
}

impl Label {
    /// A label of a product whose labels need no name. Such a one is called by its color.
    pub(super) fn of(id: String, path: &str, name: String, color: String, hex: &str) -> Self {
        Self {
            id,
            path: path.to_owned(),
            name: match name.trim().is_empty() {
                true if color.is_empty() => "Label".to_owned(),
                true => color,
                false => name,
            },
            color: hex.to_owned(),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) wip_limit: Option<u32>,
    pub(super) color: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) created: Option<Timestamp>,
    pub(super) tasks: Vec<Task>,
}

#[derive(Debug, Default)]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) title: String,
    pub(super) description: String,
    /// What has no place in a task: lines of Markdown for the end of the description.
    pub(super) notes: Vec<String>,
    pub(super) status: Status,
    pub(super) lane: Option<String>,
    pub(super) labels: Vec<String>,
    pub(super) assignees: Vec<Person>,
    pub(super) due_on: Option<Date>,
    pub(super) is_archived: bool,
    pub(super) archived_at: Option<Timestamp>,
    pub(super) created_by: Option<Person>,
    pub(super) created: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) checklists: Vec<Checklist>,
    pub(super) comments: Vec<Comment>,
}

#[derive(Debug, Default)]
pub(super) struct Checklist {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) items: Vec<CheckItem>,
}

#[derive(Debug, Default)]
pub(super) struct CheckItem {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) is_completed: bool,
    /// What has no place in a subtask: it is kept in the description of the task.
    pub(super) details: Vec<String>,
    /// The same, but already listed in the report.
    pub(super) listed: Vec<String>,
    pub(super) created_by: Option<Person>,
}

#[derive(Debug, Default)]
pub(super) struct Comment {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) text: String,
    pub(super) author: Person,
    pub(super) created: Option<Timestamp>,
}
