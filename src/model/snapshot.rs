//! Everything on a board, as a page that shows it needs it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::boards::Board;
use super::ids::{LaneId, ProjectId, TaskId};
use super::lanes::Lane;
use super::projects::ProjectSummary;
use super::tasks::Status;
use super::time::Timestamp;
use super::users::Member;

/// The query parameters of a snapshot.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct SnapshotQuery {
    tasks: Option<Choice>,
    archived: Option<Choice>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    True,
    False,
}

impl SnapshotQuery {
    /// Whether the snapshot has the member `tasks`.
    pub fn has_tasks(&self) -> bool {
        self.tasks != Some(Choice::False)
    }

    /// Whether only archived tasks are wanted.
    pub fn is_archived(&self) -> bool {
        self.archived == Some(Choice::True)
    }
}

/// A board and everything on it.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshot {
    /// The board.
    pub board: Board,
    /// Its lanes by position.
    pub lanes: Vec<Lane>,
    /// Its labels; there are none yet.
    pub labels: [Uuid; 0],
    /// The members of the workspace.
    pub members: Vec<Member>,
    /// Its projects by position.
    pub projects: Vec<ProjectSummary>,
    /// The tasks of the projects, if they are wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<SnapshotTask>>,
    /// The id of the journal.
    pub journal: Uuid,
    /// The sequence of the newest event in this state.
    pub latest: i64,
}

/// A task of a snapshot.
#[derive(Clone, Debug, Serialize)]
pub struct SnapshotTask {
    /// Its id.
    pub id: TaskId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The lane it sits in.
    pub workflow_lane_id: Option<LaneId>,
    /// What is to be done.
    pub label: String,
    /// How far it is.
    pub status: Status,
    /// Its place in the project.
    pub position: String,
    /// Its labels; there are none yet.
    pub label_ids: [Uuid; 0],
    /// Its assignees; there are none yet.
    pub assignee_ids: [Uuid; 0],
    /// The day it is due; none is yet.
    pub due_on: Option<String>,
    /// Its subtasks.
    pub subtasks_total: u64,
    /// Those of them that are done.
    pub subtasks_completed: u64,
    /// Its comments; there are none yet.
    pub comments_total: u64,
    /// Whether there is more about it.
    pub has_description: bool,
    /// When one of its own members last changed.
    pub updated_at: Timestamp,
}
