//! One attempt to deliver one event.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use hyper::body::Bytes;
use tracing::Instrument as _;
use url::Url;

use super::bodies::BodyCache;
use super::client::{self, KeptConnections, Received};
use super::connector::Connector;
use super::queue::{Kind, Place};
use super::{DATABASE_RETRY, WebhookMetrics};
use crate::error::{Error, Outage, Result};
use crate::model::clean;
use crate::model::deliveries::{
    AttemptResult, Attempted, Content, DeliveryCause, DueDelivery, Outcome,
};
use crate::model::ids::{DeliveryId, WebhookId};
use crate::model::time::Timestamp;
use crate::model::webhooks::Target;
use crate::outbound::retry::{Schedule, random};
use crate::store::{Db, deliveries, webhooks};

/// Maximum characters of an error that are stored.
const MAX_ERROR: usize = 300;

/// After so many attempts, a `Retry-After` only makes a wait longer: ten attempts that follow each other at once would give an
/// event up after seconds.
const ATTEMPTS_AS_ASKED: u32 = 3;

/// What all attempts share.
pub(super) struct Attempts {
    pub(super) db: Arc<Db>,
    pub(super) connector: Connector,
    pub(super) bodies: BodyCache,
    pub(super) metrics: Arc<WebhookMetrics>,
    pub(super) schedule: Schedule,
}

/// The end of an attempt.
pub(super) struct Ended {
    pub(super) webhook_id: WebhookId,
    pub(super) delivery_id: DeliveryId,
    pub(super) kind: Kind,
    /// What is to be recorded; `None` if there was no attempt, because the delivery no longer waits for one.
    pub(super) attempted: Option<Attempted>,
}

/// What is sent, and where to.
struct Prepared {
    target: Target,
    body: Bytes,
    happened_at: Option<Timestamp>,
}

impl Attempts {
    /// Tries to deliver once. The log names events and webhooks by their ids; a URL can contain a secret.
    pub(super) async fn run(self: Arc<Self>, delivery: DueDelivery, place: Place) -> Ended {
        let span = tracing::error_span!(
            "webhook",
            webhook = %delivery.webhook_id,
            event = %delivery.event_id,
            attempt = delivery.attempts + 1
        );
        let attempted =
            AssertUnwindSafe(self.attempt(&delivery, &place.connections)).catch_unwind();
        let attempted = attempted.instrument(span).await;
        // A delivery that makes the program panic once does so every time.
        let attempted = attempted.unwrap_or_else(|_| {
            let result = failed("The delivery cannot be sent".to_owned());
            Some(attempted_with(&delivery, result))
        });
        Ended {
            webhook_id: delivery.webhook_id,
            delivery_id: delivery.id,
            kind: place.kind,
            attempted,
        }
    }

    async fn attempt(
        &self,
        delivery: &DueDelivery,
        connections: &KeptConnections,
    ) -> Option<Attempted> {
        let result = match self.prepare_when_possible(delivery).await {
            Ok(Some(prepared)) => self.send(delivery, &prepared, connections).await,
            Ok(None) => return None,
            Err(why) => failed(why),
        };
        self.count_and_log(&result);
        Some(attempted_with(delivery, result))
    }

    /// Prepares a delivery as soon as the database can be read. `None` if it no longer waits for an attempt.
    async fn prepare_when_possible(
        &self,
        delivery: &DueDelivery,
    ) -> Result<Option<Prepared>, String> {
        loop {
            match self.prepare(delivery) {
                Ok(prepared) => return prepared,
                Err(Error::Unavailable(Outage::ShuttingDown)) => return Ok(None),
                Err(error @ Error::Unavailable(_)) => {
                    tracing::warn!(%error, "a delivery cannot be read yet");
                    tokio::time::sleep(DATABASE_RETRY).await;
                }
                Err(error) => {
                    tracing::error!(%error, "a delivery cannot be read");
                    return Err("The delivery cannot be read".to_owned());
                }
            }
        }
    }

    /// Reads where a delivery goes and what it contains, in one state of the database. The inner error says why it can
    /// never be sent.
    fn prepare(&self, delivery: &DueDelivery) -> Result<Result<Option<Prepared>, String>> {
        let workspace = delivery.workspace_id;
        self.db.read(|conn| {
            let waits = deliveries::waiting(conn, workspace, delivery.id)?.is_some();
            let now = Timestamp::now();
            let target = webhooks::target(conn, workspace, delivery.webhook_id, now)?;
            let Some(target) = target.filter(|_| waits) else {
                return Ok(Ok(None));
            };
            let (body, happened_at) = match &delivery.content {
                Content::Body(body) => (Bytes::from(body.clone()), None),
                Content::Event(sequence) => {
                    let payload = target.payload;
                    match self.bodies.get(conn, workspace, *sequence, payload)? {
                        Some(body) => (body.json.clone(), Some(body.happened_at)),
                        None => return Ok(Err("The event is no longer kept".to_owned())),
                    }
                }
            };
            Ok(Ok(Some(Prepared {
                target,
                body,
                happened_at,
            })))
        })
    }

