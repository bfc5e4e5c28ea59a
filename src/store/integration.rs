//! Queries of the card integration API: configurations, and the workspaces that a credential can access.

use rusqlite::{OptionalExtension, Row, ToSql, params};

use super::connection::{Conn, Tx};
use super::letters::cover;
use super::sqlite_error;
use crate::error::{Error, Result};
use crate::model::credentials::Caller;
use crate::model::ids::{CardId, IntegrationId, UserId, WorkspaceId};
use crate::model::integration::{AccessibleWorkspace, CardDetails, Config};
use crate::model::merge_tags;
use crate::model::scopes::Role;

/// Returns the workspaces that a credential can access, oldest first.
///
/// # Errors
/// Database errors only.
pub fn workspaces(conn: &Conn, caller: &Caller) -> Result<Vec<AccessibleWorkspace>> {
    let mut statement = conn.prepare_cached(
        "SELECT w.id, w.name, m.role FROM member m JOIN workspace w ON w.id = m.workspace_id
          WHERE m.user_id = ?1 AND (?2 IS NULL OR w.id = ?2) ORDER BY w.created_at, w.id",
    )?;
    let rows = statement.query_map(params![caller.user_id, caller.only_workspace()], |row| {
        accessible(row, caller)
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns a workspace, if the credential can access it.
///
/// # Errors
/// `workspace_not_found`.
pub fn workspace(conn: &Conn, caller: &Caller, id: WorkspaceId) -> Result<AccessibleWorkspace> {
    let found = one(
        conn,
        caller,
        "SELECT w.id, w.name, m.role FROM member m JOIN workspace w ON w.id = m.workspace_id
          WHERE m.workspace_id = ?3 AND m.user_id = ?1 AND (?2 IS NULL OR w.id = ?2)",
        id,
    )?;
    found.ok_or_else(|| id.missing())
}

/// Returns the workspace of a card, if the credential can access it.
///
/// # Errors
/// `card_not_found`.
pub fn workspace_of_card(
    conn: &Conn,
    caller: &Caller,
    card: CardId,
) -> Result<AccessibleWorkspace> {
    let found = one(
        conn,
        caller,
        "SELECT w.id, w.name, m.role FROM member m JOIN workspace w ON w.id = m.workspace_id
           JOIN card c ON c.workspace_id = w.id AND c.id = ?3
          WHERE m.user_id = ?1 AND (?2 IS NULL OR w.id = ?2)",
        card,
    )?;
    found.ok_or_else(|| card.missing())
}

/// Returns the workspace of a configuration, if the credential can access it.
///
/// # Errors
/// `integration_config_missing`.
pub fn workspace_of_config(
    conn: &Conn,
    caller: &Caller,
    config: IntegrationId,
) -> Result<AccessibleWorkspace> {
    let found = one(
        conn,
        caller,
        "SELECT w.id, w.name, m.role FROM integration_config i JOIN workspace w ON w.id = i.workspace_id
           JOIN member m ON m.workspace_id = w.id AND m.user_id = ?1
          WHERE i.id = ?3 AND (?2 IS NULL OR w.id = ?2)",
        config,
    )?;
    found.ok_or_else(|| config.missing())
}

/// Returns the workspace that a statement finds. Its parameters are the user (`?1`), the credential's only workspace or
/// NULL (`?2`), and an id (`?3`).
fn one(
    conn: &Conn,
    caller: &Caller,
    sql: &str,
    id: impl ToSql,
) -> Result<Option<AccessibleWorkspace>> {
    let mut statement = conn.prepare_cached(sql)?;
    let values = params![caller.user_id, caller.only_workspace(), id];
    let found = statement.query_row(values, |row| accessible(row, caller));
    Ok(found.optional()?)
}

fn accessible(row: &Row<'_>, caller: &Caller) -> rusqlite::Result<AccessibleWorkspace> {
    let role: Role = row.get(2)?;
    Ok(AccessibleWorkspace {
        id: row.get(0)?,
        name: row.get(1)?,
        scopes: role.restrict(caller.scopes),
    })
}

const DETAILS: &str =
    "c.id, c.title, c.cover_url, c.cover_id, w.id, w.name, i.id, c.created_at, c.updated_at,
                       c.message, c.subject";

/// Returns a card with what automations need to know about it.
///
/// # Errors
/// `card_not_found`.
pub fn details(conn: &Conn, workspace: WorkspaceId, card: CardId) -> Result<CardDetails> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {DETAILS} FROM card c JOIN workspace w ON w.id = c.workspace_id
           LEFT JOIN integration_config i ON i.workspace_id = c.workspace_id AND i.card_id = c.id
          WHERE c.workspace_id = ?1 AND c.id = ?2"
    ))?;
    statement
        .query_row(params![workspace, card], of_row)
        .optional()?
        .ok_or_else(|| card.missing())
}

