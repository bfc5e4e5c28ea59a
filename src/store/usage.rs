//! How much of its plan a workspace uses.

use rusqlite::params;

use super::connection::Conn;
use super::quota::{Metric, used};
use crate::error::Result;
use crate::model::ids::WorkspaceId;
use crate::model::plans::Limited;
use crate::model::time::Month;
use crate::model::usage::{FixedLimits, QuotaUsage, ResourceUsage, Usage};

/// Returns the usage and the limit of one limited kind.
///
/// # Errors
/// Database errors only.
pub fn resource(conn: &Conn, workspace: WorkspaceId, kind: Limited) -> Result<ResourceUsage> {
    let name = kind.as_str();
    let mut statement = conn.prepare_cached(&format!(
        "SELECT plan.{name}, count.{name} FROM workspace w
           JOIN plan ON plan.name = w.plan JOIN workspace_count count ON count.workspace_id = w.id WHERE w.id = ?1"
    ))?;
    Ok(statement.query_row([workspace], |row| {
        Ok(ResourceUsage {
            limit: row.get(0)?,
            current: row.get(1)?,
        })
    })?)
}

/// Returns the workspace's plan and its usage. `api_calls` is the stored count.
///
/// # Errors
/// Database errors only.
pub fn get(conn: &Conn, workspace: WorkspaceId, month: Month) -> Result<Usage> {
    let mut resources = std::collections::BTreeMap::new();
    for kind in Limited::ALL {
        resources.insert(kind.as_str(), resource(conn, workspace, kind)?);
    }
    let mut statement = conn.prepare_cached(
        "SELECT plan.name, plan.api_calls + w.extra_api_calls, plan.card_sends, plan.webhook_deliveries
           FROM workspace w JOIN plan ON plan.name = w.plan WHERE w.id = ?1",
    )?;
    let (plan, api_calls, card_sends, webhook_deliveries) = statement
        .query_row(params![workspace], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    let quota = |metric, limit| -> Result<QuotaUsage> {
        Ok(QuotaUsage {
            limit,
            used: used(conn, workspace, metric, month)?,
            reset: month.end(),
        })
    };
    Ok(Usage {
        plan,
        resources,
        limits: FixedLimits::CURRENT,
        api_calls: quota(Metric::ApiCalls, api_calls)?,
        card_sends: quota(Metric::CardSends, card_sends)?,
        webhook_deliveries: quota(Metric::WebhookDeliveries, webhook_deliveries)?,
    })
}
