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
