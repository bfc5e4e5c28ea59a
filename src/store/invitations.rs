//! Invitations to a workspace.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::{Error, Result};
use crate::model::credentials::Digest;
use crate::model::ids::{InvitationId, UserId, WorkspaceId};
use crate::model::invitations::{Invitation, InvitationOffer};
use crate::model::page::{PageRequest, PageRows};
use crate::model::plans::{INVITATIONS_PER_WORKSPACE, Limited};
use crate::model::time::Timestamp;

/// Returns a page of the invitations of a workspace, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    page: &PageRequest<i64>,
) -> Result<PageRows<Invitation>> {
    let (since, after) = page.after.unwrap_or((i64::MIN, Uuid::nil()));
    let mut statement = conn.prepare_cached(
        "SELECT id, email, role, created_at, expires_at FROM invitation
          WHERE workspace_id = ?1 AND (created_at, id) > (?2, ?3) ORDER BY created_at, id LIMIT ?4",
    )?;
    let rows = statement.query_map(params![workspace, since, after, page.fetch()], invitation)?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |invitation| {
        (invitation.created_at.millis(), invitation.id.uuid())
    }))
}

/// Returns an invitation.
///
/// # Errors
/// `invitation_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: InvitationId) -> Result<Invitation> {
    let mut statement = conn.prepare_cached(
        "SELECT id, email, role, created_at, expires_at FROM invitation WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement
        .query_row(params![workspace, id], invitation)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Returns the invitation of an email address to a workspace, if there is one.
///
/// # Errors
/// Database errors only.
pub fn of_address(conn: &Conn, workspace: WorkspaceId, email: &str) -> Result<Option<Invitation>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, email, role, created_at, expires_at FROM invitation WHERE workspace_id = ?1 AND email = ?2",
    )?;
    let found = statement.query_row(params![workspace, email], invitation);
    Ok(found.optional()?)
}

/// Returns the invitations of an email address to all workspaces.
///
/// # Errors
/// Database errors only.
pub fn of_person(conn: &Conn, email: &str) -> Result<Vec<(WorkspaceId, Invitation)>> {
    let mut statement = conn.prepare(
        "SELECT id, email, role, created_at, expires_at, workspace_id FROM invitation WHERE email = ?1",
    )?;
    let rows = statement.query_map([email], |row| Ok((row.get(5)?, invitation(row)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the invitations to a workspace that a member made.
///
/// # Errors
/// Database errors only.
pub fn made_by(conn: &Conn, workspace: WorkspaceId, user: UserId) -> Result<Vec<Invitation>> {
    let mut statement = conn.prepare(
        "SELECT id, email, role, created_at, expires_at FROM invitation
          WHERE workspace_id = ?1 AND invited_by = ?2 ORDER BY created_at, id",
    )?;
    let rows = statement.query_map(params![workspace, user], invitation)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the invitation of a link that can still be used, and its workspace.
///
/// # Errors
/// `sign_in_link_invalid`.
pub fn by_code(conn: &Conn, digest: &Digest, now: Timestamp) -> Result<(WorkspaceId, Invitation)> {
    let mut statement = conn.prepare_cached(
        "SELECT id, email, role, created_at, expires_at, workspace_id FROM invitation
          WHERE digest = ?1 AND expires_at > ?2",
    )?;
    let found = statement.query_row(params![digest, now], |row| {
        Ok((row.get(5)?, invitation(row)?))
    });
    found.optional()?.ok_or(Error::SignInLinkInvalid)
}

/// Returns what the link of an invitation shows.
///
/// # Errors
/// `sign_in_link_invalid`.
pub fn offer(conn: &Conn, digest: &Digest, now: Timestamp) -> Result<InvitationOffer> {
    let mut statement = conn.prepare_cached(
        "SELECT w.name, i.email, i.role, i.expires_at, u.id IS NOT NULL
           FROM invitation i JOIN workspace w ON w.id = i.workspace_id LEFT JOIN user u ON u.email = i.email
          WHERE i.digest = ?1 AND i.expires_at > ?2",
    )?;
    let found = statement.query_row(params![digest, now], |row| {
        Ok(InvitationOffer {
            workspace: row.get(0)?,
            email: row.get(1)?,
            role: row.get(2)?,
            expires_at: row.get(3)?,
            has_account: row.get(4)?,
        })
    });
    found.optional()?.ok_or(Error::SignInLinkInvalid)
}

/// Adds an invitation.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn insert(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    invited_by: Option<UserId>,
    invitation: &Invitation,
    digest: &Digest,
) -> Result<()> {
    let mut statement = tx.prepare(
        "INSERT INTO invitation (id, workspace_id, email, role, digest, invited_by, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let inserted = statement.execute(params![
        invitation.id,
        workspace,
        invitation.email,
        invitation.role,
        digest,
        invited_by,
        invitation.created_at,
        invitation.expires_at
    ]);
    match inserted {
        Ok(_) => Ok(()),
        Err(cause) if sqlite_error::raised(&cause, "limit:", Limited::Invitations.as_str()) => {
            Err(Error::ResourceLimitExceeded {
                resource: Limited::Invitations,
                limit: INVITATIONS_PER_WORKSPACE,
                current: INVITATIONS_PER_WORKSPACE,
            })
        }
        Err(cause) => Err(sqlite_error::of_insert(tx, workspace, cause)),
    }
}

/// Deletes an invitation.
///
/// # Errors
/// Database errors only.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: InvitationId) -> Result<()> {
    tx.prepare("DELETE FROM invitation WHERE workspace_id = ?1 AND id = ?2")?
        .execute(params![workspace, id])?;
    Ok(())
}

/// Returns some of the invitations of all workspaces that have expired.
///
/// # Errors
/// Database errors only.
pub fn expired(conn: &Conn, now: Timestamp) -> Result<Vec<(WorkspaceId, Invitation)>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, email, role, created_at, expires_at, workspace_id FROM invitation
          WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 100",
    )?;
    let rows = statement.query_map([now], |row| Ok((row.get(5)?, invitation(row)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn invitation(row: &Row<'_>) -> rusqlite::Result<Invitation> {
    Ok(Invitation {
        id: row.get(0)?,
        email: row.get(1)?,
        role: row.get(2)?,
        created_at: row.get(3)?,
        expires_at: row.get(4)?,
    })
}
