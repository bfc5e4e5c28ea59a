//! Tasks.

use serde::{Deserialize, Serialize, Serializer};
use serde_repr::{Deserialize_repr, Serialize_repr};

use super::ids::{LabelId, LaneId, ProjectId, TaskId};
use super::labels::LabelSummary;
use super::patch::nullable;
use super::position::Move;
use super::subtasks::{SubtaskCounts, SubtaskSummary};
use super::time::Timestamp;

/// The status of a task.
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
    /// The status with this stored number.
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Status::Open),
            1 => Some(Status::InProgress),
            2 => Some(Status::Done),
            _ => None,
        }
    }
}

/// A task in a project's list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskSummary {
    /// The id.
    pub id: TaskId,
    /// The label: what is to be done.
    pub label: String,
    /// The status.
    pub status: Status,
    /// The position in the project.
    pub position: String,
    /// The description.
    pub description: Option<String>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
    /// The labels, sorted by id.
    pub label_ids: Vec<LabelId>,
    /// Number of comments.
    pub comments_total: u64,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Task {
    /// The id.
    pub id: TaskId,
    /// The label: what is to be done.
    pub label: String,
    /// The status.
    pub status: Status,
    /// The project.
    pub project_id: ProjectId,
    /// The lane, if any.
    pub workflow_lane_id: Option<LaneId>,
    /// The position in the project.
    pub position: String,
    /// The description.
    pub description: Option<String>,
    /// The subtasks, sorted by position.
    pub subtasks: Vec<SubtaskSummary>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
    /// The labels, sorted by id.
    pub labels: Vec<LabelSummary>,
    /// The counters. Only the number of comments is shown, because the subtasks are shown themselves.
    #[serde(rename = "comments_total", serialize_with = "comments_total")]
    pub counts: SubtaskCounts,
}

impl Task {
    /// Returns the task as events show it. Without subtasks, its size is limited.
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
            label_ids: self.labels.iter().map(|label| label.id).collect(),
        }
    }
}

fn comments_total<S: Serializer>(counts: &SubtaskCounts, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(counts.comments_total)
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
    label_ids: Vec<LabelId>,
}

/// The fields of a new task.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskCreate {
    /// The project. The task goes after the last one there.
    pub project_id: ProjectId,
    /// The label: what is to be done.
    pub label: String,
    /// The description.
    pub description: Option<String>,
    /// The status.
    #[serde(default)]
    pub status: Status,
    /// The labels.
    #[serde(default)]
    pub label_ids: Vec<LabelId>,
}

/// Changes to a task. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskUpdate {
    /// The new label.
    pub label: Option<String>,
    /// The new description; `Some(None)` removes it.
    #[serde(default, deserialize_with = "nullable")]
    pub description: Option<Option<String>>,
    /// The new status.
    pub status: Option<Status>,
    /// The new lane; `Some(None)` removes the task from its lane.
    #[serde(default, deserialize_with = "nullable")]
    pub workflow_lane_id: Option<Option<LaneId>>,
    /// The project to move to.
    pub project_id: Option<ProjectId>,
    /// The new position.
    pub position: Option<Move<TaskId>>,
    /// The new labels, instead of the present ones.
    pub label_ids: Option<Vec<LabelId>>,
}

/// A filter by lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneFilter {
    /// Tasks in no lane.
    None,
    /// Tasks in this lane.
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

/// The filters of a project's task list.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct TaskFilter {
    /// Only tasks with this status.
    pub status: Option<Status>,
    /// Only tasks in this lane.
    pub lane: Option<LaneFilter>,
    /// Only tasks whose label contains this text. ASCII letters match in either case.
    pub q: Option<String>,
}

impl TaskFilter {
    /// Whether no filter is given.
    pub fn is_empty(&self) -> bool {
        self.status.is_none() && self.lane.is_none() && self.q.is_none()
    }
}
