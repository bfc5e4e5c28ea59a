//! A snapshot: everything on a board.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::boards::Board;
use super::date::Date;
use super::ids::{LabelId, LaneId, ProjectId, TaskId, UserId};
use super::labels::Label;
use super::lanes::Lane;
use super::members::Member;
use super::projects::ProjectSummary;
use super::task_list::Archived;
use super::tasks::Status;
use super::time::Timestamp;

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
    /// The tasks of the snapshot; `None` for a snapshot without the field `tasks`.
    pub fn tasks(&self) -> Option<Archived> {
        match (self.tasks, self.archived) {
            (Some(Choice::False), _) => None,
            (_, Some(Choice::True)) => Some(Archived::True),
            _ => Some(Archived::False),
        }
    }
}

/// A board and everything on it.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshot<T> {
    /// The board.
    pub board: Board,
    /// The lanes, sorted by position.
    pub lanes: Vec<Lane>,
    /// The labels, oldest first.
    pub labels: Vec<Label>,
    /// The members of the workspace.
    pub members: Vec<Member>,
    /// The projects, sorted by position.
    pub projects: Vec<ProjectSummary>,
    /// The tasks of the projects, if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<T>,
    /// The journal's id.
    pub journal: Uuid,
    /// The sequence of the newest event that this state includes.
    pub latest: i64,
}

/// A task of a snapshot.
#[derive(Clone, Debug, Serialize)]
pub struct SnapshotTask {
    /// The id.
    pub id: TaskId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The lane, if any.
    pub workflow_lane_id: Option<LaneId>,
    /// The label: what is to be done.
    pub label: String,
    /// The status.
    pub status: Status,
    /// The position in the project.
    pub position: String,
    /// The labels, sorted by id.
    pub label_ids: Vec<LabelId>,
    /// The assignees, sorted by id.
    pub assignee_ids: Vec<UserId>,
    /// The due date.
    pub due_on: Option<Date>,
    /// Number of subtasks.
    pub subtasks_total: u64,
    /// Number of completed subtasks.
    pub subtasks_completed: u64,
    /// Number of comments.
    pub comments_total: u64,
    /// Whether it has a description.
    pub has_description: bool,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}
