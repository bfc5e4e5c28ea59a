//! Subtasks.

use crate::error::Result;
use crate::model::ids::{SubtaskId, TaskId, WorkspaceId};
use crate::model::page::{Page, Slice};
use crate::model::subtasks::{Subtask, SubtaskCreate, SubtaskUpdate};
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, subtasks, tasks};

/// A task's subtasks.
///
/// # Errors
/// `task_not_found`.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    task: TaskId,
    page: &Page<String>,
) -> Result<Slice<Subtask>> {
    tasks::must_exist(conn, workspace, task)?;
    subtasks::list(conn, workspace, task, page)
}

/// Makes a subtask, after its task's last one.
///
/// # Errors
/// `task_not_found`.
pub fn create(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    task_id: TaskId,
    new: SubtaskCreate,
) -> Result<Subtask> {
    tasks::must_exist(tx, workspace, task_id)?;
    let now = Timestamp::now();
    let subtask = Subtask {
        id: SubtaskId::new(),
        task_id,
        label: new.label,
        is_completed: new.is_completed,
        position: subtasks::append(tx, workspace, task_id)?,
        created_at: now,
        updated_at: now,
    };
    subtasks::insert(tx, workspace, &subtask)?;
    Ok(subtask)
}

/// Changes a subtask.
///
/// # Errors
/// `subtask_not_found`, also for a neighbour that is not in the task.
pub fn update(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    id: SubtaskId,
    change: SubtaskUpdate,
) -> Result<Subtask> {
    let old = subtasks::get(tx, workspace, id)?;
    let position = match change.position {
        Some(wish) => subtasks::place(tx, workspace, old.task_id, id, &wish)?,
        None => old.position.clone(),
    };
    let mut subtask = Subtask {
        label: change.label.unwrap_or_else(|| old.label.clone()),
        is_completed: change.is_completed.unwrap_or(old.is_completed),
        position,
        ..old.clone()
    };
    if subtask != old {
        subtask.updated_at = Timestamp::now();
        subtasks::update(tx, workspace, &subtask)?;
    }
    Ok(subtask)
}
