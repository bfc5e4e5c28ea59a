//! Labels of boards, and those that tasks have.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::{Error, Fields, Result};
use crate::model::ids::{BoardId, LabelId, TaskId, WorkspaceId};
use crate::model::labels::{Label, LabelSummary, folded_name};
use crate::model::page::{PageRequest, PageRows};
use crate::model::plans::{LABELS_PER_BOARD, Limited};

/// A column with the ids of the labels of the task `t`, for [`ids`].
pub(super) const LABEL_IDS: &str = "(SELECT group_concat(hex(label_id), '') FROM task_label
                  WHERE workspace_id = t.workspace_id AND task_id = t.id)";

/// Reads the column [`LABEL_IDS`], sorted by id.
pub(super) fn ids(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<LabelId>> {
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else {
        return Ok(Vec::new());
    };
    let ids = text.as_bytes().chunks(32).map(Uuid::try_parse_ascii);
    let mut ids: Vec<LabelId> = ids
        .map(|id| id.map(LabelId::from_uuid))
        .collect::<Result<_, _>>()
        .map_err(|_| rusqlite::Error::InvalidQuery)?;
    ids.sort_unstable();
    Ok(ids)
}

/// Returns a board's labels, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    board: BoardId,
    page: &PageRequest<i64>,
) -> Result<PageRows<Label>> {
    let (since, after) = page.after.unwrap_or((i64::MIN, Uuid::nil()));
    let mut statement = conn.prepare_cached(
        "SELECT id, board_id, name, color, created_at, updated_at FROM label
          WHERE workspace_id = ?1 AND board_id = ?2 AND (created_at, id) > (?3, ?4) ORDER BY created_at, id LIMIT ?5",
    )?;
    let rows = statement.query_map(params![workspace, board, since, after, page.fetch()], label)?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |label| {
        (label.created_at.millis(), label.id.uuid())
    }))
}

/// Returns a label.
///
/// # Errors
/// `label_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: LabelId) -> Result<Label> {
    let mut statement = conn.prepare_cached(
        "SELECT id, board_id, name, color, created_at, updated_at FROM label WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement
        .query_row(params![workspace, id], label)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Returns the labels of a board with these ids, in the same order.
///
/// # Errors
/// `label_not_found` for the first one that is not on the board.
pub fn on_board(
    conn: &Conn,
    workspace: WorkspaceId,
    board: BoardId,
    ids: &[LabelId],
) -> Result<Vec<LabelSummary>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, color FROM label WHERE workspace_id = ?1 AND id = ?2 AND board_id = ?3",
    )?;
    let find = |id: &LabelId| {
        let found = statement.query_row(params![workspace, id, board], summary);
        found.optional()?.ok_or_else(|| id.missing())
    };
    ids.iter().map(find).collect()
}

/// Returns the labels of a task, sorted by id.
///
/// # Errors
/// Database errors only.
pub fn of_task(conn: &Conn, workspace: WorkspaceId, task: TaskId) -> Result<Vec<LabelSummary>> {
    let mut statement = conn.prepare_cached(
        "SELECT l.id, l.name, l.color
           FROM task_label t JOIN label l ON l.workspace_id = t.workspace_id AND l.id = t.label_id
          WHERE t.workspace_id = ?1 AND t.task_id = ?2 ORDER BY t.label_id",
    )?;
    let rows = statement.query_map(params![workspace, task], summary)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Gives a task these labels and no others.
///
/// # Errors
/// `label_not_found` for one that is not on the task's board.
pub fn set_of_task(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    task: TaskId,
    labels: &[LabelSummary],
) -> Result<()> {
    let mut clear =
        tx.prepare_cached("DELETE FROM task_label WHERE workspace_id = ?1 AND task_id = ?2")?;
    clear.execute(params![workspace, task])?;
    add_to_task(tx, workspace, task, labels)
}

/// Adds labels to a task.
///
/// # Errors
/// `label_not_found` for one that is not on the task's board.
pub fn add_to_task(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    task: TaskId,
    labels: &[LabelSummary],
) -> Result<()> {
    if labels.is_empty() {
        return Ok(());
    }
    let mut add = tx.prepare_cached(
        "INSERT INTO task_label (workspace_id, task_id, label_id) VALUES (?1, ?2, ?3)",
    )?;
    for label in labels {
        add.execute(params![workspace, task, label.id]).map_err(
            |cause| match sqlite_error::raised(&cause, "label:", "board") {
                true => label.id.missing(),
                false => cause.into(),
            },
        )?;
    }
    Ok(())
}

/// Adds a label.
///
/// # Errors
/// `conflict` if the board has a label of that name, `resource_limit_exceeded`.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, label: &Label) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO label (workspace_id, id, board_id, name, folded_name, color, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let inserted = statement.execute(params![
        workspace,
        label.id,
        label.board_id,
        label.name,
        folded_name(&label.name),
        label.color,
        label.created_at,
        label.updated_at
    ]);
    match inserted {
        Ok(_) => Ok(()),
        Err(cause) if sqlite_error::is_unique(&cause) => Err(name_taken(tx, workspace, label)?),
        Err(cause) => {
            let current = || count(tx, workspace, label.board_id);
            Err(sqlite_error::of_fixed_limit(
                cause,
                Limited::Labels,
                LABELS_PER_BOARD,
                current,
            ))
        }
    }
}

