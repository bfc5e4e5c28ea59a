//! The accounts of users.

use rusqlite::OptionalExtension;

use super::connection::Conn;
use crate::error::{Error, Result};
use crate::model::accounts::Account;
use crate::model::ids::UserId;

/// Returns a user, as the user sees it.
///
/// # Errors
/// `session_expired` if the user no longer exists.
pub fn get(conn: &Conn, user: UserId) -> Result<Account> {
    let mut statement = conn.prepare_cached(
        "SELECT u.id, u.name, u.email, p.user_id IS NOT NULL
           FROM user u LEFT JOIN password p ON p.user_id = u.id WHERE u.id = ?1",
    )?;
    let found = statement.query_row([user], |row| {
        Ok(Account {
            id: row.get(0)?,
            name: row.get(1)?,
            email: row.get(2)?,
            has_password: row.get(3)?,
        })
    });
    found.optional()?.ok_or(Error::SessionExpired)
}
