//! Deliveries of events to webhooks: one row per delivery, with the result of its last attempt.

mod attempts;

use rusqlite::types::ToSql;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use self::attempts::content_of;
pub use self::attempts::{due, left_over, next_due, pending, record, waiting, webhooks_with_due};
use super::connection::{Conn, Effects, Tx};
use crate::error::Result;
use crate::model::deliveries::{
    Content, Delivery, DeliveryCause, DeliveryFilter, DeliveryStatus, NewDelivery,
};
use crate::model::ids::{DeliveryId, WebhookId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::time::Timestamp;

const COLUMNS: &str = "id, event_id, event, status, attempts, due_at, response_status, duration_ms, error, \
                       response_excerpt, created_at, delivered_at";
/// Number of deliveries that retention deletes per transaction.
const BATCH: i64 = 500;

/// Returns deliveries of a webhook, newest first.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    webhook: WebhookId,
    filter: DeliveryFilter,
    page: &PageRequest<i64>,
) -> Result<PageRows<Delivery>> {
    let (before, id) = page.after.unwrap_or((i64::MAX, Uuid::max()));
    let fetch = page.fetch();
    let mut values: Vec<&dyn ToSql> = vec![&workspace, &webhook, &before, &id, &fetch];
    let mut filters = String::new();
    if let Some(status) = &filter.status {
        values.push(status);
        filters.push_str(&format!(" AND status = ?{}", values.len()));
    }
    if let Some(event) = &filter.event_id {
        values.push(event);
        filters.push_str(&format!(" AND event_id = ?{}", values.len()));
    }
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM webhook_delivery
          WHERE workspace_id = ?1 AND webhook_id = ?2 AND (created_at, id) < (?3, ?4){filters}
          ORDER BY created_at DESC, id DESC LIMIT ?5"
    ))?;
    let rows = statement.query_map(values.as_slice(), delivery)?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |delivery| {
        (delivery.created_at.millis(), delivery.id.uuid())
    }))
}

/// Returns a delivery.
///
/// # Errors
/// `delivery_not_found`.
pub fn get(
    conn: &Conn,
    workspace: WorkspaceId,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Delivery> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM webhook_delivery WHERE workspace_id = ?1 AND id = ?3 AND webhook_id = ?2"
    ))?;
    statement
        .query_row(params![workspace, webhook, id], delivery)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Returns what a delivery sends.
///
/// # Errors
/// `delivery_not_found`.
pub fn content(
    conn: &Conn,
    workspace: WorkspaceId,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Content> {
    let mut statement = conn.prepare_cached(
        "SELECT sequence, body FROM webhook_delivery WHERE workspace_id = ?1 AND id = ?3 AND webhook_id = ?2",
    )?;
    statement
        .query_row(params![workspace, webhook, id], |row| content_of(row, 0))
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Adds a delivery.
///
/// # Errors
/// Database errors only.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, new: &NewDelivery) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO webhook_delivery (workspace_id, id, webhook_id, event_id, event, sequence, body, cause, status,
                                       due_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    let (sequence, body) = match &new.content {
        Content::Event(sequence) => (Some(sequence), None),
        Content::Body(body) => (None, Some(body)),
    };
    let status = match new.due_at {
        Some(_) => DeliveryStatus::Pending,
        None => DeliveryStatus::Skipped,
    };
    statement.execute(params![
        workspace,
        new.id,
        new.webhook_id,
        new.event_id,
        new.event,
        sequence,
        body,
        new.cause,
        status,
        new.due_at,
        new.created_at
    ])?;
    // Whoever makes the others attempts them without being woken.
    tx.note(Effects {
        deliveries: new.cause == DeliveryCause::Redelivery,
        ..Effects::default()
    });
    Ok(())
}

/// Whether an event was delivered to a webhook or waits for it.
///
/// # Errors
/// Database errors only.
pub fn was_delivered_or_waits(
    conn: &Conn,
    workspace: WorkspaceId,
    webhook: WebhookId,
    event: Uuid,
) -> Result<bool> {
    let mut statement = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM webhook_delivery WHERE workspace_id = ?1 AND webhook_id = ?2 AND event_id = ?3
                           AND (status = 'delivered' OR status = 'pending'))",
    )?;
    Ok(statement.query_row(params![workspace, webhook, event], |row| row.get(0))?)
}

/// Returns the times of the webhook's last tests since a time, oldest first.
///
/// # Errors
/// Database errors only.
pub fn tests_since(
    conn: &Conn,
    workspace: WorkspaceId,
    webhook: WebhookId,
    since: Timestamp,
) -> Result<Vec<Timestamp>> {
    let mut statement = conn.prepare_cached(
        "SELECT created_at FROM webhook_delivery
          WHERE workspace_id = ?1 AND webhook_id = ?2 AND created_at > ?3 AND cause = ?4 ORDER BY created_at",
    )?;
    let rows = statement.query_map(
        params![workspace, webhook, since, DeliveryCause::Test],
        |row| row.get(0),
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes what endpoints responded, in the log of a whole workspace: they can repeat what was sent to them.
///
/// # Errors
/// Database errors only.
pub fn clear_responses(tx: &Tx<'_>, workspace: WorkspaceId) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE webhook_delivery SET response_excerpt = NULL
          WHERE workspace_id = ?1 AND response_excerpt IS NOT NULL",
    )?;
    statement.execute([workspace])?;
    Ok(())
}

/// Deletes some of the deliveries that were made before a time and do not wait, and returns how many were deleted.
///
/// # Errors
/// Database errors only.
pub fn delete_old(tx: &Tx<'_>, before: Timestamp) -> Result<usize> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM webhook_delivery WHERE seq IN (
           SELECT seq FROM webhook_delivery WHERE created_at < ?1 AND due_at IS NULL LIMIT ?2)",
    )?;
    Ok(statement.execute(params![before, BATCH])?)
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        id: row.get(0)?,
        event_id: row.get(1)?,
        event: row.get(2)?,
        status: row.get(3)?,
        attempts: row.get(4)?,
        next_attempt_at: row.get(5)?,
        response_status: row.get(6)?,
        duration_ms: row.get(7)?,
        error: row.get(8)?,
        response_excerpt: row.get(9)?,
        created_at: row.get(10)?,
        delivered_at: row.get(11)?,
    })
}
