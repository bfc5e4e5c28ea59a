//! Webhooks as clients see them, and their keys.

mod progress;
pub(in crate::store) mod row;

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

pub use self::progress::{
    are_there, list_with_progress, progress, set_cursor, set_failing_since, set_recovery,
    skip_to_newest, with_work,
};
use self::row::{COLUMNS, webhook};
use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::{Error, Result};
use crate::model::ids::{WebhookId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::time::Timestamp;
use crate::model::webhooks::{SigningKey, SigningKeys, Target, Webhook};

/// Returns the workspace's webhooks, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    page: &PageRequest<i64>,
) -> Result<PageRows<Webhook>> {
    let (since, after) = page.after.unwrap_or((i64::MIN, Uuid::nil()));
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM webhook w
          WHERE w.workspace_id = ?1 AND (w.created_at, w.id) > (?2, ?3) ORDER BY w.created_at, w.id LIMIT ?4"
    ))?;
    let rows = statement.query_map(params![workspace, since, after, page.fetch()], webhook)?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |webhook| {
        (webhook.created_at.millis(), webhook.id.uuid())
    }))
}

/// Returns a webhook.
///
/// # Errors
/// `webhook_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: WebhookId) -> Result<Webhook> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM webhook w WHERE w.workspace_id = ?1 AND w.id = ?2"
    ))?;
    statement
        .query_row(params![workspace, id], webhook)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Returns the workspace of a webhook, for commands that get only the webhook's id.
///
/// # Errors
/// `webhook_not_found`.
pub fn workspace_of(conn: &Conn, id: WebhookId) -> Result<WorkspaceId> {
    let mut statement = conn.prepare_cached("SELECT workspace_id FROM webhook WHERE id = ?1")?;
    statement
        .query_row([id], |row| row.get(0))
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Returns where and how the deliveries of a webhook are sent now; `None` if it was deleted.
///
/// # Errors
/// Database errors only.
pub fn target(
    conn: &Conn,
    workspace: WorkspaceId,
    id: WebhookId,
    now: Timestamp,
) -> Result<Option<Target>> {
    let mut statement = conn.prepare_cached(
        "SELECT url, payload, key, iif(old_key_until > ?3, old_key, NULL) FROM webhook
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    let found = statement.query_row(params![workspace, id, now], |row| {
        Ok(Target {
            url: row.get(0)?,
            payload: row.get(1)?,
            keys: SigningKeys {
                current: SigningKey::from_bytes(row.get(2)?),
                previous: row.get::<_, Option<_>>(3)?.map(SigningKey::from_bytes),
            },
        })
    });
    Ok(found.optional()?)
}

/// Adds a webhook.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn insert(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    webhook: &Webhook,
    key: &SigningKey,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO webhook (workspace_id, id, name, url, events, board_id, payload, is_active, key, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    let inserted = statement.execute(params![
        workspace,
        webhook.id,
        webhook.name,
        webhook.url,
        patterns(webhook)?,
        webhook.board_id,
        webhook.payload,
        webhook.is_active,
        key.as_bytes(),
        webhook.created_at,
        webhook.updated_at
    ]);
    inserted
        .map(drop)
        .map_err(|cause| sqlite_error::of_insert(tx, workspace, cause))
}

/// Updates a webhook. Deliveries that wait are given up if it is switched off.
///
/// # Errors
/// Database errors only.
pub fn update(tx: &Tx<'_>, workspace: WorkspaceId, webhook: &Webhook) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE webhook SET name = ?3, url = ?4, events = ?5, board_id = ?6, payload = ?7, is_active = ?8,
                disabled_reason = ?9, disabled_at = ?10, updated_at = ?11
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement.execute(params![
        workspace,
        webhook.id,
        webhook.name,
        webhook.url,
        patterns(webhook)?,
        webhook.board_id,
        webhook.payload,
        webhook.is_active,
        webhook.disabled_reason,
        webhook.disabled_at,
        webhook.updated_at
    ])?;
    Ok(())
}

/// Replaces the key of a webhook. The key before it signs as well until `old_until`.
///
/// # Errors
/// Database errors only.
pub fn rotate_key(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    id: WebhookId,
    key: &SigningKey,
    old_until: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE webhook SET old_key = key, old_key_until = ?4, key = ?3, updated_at = ?5
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement.execute(params![workspace, id, key.as_bytes(), old_until, now])?;
    Ok(())
}

/// Deletes a webhook with its deliveries.
///
/// # Errors
/// `webhook_not_found`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: WebhookId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM webhook WHERE workspace_id = ?1 AND id = ?2")?;
    match statement.execute(params![workspace, id])? {
        0 => Err(id.missing()),
        _ => Ok(()),
    }
}

fn patterns(webhook: &Webhook) -> Result<String> {
    serde_json::to_string(&webhook.events)
        .map_err(|cause| Error::internal("event patterns could not be serialized", cause))
}
