//! Workflow lanes.

use super::boards::record_reordered;
use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::{BoardId, LaneId, WorkspaceId};
use crate::model::lanes::{Lane, LaneCreate, LaneUpdate};
use crate::model::page::{PageRequest, PageRows};
use crate::model::time::Timestamp;
use crate::store::position::Place;
use crate::store::{Conn, Tx, boards, lanes};

/// Returns a board's lanes.
///
/// # Errors
/// `board_not_found`.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    board: BoardId,
    page: &PageRequest<String>,
) -> Result<PageRows<Lane>> {
    boards::must_exist(conn, workspace, board)?;
    lanes::list(conn, workspace, board, page)
}

/// Creates a lane after the last one of its board.
///
/// # Errors
/// `board_not_found`.
pub fn create(tx: &Tx<'_>, ctx: &Ctx, board_id: BoardId, new: LaneCreate) -> Result<Lane> {
    boards::must_exist(tx, ctx.workspace, board_id)?;
    let place = lanes::append(tx, ctx.workspace, board_id)?;
    let now = Timestamp::now();
    let lane = Lane {
        id: LaneId::new(),
        board_id,
        name: new.name,
        position: place.key,
        wip_limit: new.wip_limit,
        color: new.color,
        created_at: now,
        updated_at: now,
    };
    add(tx, ctx, &lane)?;
    if place.is_respread {
        record_reordered(tx, ctx, board_id)?;
    }
    Ok(lane)
}

/// Adds a lane.
///
/// # Errors
/// `resource_limit_exceeded`.
pub(super) fn add(tx: &Tx<'_>, ctx: &Ctx, lane: &Lane) -> Result<()> {
    lanes::insert(tx, ctx.workspace, lane)?;
    tx.record(ctx, &event(EventType::LaneCreated, lane)?)
}

/// Updates a lane.
///
/// # Errors
/// `lane_not_found`, also for a neighbor that is not on the board.
pub fn update(tx: &Tx<'_>, ctx: &Ctx, id: LaneId, change: LaneUpdate) -> Result<Lane> {
    let old = lanes::get(tx, ctx.workspace, id)?;
    if let Some(wish) = &change.position {
        wish.refuse_word(Some(&old.position))?;
    }
    let place = match change.position {
        Some(wish) => lanes::place(tx, ctx.workspace, old.board_id, id, &wish)?,
        None => Place::at(old.position.clone()),
    };
    let mut lane = Lane {
        name: change.name.unwrap_or_else(|| old.name.clone()),
        position: place.key,
        wip_limit: change.wip_limit.unwrap_or(old.wip_limit),
        color: change.color.unwrap_or_else(|| old.color.clone()),
        ..old.clone()
    };
    if lane != old {
        lane.updated_at = Timestamp::now();
        lanes::update(tx, ctx.workspace, &lane)?;
        let event = event(EventType::LaneUpdated, &lane)?;
        tx.record(ctx, &event.with_changes(Changes::between(&old, &lane)?))?;
    }
    if place.is_respread {
        record_reordered(tx, ctx, lane.board_id)?;
    }
    Ok(lane)
}

/// Deletes a lane. Its tasks stay, without a lane.
///
/// # Errors
/// `lane_not_found`.
pub fn delete(tx: &Tx<'_>, ctx: &Ctx, id: LaneId) -> Result<()> {
    let lane = lanes::get(tx, ctx.workspace, id)?;
    let tasks = lanes::count_tasks(tx, ctx.workspace, id)?;
    lanes::delete(tx, ctx.workspace, id)?;
    let event = event(EventType::LaneDeleted, &lane)?;
    tx.record(ctx, &event.with_cleared_tasks(tasks))
}

fn event(kind: EventType, lane: &Lane) -> Result<NewEvent> {
    Ok(NewEvent::new(kind, lane)?.on_board(lane.board_id))
}
