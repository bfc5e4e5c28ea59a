//! API tokens.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use uuid::Uuid;

use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::Result;
use crate::model::context::{Actor, ActorKind};
use crate::model::credentials::{Caller, Credential, Digest};
use crate::model::ids::{TokenId, UserId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::scopes::{Role, Scopes};
use crate::model::time::Timestamp;
use crate::model::tokens::Token;

/// Returns the caller of a token: one indexed query for the token, its user's role and its plan's quota.
///
/// # Errors
/// Database errors only.
pub fn caller(conn: &Conn, digest: &Digest) -> Result<Option<Caller>> {
    let mut statement = conn.prepare_cached(
        "SELECT t.id, t.expires_at, t.last_used_at, t.workspace_id, t.user_id, t.scopes, m.role,
                p.api_calls + w.extra_api_calls
           FROM token t
           JOIN member m ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id
           JOIN workspace w ON w.id = t.workspace_id
           JOIN plan p ON p.name = w.plan
          WHERE t.digest = ?1",
    )?;
    let found = statement.query_row([digest], |row| {
        let role: Role = row.get(6)?;
        Ok(Caller {
            credential: Credential::Token {
                id: row.get(0)?,
                expires_at: row.get(1)?,
                last_used_at: row.get(2)?,
            },
            workspace_id: row.get(3)?,
            user_id: row.get(4)?,
            scopes: role.restrict(row.get(5)?),
            api_calls: row.get(7)?,
        })
    });
    Ok(found.optional()?)
}

/// Stores when a token was last used.
///
/// # Errors
/// Database errors only.
pub fn touch(tx: &Tx<'_>, workspace: WorkspaceId, id: TokenId, moment: Timestamp) -> Result<()> {
    let mut statement = tx
        .prepare_cached("UPDATE token SET last_used_at = ?3 WHERE workspace_id = ?1 AND id = ?2")?;
    statement.execute(params![workspace, id, moment])?;
    Ok(())
}

/// Returns the workspace's tokens, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    page: &PageRequest<i64>,
) -> Result<PageRows<Token>> {
    let (since, after) = page.after.unwrap_or((i64::MIN, Uuid::nil()));
    let mut statement = conn.prepare_cached(
        "SELECT id, name, prefix, scopes, expires_at, last_used_at, created_at FROM token
          WHERE workspace_id = ?1 AND (created_at, id) > (?2, ?3) ORDER BY created_at, id LIMIT ?4",
    )?;
    let rows = statement.query_map(params![workspace, since, after, page.fetch()], token)?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |token| {
        (token.created_at.millis(), token.id.uuid())
    }))
}

/// Returns a token.
///
/// # Errors
/// `token_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: TokenId) -> Result<Token> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, prefix, scopes, expires_at, last_used_at, created_at FROM token
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement
        .query_row(params![workspace, id], token)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Returns the scopes of a token as its user's role restricts them now, and who acts with it; `None` if the token no
/// longer exists.
///
/// # Errors
/// Database errors only.
pub fn authority(
    conn: &Conn,
    workspace: WorkspaceId,
    id: TokenId,
) -> Result<Option<(Scopes, Actor)>> {
    let mut statement = conn.prepare_cached(
        "SELECT t.scopes, m.role, t.user_id, u.name, t.name FROM token t
           JOIN member m ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id
           JOIN user u ON u.id = t.user_id
          WHERE t.id = ?2 AND t.workspace_id = ?1",
    )?;
    let found = statement.query_row(params![workspace, id], |row| {
        let role: Role = row.get(1)?;
        let actor = Actor {
            kind: ActorKind::Token,
            user_id: row.get(2)?,
            name: row.get(3)?,
            credential: row.get(4)?,
        };
        Ok((role.restrict(row.get(0)?), actor))
    });
    Ok(found.optional()?)
}

/// Adds a token.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn insert(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    user: UserId,
    token: &Token,
    digest: &Digest,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO token (id, workspace_id, user_id, name, prefix, digest, scopes, expires_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let inserted = statement.execute(params![
        token.id,
        workspace,
        user,
        token.name,
        token.prefix,
        digest,
        token.scopes,
        token.expires_at,
        token.created_at
    ]);
    inserted
        .map(drop)
        .map_err(|cause| sqlite_error::of_insert(tx, workspace, cause))
}

/// Revokes a token.
///
/// # Errors
/// `token_not_found`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: TokenId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM token WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.execute(params![workspace, id])? == 0 {
        Err(id.missing())
    } else {
        Ok(())
    }
}

/// Returns a user's tokens for a workspace, oldest first.
///
/// # Errors
/// Database errors only.
pub fn of_user(conn: &Conn, workspace: WorkspaceId, user: UserId) -> Result<Vec<Token>> {
    let mut statement = conn.prepare(
        "SELECT id, name, prefix, scopes, expires_at, last_used_at, created_at FROM token
          WHERE workspace_id = ?1 AND user_id = ?2 ORDER BY created_at, id",
    )?;
    let rows = statement.query_map(params![workspace, user], token)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the workspace of a token, for commands that get only the token's id.
///
/// # Errors
/// `token_not_found`.
pub fn workspace_of(conn: &Conn, id: TokenId) -> Result<WorkspaceId> {
    let mut statement = conn.prepare_cached("SELECT workspace_id FROM token WHERE id = ?1")?;
    statement
        .query_row([id], |row| row.get(0))
        .optional()?
        .ok_or_else(|| id.missing())
}

/// A token with its workspace and user.
#[derive(Clone, Debug, Serialize)]
pub struct TokenWithOwner {
    /// The token.
    #[serde(flatten)]
    pub token: Token,
    /// The workspace that it gives access to.
    pub workspace_id: WorkspaceId,
    /// The user that it acts for.
    pub user_id: UserId,
    /// The workspace's slug.
    #[serde(skip)]
    pub workspace: String,
    /// The user's address.
    #[serde(skip)]
    pub email: String,
}

/// Returns a workspace's tokens with their users, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list_with_owners(conn: &Conn, workspace: WorkspaceId) -> Result<Vec<TokenWithOwner>> {
    let mut statement = conn.prepare(
        "SELECT t.id, t.name, t.prefix, t.scopes, t.expires_at, t.last_used_at, t.created_at,
                t.workspace_id, t.user_id, w.slug, u.email
           FROM token t JOIN workspace w ON w.id = t.workspace_id JOIN user u ON u.id = t.user_id
          WHERE t.workspace_id = ?1 ORDER BY t.created_at, t.id",
    )?;
    let rows = statement.query_map([workspace], |row| {
        Ok(TokenWithOwner {
            token: token(row)?,
            workspace_id: row.get(7)?,
            user_id: row.get(8)?,
            workspace: row.get(9)?,
            email: row.get(10)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn token(row: &Row<'_>) -> rusqlite::Result<Token> {
    Ok(Token {
        id: row.get(0)?,
        name: row.get(1)?,
        prefix: row.get(2)?,
        scopes: row.get(3)?,
        expires_at: row.get(4)?,
        last_used_at: row.get(5)?,
        created_at: row.get(6)?,
    })
}
