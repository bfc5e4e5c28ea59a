//! Members of a workspace.

use rusqlite::{OptionalExtension, Row, params};

use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::{Error, Result};
use crate::model::ids::{UserId, WorkspaceId};
use crate::model::members::Member;
use crate::model::page::{PageRequest, PageRows};
use crate::model::scopes::Role;
use crate::model::time::Timestamp;

/// Adds a user to a workspace, or changes the role there.
///
/// # Errors
/// `resource_limit_exceeded`, `last_owner`.
pub fn put(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<()> {
    let mut statement = tx.prepare(
        "INSERT INTO member (workspace_id, user_id, role, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role",
    )?;
    let put = statement.execute(params![workspace, user, role, now]);
    put.map(drop).map_err(|cause| match is_last_owner(&cause) {
        true => Error::LastOwner { user_id: user },
        false => sqlite_error::of_insert(tx, workspace, cause),
    })
}

/// Removes a user from a workspace, with the tokens for it.
///
/// # Errors
/// `last_owner`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, user: UserId) -> Result<()> {
    let mut statement =
        tx.prepare("DELETE FROM member WHERE workspace_id = ?1 AND user_id = ?2")?;
    let deleted = statement.execute(params![workspace, user]);
    deleted
        .map(drop)
        .map_err(|cause| match is_last_owner(&cause) {
            true => Error::LastOwner { user_id: user },
            false => cause.into(),
        })
}

/// Whether a trigger refused to leave a workspace without an owner.
fn is_last_owner(cause: &rusqlite::Error) -> bool {
    sqlite_error::raised(cause, "last_owner:", "member")
}

/// Returns a member.
///
/// # Errors
/// `member_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, user: UserId) -> Result<Member> {
    let mut statement = conn.prepare_cached(
        "SELECT u.id, u.name, m.role FROM member m JOIN user u ON u.id = m.user_id
          WHERE m.workspace_id = ?1 AND m.user_id = ?2",
    )?;
    statement
        .query_row(params![workspace, user], member)
        .optional()?
        .ok_or_else(|| user.missing())
}

/// Returns all members of a workspace, in the order in which they joined.
///
/// # Errors
/// Database errors only.
pub fn all(conn: &Conn, workspace: WorkspaceId) -> Result<Vec<Member>> {
    let mut statement = conn.prepare_cached(
        "SELECT u.id, u.name, m.role FROM member m JOIN user u ON u.id = m.user_id
          WHERE m.workspace_id = ?1 ORDER BY m.created_at, u.id",
    )?;
    let rows = statement.query_map([workspace], member)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns a page of the members of a workspace, sorted by id.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    page: &PageRequest<i64>,
) -> Result<PageRows<Member>> {
    let (since, after) = page.after.unwrap_or((i64::MIN, uuid::Uuid::nil()));
    let mut statement = conn.prepare_cached(
        "SELECT u.id, u.name, m.role, m.created_at FROM member m JOIN user u ON u.id = m.user_id
          WHERE m.workspace_id = ?1 AND (m.created_at, m.user_id) > (?2, ?3)
          ORDER BY m.created_at, m.user_id LIMIT ?4",
    )?;
    let rows = statement.query_map(params![workspace, since, after, page.fetch()], |row| {
        Ok((member(row)?, row.get::<_, i64>(3)?))
    })?;
    let rows: Vec<(Member, i64)> = rows.collect::<Result<_, _>>()?;
    let page = page.cut(rows, |(member, joined)| (*joined, member.id.uuid()));
    Ok(PageRows {
        rows: page.rows.into_iter().map(|(member, _)| member).collect(),
        next_cursor: page.next_cursor,
    })
}

/// Returns the role of a user in a workspace; `None` if the user is not a member.
///
/// # Errors
/// Database errors only.
pub fn role(conn: &Conn, workspace: WorkspaceId, user: UserId) -> Result<Option<Role>> {
    let mut statement =
        conn.prepare_cached("SELECT role FROM member WHERE workspace_id = ?1 AND user_id = ?2")?;
    Ok(statement
        .query_row(params![workspace, user], |row| row.get(0))
        .optional()?)
}

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        id: row.get(0)?,
        name: row.get(1)?,
        role: row.get(2)?,
    })
}
