//! Workflow lanes.

use crate::error::Result;
use crate::model::ids::{BoardId, LaneId, WorkspaceId};
use crate::model::lanes::{Lane, LaneCreate, LaneUpdate};
use crate::model::page::{Page, Slice};
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, boards, lanes};

/// A board's lanes.
///
/// # Errors
/// `board_not_found`.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    board: BoardId,
    page: &Page<String>,
) -> Result<Slice<Lane>> {
    boards::must_exist(conn, workspace, board)?;
    lanes::list(conn, workspace, board, page)
}

/// Makes a lane, after its board's last one.
///
/// # Errors
/// `board_not_found`.
pub fn create(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    board_id: BoardId,
    new: LaneCreate,
) -> Result<Lane> {
    boards::must_exist(tx, workspace, board_id)?;
    let now = Timestamp::now();
    let lane = Lane {
        id: LaneId::new(),
        board_id,
        name: new.name,
        position: lanes::append(tx, workspace, board_id)?,
        created_at: now,
        updated_at: now,
    };
    lanes::insert(tx, workspace, &lane)?;
    Ok(lane)
}

/// Changes a lane.
///
/// # Errors
/// `lane_not_found`, also for a neighbour that is not on the board.
pub fn update(tx: &Tx<'_>, workspace: WorkspaceId, id: LaneId, change: LaneUpdate) -> Result<Lane> {
    let old = lanes::get(tx, workspace, id)?;
    let position = match change.position {
        Some(wish) => lanes::place(tx, workspace, old.board_id, id, &wish)?,
        None => old.position.clone(),
    };
    let mut lane = Lane {
        name: change.name.unwrap_or_else(|| old.name.clone()),
        position,
        ..old.clone()
    };
    if lane != old {
        lane.updated_at = Timestamp::now();
        lanes::update(tx, workspace, &lane)?;
    }
    Ok(lane)
}
