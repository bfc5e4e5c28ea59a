//! Keys of the card integration API. Each user has at most one.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use uuid::Uuid;

use super::connection::{Conn, Tx};
use crate::error::Result;
use crate::model::context::{Actor, ActorKind};
use crate::model::credentials::{Caller, Credential, Digest};
use crate::model::ids::UserId;
use crate::model::integration_keys::IntegrationKey;
use crate::model::scopes::Scopes;

/// Adds a key, and deletes the previous one of its user. The user must be a member of the key's workspace.
///
/// # Errors
/// Database errors only.
pub fn replace(tx: &Tx<'_>, key: &IntegrationKey, digest: &Digest) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO integration_key (user_id, id, home_workspace_id, digest, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (user_id) DO UPDATE
            SET id = excluded.id, home_workspace_id = excluded.home_workspace_id, digest = excluded.digest,
                created_at = excluded.created_at",
    )?;
    statement.execute(params![
        key.user_id,
        key.id,
        key.workspace_id,
        digest,
        key.created_at
    ])?;
    Ok(())
}

/// Returns the caller of a key, with all scopes. The scopes in a workspace depend on the user's role there.
///
/// # Errors
/// Database errors only.
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
            credential: Credential::Key { id: row.get(0)? },
            workspace_id: row.get(1)?,
            user_id: row.get(2)?,
            scopes: Scopes::ALL,
            api_calls: row.get(3)?,
        })
    });
    Ok(found.optional()?)
}

/// Returns who acts with a key; `None` if the key no longer exists.
///
/// # Errors
/// Database errors only.
pub fn actor(conn: &Conn, id: Uuid) -> Result<Option<Actor>> {
    let mut statement = conn.prepare_cached(
        "SELECT k.user_id, u.name FROM integration_key k JOIN user u ON u.id = k.user_id WHERE k.id = ?1",
    )?;
    let found = statement.query_row([id], |row| {
        Ok(Actor {
            kind: ActorKind::Key,
            user_id: row.get(0)?,
            name: row.get(1)?,
            credential: None,
        })
    });
    Ok(found.optional()?)
}

/// Returns a user's key, if there is one.
///
/// # Errors
/// Database errors only.
pub fn of_user(conn: &Conn, user: UserId) -> Result<Option<IntegrationKey>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, user_id, home_workspace_id, created_at FROM integration_key WHERE user_id = ?1",
    )?;
    Ok(statement.query_row([user], key).optional()?)
}

/// Deletes a user's key.
///
/// # Errors
/// Database errors only.
pub fn delete(tx: &Tx<'_>, user: UserId) -> Result<()> {
    let mut statement = tx.prepare("DELETE FROM integration_key WHERE user_id = ?1")?;
    statement.execute([user])?;
    Ok(())
}

/// A key with its user and workspace.
#[derive(Clone, Debug, Serialize)]
pub struct KeyWithOwner {
    /// The key.
    #[serde(flatten)]
    pub key: IntegrationKey,
    /// The user's address.
    #[serde(skip)]
    pub email: String,
    /// The workspace's slug.
    #[serde(skip)]
    pub workspace: String,
}

/// Returns all keys with their users, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list_with_owners(conn: &Conn) -> Result<Vec<KeyWithOwner>> {
    let mut statement = conn.prepare(
        "SELECT k.id, k.user_id, k.home_workspace_id, k.created_at, user.email, w.slug
           FROM user CROSS JOIN integration_key k ON k.user_id = user.id
           JOIN workspace w ON w.id = k.home_workspace_id
          ORDER BY k.created_at, k.id",
    )?;
    let rows = statement.query_map((), |row| {
        Ok(KeyWithOwner {
            key: key(row)?,
            email: row.get(4)?,
            workspace: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn key(row: &Row<'_>) -> rusqlite::Result<IntegrationKey> {
    Ok(IntegrationKey {
        id: row.get(0)?,
        user_id: row.get(1)?,
        workspace_id: row.get(2)?,
        created_at: row.get(3)?,
    })
}
