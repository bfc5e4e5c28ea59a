//! The state that all requests share.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota as Rate, RateLimiter};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::admission::Connections;
use super::forwarding::UnknownProxy;
use super::long::Spools;
use super::metrics::Metrics;
use super::quota::Quotas;
use super::session_cookie::SessionCookie;
use super::sign_in_limits::SignInLimits;
use super::tally::Tally;
use super::uploads::Uploads;
use crate::app::passwords::Hasher;
use crate::config::Settings;
use crate::docs::Docs;
use crate::error::{Error, Result};
use crate::model::credentials::Credential;
use crate::model::ids::WorkspaceId;
use crate::model::sessions::is_use_worth_storing;
use crate::model::time::Timestamp;
use crate::outbound::mail::{AccountMails, Outbox};
use crate::outbound::streams::EventStreams;
use crate::outbound::webhooks::WebhookSender;
use crate::store::sessions::OpenSession;
use crate::store::{self, Db, Tx};

/// Imports that are parsed and stored at the same time. Each may need much memory.
const IMPORTS: usize = 2;

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
    /// The files that are uploaded.
    pub(super) uploads: Arc<Uploads>,
    /// Limits the number of imports that are parsed and stored at the same time.
    pub(super) imports: Arc<Semaphore>,
    /// The open event streams.
    pub streams: Arc<EventStreams>,
    /// The deliveries to webhooks.
    pub webhook_sender: Arc<WebhookSender>,
    /// The mails with sign-in links and invitations.
    pub account_mails: AccountMails,
    /// The contract as JSON text, after its first use.
    pub(super) openapi: OnceLock<String>,
    /// The origin of all links that are given to clients.
    pub origin: String,
    /// The documentation.
    pub(super) docs: Docs,
    /// Computes the hashes of passwords.
    pub(super) passwords: Hasher,
    /// Limits failed sign-ins.
    pub(super) sign_in_limits: Arc<SignInLimits>,
    /// The cookie of sessions.
    pub(super) session_cookie: SessionCookie,
    /// Notices a proxy that is not trusted.
    pub(super) unknown_proxy: UnknownProxy,
    bursts: Option<DefaultKeyedRateLimiter<Uuid>>,
    session_bursts: Option<DefaultKeyedRateLimiter<Uuid>>,
    touched: Mutex<HashMap<Uuid, Timestamp>>,
    stopping: AtomicBool,
}

impl State {
    /// Creates the state of a server that listens on this address.
    ///
    /// # Errors
    /// If the metrics cannot be created or the database cannot be read.
    pub(crate) fn new(
        db: Arc<Db>,
        settings: Settings,
        address: SocketAddr,
        outbox: Arc<Outbox>,
        webhook_sender: Arc<WebhookSender>,
        account_mails: AccountMails,
    ) -> Result<Self> {
        let limiter = |calls: Option<u32>| {
            let rate = calls.and_then(NonZeroU32::new).map(Rate::per_second);
            rate.map(RateLimiter::keyed)
        };
        let origin = settings.origin(address);
        let streams = Arc::new(EventStreams::new(settings.max_streams)?);
        let database = db.read(store::installation::get)?.short_id;
        let broken = |cause| Error::internal("creating the metrics", cause);
        let passwords = Hasher::new().map_err(broken)?;
        Ok(Self {
            sign_in_limits: Arc::default(),
            unknown_proxy: UnknownProxy::default(),
            session_cookie: SessionCookie::new(&origin, &database),
            session_bursts: limiter(Some(settings.session_burst_per_second)),
            imports: Arc::new(Semaphore::new(IMPORTS)),
            quotas: Quotas::new(Arc::clone(&db)),
            tally: Tally::new(Arc::clone(&db)),
            connections: Arc::new(Connections::new(&settings)),
            metrics: Metrics::new(
                &db,
                outbox.metrics(),
                streams.metrics(),
                webhook_sender.metrics(),
                &passwords,
            )
            .map_err(broken)?,
            passwords,
            bursts: limiter(settings.burst_per_second),
            touched: Mutex::default(),
            stopping: AtomicBool::new(false),
            docs: Docs::default(),
            openapi: OnceLock::new(),
            origin,
            outbox,
            streams,
            spools: Arc::new(Spools::new(&settings.data)),
            uploads: Arc::new(Uploads::new(&settings.data)),
            webhook_sender,
            account_mails,
            db,
            settings,
        })
    }

    /// Refuses a call if its credential made too many calls in the last second.
    pub(super) fn check_burst(&self, credential: &Credential) -> Result<()> {
        let bursts = match credential {
            Credential::Session { .. } => &self.session_bursts,
            Credential::Token { .. } | Credential::Key { .. } => &self.bursts,
        };
        let Some(bursts) = bursts else {
            return Ok(());
        };
        bursts.check_key(&credential.id()).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Error::RateLimited {
                retry_after: wait.as_millis().div_ceil(1000).max(1) as u64,
            }
        })
    }

    /// Records that a token was used, at most once per minute, without delaying the call. Integration keys have no
    /// last-used time.
    pub(super) fn touch_token(
        &self,
        workspace: WorkspaceId,
        credential: &Credential,
        now: Timestamp,
    ) {
        let minute = now.to_minute();
        if let Credential::Token {
            id, last_used_at, ..
        } = *credential
            && last_used_at != Some(minute)
        {
            self.touch(id.uuid(), minute, move |tx| {
                store::tokens::touch(tx, workspace, id, minute)
            });
        }
    }

    /// Records that a session was used, about once per hour, without delaying the call.
    pub(super) fn touch_session(&self, session: &OpenSession, now: Timestamp) {
        let id = session.id;
        if is_use_worth_storing(session.last_used_at, now) {
            self.touch(id.uuid(), now.to_minute(), move |tx| {
                store::sessions::touch(tx, id, now)
            });
        }
    }

    /// Records the use of a credential, at most once per minute.
    fn touch(
        &self,
        credential: Uuid,
        minute: Timestamp,
        write: impl Fn(&Tx<'_>) -> Result<()> + Send + 'static,
    ) {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        if touched.insert(credential, minute) == Some(minute) {
            return;
        }
        let db = Arc::clone(&self.db);
        actix_web::rt::spawn(async move {
            let soon = std::time::Instant::now() + std::time::Duration::from_secs(30);
            if let Err(error) = db.write(soon, write).await {
                tracing::warn!(%error, "failed to record a credential's last use");
            }
        });
    }

    /// Drops entries that are no longer needed, so that memory use does not grow with every credential.
    pub(crate) fn forget_old(&self, now: Timestamp) {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.retain(|_, minute| *minute == now.to_minute());
        for bursts in [&self.bursts, &self.session_bursts].into_iter().flatten() {
            bursts.retain_recent();
        }
        self.sign_in_limits.forget_old();
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
