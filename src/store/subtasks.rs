//! Subtasks.

use rusqlite::{OptionalExtension, Row, params};

use super::connection::{Conn, Tx};
use super::position::{Place, Siblings, siblings};
use crate::error::Result;
use crate::model::ids::{SubtaskId, TaskId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::position::Move;
use crate::model::subtasks::{Subtask, SubtaskSummary};

const SIBLINGS: Siblings = siblings!("subtask", "task_id");

/// Returns a task's subtasks, sorted by position.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    task: TaskId,
    page: &PageRequest<String>,
) -> Result<PageRows<Subtask>> {
    let (position, after) = page.after.clone().unwrap_or_default();
    let mut statement = conn.prepare_cached(
        "SELECT id, task_id, label, is_completed, position, created_at, updated_at FROM subtask
          WHERE workspace_id = ?1 AND task_id = ?2 AND (position, id) > (?3, ?4) ORDER BY position, id LIMIT ?5",
    )?;
    let rows = statement.query_map(
        params![workspace, task, position, after, page.fetch()],
        subtask,
    )?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |subtask| {
        (subtask.position.clone(), subtask.id.uuid())
    }))
}

/// Returns a task's subtasks in their short form, sorted by position.
///
/// # Errors
/// Database errors only.
pub fn summaries(conn: &Conn, workspace: WorkspaceId, task: TaskId) -> Result<Vec<SubtaskSummary>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, label, is_completed FROM subtask WHERE workspace_id = ?1 AND task_id = ?2 ORDER BY position, id",
    )?;
    let rows = statement.query_map(params![workspace, task], |row| {
        Ok(SubtaskSummary {
            id: row.get(0)?,
            label: row.get(1)?,
            is_completed: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns a subtask.
///
/// # Errors
/// `subtask_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: SubtaskId) -> Result<Subtask> {
    let mut statement = conn.prepare_cached(
        "SELECT id, task_id, label, is_completed, position, created_at, updated_at FROM subtask
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement
        .query_row(params![workspace, id], subtask)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Returns the position after a task's last subtask.
///
/// # Errors
/// Database errors only.
pub fn append(tx: &Tx<'_>, workspace: WorkspaceId, task: TaskId) -> Result<Place> {
    SIBLINGS.append(tx, workspace, task.uuid())
}

/// Returns the new position of a subtask that moves.
///
/// # Errors
/// `subtask_not_found` for a neighbor that is not in that task.
pub fn place(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    task: TaskId,
    id: SubtaskId,
    wish: &Move<SubtaskId>,
) -> Result<Place> {
    let place = SIBLINGS.place(
        tx,
        workspace,
        task.uuid(),
        id.uuid(),
        &wish.map(SubtaskId::uuid),
    )?;
    place.ok_or_else(|| wish.anchor().unwrap_or(id).missing())
}

/// Adds a subtask.
///
/// # Errors
/// Database errors only.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, subtask: &Subtask) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO subtask (workspace_id, id, task_id, label, is_completed, position, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let Subtask {
        id,
        task_id,
        label,
        is_completed,
        position,
        created_at,
        updated_at,
    } = subtask;
    statement.execute(params![
        workspace,
        id,
        task_id,
        label,
        is_completed,
        position,
        created_at,
        updated_at
    ])?;
    Ok(())
}

/// Updates a subtask.
///
/// # Errors
/// Database errors only.
pub fn update(tx: &Tx<'_>, workspace: WorkspaceId, subtask: &Subtask) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE subtask SET label = ?3, is_completed = ?4, position = ?5, updated_at = ?6
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    let Subtask {
        id,
        label,
        is_completed,
        position,
        updated_at,
        ..
    } = subtask;
    statement.execute(params![
        workspace,
        id,
        label,
        is_completed,
        position,
        updated_at
    ])?;
    Ok(())
}

/// Deletes a subtask.
///
/// # Errors
/// `subtask_not_found`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: SubtaskId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM subtask WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.execute(params![workspace, id])? == 0 {
        Err(id.missing())
    } else {
        Ok(())
    }
}

fn subtask(row: &Row<'_>) -> rusqlite::Result<Subtask> {
    Ok(Subtask {
        id: row.get(0)?,
        task_id: row.get(1)?,
        label: row.get(2)?,
        is_completed: row.get(3)?,
        position: row.get(4)?,
        created_at: row.get(5)?,
        updated_at: row.get(6)?,
    })
}
