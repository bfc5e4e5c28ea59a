//! Which deliveries are due, and the results of their attempts.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use crate::error::Result;
use crate::model::deliveries::{
    AttemptResult, Content, DeliveryCause, DeliveryStatus, DueDelivery, Outcome,
};
use crate::model::ids::{DeliveryId, WebhookId, WorkspaceId};
use crate::model::time::Timestamp;
use crate::store::connection::{Conn, Tx};

const DUE_COLUMNS: &str = "id, workspace_id, webhook_id, event_id, event, sequence, body, cause, attempts, due_at, created_at";

/// Returns deliveries to a webhook that are due, longest due first.
///
/// # Errors
/// Database errors only.
pub fn due(
    conn: &Conn,
    workspace: WorkspaceId,
    webhook: WebhookId,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<DueDelivery>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {DUE_COLUMNS} FROM webhook_delivery
          WHERE workspace_id = ?1 AND webhook_id = ?2 AND due_at <= ?3 ORDER BY due_at, seq LIMIT ?4"
    ))?;
    let rows = statement.query_map(params![workspace, webhook, now, limit], due_delivery)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns a delivery that waits for an attempt, whether it is due or not; `None` if it does not wait.
///
/// # Errors
/// Database errors only.
pub fn waiting(conn: &Conn, workspace: WorkspaceId, id: DeliveryId) -> Result<Option<DueDelivery>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {DUE_COLUMNS} FROM webhook_delivery WHERE workspace_id = ?1 AND id = ?2 AND due_at IS NOT NULL"
    ))?;
    Ok(statement
        .query_row(params![workspace, id], due_delivery)
        .optional()?)
}

/// Returns deliveries that an earlier process made and probably did not attempt, in the order of their events. Only the
/// newest rows are read: a process makes deliveries only a little ahead of its attempts.
///
/// # Errors
/// Database errors only.
pub fn left_over(
    conn: &Conn,
    workspace: WorkspaceId,
    webhook: WebhookId,
    limit: usize,
) -> Result<Vec<DueDelivery>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {DUE_COLUMNS} FROM (
           SELECT * FROM webhook_delivery WHERE workspace_id = ?1 AND webhook_id = ?2 AND status = 'pending'
            ORDER BY created_at DESC, id DESC LIMIT ?3)
          WHERE attempts = 0 AND cause = ?4 ORDER BY sequence"
    ))?;
    let values = params![workspace, webhook, limit, DeliveryCause::Event];
    let rows = statement.query_map(values, due_delivery)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the webhooks of all workspaces that have a due delivery. Skips from webhook to webhook, because there can be
/// a hundred thousand due deliveries.
///
/// # Errors
/// Database errors only.
pub fn webhooks_with_due(conn: &Conn, now: Timestamp) -> Result<Vec<(WorkspaceId, WebhookId)>> {
    let mut found = Vec::new();
    let mut next = next_waiting(conn, None)?;
    while let Some((webhook, first_due)) = next {
        if first_due <= now {
            found.push(webhook);
        }
        next = next_waiting(conn, Some(webhook))?;
    }
    Ok(found)
}

/// The next webhook with deliveries that wait, in the order of workspaces and webhooks, and when its first is due. One
/// statement for both columns would read all deliveries of the last webhook.
fn next_waiting(
    conn: &Conn,
    last: Option<(WorkspaceId, WebhookId)>,
) -> Result<Option<((WorkspaceId, WebhookId), Timestamp)>> {
    let waiting = |row: &Row<'_>| Ok(((row.get(0)?, row.get(1)?), row.get(2)?));
    if let Some((workspace, webhook)) = last {
        let mut same_workspace = conn.prepare_cached(
            "SELECT workspace_id, webhook_id, due_at FROM webhook_delivery
              WHERE due_at IS NOT NULL AND workspace_id = ?1 AND webhook_id > ?2
              ORDER BY webhook_id, due_at LIMIT 1",
        )?;
        let next = same_workspace.query_row(params![workspace, webhook], waiting);
        if let Some(next) = next.optional()? {
            return Ok(Some(next));
        }
    }
    let workspace = last.map_or(WorkspaceId::from_uuid(Uuid::nil()), |(workspace, _)| {
        workspace
    });
    let mut other_workspace = conn.prepare_cached(
        "SELECT workspace_id, webhook_id, due_at FROM webhook_delivery
          WHERE due_at IS NOT NULL AND workspace_id > ?1
          ORDER BY workspace_id, webhook_id, due_at LIMIT 1",
    )?;
    Ok(other_workspace.query_row([workspace], waiting).optional()?)
}

/// Returns when the next delivery is due after a time.
///
/// # Errors
/// Database errors only.
pub fn next_due(conn: &Conn, after: Timestamp) -> Result<Option<Timestamp>> {
    let mut statement = conn.prepare_cached(
        "SELECT due_at FROM webhook_delivery WHERE due_at > ?1 ORDER BY due_at LIMIT 1",
    )?;
    Ok(statement.query_row([after], |row| row.get(0)).optional()?)
}

/// Counts the deliveries of all workspaces that wait for an attempt.
///
/// # Errors
/// Database errors only.
pub fn pending(conn: &Conn) -> Result<u64> {
    let mut statement =
        conn.prepare_cached("SELECT count(*) FROM webhook_delivery WHERE due_at > ?1")?;
    Ok(statement.query_row([i64::MIN], |row| row.get(0))?)
}

/// Stores the result of an attempt. A delivery that was given up meanwhile is not attempted again, but can be delivered.
/// Does nothing if the delivery was deleted.
///
/// # Errors
/// Database errors only.
pub fn record(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    id: DeliveryId,
    result: &AttemptResult,
) -> Result<()> {
    let (status, due_at, delivered_at) = match result.outcome {
        Outcome::Delivered(at) => (DeliveryStatus::Delivered, None, Some(at)),
        Outcome::RetryAt(at) => (DeliveryStatus::Pending, Some(at), None),
        Outcome::Failed => (DeliveryStatus::Failed, None, None),
    };
    let mut statement = tx.prepare_cached(
        "UPDATE webhook_delivery SET attempts = attempts + 1,
                status = iif(?3 = 'pending', status, ?3), due_at = iif(due_at IS NULL, NULL, ?4), delivered_at = ?5,
                response_status = ?6, duration_ms = ?7, error = ?8, response_excerpt = ?9
          WHERE workspace_id = ?1 AND id = ?2 AND (status = 'pending' OR status = 'failed')",
    )?;
    statement.execute(params![
        workspace,
        id,
        status,
        due_at,
        delivered_at,
        result.response_status,
        result.duration_ms,
        result.error,
        result.response_excerpt
    ])?;
    Ok(())
}

fn due_delivery(row: &Row<'_>) -> rusqlite::Result<DueDelivery> {
    Ok(DueDelivery {
        id: row.get(0)?,
        workspace_id: row.get(1)?,
        webhook_id: row.get(2)?,
        event_id: row.get(3)?,
        event: row.get(4)?,
        content: content_of(row, 5)?,
        cause: row.get(7)?,
        attempts: row.get(8)?,
        due_at: row.get(9)?,
        created_at: row.get(10)?,
    })
}

/// Reads the sequence and the body, of which one is NULL.
pub(super) fn content_of(row: &Row<'_>, first: usize) -> rusqlite::Result<Content> {
    Ok(match row.get(first)? {
        Some(sequence) => Content::Event(sequence),
        None => Content::Body(row.get(first + 1)?),
    })
}
