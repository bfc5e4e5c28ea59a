//! Deliveries of events to webhooks.

mod attempts;

pub use self::attempts::{attempted, claim};
use serde_json::Value;

use crate::error::{Error, Fields, Result};
use crate::model::context::Ctx;
use crate::model::deliveries::{Content, Delivery, DeliveryCause, DeliveryFilter, NewDelivery};
use crate::model::ids::{DeliveryId, WebhookId, WorkspaceId, time_ordered};
use crate::model::page::{PageRequest, PageRows};
use crate::model::time::Timestamp;
use crate::model::webhooks::{Recovery, RecoveryScope, RecoverySince, sample};
use crate::store::quota::{self, Metric};
use crate::store::{Conn, Tx, deliveries, events, webhooks};

const MINUTE: i64 = 60_000;
/// Tests per minute and webhook.
const MAX_TESTS: usize = 10;
/// How long the process that starts a test has to attempt it, in milliseconds.
const TEST_LEASE: i64 = MINUTE;

/// Returns deliveries of a webhook, newest first.
///
/// # Errors
/// `webhook_not_found`.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    webhook: WebhookId,
    filter: DeliveryFilter,
    page: &PageRequest<i64>,
) -> Result<PageRows<Delivery>> {
    webhooks::get(conn, workspace, webhook)?;
    deliveries::list(conn, workspace, webhook, filter, page)
}

/// Queues the event of a delivery again, as a new delivery.
///
/// # Errors
/// `webhook_not_found`, `delivery_not_found`, `conflict` if the webhook is off, `events_expired`, `quota_exceeded`.
pub fn redeliver(tx: &Tx<'_>, ctx: &Ctx, webhook: WebhookId, id: DeliveryId) -> Result<Delivery> {
    let workspace = ctx.workspace;
    let is_active = webhooks::get(tx, workspace, webhook)?.is_active;
    let old = deliveries::get(tx, workspace, webhook, id)?;
    must_be_active(webhook, is_active)?;
    let content = deliveries::content(tx, workspace, webhook, id)?;
    if let Content::Event(sequence) = content
        && events::get(tx, workspace, sequence)?.is_none()
    {
        return Err(expired(tx, workspace)?);
    }
    let now = Timestamp::now();
    take_delivery(tx, workspace, now)?;
    let new = NewDelivery {
        id: DeliveryId::new(),
        webhook_id: webhook,
        event_id: old.event_id,
        event: old.event,
        content,
        cause: DeliveryCause::Redelivery,
        due_at: Some(now),
        created_at: now,
    };
    deliveries::insert(tx, workspace, &new)?;
    deliveries::get(tx, workspace, webhook, new.id)
}

/// Adds the delivery of a test: an example of an event, by default of the first type that the webhook names. Whoever starts
/// it attempts it as well; if that process dies, it is attempted a minute later.
///
/// # Errors
/// `webhook_not_found`, `rate_limited`, `quota_exceeded`.
pub fn start_test(
    tx: &Tx<'_>,
    ctx: &Ctx,
    id: WebhookId,
    event: Option<&str>,
    example: impl Fn(&str) -> Option<Value>,
) -> Result<Delivery> {
    let workspace = ctx.workspace;
    let webhook = webhooks::get(tx, workspace, id)?;
    let now = Timestamp::now();
    limit_tests(tx, workspace, id, now)?;
    take_delivery(tx, workspace, now)?;
    let event = event.unwrap_or_else(|| webhook.first_type());
    let example = example(event)
        .ok_or_else(|| Error::bug(format!("the contract has no example of {event}")))?;
    let event_id = time_ordered();
    let new = NewDelivery {
        id: DeliveryId::new(),
        webhook_id: id,
        event_id,
        event: event.to_owned(),
        content: Content::Body(sample(example, event_id, workspace, now, webhook.payload)),
        cause: DeliveryCause::Test,
        due_at: Some(now.plus_millis(TEST_LEASE)),
        created_at: now,
    };
    deliveries::insert(tx, workspace, &new)?;
    deliveries::get(tx, workspace, id, new.id)
}

fn limit_tests(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    webhook: WebhookId,
    now: Timestamp,
) -> Result<()> {
    let tests = deliveries::tests_since(tx, workspace, webhook, now.plus_millis(-MINUTE))?;
    let oldest = tests
        .len()
        .checked_sub(MAX_TESTS)
        .and_then(|at| tests.get(at));
    match oldest {
        None => Ok(()),
        Some(oldest) => Err(Error::RateLimited {
            retry_after: now.seconds_until(oldest.plus_millis(MINUTE)).max(1),
        }),
    }
}

/// Lets a webhook deliver events again that failed or were missed. Returns which events are examined. If such a recovery
/// runs already, it examines the events of both.
///
/// # Errors
/// `webhook_not_found`, `conflict` if the webhook is off, `events_expired`,
/// `quota_exceeded`.
pub fn recover(
    tx: &Tx<'_>,
    ctx: &Ctx,
    webhook: WebhookId,
    since: RecoverySince,
    only: RecoveryScope,
) -> Result<Recovery> {
    let workspace = ctx.workspace;
    let progress = webhooks::progress(tx, workspace, webhook)?.ok_or_else(|| webhook.missing())?;
    must_be_active(webhook, progress.webhook.is_active)?;
    let journal = events::journal(tx, workspace)?;
    let cursor = match since {
        RecoverySince::Time(time) => events::last_before(tx, workspace, &journal, time)?,
        RecoverySince::Sequence(sequence) => sequence,
    };
    if cursor < journal.oldest - 1 || cursor > journal.latest {
        return Err(expired(tx, workspace)?);
    }
    quota::require_webhook_delivery(tx, workspace, Timestamp::now())?;
    let until = progress.cursor.max(cursor);
    let asked = Recovery {
        cursor,
        until,
        only,
    };
    if cursor < until {
        let merged = progress
            .recovery
            .map_or(asked, |running| running.and(asked));
        webhooks::set_recovery(tx, workspace, webhook, Some(merged))?;
    }
    Ok(asked)
}

fn must_be_active(id: WebhookId, is_active: bool) -> Result<()> {
    match is_active {
        true => Ok(()),
        false => Err(Error::Conflict {
            message: "The webhook is switched off; switch it on first".to_owned(),
            fields: Fields::from([("webhook_id".to_owned(), id.to_string())]),
        }),
    }
}

fn take_delivery(tx: &Tx<'_>, workspace: WorkspaceId, now: Timestamp) -> Result<()> {
    match quota::take_webhook_delivery(tx, workspace, now)? {
        true => Ok(()),
        false => Err(quota::exceeded(
            tx,
            workspace,
            Metric::WebhookDeliveries,
            now,
        )?),
    }
}

fn expired(conn: &Conn, workspace: WorkspaceId) -> Result<Error> {
    let journal = events::journal(conn, workspace)?;
    Ok(Error::EventsExpired {
        oldest: journal.oldest,
        latest: journal.latest,
    })
}
