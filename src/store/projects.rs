//! Projects.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Row, params};

use super::connection::{Conn, Tx};
use super::position::{Place, Siblings, siblings};
use super::sqlite_error;
use crate::error::Result;
use crate::model::ids::{BoardId, ProjectId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::position::Move;
use crate::model::projects::{Project, ProjectSummary, TaskCounts};

const SIBLINGS: Siblings = siblings!("project", "board_id");

/// Returns a board's projects, sorted by position.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    board: BoardId,
    page: &PageRequest<String>,
) -> Result<PageRows<ProjectSummary>> {
    // An empty key and the nil id sort before every row.
    let (position, after) = page.after.clone().unwrap_or_default();
    let mut statement = conn.prepare_cached(
        "SELECT id, name, description, position, tasks_open, tasks_in_progress, tasks_done, created_at, updated_at
           FROM project WHERE workspace_id = ?1 AND board_id = ?2 AND (position, id) > (?3, ?4)
          ORDER BY position, id LIMIT ?5",
    )?;
    let rows = statement.query_map(
        params![workspace, board, position, after, page.fetch()],
        |row| summary(row, 0),
    )?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |project| {
        (project.position.clone(), project.id.uuid())
    }))
}

/// Returns the workspace's projects by board, each board's sorted by position.
///
/// # Errors
/// Database errors only.
pub fn by_board(
    conn: &Conn,
    workspace: WorkspaceId,
) -> Result<HashMap<BoardId, Vec<ProjectSummary>>> {
    let mut statement = conn.prepare_cached(
        "SELECT board_id, id, name, description, position, tasks_open, tasks_in_progress, tasks_done, created_at,
                updated_at
           FROM project WHERE workspace_id = ?1 ORDER BY board_id, position, id",
    )?;
    let mut rows = statement.query(params![workspace])?;
    let mut boards: HashMap<BoardId, Vec<ProjectSummary>> = HashMap::new();
    while let Some(row) = rows.next()? {
        boards
            .entry(row.get(0)?)
            .or_default()
            .push(summary(row, 1)?);
    }
    Ok(boards)
}

/// Returns a project.
///
/// # Errors
/// `project_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: ProjectId) -> Result<Project> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, description, position, tasks_open, tasks_in_progress, tasks_done, created_at, updated_at,
                board_id
           FROM project WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement
        .query_row(params![workspace, id], project)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Returns the board of a project.
///
/// # Errors
/// `project_not_found`.
pub fn board_of(conn: &Conn, workspace: WorkspaceId, id: ProjectId) -> Result<BoardId> {
    let mut statement =
        conn.prepare_cached("SELECT board_id FROM project WHERE workspace_id = ?1 AND id = ?2")?;
    statement
        .query_row(params![workspace, id], |row| row.get(0))
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Returns the position after a board's last project.
///
/// # Errors
/// Database errors only.
pub fn append(tx: &Tx<'_>, workspace: WorkspaceId, board: BoardId) -> Result<Place> {
    SIBLINGS.append(tx, workspace, board.uuid())
}

/// Returns the new position of a project that moves.
///
/// # Errors
/// `project_not_found` for a neighbor that is not on that board.
pub fn place(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    board: BoardId,
    id: ProjectId,
    wish: &Move<ProjectId>,
) -> Result<Place> {
    let place = SIBLINGS.place(
        tx,
        workspace,
        board.uuid(),
        id.uuid(),
        &wish.map(ProjectId::uuid),
    )?;
    place.ok_or_else(|| wish.anchor().unwrap_or(id).missing())
}

/// Adds a project.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, project: &Project) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO project (workspace_id, id, board_id, name, description, position, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let inserted = statement.execute(params![
        workspace,
        project.id,
        project.board_id,
        project.name,
        project.description,
        project.position,
        project.created_at,
        project.updated_at
    ]);
    inserted
        .map(drop)
        .map_err(|cause| sqlite_error::of_insert(tx, workspace, cause))
}

/// Updates a project's own columns; triggers maintain its counters.
///
/// # Errors
/// Database errors only.
pub fn update(tx: &Tx<'_>, workspace: WorkspaceId, project: &Project) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE project SET name = ?3, description = ?4, board_id = ?5, position = ?6, updated_at = ?7
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement.execute(params![
        workspace,
        project.id,
        project.name,
        project.description,
        project.board_id,
        project.position,
        project.updated_at
    ])?;
    Ok(())
}

/// Counts the tasks of a project, archived ones too, their subtasks and their comments.
///
/// # Errors
/// Database errors only.
pub fn count_contents(
    conn: &Conn,
    workspace: WorkspaceId,
    id: ProjectId,
) -> Result<(u64, u64, u64)> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*), coalesce(sum(subtasks_total), 0), coalesce(sum(comments_total), 0)
           FROM task WHERE workspace_id = ?1 AND project_id = ?2",
    )?;
    Ok(statement.query_row(params![workspace, id], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?)
}

/// Counts the tasks of a project that refer to its board: they are in a lane or have labels.
///
/// # Errors
/// Database errors only.
pub fn count_tasks_of_board(conn: &Conn, workspace: WorkspaceId, id: ProjectId) -> Result<u64> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) FROM task t WHERE workspace_id = ?1 AND project_id = ?2 AND (
           workflow_lane_id IS NOT NULL
           OR EXISTS (SELECT 1 FROM task_label WHERE workspace_id = t.workspace_id AND task_id = t.id))",
    )?;
    Ok(statement.query_row(params![workspace, id], |row| row.get(0))?)
}

/// Deletes a project with its tasks, subtasks and comments.
///
/// # Errors
/// `project_not_found`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: ProjectId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM project WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.execute(params![workspace, id])? == 0 {
        Err(id.missing())
    } else {
        Ok(())
    }
}

fn summary(row: &Row<'_>, first: usize) -> rusqlite::Result<ProjectSummary> {
    Ok(ProjectSummary {
        id: row.get(first)?,
        name: row.get(first + 1)?,
        description: row.get(first + 2)?,
        position: row.get(first + 3)?,
        counts: TaskCounts::new(
            row.get(first + 4)?,
            row.get(first + 5)?,
            row.get(first + 6)?,
        ),
        created_at: row.get(first + 7)?,
        updated_at: row.get(first + 8)?,
    })
}

fn project(row: &Row<'_>) -> rusqlite::Result<Project> {
    let ProjectSummary {
        id,
        name,
        description,
        position,
        counts,
        created_at,
        updated_at,
    } = summary(row, 0)?;
    Ok(Project {
        id,
        name,
        description,
        board_id: row.get(9)?,
        position,
        counts,
        created_at,
        updated_at,
    })
}
