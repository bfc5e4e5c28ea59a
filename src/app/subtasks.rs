//! Subtasks.

use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::{SubtaskId, TaskId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::subtasks::{Subtask, SubtaskCounts, SubtaskCreate, SubtaskEntry, SubtaskUpdate};
use crate::model::time::Timestamp;
use crate::store::position::Place;
use crate::store::tasks::TaskParents;
use crate::store::{Conn, Tx, subtasks, tasks};

/// Returns a task's subtasks.
///
/// # Errors
/// `task_not_found`.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    task: TaskId,
    page: &PageRequest<String>,
) -> Result<PageRows<Subtask>> {
    tasks::must_exist(conn, workspace, task)?;
    subtasks::list(conn, workspace, task, page)
}

/// Creates a subtask after the last one of its task.
///
/// # Errors
/// `task_not_found`.
pub fn create(tx: &Tx<'_>, ctx: &Ctx, task_id: TaskId, new: SubtaskCreate) -> Result<Subtask> {
    let task = tasks::parents(tx, ctx.workspace, task_id)?;
    let place = subtasks::append(tx, ctx.workspace, task_id)?;
    let now = Timestamp::now();
    let subtask = Subtask {
        id: SubtaskId::new(),
        task_id,
        label: new.label,
        is_completed: new.is_completed,
        position: place.key,
        created_at: now,
        updated_at: now,
    };
    add(tx, ctx, &task, &subtask)?;
    if place.is_respread {
        record_reordered(tx, ctx, &task, task_id)?;
    }
    Ok(subtask)
}

/// Adds a subtask to a task with these parents and counters, and returns the counters after it.
///
/// # Errors
/// Database errors only.
pub(super) fn add(
    tx: &Tx<'_>,
    ctx: &Ctx,
    task: &TaskParents,
    subtask: &Subtask,
) -> Result<SubtaskCounts> {
    subtasks::insert(tx, ctx.workspace, subtask)?;
    let counts = task.counts.after(1, i64::from(subtask.is_completed));
    tx.record(
        ctx,
        &event(EventType::SubtaskCreated, task, subtask, counts)?,
    )?;
    Ok(counts)
}

/// Updates a subtask.
///
/// # Errors
/// `subtask_not_found`, also for a neighbor that is not in the task.
pub fn update(tx: &Tx<'_>, ctx: &Ctx, id: SubtaskId, change: SubtaskUpdate) -> Result<Subtask> {
    let old = subtasks::get(tx, ctx.workspace, id)?;
    if let Some(wish) = &change.position {
        wish.refuse_word(Some(&old.position))?;
    }
    let place = match change.position {
        Some(wish) => subtasks::place(tx, ctx.workspace, old.task_id, id, &wish)?,
        None => Place::at(old.position.clone()),
    };
    let mut subtask = Subtask {
        label: change.label.unwrap_or_else(|| old.label.clone()),
        is_completed: change.is_completed.unwrap_or(old.is_completed),
        position: place.key,
        ..old.clone()
    };
    let task = tasks::parents(tx, ctx.workspace, old.task_id)?;
    if subtask != old {
        subtask.updated_at = Timestamp::now();
        subtasks::update(tx, ctx.workspace, &subtask)?;
        let completed = i64::from(subtask.is_completed) - i64::from(old.is_completed);
        let event = event(
            EventType::SubtaskUpdated,
            &task,
            &subtask,
            task.counts.after(0, completed),
        )?;
        tx.record(ctx, &event.with_changes(Changes::between(&old, &subtask)?))?;
    }
    if place.is_respread {
        record_reordered(tx, ctx, &task, old.task_id)?;
    }
    Ok(subtask)
}

/// Deletes a subtask.
///
/// # Errors
/// `subtask_not_found`.
pub fn delete(tx: &Tx<'_>, ctx: &Ctx, id: SubtaskId) -> Result<()> {
    let subtask = subtasks::get(tx, ctx.workspace, id)?;
    let task = tasks::parents(tx, ctx.workspace, subtask.task_id)?;
    subtasks::delete(tx, ctx.workspace, id)?;
    let counts = task.counts.after(-1, -i64::from(subtask.is_completed));
    tx.record(
        ctx,
        &event(EventType::SubtaskDeleted, &task, &subtask, counts)?,
    )
}

fn event(
    kind: EventType,
    task: &TaskParents,
    subtask: &Subtask,
    counts: SubtaskCounts,
) -> Result<NewEvent> {
    let event = NewEvent::new(kind, &SubtaskEntry { subtask, counts })?;
    Ok(event
        .on_board(task.board_id)
        .in_project(task.project_id)
        .of_task(subtask.task_id))
}

fn record_reordered(tx: &Tx<'_>, ctx: &Ctx, task: &TaskParents, id: TaskId) -> Result<()> {
    let event = NewEvent::about(EventType::TaskReordered, id)?;
    let event = event
        .on_board(task.board_id)
        .in_project(task.project_id)
        .of_task(id);
    tx.record(ctx, &event)
}
