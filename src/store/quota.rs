//! Monthly quotas as they stand on disk.

use rusqlite::{OptionalExtension, params};

use super::connection::{Conn, Tx};
use crate::error::{Error, Result};
use crate::model::ids::WorkspaceId;
use crate::model::time::{Month, Timestamp};

/// What is counted by the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Authenticated calls.
    ApiCalls,
    /// Webhook deliveries.
    WebhookDeliveries,
    /// Cards sent.
    CardSends,
}

impl Metric {
    const fn as_str(self) -> &'static str {
        match self {
            Metric::ApiCalls => "api_calls",
            Metric::WebhookDeliveries => "webhook_deliveries",
            Metric::CardSends => "card_sends",
        }
    }
}

/// What was counted in a month.
///
/// # Errors
/// Database errors only.
pub fn used(conn: &Conn, workspace: WorkspaceId, metric: Metric, month: Month) -> Result<u64> {
    let mut statement = conn.prepare_cached(
        "SELECT used FROM quota_usage WHERE workspace_id = ?1 AND metric = ?2 AND month = ?3",
    )?;
    let found = statement
        .query_row(params![workspace, metric.as_str(), month.number()], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(found.unwrap_or(0))
}

/// Raises what was counted in a month to at least this figure.
///
/// # Errors
/// Database errors only.
pub fn raise(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    metric: Metric,
    month: Month,
    used: u64,
) -> Result<()> {
    put(
        tx,
        workspace,
        metric,
        month,
        used,
        "max(used, excluded.used)",
    )
}

/// Sets what was counted in a month to exactly this figure.
///
/// # Errors
/// Database errors only.
pub fn set(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    metric: Metric,
    month: Month,
    used: u64,
) -> Result<()> {
    put(tx, workspace, metric, month, used, "excluded.used")
}

/// Takes cards from what the plan includes for a month, all of them or none.
///
/// # Errors
/// `quota_exceeded`.
pub fn take_card_sends(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    amount: u64,
    now: Timestamp,
) -> Result<()> {
    match take(tx, workspace, Metric::CardSends, amount, now)? {
        true => Ok(()),
        false => Err(exceeded(tx, workspace, Metric::CardSends, now)?),
    }
}

/// Takes a delivery from what the plan includes for a month. Returns whether there was one left.
///
/// # Errors
/// Database errors only.
pub fn take_webhook_delivery(tx: &Tx<'_>, workspace: WorkspaceId, now: Timestamp) -> Result<bool> {
    take(tx, workspace, Metric::WebhookDeliveries, 1, now)
}

/// Checks that there is a delivery left of what the plan includes for a month, without taking it.
///
/// # Errors
/// `quota_exceeded`.
pub fn require_webhook_delivery(conn: &Conn, workspace: WorkspaceId, now: Timestamp) -> Result<()> {
    let metric = Metric::WebhookDeliveries;
    let mut statement = conn.prepare_cached(
        "SELECT p.webhook_deliveries FROM workspace w JOIN plan p ON p.name = w.plan WHERE w.id = ?1",
    )?;
    let limit: Option<u64> = statement.query_row([workspace], |row| row.get(0))?;
    match limit {
        Some(limit) if used(conn, workspace, metric, Month::of(now))? >= limit => {
            Err(exceeded(conn, workspace, metric, now)?)
        }
        _ => Ok(()),
    }
}

/// Counts against what the plan includes for a month, all or nothing: one statement, so that exactly the plan's figure
/// can be taken.
fn take(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    metric: Metric,
    amount: u64,
    now: Timestamp,
) -> Result<bool> {
    let name = metric.as_str();
    let mut statement = tx.prepare_cached(&format!(
        "INSERT INTO quota_usage (workspace_id, metric, month, used)
         SELECT w.id, '{name}', ?2, ?3 FROM workspace w JOIN plan p ON p.name = w.plan
          WHERE w.id = ?1 AND (p.{name} IS NULL OR ?3 <= p.{name})
             ON CONFLICT (workspace_id, metric, month) DO UPDATE SET used = used + excluded.used
          WHERE coalesce((SELECT used + excluded.used <= p.{name} FROM workspace w JOIN plan p ON p.name = w.plan
                           WHERE w.id = ?1), 1)"
    ))?;
    let month = Month::of(now).number();
    Ok(statement.execute(params![workspace, month, amount])? > 0)
}

/// Returns the error for a month that is used up.
///
/// # Errors
/// Database errors only.
pub fn exceeded(
    conn: &Conn,
    workspace: WorkspaceId,
    metric: Metric,
    now: Timestamp,
) -> Result<Error> {
    let (name, month) = (metric.as_str(), Month::of(now));
    let mut limit = conn.prepare_cached(&format!(
        "SELECT p.{name} FROM workspace w JOIN plan p ON p.name = w.plan WHERE w.id = ?1"
    ))?;
    Ok(Error::QuotaExceeded {
        resource: Some(name),
        limit: limit.query_row([workspace], |row| row.get(0))?,
        used: used(conn, workspace, metric, month)?,
        reset: month.end(),
        retry_after: now.seconds_until(month.end()).max(1),
    })
}

/// Card URLs for which one card send is counted.
const LINKS_PER_SEND: u64 = 10;

/// Counts card URLs. Every tenth takes a card from what the plan includes for a month.
///
/// # Errors
/// `quota_exceeded`.
pub fn take_card_links(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    amount: u64,
    now: Timestamp,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO card_link_count (workspace_id, made) VALUES (?1, ?2)
             ON CONFLICT (workspace_id) DO UPDATE SET made = made + excluded.made RETURNING made",
    )?;
    let made: u64 = statement.query_row(params![workspace, amount], |row| row.get(0))?;
    let sends = made / LINKS_PER_SEND - (made - amount) / LINKS_PER_SEND;
    match sends {
        0 => Ok(()),
        sends => take_card_sends(tx, workspace, sends, now),
    }
}

/// A workspace that is gone meanwhile is left alone.
fn put(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    metric: Metric,
    month: Month,
    used: u64,
    figure: &str,
) -> Result<()> {
    let mut statement = tx.prepare_cached(&format!(
        "INSERT INTO quota_usage (workspace_id, metric, month, used)
         SELECT id, ?2, ?3, ?4 FROM workspace WHERE id = ?1
             ON CONFLICT (workspace_id, metric, month) DO UPDATE SET used = {figure}",
    ))?;
    statement.execute(params![workspace, metric.as_str(), month.number(), used])?;
    Ok(())
}