/// Updates a label.
///
/// # Errors
/// `conflict` if the board has another label of that name.
pub fn update(tx: &Tx<'_>, workspace: WorkspaceId, label: &Label) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE label SET name = ?3, folded_name = ?4, color = ?5, updated_at = ?6 WHERE workspace_id = ?1 AND id = ?2",
    )?;
    let updated = statement.execute(params![
        workspace,
        label.id,
        label.name,
        folded_name(&label.name),
        label.color,
        label.updated_at
    ]);
    match updated {
        Err(cause) if sqlite_error::is_unique(&cause) => Err(name_taken(tx, workspace, label)?),
        updated => Ok(updated.map(drop)?),
    }
}

/// The error for a name that another label of the board has.
fn name_taken(tx: &Tx<'_>, workspace: WorkspaceId, label: &Label) -> Result<Error> {
    let mut statement = tx.prepare_cached(
        "SELECT id FROM label WHERE workspace_id = ?1 AND board_id = ?2 AND folded_name = ?3",
    )?;
    let values = params![workspace, label.board_id, folded_name(&label.name)];
    let other: LabelId = statement.query_row(values, |row| row.get(0))?;
    Ok(Error::Conflict {
        message: format!(
            "A label with the name {} already exists on the board",
            label.name
        ),
        fields: Fields::from([
            ("name".to_owned(), label.name.clone()),
            ("label_id".to_owned(), other.to_string()),
        ]),
    })
}

/// Counts a board's labels.
///
/// # Errors
/// Database errors only.
pub fn count(conn: &Conn, workspace: WorkspaceId, board: BoardId) -> Result<u64> {
    let mut statement = conn
        .prepare_cached("SELECT count(*) FROM label WHERE workspace_id = ?1 AND board_id = ?2")?;
    Ok(statement.query_row(params![workspace, board], |row| row.get(0))?)
}

/// Counts the tasks with a label.
///
/// # Errors
/// Database errors only.
pub fn count_tasks(conn: &Conn, workspace: WorkspaceId, id: LabelId) -> Result<u64> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) FROM task_label WHERE workspace_id = ?1 AND label_id = ?2",
    )?;
    Ok(statement.query_row(params![workspace, id], |row| row.get(0))?)
}

/// Deletes a label. Its tasks lose it.
///
/// # Errors
/// `label_not_found`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: LabelId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM label WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.execute(params![workspace, id])? == 0 {
        Err(id.missing())
    } else {
        Ok(())
    }
}

fn summary(row: &Row<'_>) -> rusqlite::Result<LabelSummary> {
    Ok(LabelSummary {
        id: row.get(0)?,
        name: row.get(1)?,
        color: row.get(2)?,
    })
}

pub(super) fn label(row: &Row<'_>) -> rusqlite::Result<Label> {
    Ok(Label {
        id: row.get(0)?,
        board_id: row.get(1)?,
        name: row.get(2)?,
        color: row.get(3)?,
        created_at: row.get(4)?,
        updated_at: row.get(5)?,
    })
}
