//! Boards.

use crate::error::Result;
use crate::model::boards::{
    Board, BoardCreate, BoardSummary, BoardUpdate, DEFAULT_ACCENT_COLOR, DEFAULT_BACKGROUND_COLOR,
    DEFAULT_ICON,
};
use crate::model::context::Ctx;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::{BoardId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, boards, projects};

/// Creates a board.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn create(tx: &Tx<'_>, ctx: &Ctx, new: BoardCreate) -> Result<Board> {
    let now = Timestamp::now();
    let board = Board {
        id: BoardId::new(),
        name: new.name,
        description: new.description,
        icon: new.icon.unwrap_or_else(|| DEFAULT_ICON.to_owned()),
        accent_color: new
            .accent_color
            .unwrap_or_else(|| DEFAULT_ACCENT_COLOR.to_owned()),
        background_color: new
            .background_color
            .unwrap_or_else(|| DEFAULT_BACKGROUND_COLOR.to_owned()),
        layout_preference: new.layout_preference.unwrap_or_default(),
        created_at: now,
        updated_at: now,
    };
    add(tx, ctx, &board)?;
    Ok(board)
}

/// Adds a board.
///
/// # Errors
/// `resource_limit_exceeded`.
pub(super) fn add(tx: &Tx<'_>, ctx: &Ctx, board: &Board) -> Result<()> {
    boards::insert(tx, ctx.workspace, board)?;
    tx.record(ctx, &event(EventType::BoardCreated, board)?)
}

/// Updates a board.
///
/// # Errors
/// `board_not_found`.
pub fn update(tx: &Tx<'_>, ctx: &Ctx, id: BoardId, change: BoardUpdate) -> Result<Board> {
    let old = boards::get(tx, ctx.workspace, id)?;
    let mut board = Board {
        name: change.name.unwrap_or_else(|| old.name.clone()),
        description: change
            .description
            .unwrap_or_else(|| old.description.clone()),
        icon: change.icon.unwrap_or_else(|| old.icon.clone()),
        accent_color: change
            .accent_color
            .unwrap_or_else(|| old.accent_color.clone()),
        background_color: change
            .background_color
            .unwrap_or_else(|| old.background_color.clone()),
        layout_preference: change.layout_preference.unwrap_or(old.layout_preference),
        ..old.clone()
    };
    if board != old {
        board.updated_at = Timestamp::now();
        boards::update(tx, ctx.workspace, &board)?;
        let event = event(EventType::BoardUpdated, &board)?;
        tx.record(ctx, &event.with_changes(Changes::between(&old, &board)?))?;
    }
    Ok(board)
}

/// Deletes a board with its lanes, labels, projects, tasks, subtasks and comments.
///
/// # Errors
/// `board_not_found`.
pub fn delete(tx: &Tx<'_>, ctx: &Ctx, id: BoardId) -> Result<()> {
    let board = boards::get(tx, ctx.workspace, id)?;
    let contents = boards::contents(tx, ctx.workspace, id)?;
    boards::delete(tx, ctx.workspace, id)?;
    let deleted = [
        ("projects", contents.projects),
        ("lanes", contents.lanes),
        ("labels", contents.labels),
        ("tasks", contents.tasks),
        ("subtasks", contents.subtasks),
        ("comments", contents.comments),
    ];
    let event = event(EventType::BoardDeleted, &board)?;
    tx.record(ctx, &event.with_deleted(&deleted))
}

/// Records that the projects or the lanes of a board got new positions.
pub(super) fn record_reordered(tx: &Tx<'_>, ctx: &Ctx, board: BoardId) -> Result<()> {
    let event = NewEvent::about(EventType::BoardReordered, board)?;
    tx.record(ctx, &event.on_board(board))
}

fn event(kind: EventType, board: &Board) -> Result<NewEvent> {
    Ok(NewEvent::new(kind, board)?.on_board(board.id))
}

/// Returns the boards, each with its projects.
///
/// # Errors
/// Database errors only.
pub fn list_with_projects(
    conn: &Conn,
    workspace: WorkspaceId,
    page: &PageRequest<i64>,
) -> Result<PageRows<BoardSummary>> {
    let mut slice = boards::list(conn, workspace, page)?;
    let mut by_board = projects::by_board(conn, workspace)?;
    for board in &mut slice.rows {
        board.projects = Some(by_board.remove(&board.id).unwrap_or_default());
    }
    Ok(slice)
}
