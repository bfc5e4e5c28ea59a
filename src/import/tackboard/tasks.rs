//! Tasks of an export, their subtasks and comments.

use serde_json::Value;

use super::super::entry::{CommentEntry, SubtaskEntry, TaskEntry};
use super::super::fields::{Fields, line};
use super::super::problem::Failed;
use super::super::text::{self, COMMENT, DESCRIPTION, NAME};
use super::Reading;
use crate::model::tasks::Status;

impl Reading<'_> {
    pub(super) fn task(&mut self, path: &str, value: &Value) -> Result<TaskEntry, Failed> {
        let status = value["status"].as_i64().and_then(Status::from_number);
        let status = status
            .ok_or_else(|| Failed::at(format!("{path}.status"), "The status is not 0, 1 or 2"))?;
        let archived = value.text("archived_at");
        let assignees = value.texts("assignee_ids");
        let assignees = assignees
            .iter()
            .filter_map(|id| self.user("assignee_ids", id))
            .collect();
        let label = value.text("label");
        let description = match text::cut(&text::clean(&label), NAME) {
            None => self.long(value, "description", DESCRIPTION, path),
            Some(_) => Some(self.with_title(value, &label, path)),
        };
        Ok(TaskEntry {
            project: value.text("project_id"),
            lane: Some(value.text("workflow_lane_id")).filter(|lane| !lane.is_empty()),
            label: self.name(&label, &format!("{path}.label")),
            description,
            status,
            position: self.position(path, value),
            labels: value.texts("label_ids"),
            assignees,
            due_on: text::exact_day(
                &value.text("due_on"),
                &format!("{path}.due_on"),
                &mut self.warnings(),
            ),
            is_archived: !archived.is_empty(),
            archived_at: text::time(
                &archived,
                &format!("{path}.archived_at"),
                &mut self.warnings(),
            ),
            created_by: self.user("created_by_id", &value.text("created_by_id")),
            times: self.times(path, value),
        })
    }

    /// The description of a task, and at its end the title, which is too long for a label.
    fn with_title(&mut self, value: &Value, title: &str, path: &str) -> String {
        let title = format!("Full title: {}", line(title));
        let label = format!("{path}.label");
        let title = text::exact(&title, DESCRIPTION / 2, &label, &mut self.warnings());
        let separator = "\n\n---\n\n";
        let room = DESCRIPTION - separator.len() - title.chars().count();
        match self.long(value, "description", room, path) {
            Some(description) => [&description, separator, &title].concat(),
            None => title,
        }
    }

    pub(super) fn subtask(&mut self, path: &str, value: &Value) -> SubtaskEntry {
        SubtaskEntry {
            task: value.text("task_id"),
            label: self.name(&value.text("label"), &format!("{path}.label")),
            is_completed: value.flag("is_completed"),
            position: self.position(path, value),
            times: self.times(path, value),
        }
    }

    pub(super) fn comment(&mut self, path: &str, value: &Value) -> Option<CommentEntry> {
        let author = self.user("author_id", &value.text("author_id"));
        let edited = value.text("edited_at");
        let text = self.long(value, "text", COMMENT, path);
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            self.warnings().add(path, "An empty comment is left out");
            return None;
        };
        Some(CommentEntry {
            task: value.text("task_id"),
            text,
            author,
            author_name: Some(value.text("author_name")).filter(|name| !name.is_empty()),
            edited_at: text::time(&edited, &format!("{path}.edited_at"), &mut self.warnings()),
            times: self.times(path, value),
        })
    }
}
