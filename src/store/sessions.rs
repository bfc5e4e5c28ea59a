//! Sessions.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::connection::{Conn, Tx};
use crate::error::{Error, Result};
use crate::model::context::{Actor, ActorKind};
use crate::model::credentials::{Caller, Credential, Digest};
use crate::model::ids::{SessionId, UserId, WorkspaceId};
use crate::model::scopes::{Role, Scopes};
use crate::model::sessions::{IDLE_DAYS, MAX_DAYS, Session, SignedIn, WorkspaceOfUser, expiry};
use crate::model::time::Timestamp;

/// A session that has not ended.
#[derive(Clone, Copy, Debug)]
pub struct OpenSession {
    /// The id.
    pub id: SessionId,
    /// The user.
    pub user_id: UserId,
    /// The time of the last use, to the hour.
    pub last_used_at: Timestamp,
}

/// Returns the session of a cookie.
///
/// # Errors
/// `session_expired`.
pub fn find(conn: &Conn, digest: &Digest, now: Timestamp) -> Result<OpenSession> {
    let mut statement = conn.prepare_cached(
        "SELECT id, user_id, last_used_at FROM session
          WHERE digest = ?1 AND last_used_at > ?2 AND created_at > ?3",
    )?;
    let (idle, oldest) = limits(now);
    open(statement.query_row(params![digest, idle, oldest], open_session))
}

/// Returns a session by its id.
///
/// # Errors
/// `session_expired`.
pub fn get(conn: &Conn, id: SessionId, now: Timestamp) -> Result<OpenSession> {
    let mut statement = conn.prepare_cached(
        "SELECT id, user_id, last_used_at FROM session
          WHERE id = ?1 AND last_used_at > ?2 AND created_at > ?3",
    )?;
    let (idle, oldest) = limits(now);
    open(statement.query_row(params![id, idle, oldest], open_session))
}

fn open(found: rusqlite::Result<OpenSession>) -> Result<OpenSession> {
    found.optional()?.ok_or(Error::SessionExpired)
}

/// Sessions that were last used, or created, at these times or earlier have ended.
const fn limits(now: Timestamp) -> (Timestamp, Timestamp) {
    (now.plus_days(-IDLE_DAYS), now.plus_days(-MAX_DAYS))
}

/// Returns the caller of a session: in the workspace with this id or slug, or in the user's oldest one.
///
/// # Errors
/// `workspace_not_found`.
pub fn caller(conn: &Conn, session: OpenSession, named: Option<&str>) -> Result<Caller> {
    let mut statement = conn.prepare_cached(
        "SELECT w.id, m.role, p.api_calls + w.extra_api_calls
           FROM member m JOIN workspace w ON w.id = m.workspace_id JOIN plan p ON p.name = w.plan
          WHERE m.user_id = ?1 AND (?2 OR w.id = ?3 OR w.slug = ?4)
          ORDER BY w.created_at, w.id LIMIT 1",
    )?;
    let id: Option<WorkspaceId> = named.and_then(|named| named.parse().ok());
    let wanted = params![session.user_id, named.is_none(), id, named];
    let found = statement.query_row(wanted, |row| {
        let role: Role = row.get(1)?;
        Ok(Caller {
            credential: Credential::Session {
                id: session.id,
                last_used_at: session.last_used_at,
            },
            workspace_id: row.get(0)?,
            user_id: session.user_id,
            scopes: role.restrict(Scopes::ALL),
            api_calls: row.get(2)?,
        })
    });
    found
        .optional()?
        .ok_or_else(|| super::workspaces::unknown(named.unwrap_or_default()))
}

/// Returns the scopes that a user's role allows in a workspace; `None` if the user is not a member.
///
/// # Errors
/// Database errors only.
pub fn scopes(conn: &Conn, workspace: WorkspaceId, user: UserId) -> Result<Option<Scopes>> {
    let role = super::members::role(conn, workspace, user)?;
    Ok(role.map(|role| role.restrict(Scopes::ALL)))
}

/// Returns who acts with a session of a user.
///
/// # Errors
/// Database errors only.
pub fn actor(conn: &Conn, user: UserId) -> Result<Actor> {
    let mut statement = conn.prepare_cached("SELECT name FROM user WHERE id = ?1")?;
    Ok(Actor {
        kind: ActorKind::Session,
        user_id: Some(user),
        name: statement.query_row([user], |row| row.get(0))?,
        credential: None,
    })
}

/// Adds a session.
///
/// # Errors
/// Database errors only.
pub fn insert(tx: &Tx<'_>, user: UserId, session: &Session, digest: &Digest) -> Result<()> {
    let mut statement = tx.prepare(
        "INSERT INTO session (id, user_id, digest, user_agent, created_at, last_used_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    statement.execute(params![
        session.id,
        user,
        digest,
        session.user_agent,
        session.created_at,
        session.last_used_at
    ])?;
    Ok(())
}

/// Stores when a session was last used.
///
/// # Errors
/// Database errors only.
pub fn touch(tx: &Tx<'_>, id: SessionId, now: Timestamp) -> Result<()> {
    let mut statement =
        tx.prepare_cached("UPDATE session SET last_used_at = max(last_used_at, ?2) WHERE id = ?1")?;
    statement.execute(params![id, now])?;
    Ok(())
}

