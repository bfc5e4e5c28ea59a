//! Entries of task lists.

use rusqlite::Row;

use crate::model::task_list::TaskListEntry;
use crate::model::tasks::TaskSummary;
use crate::store::{assignees, labels};

/// The columns of a list entry, for [`entry`].
pub(super) const ENTRY: &str =
    "t.id, t.label, t.status, t.workflow_lane_id, t.position, t.description, t.due_on,
    t.subtasks_total, t.subtasks_completed, t.archived_at, t.created_at, t.updated_at,
    t.comments_total";

/// Reads the columns [`ENTRY`], `ASSIGNEE_IDS` and `LABEL_IDS`, the project and the board.
pub(super) fn with_parents(row: &Row<'_>) -> rusqlite::Result<TaskListEntry> {
    Ok(TaskListEntry {
        task: entry(row)?,
        project_id: row.get(15)?,
        board_id: row.get(16)?,
    })
}

/// Reads the columns [`ENTRY`], `ASSIGNEE_IDS` and `LABEL_IDS`.
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<TaskSummary> {
    Ok(TaskSummary {
        id: row.get(0)?,
        label: row.get(1)?,
        status: row.get(2)?,
        workflow_lane_id: row.get(3)?,
        position: row.get(4)?,
        description: row.get(5)?,
        due_on: row.get(6)?,
        subtasks_total: row.get(7)?,
        subtasks_completed: row.get(8)?,
        comments_total: row.get(12)?,
        archived_at: row.get(9)?,
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
        assignee_ids: assignees::ids(row, 13)?,
        label_ids: labels::ids(row, 14)?,
    })
}
