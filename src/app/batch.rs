//! Batches: many changes of tasks in one transaction.

use super::tasks::{self, Placed};
use crate::error::{Error, Result};
use crate::model::batch::{Batch, BatchOutline, BatchResult};
use crate::model::context::Ctx;
use crate::model::ids::WorkspaceId;
use crate::model::plans::Limited;
use crate::model::scopes::{Scope, Scopes};
use crate::model::tasks::Task;
use crate::store::{self, Conn, Tx, usage};

/// Checks what a schema cannot check in a batch.
///
/// # Errors
/// `invalid_request` with every field that fails.
pub fn check(conn: &Conn, workspace: WorkspaceId, outline: BatchOutline<'_>) -> Result<()> {
    outline.check(|id| match store::tasks::position_of(conn, workspace, id) {
        Err(Error::Missing { .. }) => Ok(None),
        position => position.map(Some),
    })
}

/// Creates, updates and deletes tasks, in this order. If one change fails, none is made.
///
/// # Errors
/// `insufficient_scope` for a deletion without that scope; otherwise the error of the first entry that fails, with its
/// path.
pub fn run(tx: &Tx<'_>, scopes: Scopes, ctx: &Ctx, batch: Batch) -> Result<BatchResult> {
    if !batch.delete.is_empty() && !scopes.allow(Scope::Delete) {
        return Err(Error::InsufficientScope {
            required: Scope::Delete,
            provided: scopes,
        });
    }
    let tasks_before = usage::resource(tx, ctx.workspace, Limited::Tasks)?.current;
    let mut result = BatchResult::default();
    let mut is_respread = false;
    let mut keep = |placed: Placed| {
        is_respread |= placed.is_respread;
        placed.task
    };
    for (at, new) in batch.create.into_iter().enumerate() {
        let created = tasks::create_placed(tx, ctx, new)
            .map_err(|error| error.with_usage(&[(Limited::Tasks, tasks_before)]))
            .map_err(in_entry("create", at))?;
        result.created.push(keep(created));
    }
    for (at, update) in batch.update.into_iter().enumerate() {
        let updated = tasks::update_placed(tx, ctx, update.id, update.change);
        result
            .updated
            .push(keep(updated.map_err(in_entry("update", at))?));
    }
    for (at, id) in batch.delete.into_iter().enumerate() {
        tasks::delete(tx, ctx, id).map_err(in_entry("delete", at))?;
        result.deleted.push(id);
    }
    if is_respread {
        for task in result.created.iter_mut().chain(&mut result.updated) {
            read_position(tx, ctx, task)?;
        }
    }
    Ok(result)
}

/// Updates the position of a task, which a later entry has changed to make room.
fn read_position(tx: &Tx<'_>, ctx: &Ctx, task: &mut Task) -> Result<()> {
    task.position = store::tasks::position_of(tx, ctx.workspace, task.id)?;
    Ok(())
}

fn in_entry(list: &'static str, at: usize) -> impl Fn(Error) -> Error {
    move |error| error.in_entry(&format!("{list}[{at}]"))
}
