//! Users and their memberships.

use rusqlite::{OptionalExtension, Row, params};

use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::{Error, Fields, Result};
use crate::model::ids::UserId;
use crate::model::users::{Membership, User, normal_email};

const COLUMNS: &str = "id, email, name, created_at, updated_at";

/// Returns all users, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list(conn: &Conn) -> Result<Vec<User>> {
    let mut statement = conn.prepare(&format!(
        "SELECT {COLUMNS} FROM user ORDER BY created_at, id"
    ))?;
    let mut users = statement
        .query_map((), user)?
        .collect::<Result<Vec<_>, _>>()?;
    for user in &mut users {
        user.memberships = memberships(conn, user.id)?;
    }
    Ok(users)
}

/// Returns a user by id or address.
///
/// # Errors
/// Database errors only.
pub fn find(conn: &Conn, id_or_email: &str) -> Result<Option<User>> {
    let id: Option<UserId> = id_or_email.parse().ok();
    let email = normal_email(id_or_email);
    let mut statement = conn.prepare(&format!(
        "SELECT {COLUMNS} FROM user WHERE id = ?1 OR email = ?2"
    ))?;
    let Some(mut user) = statement.query_row(params![id, email], user).optional()? else {
        return Ok(None);
    };
    user.memberships = memberships(conn, user.id)?;
    Ok(Some(user))
}

/// Returns a user.
///
/// # Errors
/// `member_not_found`.
pub fn get(conn: &Conn, id: UserId) -> Result<User> {
    find(conn, &id.to_string())?.ok_or_else(|| id.missing())
}

/// Adds a user.
///
/// # Errors
/// `conflict` if the address is taken.
pub fn insert(tx: &Tx<'_>, user: &User) -> Result<()> {
    let User {
        id,
        email,
        name,
        created_at,
        updated_at,
        ..
    } = user;
    let mut statement = tx.prepare(
        "INSERT INTO user (id, email, name, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let inserted = statement.execute(params![id, email, name, created_at, updated_at]);
    inserted.map(drop).map_err(|cause| of_address(email, cause))
}

/// Updates the name and the email address of a user.
///
/// # Errors
/// `conflict` if the address is taken.
pub fn update(tx: &Tx<'_>, user: &User) -> Result<()> {
    let mut statement =
        tx.prepare("UPDATE user SET email = ?2, name = ?3, updated_at = ?4 WHERE id = ?1")?;
    let updated = statement.execute(params![user.id, user.email, user.name, user.updated_at]);
    updated
        .map(drop)
        .map_err(|cause| of_address(&user.email, cause))
}

/// Deletes a user with the memberships, sessions, tokens and keys.
///
/// # Errors
/// Database errors only; `last_owner` is checked by the caller, who knows the workspace.
pub fn delete(tx: &Tx<'_>, user: UserId) -> Result<()> {
    tx.prepare("DELETE FROM user WHERE id = ?1")?
        .execute([user])?;
    Ok(())
}

/// The error of a statement that stores an email address.
fn of_address(email: &str, cause: rusqlite::Error) -> Error {
    match sqlite_error::is_unique(&cause) {
        true => Error::Conflict {
            message: format!("a user with the email address {email} already exists"),
            fields: Fields::from([("email".to_owned(), email.to_owned())]),
        },
        false => cause.into(),
    }
}

/// Returns the memberships of a user, oldest workspace first.
fn memberships(conn: &Conn, user: UserId) -> Result<Vec<Membership>> {
    let mut statement = conn.prepare_cached(
        "SELECT m.workspace_id, m.role FROM member m JOIN workspace w ON w.id = m.workspace_id
          WHERE m.user_id = ?1 ORDER BY w.created_at, w.id",
    )?;
    let rows = statement.query_map([user], |row| {
        Ok(Membership {
            workspace_id: row.get(0)?,
            role: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        email: row.get(1)?,
        name: row.get(2)?,
        memberships: Vec::new(),
        created_at: row.get(3)?,
        updated_at: row.get(4)?,
    })
}
