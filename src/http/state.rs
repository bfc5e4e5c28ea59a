//! The state that all requests share.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota as Rate, RateLimiter};
use uuid::Uuid;

use super::admission::Connections;
use super::long::Spools;
use super::metrics::Metrics;
use super::quota::Quotas;
use super::tally::Tally;
use crate::config::Settings;
use crate::docs::Docs;
use crate::error::{Error, Result};
use crate::model::credentials::{Caller, Credential};
use crate::model::ids::TokenId;
use crate::model::time::Timestamp;
use crate::outbound::mail::Outbox;
use crate::outbound::streams::EventStreams;
use crate::outbound::webhooks::WebhookSender;
use crate::store::{self, Db};

/// The server's state, shared by all workers.
pub(crate) struct State {
    /// The database.
    pub db: Arc<Db>,
    /// The effective settings.
    pub settings: Settings,
    /// Counters of this month's API calls.
    pub quotas: Quotas,
    /// Counters of opens and views of cards.
    pub tally: Tally,
    /// The open connections.
    pub connections: Arc<Connections>,
    /// The metrics for `/metrics`.
    pub metrics: Metrics,
    /// The outbox.
    pub outbox: Arc<Outbox>,
    /// The temporary files of long responses.
    pub(super) spools: Arc<Spools>,
    /// The open event streams.
    pub streams: Arc<EventStreams>,
    /// The deliveries to webhooks.
    pub webhook_sender: Arc<WebhookSender>,
    /// The contract as JSON text.
    pub openapi: String,
    /// The origin of all links that are given to clients.
    pub origin: String,
    /// The documentation.
    pub(super) docs: Docs,
    bursts: Option<DefaultKeyedRateLimiter<Uuid>>,
    touched: Mutex<HashMap<TokenId, Timestamp>>,
    stopping: AtomicBool,
}

impl State {
    /// Creates the state of a server that listens on this address.
    ///
    /// # Errors
    /// Only if the metrics cannot be created.
    pub(crate) fn new(
        db: Arc<Db>,
        settings: Settings,
        address: SocketAddr,
        openapi: String,
        outbox: Arc<Outbox>,
        webhook_sender: Arc<WebhookSender>,
    ) -> Result<Self> {
        let rate = settings
            .burst_per_second
            .and_then(NonZeroU32::new)
            .map(Rate::per_second);
        let origin = settings.origin(address);
        let streams = Arc::new(EventStreams::new(settings.max_streams)?);
        Ok(Self {
            quotas: Quotas::new(Arc::clone(&db)),
            tally: Tally::new(Arc::clone(&db)),
            connections: Arc::new(Connections::new(&settings)),
            metrics: Metrics::new(
                &db,
                outbox.metrics(),
                streams.metrics(),
                webhook_sender.metrics(),
            )
            .map_err(|cause| Error::internal("creating the metrics", cause))?,
            bursts: rate.map(RateLimiter::keyed),
            touched: Mutex::default(),
            stopping: AtomicBool::new(false),
            docs: Docs::default(),
            origin,
            outbox,
            streams,
            spools: Arc::new(Spools::new(&settings.data)),
            webhook_sender,
            db,
            settings,
            openapi,
        })
    }

    /// Refuses a call if its credential made too many calls in the last second.
    pub(super) fn check_burst(&self, caller: &Caller) -> Result<()> {
        let Some(bursts) = &self.bursts else {
            return Ok(());
        };
        bursts.check_key(&caller.credential.id()).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Error::RateLimited {
                retry_after: wait.as_millis().div_ceil(1000).max(1) as u64,
            }
        })
    }

    /// Records that a token was used, at most once per minute, without delaying the call. Integration keys have no
    /// last-used time.
    pub(super) fn touch(&self, caller: &Caller, now: Timestamp) {
        let minute = now.to_minute();
        let id = match caller.credential {
            Credential::Token {
                id, last_used_at, ..
            } if last_used_at != Some(minute) => id,
            _ => return,
        };
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        if touched.insert(id, minute) == Some(minute) {
            return;
        }
        let (db, workspace) = (Arc::clone(&self.db), caller.workspace_id);
        actix_web::rt::spawn(async move {
            let soon = std::time::Instant::now() + std::time::Duration::from_secs(30);
            if let Err(error) = db
                .write(soon, move |tx| {
                    store::tokens::touch(tx, workspace, id, minute)
                })
                .await
            {
                tracing::warn!(%error, "failed to record a token's last use");
            }
        });
    }

    /// Drops entries that are no longer needed, so that memory use does not grow with every credential.
    pub(crate) fn forget_old(&self, now: Timestamp) {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.retain(|_, minute| *minute == now.to_minute());
        if let Some(bursts) = &self.bursts {
            bursts.retain_recent();
        }
        self.quotas.forget_old(now);
    }

    /// Makes new requests get 503 `shutting_down`.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
