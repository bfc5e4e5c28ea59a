//! Keys of the card integration API: one a user.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::connection::{Conn, Tx};
use crate::error::Result;
use crate::model::credentials::Digest;
use crate::model::ids::{UserId, WorkspaceId};
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

/// The id of a user's key, if there is one.
///
/// # Errors
/// Only the database's own.
pub fn id_of(conn: &Conn, user: UserId) -> Result<Option<Uuid>> {
    let mut statement = conn.prepare_cached("SELECT id FROM integration_key WHERE user_id = ?1")?;
    Ok(statement.query_row([user], |row| row.get(0)).optional()?)
}
