//! Subtasks: the check list of a task.

use serde::{Deserialize, Serialize};

use super::ids::{SubtaskId, TaskId};
use super::position::Move;
use super::time::Timestamp;

/// A subtask as its task shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SubtaskSummary {
    /// Its id.
    pub id: SubtaskId,
    /// What is to be done.
    pub label: String,
    /// Whether it is done.
    pub is_completed: bool,
}

/// What a task counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SubtaskCounts {
    /// Its subtasks.
    pub subtasks_total: u64,
    /// Those of them that are done.
    pub subtasks_completed: u64,
    /// Its comments.
    pub comments_total: u64,
}

impl SubtaskCounts {
    /// The counts of a task.
    pub const fn new(total: u64, completed: u64) -> Self {
        Self {
            subtasks_total: total,
            subtasks_completed: completed,
            comments_total: 0,
        }
    }

    /// The counts after a subtask came (`1`), went (`-1`), or only changed between done and not done (`0`).
    pub const fn after(self, subtasks: i64, completed: i64) -> Self {
        Self::new(
            self.subtasks_total.saturating_add_signed(subtasks),
            self.subtasks_completed.saturating_add_signed(completed),
        )
    }
}

/// A subtask in an event: with what its task counts after the change.
#[derive(Clone, Debug, Serialize)]
pub struct SubtaskEntry<'s> {
    /// The subtask.
    #[serde(flatten)]
    pub subtask: &'s Subtask,
    /// The task's counters.
    #[serde(flatten)]
    pub counts: SubtaskCounts,
}

/// A subtask.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subtask {
    /// Its id.
    pub id: SubtaskId,
    /// The task it belongs to.
    pub task_id: TaskId,
    /// What is to be done.
    pub label: String,
    /// Whether it is done.
    pub is_completed: bool,
    /// Its place in the task.
    pub position: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its own members last changed.
    pub updated_at: Timestamp,
}

/// What a new subtask is made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubtaskCreate {
    /// What is to be done.
    pub label: String,
    /// Whether it is done.
    #[serde(default)]
    pub is_completed: bool,
}

/// What changes of a subtask: `None` is left alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubtaskUpdate {
    /// The new label.
    pub label: Option<String>,
    /// Whether it is done.
    pub is_completed: Option<bool>,
    /// The new place.
    pub position: Option<Move<SubtaskId>>,
}