    async fn send(
        &self,
        delivery: &DueDelivery,
        prepared: &Prepared,
        connections: &KeptConnections,
    ) -> AttemptResult {
        let started = Instant::now();
        let received = self.post(delivery, prepared, connections).await;
        let took = started.elapsed();
        let now = Timestamp::now();
        if is_success(&received)
            && delivery.attempts == 0
            && delivery.cause == DeliveryCause::Event
            && let Some(happened_at) = prepared.happened_at
        {
            let millis = now.millis().saturating_sub(happened_at.millis());
            self.metrics.latency.observe(millis as f64 / 1_000.0);
        }
        self.result(delivery, received, took, now)
    }

    async fn post(
        &self,
        delivery: &DueDelivery,
        prepared: &Prepared,
        connections: &KeptConnections,
    ) -> Result<Received, String> {
        let Prepared { target, body, .. } = prepared;
        let url =
            Url::parse(&target.url).map_err(|cause| format!("The URL is invalid: {cause}"))?;
        let text = str::from_utf8(body).map_err(|cause| cause.to_string())?;
        let now = Timestamp::now();
        let signature = target.keys.sign(delivery.event_id, now, text);
        let headers = client::headers(&delivery.event_id.to_string(), now, &signature)?;
        client::post(&self.connector, connections, &url, &headers, body).await
    }

    /// Decides what follows from an attempt.
    fn result(
        &self,
        delivery: &DueDelivery,
        received: Result<Received, String>,
        took: Duration,
        now: Timestamp,
    ) -> AttemptResult {
        let duration_ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
        let is_success = is_success(&received);
        let (received, error) = match received {
            Ok(received) if is_success => (Some(received), None),
            Ok(received) => {
                let why = refusal(received.status);
                (Some(received), Some(why))
            }
            Err(why) => (None, Some(clean::line(&why, MAX_ERROR))),
        };
        let outcome = match is_success {
            true => Outcome::Delivered(now),
            false => self.after_failure(delivery, received.as_ref(), now),
        };
        AttemptResult {
            outcome,
            response_status: received.as_ref().map(|received| received.status),
            duration_ms,
            error,
            response_excerpt: received.map(|received| received.excerpt),
        }
    }

    fn after_failure(
        &self,
        delivery: &DueDelivery,
        received: Option<&Received>,
        now: Timestamp,
    ) -> Outcome {
        let planned = self.schedule.delay_after(delivery.attempts + 1, random());
        let wished = received.and_then(|received| received.retry_after);
        let is_gone = received.is_some_and(|received| received.status == 410);
        match planned {
            Some(planned) if delivery.cause != DeliveryCause::Test && !is_gone => {
                let delay = match wished {
                    None => planned,
                    Some(wished) if delivery.attempts < ATTEMPTS_AS_ASKED => wished,
                    Some(wished) => wished.max(planned),
                };
                let delay = delay.as_millis();
                Outcome::RetryAt(now.plus_millis(i64::try_from(delay).unwrap_or(i64::MAX)))
            }
            _ => Outcome::Failed,
        }
    }

    fn count_and_log(&self, result: &AttemptResult) {
        let (status, error) = (result.response_status, result.error.as_deref());
        match result.outcome {
            Outcome::Delivered(_) => {
                self.metrics.delivered.inc();
                tracing::debug!(status, duration_ms = result.duration_ms, "delivered");
            }
            Outcome::RetryAt(at) => {
                self.metrics.retried.inc();
                tracing::info!(status, error, next_attempt_at = %at, "a delivery failed and will be retried");
            }
            Outcome::Failed => {
                self.metrics.failed.inc();
                tracing::warn!(status, error, "a delivery failed");
            }
        }
    }
}

fn is_success(received: &Result<Received, String>) -> bool {
    matches!(
        received,
        Ok(Received {
            status: 200..=299,
            ..
        })
    )
}

/// Why a status is a failure.
fn refusal(status: u16) -> String {
    match status {
        300..=399 => {
            format!("The endpoint returned a redirect (status {status}), which is not followed")
        }
        _ => format!("The endpoint returned status {status}"),
    }
}

fn failed(why: String) -> AttemptResult {
    AttemptResult {
        outcome: Outcome::Failed,
        response_status: None,
        duration_ms: 0,
        error: Some(why),
        response_excerpt: None,
    }
}

const fn attempted_with(delivery: &DueDelivery, result: AttemptResult) -> Attempted {
    Attempted {
        workspace_id: delivery.workspace_id,
        webhook_id: delivery.webhook_id,
        delivery_id: delivery.id,
        result,
    }
}
