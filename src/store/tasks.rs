//! Tasks.

use rusqlite::{OptionalExtension, Row, ToSql, params};

use super::connection::{Conn, Tx};
use super::position::{Place, Siblings, siblings};
use super::{assignees, labels, sqlite_error, subtasks};
use crate::error::Result;
use crate::model::ids::{BoardId, ProjectId, TaskId, WorkspaceId};
use crate::model::position::Move;
use crate::model::subtasks::SubtaskCounts;
use crate::model::tasks::Task;
use crate::model::users::Person;

const SIBLINGS: Siblings = siblings!("task", "project_id");

/// Returns a task with its subtasks.
///
/// # Errors
/// `task_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: TaskId) -> Result<Task> {
    let mut task = get_bare(conn, workspace, id)?;
    if task.counts.subtasks_total > 0 {
        task.subtasks = subtasks::summaries(conn, workspace, id)?;
    }
    Ok(task)
}

/// One task with its subtasks; `None` if it has more of them than `most`.
///
/// # Errors
/// `task_not_found`.
pub fn get_if_short(
    conn: &Conn,
    workspace: WorkspaceId,
    id: TaskId,
    most: u32,
) -> Result<Option<Task>> {
    let mut task = get_bare(conn, workspace, id)?;
    match task.counts.subtasks_total {
        0 => Ok(Some(task)),
        few if few <= u64::from(most) => {
            task.subtasks = subtasks::summaries(conn, workspace, id)?;
            Ok(Some(task))
        }
        _ => Ok(None),
    }
}

/// One task without its subtasks, of which there may be very many.
///
/// # Errors
/// `task_not_found`.
pub fn get_bare(conn: &Conn, workspace: WorkspaceId, id: TaskId) -> Result<Task> {
    let mut statement = conn.prepare_cached(
        "SELECT t.label, t.status, t.project_id, t.workflow_lane_id, t.position, t.description, t.created_at, t.updated_at,
                t.subtasks_total, t.subtasks_completed, t.comments_total, t.due_on, t.archived_at, u.id, u.name,
                t.assignees_total, EXISTS (SELECT 1 FROM task_label WHERE workspace_id = ?1 AND task_id = ?2)
           FROM task t LEFT JOIN user u ON u.id = t.created_by WHERE t.workspace_id = ?1 AND t.id = ?2",
    )?;
    let found = statement.query_row(params![workspace, id], |row| {
        Ok((task(id, row)?, row.get::<_, u64>(15)?, row.get(16)?))
    });
    let (mut task, assignees, has_labels) = found.optional()?.ok_or_else(|| id.missing())?;
    if assignees > 0 {
        task.assignees = assignees::list(conn, workspace, id)?;
    }
    if has_labels {
        task.labels = labels::of_task(conn, workspace, id)?;
    }
    Ok(task)
}

/// Returns a task without its subtasks, and the sequence of the last event about it or one of them. If both are
/// unchanged, so is everything that a client sees of the task.
///
/// # Errors
/// `task_not_found`.
pub fn state(conn: &Conn, workspace: WorkspaceId, id: TaskId) -> Result<(Task, Option<i64>)> {
    let mut statement = conn.prepare_cached(
        "SELECT max(sequence) FROM event WHERE workspace_id = ?1 AND task_id = ?2",
    )?;
    let last_event = statement.query_row(params![workspace, id], |row| row.get(0))?;
    Ok((get_bare(conn, workspace, id)?, last_event))
}

/// The parents and counters of a task.
#[derive(Clone, Copy, Debug)]
pub struct TaskParents {
    /// The board.
    pub board_id: BoardId,
    /// The project.
    pub project_id: ProjectId,
    /// Its counters.
    pub counts: SubtaskCounts,
}

/// Returns the parents and counters of a task.
///
/// # Errors
/// `task_not_found`.
pub fn parents(conn: &Conn, workspace: WorkspaceId, id: TaskId) -> Result<TaskParents> {
    let mut statement = conn.prepare_cached(
        "SELECT p.board_id, t.project_id, t.subtasks_total, t.subtasks_completed, t.comments_total
           FROM task t JOIN project p ON p.workspace_id = t.workspace_id AND p.id = t.project_id
          WHERE t.workspace_id = ?1 AND t.id = ?2",
    )?;
    let found = statement.query_row(params![workspace, id], |row| {
        Ok(TaskParents {
            board_id: row.get(0)?,
            project_id: row.get(1)?,
            counts: SubtaskCounts::new(row.get(2)?, row.get(3)?, row.get(4)?),
        })
    });
    found.optional()?.ok_or_else(|| id.missing())
}

/// Checks that a task exists.
///
/// # Errors
/// `task_not_found`.
pub fn must_exist(conn: &Conn, workspace: WorkspaceId, id: TaskId) -> Result<()> {
    let mut statement =
        conn.prepare_cached("SELECT 1 FROM task WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.exists(params![workspace, id])? {
        Ok(())
    } else {
        Err(id.missing())
    }
}

