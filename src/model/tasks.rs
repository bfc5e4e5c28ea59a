//! Tasks.

use serde::{Deserialize, Serialize, Serializer};
use serde_repr::{Deserialize_repr, Serialize_repr};

use super::date::Date;
use super::ids::{LabelId, LaneId, ProjectId, TaskId, UserId};
use super::labels::LabelSummary;
use super::patch::nullable;
use super::position::Move;
use super::subtasks::{SubtaskCounts, SubtaskSummary};
use super::time::Timestamp;
use super::users::Person;

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
    /// The lane, if any.
    pub workflow_lane_id: Option<LaneId>,
    /// The position in the project.
    pub position: String,
    /// The description.
    pub description: Option<String>,
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
    /// When it was archived; `None` if it is not.
    pub archived_at: Option<Timestamp>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
    /// The labels, sorted by id.
    pub label_ids: Vec<LabelId>,
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
    /// The assignees, sorted by id.
    pub assignees: Vec<Person>,
    /// The due date.
    pub due_on: Option<Date>,
    /// When it was archived; `None` if it is not.
    pub archived_at: Option<Timestamp>,
    /// The user who created it; `None` for a command, or if the user no longer exists.
    pub created_by: Option<Person>,
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
            description: Some(self.description.as_deref()),
            assignee_ids: self.assignees.iter().map(|person| person.id).collect(),
            due_on: self.due_on,
            subtasks_total: self.counts.subtasks_total,
            subtasks_completed: self.counts.subtasks_completed,
            comments_total: self.counts.comments_total,
            archived_at: self.archived_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            label_ids: self.labels.iter().map(|label| label.id).collect(),
        }
    }

    /// Returns the task as the response to a batch shows it: without the description.
    pub fn short_entry(&self) -> TaskEntry<'_> {
        TaskEntry {
            description: None,
            ..self.entry()
        }
    }
}

fn comments_total<S: Serializer>(counts: &SubtaskCounts, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(counts.comments_total)
}

/// A task in an event, or in the response to a batch.
#[derive(Clone, Debug, Serialize)]
pub struct TaskEntry<'t> {
    id: TaskId,
    label: &'t str,
    status: Status,
    project_id: ProjectId,
    workflow_lane_id: Option<LaneId>,
    position: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Option<&'t str>>,
    assignee_ids: Vec<UserId>,
    due_on: Option<Date>,
    subtasks_total: u64,
    subtasks_completed: u64,
    comments_total: u64,
    archived_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
    label_ids: Vec<LabelId>,
}

/// The fields of a new task.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskCreate {
    /// The project.
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
    /// The lane.
    pub workflow_lane_id: Option<LaneId>,
    /// The position; without one, the task goes after the last one of its project.
    pub position: Option<Move<TaskId>>,
    /// The assignees.
    #[serde(default)]
    pub assignee_ids: Vec<UserId>,
    /// The due date.
    pub due_on: Option<Date>,
    /// Whether it is archived from the start.
    #[serde(default)]
    pub is_archived: bool,
}

impl TaskCreate {
    /// A task with only the required fields.
    pub fn new(project_id: ProjectId, label: impl Into<String>) -> Self {
        Self {
            project_id,
            label: label.into(),
            description: None,
            status: Status::Open,
            label_ids: Vec::new(),
            workflow_lane_id: None,
            position: None,
            assignee_ids: Vec::new(),
            due_on: None,
            is_archived: false,
        }
    }
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
    /// The new assignees, instead of the present ones.
    pub assignee_ids: Option<Vec<UserId>>,
    /// The new due date; `Some(None)` removes it.
    #[serde(default, deserialize_with = "nullable")]
    pub due_on: Option<Option<Date>>,
    /// Whether the task is to be archived.
    pub is_archived: Option<bool>,
}
