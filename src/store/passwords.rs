//! Hashes of passwords.

use rusqlite::{OptionalExtension, params};

use super::connection::{Conn, Tx};
use crate::error::Result;
use crate::model::ids::UserId;
use crate::model::passwords::PasswordHash;
use crate::model::time::Timestamp;

/// Returns a user's hash; `None` if the user has no password.
///
/// # Errors
/// Database errors only.
pub fn get(conn: &Conn, user: UserId) -> Result<Option<PasswordHash>> {
    let mut statement = conn.prepare_cached("SELECT hash FROM password WHERE user_id = ?1")?;
    let hash = statement.query_row([user], |row| row.get(0)).optional()?;
    Ok(hash.map(PasswordHash::from_stored))
}

/// Returns the user with an email address, and the hash; `None` if the user does not exist or has no password.
///
/// # Errors
/// Database errors only.
pub fn of_address(conn: &Conn, email: &str) -> Result<Option<(UserId, PasswordHash)>> {
    let mut statement = conn.prepare_cached(
        "SELECT u.id, p.hash FROM user u JOIN password p ON p.user_id = u.id WHERE u.email = ?1",
    )?;
    let found = statement.query_row([email], |row| {
        Ok((row.get(0)?, PasswordHash::from_stored(row.get(1)?)))
    });
    Ok(found.optional()?)
}

/// Stores a user's hash, which replaces the previous one.
///
/// # Errors
/// Database errors only.
pub fn put(tx: &Tx<'_>, user: UserId, hash: &PasswordHash, now: Timestamp) -> Result<()> {
    let mut statement = tx.prepare(
        "INSERT INTO password (user_id, hash, updated_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, updated_at = excluded.updated_at",
    )?;
    statement.execute(params![user, hash.as_str(), now])?;
    Ok(())
}
