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

/// Takes cards from what the plan includes for a month, all of them or none: one statement, so that exactly the plan's
/// figure can be taken.
///
/// # Errors
/// `quota_exceeded`.
pub fn take_card_sends(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    amount: u64,
    now: Timestamp,
) -> Result<()> {
    let month = Month::of(now);
    let mut statement = tx.prepare_cached(
        "INSERT INTO quota_usage (workspace_id, metric, month, used)
         SELECT w.id, 'card_sends', ?2, ?3 FROM workspace w JOIN plan p ON p.name = w.plan
          WHERE w.id = ?1 AND (p.card_sends IS NULL OR ?3 <= p.card_sends)
             ON CONFLICT (workspace_id, metric, month) DO UPDATE SET used = used + excluded.used
          WHERE coalesce((SELECT used + excluded.used <= p.card_sends FROM workspace w JOIN plan p ON p.name = w.plan
                           WHERE w.id = ?1), 1)",
    )?;
    if statement.execute(params![workspace, month.number(), amount])? > 0 {
        return Ok(());
    }
    let mut limit = tx.prepare_cached(
        "SELECT p.card_sends FROM workspace w JOIN plan p ON p.name = w.plan WHERE w.id = ?1",
    )?;
    Err(Error::QuotaExceeded {
        resource: Some(Metric::CardSends.as_str()),
        limit: limit.query_row([workspace], |row| row.get(0))?,
        used: used(tx, workspace, Metric::CardSends, month)?,
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
