//! Users and their memberships.

use rusqlite::{OptionalExtension, Row, params};

use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::{Error, Fields, Result};
use crate::model::ids::{UserId, WorkspaceId};
use crate::model::scopes::Role;
use crate::model::time::Timestamp;
use crate::model::users::{Member, Membership, User, normal_email};

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
    inserted
        .map(drop)
        .map_err(|cause| match sqlite_error::is_unique(&cause) {
            true => Error::Conflict {
                message: format!("a user with the email address {email} already exists"),
                fields: Fields::from([("email".to_owned(), email.clone())]),
            },
            false => cause.into(),
        })
}

/// Adds a user to a workspace, or changes the role there.
///
/// # Errors
/// Database errors only.
pub fn join(
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
    statement.execute(params![workspace, user, role, now])?;
    Ok(())
}

/// Removes a user from a workspace, with the tokens for it.
///
/// # Errors
/// Database errors only.
pub fn leave(tx: &Tx<'_>, workspace: WorkspaceId, user: UserId) -> Result<()> {
    let mut statement =
        tx.prepare("DELETE FROM member WHERE workspace_id = ?1 AND user_id = ?2")?;
    statement.execute(params![workspace, user])?;
    Ok(())
}

/// Returns the number of owners of a workspace.
///
/// # Errors
/// Database errors only.
pub fn owners(conn: &Conn, workspace: WorkspaceId) -> Result<u64> {
    let mut statement =
        conn.prepare("SELECT count(*) FROM member WHERE workspace_id = ?1 AND role = ?2")?;
    Ok(statement.query_row(params![workspace, Role::Owner], |row| row.get(0))?)
}

/// Returns the role of a user in a workspace; `None` if the user is not a member.
///
/// # Errors
/// Database errors only.
pub fn role(conn: &Conn, workspace: WorkspaceId, user: UserId) -> Result<Option<Role>> {
    let mut statement =
        conn.prepare_cached("SELECT role FROM member WHERE workspace_id = ?1 AND user_id = ?2")?;
    let found = statement.query_row(params![workspace, user], |row| row.get(0));
    Ok(found.optional()?)
}

/// Returns the members of a workspace, in the order in which they joined.
///
/// # Errors
/// Database errors only.
pub fn members(conn: &Conn, workspace: WorkspaceId) -> Result<Vec<Member>> {
    let mut statement = conn.prepare_cached(
        "SELECT u.id, u.name, m.role FROM member m JOIN user u ON u.id = m.user_id
          WHERE m.workspace_id = ?1 ORDER BY m.created_at, u.id",
    )?;
    let rows = statement.query_map([workspace], |row| {
        Ok(Member {
            id: row.get(0)?,
            name: row.get(1)?,
            role: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
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
