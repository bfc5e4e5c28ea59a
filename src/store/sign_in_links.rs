//! Sign-in links that can be used once.

use rusqlite::{OptionalExtension, params};

use super::connection::{Conn, Tx};
use crate::error::{Error, Result};
use crate::model::credentials::Digest;
use crate::model::ids::UserId;
use crate::model::time::Timestamp;

/// Adds a link.
///
/// # Errors
/// Database errors only.
pub fn insert(
    tx: &Tx<'_>,
    user: UserId,
    digest: &Digest,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    let mut statement = tx.prepare(
        "INSERT INTO sign_in_link (digest, user_id, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)",
    )?;
    statement.execute(params![digest, user, now, expires_at])?;
    Ok(())
}

/// Returns the user of a link that can still be used.
///
/// # Errors
/// `sign_in_link_invalid`.
pub fn user(conn: &Conn, digest: &Digest, now: Timestamp) -> Result<UserId> {
    let mut statement = conn
        .prepare_cached("SELECT user_id FROM sign_in_link WHERE digest = ?1 AND expires_at > ?2")?;
    statement
        .query_row(params![digest, now], |row| row.get(0))
        .optional()?
        .ok_or(Error::SignInLinkInvalid)
}

/// Deletes a link.
///
/// # Errors
/// Database errors only.
pub fn delete(tx: &Tx<'_>, digest: &Digest) -> Result<()> {
    tx.prepare("DELETE FROM sign_in_link WHERE digest = ?1")?
        .execute([digest])?;
    Ok(())
}

/// Deletes all links of a user.
///
/// # Errors
/// Database errors only.
pub fn delete_of_user(tx: &Tx<'_>, user: UserId) -> Result<()> {
    tx.prepare("DELETE FROM sign_in_link WHERE user_id = ?1")?
        .execute([user])?;
    Ok(())
}

/// Deletes some of the links that have expired, and returns how many.
///
/// # Errors
/// Database errors only.
pub fn delete_expired(tx: &Tx<'_>, now: Timestamp) -> Result<usize> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM sign_in_link WHERE digest IN (
             SELECT digest FROM sign_in_link WHERE expires_at <= ?1 LIMIT 500)",
    )?;
    Ok(statement.execute([now])?)
}
