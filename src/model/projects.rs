//! Projects.

use serde::{Deserialize, Serialize};

use super::ids::{BoardId, ProjectId};
use super::patch::given;
use super::position::Move;
use super::time::Timestamp;

/// A project's tasks by status.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TaskCounts {
    /// Status 0.
    pub num_tasks_open: u64,
    /// Status 1.
    pub num_tasks_in_progress: u64,
    /// Status 2.
    pub num_tasks_done: u64,
    /// All of them.
    pub num_tasks_total: u64,
    /// Done of total, 0 to 1; 0 where there is no task.
    pub progress: f64,
}

impl TaskCounts {
    /// The counts with what follows from them.
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

/// A project as its board's list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProjectSummary {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its place on the board.
    pub position: String,
    /// Its tasks by status.
    #[serde(flatten)]
    pub counts: TaskCounts,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its own members last changed.
    pub updated_at: Timestamp,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The board it is on.
    pub board_id: BoardId,
    /// Its place on the board.
    pub position: String,
    /// Its tasks by status.
    #[serde(flatten)]
    pub counts: TaskCounts,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its own members last changed.
    pub updated_at: Timestamp,
}

/// What a new project is made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCreate {
    /// The board it goes on, after the last one there.
    pub board_id: BoardId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
}

/// What changes of a project: `None` is left alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new description; `Some(None)` takes it away.
    #[serde(default, deserialize_with = "given")]
    pub description: Option<Option<String>>,
    /// The board to move to.
    pub board_id: Option<BoardId>,
    /// The new place.
    pub position: Option<Move<ProjectId>>,
}
