//! Projects.

use serde::{Deserialize, Serialize};

use super::ids::{BoardId, ProjectId};
use super::patch::nullable;
use super::position::Move;
use super::time::Timestamp;

/// The number of a project's tasks by status.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TaskCounts {
    /// Tasks with status 0.
    pub num_tasks_open: u64,
    /// Tasks with status 1.
    pub num_tasks_in_progress: u64,
    /// Tasks with status 2.
    pub num_tasks_done: u64,
    /// All tasks.
    pub num_tasks_total: u64,
    /// Share of tasks that are done, 0 to 1; 0 if there are none.
    pub progress: f64,
}

impl TaskCounts {
    /// Computes the total and the progress.
    pub fn new(open: u64, in_progress: u64, done: u64) -> Self {
        let total = open + in_progress + done;
        let progress = if total == 0 {
            0.0
        } else {
            done as f64 / total as f64
        };
        Self {
            num_tasks_open: open,
            num_tasks_in_progress: in_progress,
            num_tasks_done: done,
            num_tasks_total: total,
            progress,
        }
    }
}

/// A project in a board's list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProjectSummary {
    /// The id.
    pub id: ProjectId,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The position on the board.
    pub position: String,
    /// Its tasks by status.
    #[serde(flatten)]
    pub counts: TaskCounts,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Project {
    /// The id.
    pub id: ProjectId,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The board.
    pub board_id: BoardId,
    /// The position on the board.
    pub position: String,
    /// Its tasks by status.
    #[serde(flatten)]
    pub counts: TaskCounts,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}

/// The fields of a new project.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCreate {
    /// The board. The project goes after the last one there.
    pub board_id: BoardId,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
}

/// Changes to a project. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new description; `Some(None)` removes it.
    #[serde(default, deserialize_with = "nullable")]
    pub description: Option<Option<String>>,
    /// The board to move to.
    pub board_id: Option<BoardId>,
    /// The new position.
    pub position: Option<Move<ProjectId>>,
}
