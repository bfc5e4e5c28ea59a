//! Boards.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::Result;
use crate::model::boards::{Board, BoardSummary};
use crate::model::ids::{BoardId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};

/// Returns the workspace's boards, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    page: &PageRequest<i64>,
) -> Result<PageRows<BoardSummary>> {
    let (since, after) = page.after.unwrap_or((i64::MIN, Uuid::nil()));
    let mut statement = conn.prepare_cached(
        "SELECT id, name, description, icon, accent_color, created_at, updated_at FROM board
          WHERE workspace_id = ?1 AND (created_at, id) > (?2, ?3) ORDER BY created_at, id LIMIT ?4",
    )?;
    let rows = statement.query_map(params![workspace, since, after, page.fetch()], |row| {
        Ok(BoardSummary {
            id: row.get(0)?,
            name: row.get(1)?,
            description: row.get(2)?,
            icon: row.get(3)?,
            accent_color: row.get(4)?,
            created_at: row.get(5)?,
            updated_at: row.get(6)?,
            projects: None,
        })
    })?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |board| {
        (board.created_at.millis(), board.id.uuid())
    }))
}

/// Returns a board.
///
/// # Errors
/// `board_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: BoardId) -> Result<Board> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, description, icon, accent_color, background_color, layout_preference, created_at, updated_at
           FROM board WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement
        .query_row(params![workspace, id], board)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Checks that a board exists.
///
/// # Errors
/// `board_not_found`.
pub fn must_exist(conn: &Conn, workspace: WorkspaceId, id: BoardId) -> Result<()> {
    let mut statement =
        conn.prepare_cached("SELECT 1 FROM board WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.exists(params![workspace, id])? {
        Ok(())
    } else {
        Err(id.missing())
    }
}

/// Adds a board.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, board: &Board) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO board (workspace_id, id, name, description, icon, accent_color, background_color,
                            layout_preference, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let inserted = statement.execute(params![
        workspace,
        board.id,
        board.name,
        board.description,
        board.icon,
        board.accent_color,
        board.background_color,
        board.layout_preference,
        board.created_at,
        board.updated_at
    ]);
    inserted
        .map(drop)
        .map_err(|cause| sqlite_error::of_insert(tx, workspace, cause))
}

/// Updates a board.
///
/// # Errors
/// Database errors only.
pub fn update(tx: &Tx<'_>, workspace: WorkspaceId, board: &Board) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE board SET name = ?3, description = ?4, icon = ?5, accent_color = ?6, background_color = ?7,
                          layout_preference = ?8, updated_at = ?9
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement.execute(params![
        workspace,
        board.id,
        board.name,
        board.description,
        board.icon,
        board.accent_color,
        board.background_color,
        board.layout_preference,
        board.updated_at
    ])?;
    Ok(())
}

/// The number of objects on a board.
#[derive(Clone, Copy, Debug)]
pub struct Contents {
    /// Number of projects.
    pub projects: u64,
    /// Number of lanes.
    pub lanes: u64,
    /// Number of labels.
    pub labels: u64,
    /// Number of tasks.
    pub tasks: u64,
    /// Number of subtasks.
    pub subtasks: u64,
    /// Number of comments.
    pub comments: u64,
}

/// Counts the objects on a board.
///
/// # Errors
/// Database errors only.
pub fn contents(conn: &Conn, workspace: WorkspaceId, id: BoardId) -> Result<Contents> {
    let mut statement = conn.prepare_cached(
        "SELECT (SELECT count(*) FROM project WHERE workspace_id = ?1 AND board_id = ?2), count(*),
                (SELECT count(*) FROM lane WHERE workspace_id = ?1 AND board_id = ?2),
                (SELECT count(*) FROM label WHERE workspace_id = ?1 AND board_id = ?2),
                coalesce(sum(t.subtasks_total), 0), coalesce(sum(t.comments_total), 0)
           FROM project p JOIN task t ON t.workspace_id = p.workspace_id AND t.project_id = p.id
          WHERE p.workspace_id = ?1 AND p.board_id = ?2",
    )?;
    Ok(statement.query_row(params![workspace, id], |row| {
        Ok(Contents {
            projects: row.get(0)?,
            tasks: row.get(1)?,
            lanes: row.get(2)?,
            labels: row.get(3)?,
            subtasks: row.get(4)?,
            comments: row.get(5)?,
        })
    })?)
}

/// Deletes a board with its lanes, labels, projects, tasks, subtasks and comments.
///
/// # Errors
/// `board_not_found`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: BoardId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM board WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.execute(params![workspace, id])? == 0 {
        Err(id.missing())
    } else {
        Ok(())
    }
}

pub(super) fn board(row: &Row<'_>) -> rusqlite::Result<Board> {
    Ok(Board {
        id: row.get(0)?,
        name: row.get(1)?,
        description: row.get(2)?,
        icon: row.get(3)?,
        accent_color: row.get(4)?,
        background_color: row.get(5)?,
        layout_preference: row.get(6)?,
        created_at: row.get(7)?,
        updated_at: row.get(8)?,
    })
}