/// Returns a workspace's cards that have a configuration, oldest first.
///
/// # Errors
/// Database errors only.
pub fn workflow_cards(conn: &Conn, workspace: WorkspaceId) -> Result<Vec<CardDetails>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {DETAILS} FROM card c JOIN workspace w ON w.id = c.workspace_id
           JOIN integration_config i ON i.workspace_id = c.workspace_id AND i.card_id = c.id
          WHERE c.workspace_id = ?1 ORDER BY c.created_at, c.id"
    ))?;
    let rows = statement.query_map([workspace], of_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<CardDetails> {
    let title: String = row.get(1)?;
    let (message, subject): (String, Option<String>) = (row.get(9)?, row.get(10)?);
    let texts = [title.as_str(), &message]
        .into_iter()
        .chain(subject.as_deref());
    Ok(CardDetails {
        id: row.get(0)?,
        merge_tags: merge_tags::names(texts),
        cover: cover(row, 2)?,
        workspace_id: row.get(4)?,
        workspace_name: row.get(5)?,
        integration_id: row.get(6)?,
        created_at: row.get(7)?,
        updated_at: row.get(8)?,
        title,
    })
}

/// Returns the ids and titles of a workspace's cards, oldest first.
///
/// # Errors
/// Database errors only.
pub fn cards(conn: &Conn, workspace: WorkspaceId) -> Result<Vec<(CardId, String)>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, title FROM card WHERE workspace_id = ?1 ORDER BY created_at, id",
    )?;
    let rows = statement.query_map([workspace], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Adds a configuration. A unique index allows only one per card.
///
/// # Errors
/// `integration_config_exists`, with the id of the existing one.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, config: &Config) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO integration_config (workspace_id, id, card_id, user_id, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let inserted = statement.execute(params![
        workspace,
        config.id,
        config.card_id,
        config.user_id,
        config.created_at,
        config.updated_at
    ]);
    match inserted {
        Ok(_) => Ok(()),
        Err(cause) if sqlite_error::is_unique(&cause) => {
            let existing = by_card(tx, workspace, config.card_id)?;
            Err(Error::IntegrationConfigExists {
                integration_id: existing.id,
                card_id: existing.card_id,
            })
        }
        Err(cause) => Err(cause.into()),
    }
}

/// Returns a configuration.
///
/// # Errors
/// `integration_config_missing`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: IntegrationId) -> Result<Config> {
    let mut statement = conn.prepare_cached(
        "SELECT id, user_id, workspace_id, card_id, created_at, updated_at FROM integration_config
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement
        .query_row(params![workspace, id], config)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Returns the configurations that a user created, with their workspaces.
///
/// # Errors
/// Database errors only.
pub fn of_user(conn: &Conn, user: UserId) -> Result<Vec<(WorkspaceId, Config)>> {
    let mut statement = conn.prepare(
        "SELECT id, user_id, workspace_id, card_id, created_at, updated_at FROM integration_config
          WHERE user_id = ?1",
    )?;
    let rows = statement.query_map([user], |row| Ok((row.get(2)?, config(row)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the configuration of a card.
///
/// # Errors
/// `integration_config_missing`.
pub fn by_card(conn: &Conn, workspace: WorkspaceId, card_id: CardId) -> Result<Config> {
    let mut statement = conn.prepare_cached(
        "SELECT id, user_id, workspace_id, card_id, created_at, updated_at FROM integration_config
          WHERE workspace_id = ?1 AND card_id = ?2",
    )?;
    statement
        .query_row(params![workspace, card_id], config)
        .optional()?
        .ok_or(Error::IntegrationConfigMissing { card_id })
}

/// Whether a card has a configuration.
///
/// # Errors
/// Database errors only.
pub fn exists_for(conn: &Conn, workspace: WorkspaceId, card_id: CardId) -> Result<bool> {
    let mut statement = conn.prepare_cached(
        "SELECT 1 FROM integration_config WHERE workspace_id = ?1 AND card_id = ?2",
    )?;
    Ok(statement.exists(params![workspace, card_id])?)
}

/// Deletes a configuration.
///
/// # Errors
/// `integration_config_missing`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: IntegrationId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM integration_config WHERE workspace_id = ?1 AND id = ?2")?;
    match statement.execute(params![workspace, id])? {
        0 => Err(id.missing()),
        _ => Ok(()),
    }
}

fn config(row: &Row<'_>) -> rusqlite::Result<Config> {
    Ok(Config {
        id: row.get(0)?,
        user_id: row.get(1)?,
        workspace_id: row.get(2)?,
        card_id: row.get(3)?,
        created_at: row.get(4)?,
        updated_at: row.get(5)?,
    })
}
