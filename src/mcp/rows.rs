//! Tasks as agents see them: with names, which are also what the arguments of tools take.

use serde::Serialize;

use super::places::Places;
use crate::error::Result;
use crate::model::date::Date;
use crate::model::ids::{BoardId, TaskId};
use crate::model::snapshot::SnapshotTask;
use crate::model::task_list::TaskListEntry;
use crate::model::tasks::{Status, Task};
use crate::model::time::Timestamp;

/// A task in a list.
#[derive(Serialize)]
pub(super) struct TaskRow {
    id: TaskId,
    label: String,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    board: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lane: Option<String>,
    labels: Vec<String>,
    assignees: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<Timestamp>,
    updated_at: Timestamp,
}

impl TaskRow {
    /// A task of the workspace's list.
    pub(super) fn of_entry(places: &Places<'_>, entry: TaskListEntry) -> Result<Self> {
        let task = entry.task;
        Ok(Self {
            id: task.id,
            status: task.status,
            board: places.board(entry.board_id)?,
            project: places.project(entry.project_id)?.map(|(name, _)| name),
            lane: places.lane(task.workflow_lane_id)?,
            labels: places.labels(&task.label_ids)?,
            assignees: places.members(&task.assignee_ids)?,
            due_on: task.due_on,
            archived_at: task.archived_at,
            updated_at: task.updated_at,
            label: task.label,
        })
    }

    /// A task of a board's snapshot.
    pub(super) fn of_snapshot(places: &Places<'_>, task: &SnapshotTask) -> Result<Self> {
        Ok(Self {
            id: task.id,
            label: task.label.clone(),
            status: task.status,
            board: None,
            project: places.project(task.project_id)?.map(|(name, _)| name),
            lane: places.lane(task.workflow_lane_id)?,
            labels: places.labels(&task.label_ids)?,
            assignees: places.members(&task.assignee_ids)?,
            due_on: task.due_on,
            archived_at: None,
            updated_at: task.updated_at,
        })
    }

    /// A whole task.
    pub(super) fn of_task(places: &Places<'_>, task: &Task) -> Result<Self> {
        let project = places.project(task.project_id)?;
        let board: Option<BoardId> = project.as_ref().map(|(_, board)| *board);
        Ok(Self {
            id: task.id,
            label: task.label.clone(),
            status: task.status,
            board: board.map(|id| places.board(id)).transpose()?.flatten(),
            project: project.map(|(name, _)| name),
            lane: places.lane(task.workflow_lane_id)?,
            labels: task.labels.iter().map(|label| label.name.clone()).collect(),
            assignees: task.assignees.iter().map(|one| one.name.clone()).collect(),
            due_on: task.due_on,
            archived_at: task.archived_at,
            updated_at: task.updated_at,
        })
    }
}
