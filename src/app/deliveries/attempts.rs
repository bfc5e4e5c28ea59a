//! Deliveries to webhooks: made as a webhook's cursor passes events, and the results of their attempts.

use crate::app::webhooks::switch_off;
use crate::error::Result;
use crate::model::deliveries::{
    Attempted, Claim, Content, DeliveryCause, DueDelivery, NewDelivery, Outcome,
};
use crate::model::ids::DeliveryId;
use crate::model::time::Timestamp;
use crate::model::webhooks::{EventHead, Recovery, RecoveryScope};
use crate::store::{Tx, deliveries, quota, webhooks};

/// The status code with which an endpoint says that it wants no more deliveries.
const GONE: u16 = 410;
/// Days of nothing but failures after which a webhook is switched off.
const MAX_FAILING_DAYS: i64 = 5;

/// Makes the deliveries of a claim and moves the webhook's cursor. Returns those to attempt; an event over the monthly
/// limit is skipped. Returns `None` and changes nothing if the webhook was changed since the events were chosen.
///
/// # Errors
/// Database errors only.
pub fn claim(tx: &Tx<'_>, claim: &Claim, now: Timestamp) -> Result<Option<Vec<DueDelivery>>> {
    let (workspace, webhook) = (claim.workspace_id, claim.webhook.id);
    let Some(progress) = webhooks::progress(tx, workspace, webhook)? else {
        return Ok(None);
    };
    let range = match claim.cause {
        DeliveryCause::Recovery => progress.recovery,
        _ => Some(Recovery {
            cursor: progress.cursor,
            until: progress.latest,
            only: RecoveryScope::All,
        }),
    };
    let is_current = |range: &Recovery| range.cursor == claim.after;
    let Some(range) = range.filter(is_current) else {
        return Ok(None);
    };
    if !progress.webhook.is_active || progress.webhook != claim.webhook {
        return Ok(None);
    }
    let mut due = Vec::with_capacity(claim.events.len());
    for (id, event) in &claim.events {
        let is_done = range.only == RecoveryScope::Failed
            && deliveries::was_delivered_or_waits(tx, workspace, webhook, event.id)?;
        if !is_done && quota::take_webhook_delivery(tx, workspace, now)? {
            deliveries::insert(tx, workspace, &delivery(claim, *id, event, Some(now), now))?;
            due.push(attemptable(claim, *id, event, now));
        } else if !is_done {
            deliveries::insert(tx, workspace, &delivery(claim, *id, event, None, now))?;
        }
    }
    move_cursor(tx, claim, range)?;
    Ok(Some(due))
}

fn move_cursor(tx: &Tx<'_>, claim: &Claim, range: Recovery) -> Result<()> {
    let (workspace, webhook) = (claim.workspace_id, claim.webhook.id);
    match claim.cause {
        DeliveryCause::Recovery => {
            let rest = Recovery {
                cursor: claim.until,
                ..range
            };
            let rest = Some(rest).filter(|rest| rest.cursor < rest.until);
            webhooks::set_recovery(tx, workspace, webhook, rest)
        }
        _ => webhooks::set_cursor(tx, workspace, webhook, claim.until),
    }
}

fn delivery(
    claim: &Claim,
    id: DeliveryId,
    event: &EventHead,
    due_at: Option<Timestamp>,
    now: Timestamp,
) -> NewDelivery {
    NewDelivery {
        id,
        webhook_id: claim.webhook.id,
        event_id: event.id,
        event: event.kind.clone(),
        content: Content::Event(event.sequence),
        cause: claim.cause,
        due_at,
        created_at: now,
    }
}

fn attemptable(claim: &Claim, id: DeliveryId, event: &EventHead, now: Timestamp) -> DueDelivery {
    DueDelivery {
        id,
        workspace_id: claim.workspace_id,
        webhook_id: claim.webhook.id,
        event_id: event.id,
        event: event.kind.clone(),
        content: Content::Event(event.sequence),
        cause: claim.cause,
        attempts: 0,
        due_at: now,
        created_at: now,
    }
}

/// Records the result of an attempt. Switches the webhook off if its endpoint is gone, or if there were nothing but
/// failures for five days.
///
/// # Errors
/// Database errors only.
pub fn attempted(tx: &Tx<'_>, attempted: &Attempted, now: Timestamp) -> Result<()> {
    let Attempted {
        workspace_id,
        webhook_id,
        delivery_id,
        ref result,
    } = *attempted;
    deliveries::record(tx, workspace_id, delivery_id, result)?;
    if let Outcome::Delivered(_) = result.outcome {
        return webhooks::set_failing_since(tx, workspace_id, webhook_id, None);
    }
    if result.response_status == Some(GONE) {
        let reason = "The endpoint returned status 410 (Gone)";
        return switch_off(tx, workspace_id, webhook_id, reason);
    }
    let progress = webhooks::progress(tx, workspace_id, webhook_id)?;
    match progress.map(|progress| progress.failing_since) {
        Some(None) => webhooks::set_failing_since(tx, workspace_id, webhook_id, Some(now)),
        Some(Some(since)) if since.plus_days(MAX_FAILING_DAYS) <= now => {
            let why = result.error.as_deref().unwrap_or("unknown");
            let reason = format!(
                "All deliveries have failed for {MAX_FAILING_DAYS} days. The last error: {why}"
            );
            switch_off(tx, workspace_id, webhook_id, &reason)
        }
        _ => Ok(()),
    }
}
