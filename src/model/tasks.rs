//! Tasks.

use serde::{Deserialize, Serialize};
use serde_repr::{Deserialize_repr, Serialize_repr};

use super::ids::{LaneId, ProjectId, TaskId};
use super::patch::given;
use super::position::Move;
use super::subtasks::{SubtaskCounts, SubtaskSummary};
use super::time::Timestamp;

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize_repr, Deserialize_repr)]
#[repr(u8)]
pub enum Status {
    /// 0
    #[default]
    Open = 0,
    /// 1
    InProgress = 1,
    /// 2
    Done = 2,
}

impl Status {
    /// The status behind a stored number.
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Status::Open),
            1 => Some(Status::InProgress),
            2 => Some(Status::Done),
            _ => None,
        }
    }
}

/// A task as its project's list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskSummary {
    /// Its id.
    pub id: TaskId,
    /// What is to be done.
    pub label: String,
    /// How far it is.
    pub status: Status,
    /// Its place in the project.
    pub position: String,
    /// More about it.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its own members last changed.
    pub updated_at: Timestamp,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What is to be done.
    pub label: String,
    /// How far it is.
    pub status: Status,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The lane it sits in.
    pub workflow_lane_id: Option<LaneId>,
    /// Its place in the project.
    pub position: String,
    /// More about it.
    pub description: Option<String>,
    /// Its subtasks, in order.
    pub subtasks: Vec<SubtaskSummary>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its own members last changed.
    pub updated_at: Timestamp,
    /// What it counts; not shown beside its subtasks.
    #[serde(skip)]
    pub counts: SubtaskCounts,
}

impl Task {
    /// The task as events show it: without its subtasks, so that its size has a bound.
    pub fn entry(&self) -> TaskEntry<'_> {
        TaskEntry {
            id: self.id,
            label: &self.label,
            status: self.status,
            project_id: self.project_id,
            workflow_lane_id: self.workflow_lane_id,
            position: &self.position,
            description: self.description.as_deref(),
            subtasks_total: self.counts.subtasks_total,
            subtasks_completed: self.counts.subtasks_completed,
            comments_total: self.counts.comments_total,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// A task in an event.
#[derive(Clone, Debug, Serialize)]
pub struct TaskEntry<'t> {
    id: TaskId,
    label: &'t str,
    status: Status,
    project_id: ProjectId,
    workflow_lane_id: Option<LaneId>,
    position: &'t str,
    description: Option<&'t str>,
    subtasks_total: u64,
    subtasks_completed: u64,
    comments_total: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What a new task is made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskCreate {
    /// The project it goes into, after the last one there.
    pub project_id: ProjectId,
    /// What is to be done.
    pub label: String,
    /// More about it.
    pub description: Option<String>,
    /// How far it is.
    #[serde(default)]
    pub status: Status,
}

/// What changes of a task: `None` is left alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskUpdate {
    /// The new label.
    pub label: Option<String>,
    /// The new description; `Some(None)` takes it away.
    #[serde(default, deserialize_with = "given")]
    pub description: Option<Option<String>>,
    /// The new status.
    pub status: Option<Status>,
    /// The new lane; `Some(None)` takes it out of its lane.
    #[serde(default, deserialize_with = "given")]
    pub workflow_lane_id: Option<Option<LaneId>>,
    /// The project to move to.
    pub project_id: Option<ProjectId>,
    /// The new place.
    pub position: Option<Move<TaskId>>,
}

/// Which lane a list of tasks is narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneFilter {
    /// Tasks in no lane.
    None,
    /// Tasks in this one.
    In(LaneId),
}

impl<'de> Deserialize<'de> for LaneFilter {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "none" {
            return Ok(LaneFilter::None);
        }
        text.parse()
            .map(LaneFilter::In)
            .map_err(|_| serde::de::Error::custom("a lane id or \"none\""))
    }
}

/// What a list of a project's tasks is narrowed to.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct TaskFilter {
    /// Only tasks this far.
    pub status: Option<Status>,
    /// Only tasks in this lane.
    pub lane: Option<LaneFilter>,
    /// Only tasks whose label has this text in it, whatever the case of its ASCII letters.
    pub q: Option<String>,
}

impl TaskFilter {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.status.is_none() && self.lane.is_none() && self.q.is_none()
    }
}
