//! Labels of boards.

use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::{BoardId, LabelId, WorkspaceId};
use crate::model::labels::{Label, LabelCreate, LabelUpdate};
use crate::model::page::{PageRequest, PageRows};
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, boards, labels};

/// Returns a board's labels.
///
/// # Errors
/// `board_not_found`.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    board: BoardId,
    page: &PageRequest<i64>,
) -> Result<PageRows<Label>> {
    boards::must_exist(conn, workspace, board)?;
    labels::list(conn, workspace, board, page)
}

/// Creates a label.
///
/// # Errors
/// `board_not_found`, `conflict` if the board has a label of that name, `resource_limit_exceeded`.
pub fn create(tx: &Tx<'_>, ctx: &Ctx, board_id: BoardId, new: LabelCreate) -> Result<Label> {
    boards::must_exist(tx, ctx.workspace, board_id)?;
    let now = Timestamp::now();
    let label = Label {
        id: LabelId::new(),
        board_id,
        name: new.name,
        color: new.color,
        created_at: now,
        updated_at: now,
    };
    add(tx, ctx, &label)?;
    Ok(label)
}

/// Adds a label.
///
/// # Errors
/// `conflict` if the board has a label of that name, `resource_limit_exceeded`.
pub(super) fn add(tx: &Tx<'_>, ctx: &Ctx, label: &Label) -> Result<()> {
    labels::insert(tx, ctx.workspace, label)?;
    tx.record(ctx, &event(EventType::LabelCreated, label)?)
}

/// Updates a label.
///
/// # Errors
/// `label_not_found`, `conflict` if the board has another label of that name.
pub fn update(tx: &Tx<'_>, ctx: &Ctx, id: LabelId, change: LabelUpdate) -> Result<Label> {
    let old = labels::get(tx, ctx.workspace, id)?;
    let mut label = Label {
        name: change.name.unwrap_or_else(|| old.name.clone()),
        color: change.color.unwrap_or_else(|| old.color.clone()),
        ..old.clone()
    };
    if label != old {
        label.updated_at = Timestamp::now();
        labels::update(tx, ctx.workspace, &label)?;
        let event = event(EventType::LabelUpdated, &label)?;
        tx.record(ctx, &event.with_changes(Changes::between(&old, &label)?))?;
    }
    Ok(label)
}

/// Deletes a label. Its tasks lose it.
///
/// # Errors
/// `label_not_found`.
pub fn delete(tx: &Tx<'_>, ctx: &Ctx, id: LabelId) -> Result<()> {
    let label = labels::get(tx, ctx.workspace, id)?;
    let tasks = labels::count_tasks(tx, ctx.workspace, id)?;
    labels::delete(tx, ctx.workspace, id)?;
    let event = event(EventType::LabelDeleted, &label)?;
    tx.record(ctx, &event.with_cleared_tasks(tasks))
}

fn event(kind: EventType, label: &Label) -> Result<NewEvent> {
    Ok(NewEvent::new(kind, label)?.on_board(label.board_id))
}
