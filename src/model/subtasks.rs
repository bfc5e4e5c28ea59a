//! Subtasks: the checklist of a task.

use serde::{Deserialize, Serialize};

use super::ids::{SubtaskId, TaskId};
use super::position::Move;
use super::time::Timestamp;

/// A subtask in a task's response.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SubtaskSummary {
    /// The id.
    pub id: SubtaskId,
    /// The label: what is to be done.
    pub label: String,
    /// Whether it is completed.
    pub is_completed: bool,
}

/// The counters of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SubtaskCounts {
    /// Number of subtasks.
    pub subtasks_total: u64,
    /// Number of completed subtasks.
    pub subtasks_completed: u64,
    /// Number of comments.
    pub comments_total: u64,
}

impl SubtaskCounts {
    /// Creates the counters.
    pub const fn new(subtasks: u64, completed: u64, comments: u64) -> Self {
        Self {
            subtasks_total: subtasks,
            subtasks_completed: completed,
            comments_total: comments,
        }
    }

    /// The counters after a change of the number of comments.
    pub const fn with_comments(mut self, change: i64) -> Self {
        self.comments_total = self.comments_total.saturating_add_signed(change);
        self
    }

    /// The counters after a change: `subtasks` is 1 for an added and -1 for a deleted subtask; `completed` is the
    /// change of completed ones.
    pub const fn after(self, subtasks: i64, completed: i64) -> Self {
        Self::new(
            self.subtasks_total.saturating_add_signed(subtasks),
            self.subtasks_completed.saturating_add_signed(completed),
            self.comments_total,
        )
    }
}

/// A subtask in an event, with the counters of its task after the change.
#[derive(Clone, Debug, Serialize)]
pub struct SubtaskEntry<'s> {
    /// The subtask.
    #[serde(flatten)]
    pub subtask: &'s Subtask,
    /// The counters of the task.
    #[serde(flatten)]
    pub counts: SubtaskCounts,
}

/// A subtask.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subtask {
    /// The id.
    pub id: SubtaskId,
    /// The task.
    pub task_id: TaskId,
    /// The label: what is to be done.
    pub label: String,
    /// Whether it is completed.
    pub is_completed: bool,
    /// The position in the task.
    pub position: String,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}

/// The fields of a new subtask.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubtaskCreate {
    /// The label: what is to be done.
    pub label: String,
    /// Whether it is completed.
    #[serde(default)]
    pub is_completed: bool,
}

/// Changes to a subtask. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubtaskUpdate {
    /// The new label.
    pub label: Option<String>,
    /// Whether it is completed.
    pub is_completed: Option<bool>,
    /// The new position.
    pub position: Option<Move<SubtaskId>>,
}
