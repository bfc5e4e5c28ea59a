//! Snapshots: everything on a board.

use rusqlite::params;

use super::assignees::{self, ASSIGNEE_IDS};
use super::connection::Conn;
use super::labels::LABEL_IDS;
use super::{boards, events, labels, lanes, members, projects};
use crate::error::Result;
use crate::model::ids::{BoardId, WorkspaceId};
use crate::model::page::PageRequest;
use crate::model::snapshot::{Snapshot, SnapshotTask};
use crate::model::task_list::{Archived, BucketFilter, Buckets};

/// Returns everything on a board, with these tasks. [`each_task`] reads them in the same transaction.
///
/// # Errors
/// `board_not_found`.
pub fn get<T>(
    conn: &Conn,
    workspace: WorkspaceId,
    id: BoardId,
    tasks: Option<T>,
) -> Result<Snapshot<T>> {
    let board = boards::get(conn, workspace, id)?;
    let journal = events::journal(conn, workspace)?;
    Ok(Snapshot {
        board,
        lanes: lanes::list(conn, workspace, id, &PageRequest::ALL)?.rows,
        labels: labels::list(conn, workspace, id, &PageRequest::ALL)?.rows,
        members: members::all(conn, workspace)?,
        projects: projects::list(conn, workspace, id, &PageRequest::ALL)?.rows,
        tasks,
        journal: journal.id,
        latest: journal.latest,
    })
}

/// Calls a function for each task on a board, in the order of projects and positions.
///
/// # Errors
/// Those of the function.
pub fn each_task(
    conn: &Conn,
    workspace: WorkspaceId,
    board: BoardId,
    archived: Archived,
    each: &mut dyn FnMut(&SnapshotTask) -> Result<()>,
) -> Result<()> {
    // CROSS JOIN keeps the order of the loops, because projects and tasks both come sorted from their indexes.
    let mut statement = conn.prepare_cached(&format!(
        "SELECT t.id, t.project_id, t.workflow_lane_id, t.label, t.status, t.position, t.subtasks_total,
                t.subtasks_completed, t.description IS NOT NULL AND t.description <> '', t.updated_at,
                t.comments_total, {LABEL_IDS}, t.due_on, {ASSIGNEE_IDS}
           FROM project p
          CROSS JOIN task t ON t.workspace_id = p.workspace_id AND t.project_id = p.id
          WHERE p.workspace_id = ?1 AND p.board_id = ?2 AND ?3 >> t.bucket & 1
          ORDER BY p.position, p.id, t.position, t.id"
    ))?;
    let buckets = Buckets::of(BucketFilter {
        archived,
        ..BucketFilter::default()
    });
    let mut rows = statement.query(params![workspace, board, buckets.mask()])?;
    while let Some(row) = rows.next()? {
        each(&SnapshotTask {
            id: row.get(0)?,
            project_id: row.get(1)?,
            workflow_lane_id: row.get(2)?,
            label: row.get(3)?,
            status: row.get(4)?,
            position: row.get(5)?,
            label_ids: labels::ids(row, 11)?,
            assignee_ids: assignees::ids(row, 13)?,
            due_on: row.get(12)?,
            subtasks_total: row.get(6)?,
            subtasks_completed: row.get(7)?,
            comments_total: row.get(10)?,
            has_description: row.get(8)?,
            updated_at: row.get(9)?,
        })?;
    }
    Ok(())
}