/// Returns the position after a project's last task.
///
/// # Errors
/// Database errors only.
pub fn append(tx: &Tx<'_>, workspace: WorkspaceId, project: ProjectId) -> Result<Place> {
    SIBLINGS.append(tx, workspace, project.uuid())
}

/// Returns the new position of a task that moves.
///
/// # Errors
/// `task_not_found` for a neighbor that is not in that project.
pub fn place(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    project: ProjectId,
    id: TaskId,
    wish: &Move<TaskId>,
) -> Result<Place> {
    let place = SIBLINGS.place(
        tx,
        workspace,
        project.uuid(),
        id.uuid(),
        &wish.map(TaskId::uuid),
    )?;
    place.ok_or_else(|| wish.anchor().unwrap_or(id).missing())
}

/// Returns the position of a task.
///
/// # Errors
/// `task_not_found`.
pub fn position_of(conn: &Conn, workspace: WorkspaceId, id: TaskId) -> Result<String> {
    let mut statement =
        conn.prepare_cached("SELECT position FROM task WHERE workspace_id = ?1 AND id = ?2")?;
    let position = statement.query_row(params![workspace, id], |row| row.get(0));
    position.optional()?.ok_or_else(|| id.missing())
}

/// Adds a task without subtasks.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, task: &Task) -> Result<()> {
    // OR FAIL: what fails does so before the first change, so SQLite need not be able to take changes of this statement back.
    let mut statement = tx.prepare_cached(
        "INSERT OR FAIL INTO task (workspace_id, id, project_id, workflow_lane_id, label, description, status, position,
                                   created_at, updated_at, due_on, archived_at, created_by, is_backdated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
                 ?9 > ?10 OR ?9 < ifnull((SELECT newest_task_at FROM workspace_count WHERE workspace_id = ?1), ?9))",
    )?;
    let inserted = statement.execute(params![
        workspace,
        task.id,
        task.project_id,
        task.workflow_lane_id,
        task.label,
        task.description,
        task.status,
        task.position,
        task.created_at,
        task.updated_at,
        task.due_on,
        task.archived_at,
        task.created_by.as_ref().map(|person| person.id)
    ]);
    inserted.map_err(|cause| sqlite_error::of_insert(tx, workspace, cause))?;
    assignees::replace(tx, workspace, task.id, &[], &task.assignees)
}

/// Updates the changed columns of a task and its assignees. Other columns are left out of the statement: SQLite writes to
/// every index that has one of the columns in it.
///
/// # Errors
/// Database errors only.
pub fn update(tx: &Tx<'_>, workspace: WorkspaceId, old: &Task, task: &Task) -> Result<()> {
    let mut changed = String::new();
    let mut values: Vec<&dyn ToSql> = Vec::new();
    let mut set = |name: &str, is_changed: bool, value| {
        if is_changed {
            let comma = if changed.is_empty() { "" } else { ", " };
            changed.push_str(&format!("{comma}{name} = ?"));
            values.push(value);
        }
    };
    set(
        "project_id",
        task.project_id != old.project_id,
        &task.project_id,
    );
    let lane = &task.workflow_lane_id;
    set("workflow_lane_id", *lane != old.workflow_lane_id, lane);
    set("label", task.label != old.label, &task.label);
    let description = &task.description;
    set("description", *description != old.description, description);
    set("status", task.status != old.status, &task.status);
    set("position", task.position != old.position, &task.position);
    set("due_on", task.due_on != old.due_on, &task.due_on);
    let archived = &task.archived_at;
    set("archived_at", *archived != old.archived_at, archived);
    // Also if only the labels or the assignees have changed.
    set("updated_at", true, &task.updated_at);
    values.extend([&workspace as &dyn ToSql, &task.id]);
    let mut statement = tx.prepare_cached(&format!(
        "UPDATE task SET {changed} WHERE workspace_id = ? AND id = ?"
    ))?;
    statement.execute(values.as_slice())?;
    assignees::replace(tx, workspace, task.id, &old.assignees, &task.assignees)
}

/// Deletes a task with its subtasks and comments.
///
/// # Errors
/// `task_not_found`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: TaskId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM task WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.execute(params![workspace, id])? == 0 {
        Err(id.missing())
    } else {
        Ok(())
    }
}

fn task(id: TaskId, row: &Row<'_>) -> rusqlite::Result<Task> {
    Ok(Task {
        id,
        label: row.get(0)?,
        status: row.get(1)?,
        project_id: row.get(2)?,
        workflow_lane_id: row.get(3)?,
        position: row.get(4)?,
        description: row.get(5)?,
        subtasks: Vec::new(),
        assignees: Vec::new(),
        due_on: row.get(11)?,
        archived_at: row.get(12)?,
        created_by: match row.get(13)? {
            Some(id) => Some(Person {
                id,
                name: row.get(14)?,
            }),
            None => None,
        },
        created_at: row.get(6)?,
        updated_at: row.get(7)?,
        labels: Vec::new(),
        counts: SubtaskCounts::new(row.get(8)?, row.get(9)?, row.get(10)?),
    })
}
