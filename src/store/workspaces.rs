//! Workspaces.

use rusqlite::{OptionalExtension, Row, params};

use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::{Error, Fields, Result};
use crate::model::ids::{UserId, WorkspaceId};
use crate::model::workspaces::Workspace;

const COLUMNS: &str = "id, name, slug, plan, extra_api_calls, created_at, updated_at";

/// Returns all workspaces, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list(conn: &Conn) -> Result<Vec<Workspace>> {
    let mut statement = conn.prepare(&format!(
        "SELECT {COLUMNS} FROM workspace ORDER BY created_at, id"
    ))?;
    let rows = statement.query_map((), workspace)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns a workspace.
///
/// # Errors
/// `workspace_not_found`.
pub fn get(conn: &Conn, id: WorkspaceId) -> Result<Workspace> {
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS} FROM workspace WHERE id = ?1"))?;
    statement
        .query_row([id], workspace)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Returns a workspace by id or slug.
///
/// # Errors
/// Database errors only.
pub fn find(conn: &Conn, id_or_slug: &str) -> Result<Option<Workspace>> {
    let id: Option<WorkspaceId> = id_or_slug.parse().ok();
    let mut statement = conn.prepare(&format!(
        "SELECT {COLUMNS} FROM workspace WHERE id = ?1 OR slug = ?2"
    ))?;
    Ok(statement
        .query_row(params![id, id_or_slug], workspace)
        .optional()?)
}

/// Whether this is the id or the slug of a workspace.
///
/// # Errors
/// Database errors only.
pub fn is_named(conn: &Conn, workspace: WorkspaceId, id_or_slug: &str) -> Result<bool> {
    Ok(find(conn, id_or_slug)?.is_some_and(|found| found.id == workspace))
}

/// The error for an id or slug that the caller cannot access.
pub fn unknown(id_or_slug: &str) -> Error {
    Error::Missing {
        resource: WorkspaceId::RESOURCE,
        id: id_or_slug.to_owned(),
    }
}

/// Adds a workspace.
///
/// # Errors
/// `conflict` if the slug is taken.
pub fn insert(tx: &Tx<'_>, workspace: &Workspace) -> Result<()> {
    let Workspace {
        id,
        name,
        slug,
        plan,
        extra_api_calls,
        created_at,
        updated_at,
    } = workspace;
    let mut statement = tx.prepare(
        "INSERT INTO workspace (id, name, slug, plan, extra_api_calls, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let inserted = statement.execute(params![
        id,
        name,
        slug,
        plan,
        extra_api_calls,
        created_at,
        updated_at
    ]);
    inserted
        .map(drop)
        .map_err(|cause| match sqlite_error::is_unique(&cause) {
            true => Error::Conflict {
                message: format!("a workspace with the slug {slug} already exists"),
                fields: Fields::from([("slug".to_owned(), slug.clone())]),
            },
            false => cause.into(),
        })
}

/// Updates the plan and the top-ups of a workspace.
///
/// # Errors
/// Database errors only.
pub fn update(tx: &Tx<'_>, workspace: &Workspace) -> Result<()> {
    let mut statement = tx.prepare(
        "UPDATE workspace SET plan = ?2, extra_api_calls = ?3, updated_at = ?4 WHERE id = ?1",
    )?;
    statement.execute(params![
        workspace.id,
        workspace.plan,
        workspace.extra_api_calls,
        workspace.updated_at
    ])?;
    Ok(())
}

/// Deletes a workspace with everything in it, and the users who are members of no other workspace.
///
/// # Errors
/// Database errors only.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId) -> Result<()> {
    let mut only_here = tx.prepare(
        "SELECT user_id FROM member m WHERE workspace_id = ?1
            AND NOT EXISTS (SELECT 1 FROM member WHERE user_id = m.user_id AND workspace_id <> ?1)",
    )?;
    let only_here = only_here
        .query_map([workspace], |row| row.get::<_, UserId>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    // The workspace first: as long as it exists, its last owner cannot be deleted.
    tx.prepare("DELETE FROM workspace WHERE id = ?1")?
        .execute([workspace])?;
    only_here
        .into_iter()
        .try_for_each(|user| super::users::delete(tx, user))
}

fn workspace(row: &Row<'_>) -> rusqlite::Result<Workspace> {
    Ok(Workspace {
        id: row.get(0)?,
        name: row.get(1)?,
        slug: row.get(2)?,
        plan: row.get(3)?,
        extra_api_calls: row.get(4)?,
        created_at: row.get(5)?,
        updated_at: row.get(6)?,
    })
}
