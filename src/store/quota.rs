//! Monthly quotas as they stand on disk.

use rusqlite::{OptionalExtension, params};

use super::connection::{Conn, Tx};
use crate::error::Result;
use crate::model::ids::WorkspaceId;
use crate::model::time::Month;

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
/// Only the database's own.
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
/// Only the database's own.
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
/// Only the database's own.
pub fn set(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    metric: Metric,
    month: Month,
    used: u64,
) -> Result<()> {
    put(tx, workspace, metric, month, used, "excluded.used")
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
