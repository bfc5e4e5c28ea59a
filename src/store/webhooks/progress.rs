//! How far the deliveries of webhooks have come. Clients do not see it, so its changes are no events.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::row::{COLUMNS, webhook};
use crate::error::Result;
use crate::model::ids::{WebhookId, WorkspaceId};
use crate::model::time::Timestamp;
use crate::model::webhooks::{Recovery, WebhookProgress};
use crate::store::connection::{Conn, Effects, Tx};
use crate::store::events;

/// Number of columns of a webhook, before those of its progress.
const FIRST: usize = 11;
const PROGRESS: &str = "w.workspace_id, p.cursor, j.latest, p.failing_since, p.recovery_cursor, p.recovery_until, \
                        p.recovery_only";
const TABLES: &str = "webhook_progress p
           JOIN webhook w ON w.workspace_id = p.workspace_id AND w.id = p.webhook_id
           JOIN journal_state j ON j.workspace_id = p.workspace_id";

/// Whether there is a webhook in any workspace.
///
/// # Errors
/// Database errors only.
pub fn are_there(conn: &Conn) -> Result<bool> {
    let mut statement =
        conn.prepare_cached("SELECT 1 FROM webhook_progress WHERE workspace_id >= x'' LIMIT 1")?;
    Ok(statement.exists(())?)
}

/// A webhook that has something to deliver.
pub struct Work {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The newest sequence of the journal.
    pub latest: i64,
    /// All about it; `None` if `is_full` said that nothing more is needed now.
    pub progress: Option<WebhookProgress>,
}

/// Returns active webhooks of all workspaces that have not examined the newest event, or deliver events again. They are
/// in the order of workspace and webhook, and begin after `last`.
///
/// # Errors
/// Database errors only.
pub fn with_work(
    conn: &Conn,
    last: Option<(WorkspaceId, WebhookId)>,
    limit: usize,
    is_full: impl Fn(WebhookId) -> bool,
) -> Result<Vec<Work>> {
    let start = (
        WorkspaceId::from_uuid(Uuid::nil()),
        WebhookId::from_uuid(Uuid::nil()),
    );
    let (workspace, id) = last.unwrap_or(start);
    let mut statement = conn.prepare_cached(
        "SELECT p.workspace_id, p.webhook_id, p.cursor, p.recovery_cursor IS NOT NULL FROM webhook_progress p
           JOIN webhook w ON w.workspace_id = p.workspace_id AND w.id = p.webhook_id
          WHERE (p.workspace_id, p.webhook_id) > (?1, ?2) AND w.is_active = 1
          ORDER BY p.workspace_id, p.webhook_id",
    )?;
    let mut rows = statement.query(params![workspace, id])?;
    // The webhooks of a workspace follow each other, so its journal is looked at once.
    let mut journal: Option<(WorkspaceId, i64)> = None;
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        let (workspace_id, webhook_id) = (row.get(0)?, row.get(1)?);
        let latest = match journal {
            Some((of, latest)) if of == workspace_id => latest,
            _ => events::latest(conn, workspace_id)?,
        };
        journal = Some((workspace_id, latest));
        let is_recovering = row.get(3)?;
        if is_recovering || row.get::<_, i64>(2)? < latest {
            let progress = match is_recovering || !is_full(webhook_id) {
                true => progress(conn, workspace_id, webhook_id)?,
                false => None,
            };
            found.push(Work {
                workspace_id,
                webhook_id,
                latest,
                progress,
            });
        }
    }
    Ok(found)
}

/// Returns the workspace's webhooks, oldest first, and how far their deliveries have come.
///
/// # Errors
/// Database errors only.
pub fn list_with_progress(conn: &Conn, workspace: WorkspaceId) -> Result<Vec<WebhookProgress>> {
    let mut statement = conn.prepare(&format!(
        "SELECT {COLUMNS}, {PROGRESS} FROM {TABLES} WHERE p.workspace_id = ?1 ORDER BY w.created_at, w.id"
    ))?;
    let rows = statement.query_map([workspace], found)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns how far the deliveries of a webhook have come; `None` if it was deleted.
///
/// # Errors
/// Database errors only.
pub fn progress(
    conn: &Conn,
    workspace: WorkspaceId,
    id: WebhookId,
) -> Result<Option<WebhookProgress>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS}, {PROGRESS} FROM {TABLES} WHERE p.workspace_id = ?1 AND p.webhook_id = ?2"
    ))?;
    Ok(statement
        .query_row(params![workspace, id], found)
        .optional()?)
}

/// Stores the last sequence that was examined.
///
/// # Errors
/// Database errors only.
pub fn set_cursor(tx: &Tx<'_>, workspace: WorkspaceId, id: WebhookId, cursor: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE webhook_progress SET cursor = ?3 WHERE workspace_id = ?1 AND webhook_id = ?2",
    )?;
    statement.execute(params![workspace, id, cursor])?;
    Ok(())
}

/// Lets a webhook begin after the newest event, including those of the running transaction, as if it had never failed.
///
/// # Errors
/// Database errors only.
pub fn skip_to_newest(tx: &Tx<'_>, workspace: WorkspaceId, id: WebhookId) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE webhook_progress SET failing_since = NULL, cursor = max(cursor,
                coalesce((SELECT latest FROM journal_state WHERE workspace_id = ?1), 0))
          WHERE workspace_id = ?1 AND webhook_id = ?2",
    )?;
    statement.execute(params![workspace, id])?;
    Ok(())
}

/// Stores which events are delivered again.
///
/// # Errors
/// Database errors only.
pub fn set_recovery(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    id: WebhookId,
    recovery: Option<Recovery>,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE webhook_progress SET recovery_cursor = ?3, recovery_until = ?4, recovery_only = ?5
          WHERE workspace_id = ?1 AND webhook_id = ?2",
    )?;
    statement.execute(params![
        workspace,
        id,
        recovery.map(|recovery| recovery.cursor),
        recovery.map(|recovery| recovery.until),
        recovery.map(|recovery| recovery.only)
    ])?;
    tx.note(Effects {
        deliveries: recovery.is_some(),
        ..Effects::default()
    });
    Ok(())
}

/// Stores the first failure since the last success.
///
/// # Errors
/// Database errors only.
pub fn set_failing_since(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    id: WebhookId,
    since: Option<Timestamp>,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE webhook_progress SET failing_since = ?3
          WHERE workspace_id = ?1 AND webhook_id = ?2 AND failing_since IS NOT ?3",
    )?;
    statement.execute(params![workspace, id, since])?;
    Ok(())
}

fn found(row: &Row<'_>) -> rusqlite::Result<WebhookProgress> {
    Ok(WebhookProgress {
        webhook: webhook(row)?,
        workspace_id: row.get(FIRST)?,
        cursor: row.get(FIRST + 1)?,
        latest: row.get(FIRST + 2)?,
        failing_since: row.get(FIRST + 3)?,
        recovery: recovery(row)?,
    })
}

fn recovery(row: &Row<'_>) -> rusqlite::Result<Option<Recovery>> {
    let Some(cursor) = row.get(FIRST + 4)? else {
        return Ok(None);
    };
    Ok(Some(Recovery {
        cursor,
        until: row.get(FIRST + 5)?,
        only: row.get(FIRST + 6)?,
    }))
}
