//! Tasks.

use crate::error::Result;
use crate::model::ids::{LaneId, ProjectId, TaskId, WorkspaceId};
use crate::model::page::{Page, Slice};
use crate::model::position::Move;
use crate::model::tasks::{Task, TaskCreate, TaskFilter, TaskSummary, TaskUpdate};
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, projects, tasks};

/// A project's tasks.
///
/// # Errors
/// `project_not_found`.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    project: ProjectId,
    filter: &TaskFilter,
    page: &Page<String>,
) -> Result<Slice<TaskSummary>> {
    projects::board_of(conn, workspace, project)?;
    tasks::list(conn, workspace, project, filter, page)
}

/// Makes a task, after its project's last one.
///
/// # Errors
/// `project_not_found`, `resource_limit_exceeded`.
pub fn create(tx: &Tx<'_>, workspace: WorkspaceId, new: TaskCreate) -> Result<Task> {
    projects::board_of(tx, workspace, new.project_id)?;
    let now = Timestamp::now();
    let task = Task {
        id: TaskId::new(),
        label: new.label,
        status: new.status,
        project_id: new.project_id,
        workflow_lane_id: None,
        position: tasks::append(tx, workspace, new.project_id)?,
        description: new.description,
        subtasks: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    tasks::insert(tx, workspace, &task)?;
    Ok(task)
}

/// Changes a task. In another project it goes after the last one there, unless a place is named; on another board it
/// leaves its lane, unless one of that board is named.
///
/// # Errors
/// `task_not_found`, also for a neighbour that is not in the project; `project_not_found`; `lane_not_found`.
pub fn update(tx: &Tx<'_>, workspace: WorkspaceId, id: TaskId, change: TaskUpdate) -> Result<Task> {
    let old = tasks::get(tx, workspace, id)?;
    let project_id = change.project_id.unwrap_or(old.project_id);
    let workflow_lane_id = lane_after(tx, workspace, &old, project_id, change.workflow_lane_id)?;
    let moved = (project_id != old.project_id).then_some(Move::Last);
    let position = match change.position.or(moved) {
        Some(wish) => tasks::place(tx, workspace, project_id, id, &wish)?,
        None => old.position.clone(),
    };
    let mut task = Task {
        label: change.label.unwrap_or_else(|| old.label.clone()),
        description: change
            .description
            .unwrap_or_else(|| old.description.clone()),
        status: change.status.unwrap_or(old.status),
        project_id,
        workflow_lane_id,
        position,
        ..old.clone()
    };
    if task != old {
        task.updated_at = Timestamp::now();
        tasks::update(tx, workspace, &task)?;
    }
    Ok(task)
}

/// The lane that a task sits in after a change.
fn lane_after(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    old: &Task,
    project: ProjectId,
    wish: Option<Option<LaneId>>,
) -> Result<Option<LaneId>> {
    let stays = project == old.project_id
        || projects::board_of(tx, workspace, project)?
            == projects::board_of(tx, workspace, old.project_id)?;
    Ok(wish.unwrap_or(if stays { old.workflow_lane_id } else { None }))
}