/// Returns a session with its user and the user's workspaces.
///
/// # Errors
/// `session_expired`.
pub fn signed_in(conn: &Conn, id: SessionId) -> Result<SignedIn> {
    let mut statement = conn.prepare_cached(
        "SELECT s.created_at, s.last_used_at, s.user_id FROM session s WHERE s.id = ?1",
    )?;
    let found = statement.query_row([id], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, UserId>(2)?))
    });
    let (created_at, last_used_at, user) = found.optional()?.ok_or(Error::SessionExpired)?;
    Ok(SignedIn {
        id,
        created_at,
        expires_at: expiry(created_at, last_used_at),
        user: super::accounts::get(conn, user)?,
        workspaces: workspaces(conn, user)?,
    })
}

/// Returns the workspaces of a user, oldest first.
fn workspaces(conn: &Conn, user: UserId) -> Result<Vec<WorkspaceOfUser>> {
    let mut statement = conn.prepare_cached(
        "SELECT w.id, w.name, w.slug, w.plan, m.role FROM member m JOIN workspace w ON w.id = m.workspace_id
          WHERE m.user_id = ?1 ORDER BY w.created_at, w.id",
    )?;
    let rows = statement.query_map([user], |row| {
        Ok(WorkspaceOfUser {
            id: row.get(0)?,
            name: row.get(1)?,
            slug: row.get(2)?,
            plan: row.get(3)?,
            role: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the sessions of a user that have not ended, newest first. A user has at most 100.
///
/// # Errors
/// Database errors only.
pub fn of_user(
    conn: &Conn,
    user: UserId,
    current: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<Session>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, user_agent, created_at, last_used_at FROM session
          WHERE user_id = ?1 AND last_used_at > ?2 AND created_at > ?3 ORDER BY created_at DESC, id DESC",
    )?;
    let (idle, oldest) = limits(now);
    let rows = statement.query_map(params![user, idle, oldest], |row| session(row, current))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A session with its user.
#[derive(Clone, Debug, Serialize)]
pub struct SessionWithUser {
    /// The session.
    #[serde(flatten)]
    pub session: Session,
    /// The user's id.
    pub user_id: UserId,
    /// The user's address.
    pub email: String,
}

/// Returns the sessions of a user, or of all, that have not ended, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list_with_users(
    conn: &Conn,
    user: Option<UserId>,
    now: Timestamp,
) -> Result<Vec<SessionWithUser>> {
    let mut statement = conn.prepare(
        "SELECT s.id, s.user_agent, s.created_at, s.last_used_at, user.id, user.email
           FROM user CROSS JOIN session s ON s.user_id = user.id
          WHERE (?1 IS NULL OR user.id = ?1) AND s.last_used_at > ?2 AND s.created_at > ?3
          ORDER BY s.created_at, s.id",
    )?;
    let (idle, oldest) = limits(now);
    let rows = statement.query_map(params![user, idle, oldest], |row| {
        Ok(SessionWithUser {
            session: session(row, None)?,
            user_id: row.get(4)?,
            email: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes a session of a user.
///
/// # Errors
/// `session_not_found`.
pub fn delete(tx: &Tx<'_>, user: UserId, id: SessionId) -> Result<()> {
    let mut statement = tx.prepare("DELETE FROM session WHERE user_id = ?1 AND id = ?2")?;
    match statement.execute(params![user, id])? {
        0 => Err(id.missing()),
        _ => Ok(()),
    }
}

/// Deletes the sessions of a user except one, and returns how many.
///
/// # Errors
/// Database errors only.
pub fn delete_others(tx: &Tx<'_>, user: UserId, kept: Option<SessionId>) -> Result<usize> {
    let mut statement = tx.prepare("DELETE FROM session WHERE user_id = ?1 AND id IS NOT ?2")?;
    Ok(statement.execute(params![user, kept])?)
}

/// Deletes some of the sessions that have ended, and returns how many.
///
/// # Errors
/// Database errors only.
pub fn delete_ended(tx: &Tx<'_>, now: Timestamp) -> Result<usize> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM session WHERE id IN (
             SELECT id FROM session WHERE last_used_at <= ?1 OR created_at <= ?2 LIMIT 500)",
    )?;
    let (idle, oldest) = limits(now);
    Ok(statement.execute(params![idle, oldest])?)
}

fn session(row: &Row<'_>, current: Option<SessionId>) -> rusqlite::Result<Session> {
    let (id, created_at, last_used_at) = (row.get(0)?, row.get(2)?, row.get(3)?);
    Ok(Session {
        id,
        user_agent: row.get(1)?,
        is_current: current == Some(id),
        last_used_at,
        created_at,
        expires_at: expiry(created_at, last_used_at),
    })
}

fn open_session(row: &Row<'_>) -> rusqlite::Result<OpenSession> {
    Ok(OpenSession {
        id: row.get(0)?,
        user_id: row.get(1)?,
        last_used_at: row.get(2)?,
    })
}
