//! Keys of the card integration API: one a user.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::connection::{Conn, Tx};
use crate::error::Result;
use crate::model::credentials::{Caller, Digest};
use crate::model::ids::{UserId, WorkspaceId};
use crate::model::scopes::Scopes;
use crate::model::time::Timestamp;

/// Gives a user a new key and ends the old one. Its calls count against `home`, where the user must be a member.
///
/// # Errors
/// Only the database's own.
pub fn replace(
    tx: &Tx<'_>,
    home: WorkspaceId,
    user: UserId,
    id: Uuid,
    digest: &Digest,
    now: Timestamp,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO integration_key (user_id, id, home_workspace_id, digest, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (user_id) DO UPDATE
            SET id = excluded.id, home_workspace_id = excluded.home_workspace_id, digest = excluded.digest,
                created_at = excluded.created_at",
    )?;
    statement.execute(params![user, id, home, digest, now])?;
    Ok(())
}

/// Who stands behind a key. Its scopes are all of them here: how far it reaches depends on the user's role in each workspace.
///
/// # Errors
/// Only the database's own.
pub fn caller(conn: &Conn, digest: &Digest) -> Result<Option<Caller>> {
    let mut statement = conn.prepare_cached(
        "SELECT k.id, k.home_workspace_id, k.user_id, p.api_calls + w.extra_api_calls
           FROM integration_key k
           JOIN workspace w ON w.id = k.home_workspace_id
           JOIN plan p ON p.name = w.plan
          WHERE k.digest = ?1",
    )?;
    let found = statement.query_row([digest], |row| {
        Ok(Caller {
            credential_id: row.get(0)?,
            workspace_id: row.get(1)?,
            opens_all: true,
            user_id: row.get(2)?,
            scopes: Scopes::ALL,
            expires_at: Timestamp::NEVER,
            last_used_at: None,
            api_calls: row.get(3)?,
        })
    });
    Ok(found.optional()?)
}

/// The id of a user's key, if there is one.
///
/// # Errors
/// Only the database's own.
pub fn id_of(conn: &Conn, user: UserId) -> Result<Option<Uuid>> {
    let mut statement = conn.prepare_cached("SELECT id FROM integration_key WHERE user_id = ?1")?;
    Ok(statement.query_row([user], |row| row.get(0)).optional()?)
}
