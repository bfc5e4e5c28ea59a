//! Assignees of tasks.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::connection::{Conn, Tx};
use crate::error::Result;
use crate::model::ids::{TaskId, UserId, WorkspaceId};
use crate::model::users::Person;

/// A column with the assignees of the task `t`, for [`ids`].
pub(super) const ASSIGNEE_IDS: &str = "CASE WHEN t.assignees_total > 0 THEN (
    SELECT group_concat(hex(user_id), '') FROM (SELECT user_id FROM task_assignee
     WHERE workspace_id = t.workspace_id AND task_id = t.id ORDER BY user_id)) END";

/// Reads a column that [`ASSIGNEE_IDS`] produced.
///
/// # Errors
/// If the column contains something else.
pub(super) fn ids(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<UserId>> {
    let digits = row.get_ref(column)?.as_str_or_null()?.unwrap_or_default();
    let ids = digits.as_bytes().chunks(32).map(Uuid::try_parse_ascii);
    ids.map(|id| id.map(UserId::from_uuid))
        .collect::<Result<_, _>>()
        .map_err(|_| rusqlite::Error::InvalidQuery)
}

/// Returns the assignees of a task, sorted by id.
///
/// # Errors
/// Database errors only.
pub fn list(conn: &Conn, workspace: WorkspaceId, task: TaskId) -> Result<Vec<Person>> {
    let mut statement = conn.prepare_cached(
        "SELECT u.id, u.name FROM task_assignee a JOIN user u ON u.id = a.user_id
          WHERE a.workspace_id = ?1 AND a.task_id = ?2 ORDER BY a.user_id",
    )?;
    let rows = statement.query_map(params![workspace, task], person)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns members of the workspace as assignees: sorted by id, each once.
///
/// # Errors
/// `member_not_found` for the first id that is not a member.
pub fn find(conn: &Conn, workspace: WorkspaceId, ids: &[UserId]) -> Result<Vec<Person>> {
    let mut statement = conn.prepare_cached(
        "SELECT u.id, u.name FROM member m JOIN user u ON u.id = m.user_id
          WHERE m.workspace_id = ?1 AND m.user_id = ?2",
    )?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let member = statement.query_row(params![workspace, id], person);
        found.push(member.optional()?.ok_or_else(|| id.missing())?);
    }
    found.sort_by_key(|person: &Person| person.id);
    found.dedup();
    Ok(found)
}

/// Replaces the assignees of a task.
///
/// # Errors
/// Database errors only.
pub fn replace(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    task: TaskId,
    old: &[Person],
    new: &[Person],
) -> Result<()> {
    let without = |people: &[Person], others: &[Person]| -> Vec<UserId> {
        let left = people.iter().filter(|person| !others.contains(person));
        left.map(|person| person.id).collect()
    };
    for id in without(old, new) {
        let mut delete = tx.prepare_cached(
            "DELETE FROM task_assignee WHERE workspace_id = ?1 AND task_id = ?2 AND user_id = ?3",
        )?;
        delete.execute(params![workspace, task, id])?;
    }
    for id in without(new, old) {
        let mut insert = tx.prepare_cached(
            "INSERT INTO task_assignee (workspace_id, task_id, user_id, created_at, is_archived)
             SELECT workspace_id, id, ?3, created_at, is_archived FROM task WHERE workspace_id = ?1 AND id = ?2",
        )?;
        insert.execute(params![workspace, task, id])?;
    }
    Ok(())
}

/// Counts the tasks of a workspace that are assigned to a user.
///
/// # Errors
/// Database errors only.
pub fn count_tasks(conn: &Conn, workspace: WorkspaceId, user: UserId) -> Result<u64> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) FROM task_assignee WHERE workspace_id = ?1 AND user_id = ?2",
    )?;
    Ok(statement.query_row(params![workspace, user], |row| row.get(0))?)
}

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        id: row.get(0)?,
        name: row.get(1)?,
    })
}
