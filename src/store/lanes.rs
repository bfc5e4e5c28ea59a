//! Workflow lanes.

use rusqlite::{OptionalExtension, Row, params};

use super::connection::{Conn, Tx};
use super::position::{Place, Siblings, siblings};
use super::sqlite_error;
use crate::error::Result;
use crate::model::ids::{BoardId, LaneId, WorkspaceId};
use crate::model::lanes::Lane;
use crate::model::page::{PageRequest, PageRows};
use crate::model::plans::{LANES_PER_BOARD, Limited};
use crate::model::position::Move;

const SIBLINGS: Siblings = siblings!("lane", "board_id");

/// Returns a board's lanes, sorted by position.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    board: BoardId,
    page: &PageRequest<String>,
) -> Result<PageRows<Lane>> {
    let (position, after) = page.after.clone().unwrap_or_default();
    let mut statement = conn.prepare_cached(
        "SELECT id, board_id, name, position, wip_limit, color, created_at, updated_at FROM lane
          WHERE workspace_id = ?1 AND board_id = ?2 AND (position, id) > (?3, ?4) ORDER BY position, id LIMIT ?5",
    )?;
    let rows = statement.query_map(
        params![workspace, board, position, after, page.fetch()],
        lane,
    )?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |lane| {
        (lane.position.clone(), lane.id.uuid())
    }))
}

/// Returns a lane.
///
/// # Errors
/// `lane_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: LaneId) -> Result<Lane> {
    let mut statement = conn.prepare_cached(
        "SELECT id, board_id, name, position, wip_limit, color, created_at, updated_at FROM lane
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement
        .query_row(params![workspace, id], lane)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Checks that a board has a lane.
///
/// # Errors
/// `lane_not_found`, also for a lane of another board.
pub fn must_be_on(conn: &Conn, workspace: WorkspaceId, board: BoardId, id: LaneId) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT 1 FROM lane WHERE workspace_id = ?1 AND id = ?2 AND board_id = ?3",
    )?;
    match statement.exists(params![workspace, id, board])? {
        true => Ok(()),
        false => Err(id.missing()),
    }
}

/// Returns the position after a board's last lane.
///
/// # Errors
/// Database errors only.
pub fn append(tx: &Tx<'_>, workspace: WorkspaceId, board: BoardId) -> Result<Place> {
    SIBLINGS.append(tx, workspace, board.uuid())
}

/// Returns the new position of a lane that moves.
///
/// # Errors
/// `lane_not_found` for a neighbor that is not on that board.
pub fn place(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    board: BoardId,
    id: LaneId,
    wish: &Move<LaneId>,
) -> Result<Place> {
    let place = SIBLINGS.place(
        tx,
        workspace,
        board.uuid(),
        id.uuid(),
        &wish.map(LaneId::uuid),
    )?;
    place.ok_or_else(|| wish.anchor().unwrap_or(id).missing())
}

/// Adds a lane.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, lane: &Lane) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO lane (workspace_id, id, board_id, name, position, wip_limit, color, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let Lane {
        id,
        board_id,
        name,
        position,
        wip_limit,
        color,
        created_at,
        updated_at,
    } = lane;
    let inserted = statement.execute(params![
        workspace, id, board_id, name, position, wip_limit, color, created_at, updated_at
    ]);
    let current = || count(tx, workspace, *board_id);
    inserted.map(drop).map_err(|cause| {
        sqlite_error::of_fixed_limit(cause, Limited::Lanes, LANES_PER_BOARD, current)
    })
}

/// Counts a board's lanes.
fn count(conn: &Conn, workspace: WorkspaceId, board: BoardId) -> Result<u64> {
    let mut statement =
        conn.prepare_cached("SELECT count(*) FROM lane WHERE workspace_id = ?1 AND board_id = ?2")?;
    Ok(statement.query_row(params![workspace, board], |row| row.get(0))?)
}

/// Updates a lane.
///
/// # Errors
/// Database errors only.
pub fn update(tx: &Tx<'_>, workspace: WorkspaceId, lane: &Lane) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE lane SET name = ?3, position = ?4, wip_limit = ?5, color = ?6, updated_at = ?7
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement.execute(params![
        workspace,
        lane.id,
        lane.name,
        lane.position,
        lane.wip_limit,
        lane.color,
        lane.updated_at
    ])?;
    Ok(())
}

/// Counts the tasks in a lane.
///
/// # Errors
/// Database errors only.
pub fn count_tasks(conn: &Conn, workspace: WorkspaceId, id: LaneId) -> Result<u64> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) FROM task WHERE workspace_id = ?1 AND workflow_lane_id = ?2",
    )?;
    Ok(statement.query_row(params![workspace, id], |row| row.get(0))?)
}

/// Deletes a lane. Its tasks stay, without a lane.
///
/// # Errors
/// `lane_not_found`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: LaneId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM lane WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.execute(params![workspace, id])? == 0 {
        Err(id.missing())
    } else {
        Ok(())
    }
}

pub(super) fn lane(row: &Row<'_>) -> rusqlite::Result<Lane> {
    Ok(Lane {
        id: row.get(0)?,
        board_id: row.get(1)?,
        name: row.get(2)?,
        position: row.get(3)?,
        wip_limit: row.get(4)?,
        color: row.get(5)?,
        created_at: row.get(6)?,
        updated_at: row.get(7)?,
    })
}
