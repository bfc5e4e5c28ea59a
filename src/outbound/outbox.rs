//! The loop that empties the outbox.
//!
//! What is to be done stands in the database; which mails are being delivered is only in this process's memory. So what a
//! process had begun when it died is free again at the next start: no mail is lost, and only a mail whose acceptance was
//! on its way back at that moment goes out twice, under the same `Message-ID`. What had come back and was not in the
//! database yet stands in the journal.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus::{IntCounter, IntGauge};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinSet};

use super::Post;
use super::courier::Courier;
use super::journal::Journal;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::model::ids::RecipientId;
use crate::store::Db;

/// Mails that are delivered at once.
pub(super) const AT_ONCE: usize = 8;
/// No sleep is longer, so that a clock that was set and a machine that slept are noticed, and a mail whose sender hung up
/// before the outbox was woken.
pub(super) const LONGEST_SLEEP: Duration = Duration::from_secs(10);
/// How long connections are kept for the next mail.
const IDLE: Duration = Duration::from_secs(5);
/// How long to wait where the database cannot be used.
pub(super) const TROUBLE: Duration = Duration::from_secs(1);

/// Figures of the outbox, for `/metrics`.
pub struct Stats {
    /// Mails that were taken.
    pub sent: IntCounter,
    /// Mails that were given up.
    pub failed: IntCounter,
    /// Tries after which a mail is tried again.
    pub retried: IntCounter,
    /// Mails that wait.
    pub queued: IntGauge,
}

impl Stats {
    fn new() -> Result<Self, prometheus::Error> {
        Ok(Self {
            sent: IntCounter::new("tackboard_mails_sent_total", "Mails that were taken")?,
            failed: IntCounter::new("tackboard_mails_failed_total", "Mails that were given up")?,
            retried: IntCounter::new(
                "tackboard_mails_retried_total",
                "Tries to send a mail that are repeated later",
            )?,
            queued: IntGauge::new("tackboard_mails_queued", "Mails that wait to be sent")?,
        })
    }
}

/// The outbox as others see it: they wake and stop it.
pub struct Outbox {
    bell: Notify,
    stopped: watch::Sender<Option<Instant>>,
    stats: Stats,
}

impl Outbox {
    /// An outbox that nobody empties until [`run`] does.
    ///
    /// # Errors
    /// Only the metrics' own.
    pub fn new() -> Result<Self> {
        Ok(Self {
            bell: Notify::new(),
            stopped: watch::Sender::new(None),
            stats: Stats::new().map_err(|cause| Error::internal("making the metrics", cause))?,
        })
    }

    /// Says that there are new mails. To be called once they are committed.
    pub fn wake(&self) {
        self.bell.notify_one();
    }

    /// From now on no delivery begins.
    pub fn stop(&self) {
        self.stopped.send_if_modified(|stopped| {
            let first = stopped.is_none();
            stopped.get_or_insert_with(Instant::now);
            first
        });
    }

    /// Its figures.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }
}

/// Delivers what is due until the outbox is stopped; what runs then may end within the shutdown time-out.
pub fn run(
    outbox: Arc<Outbox>,
    db: Arc<Db>,
    post: Post,
    settings: &Settings,
) -> impl Future<Output = ()> + use<> {
    let patience = settings.shutdown_timeout;
    let courier = Courier {
        outbox: Arc::clone(&outbox),
        db,
        post,
        pause_factor: settings.mail.pause_factor,
        journal: Journal::of(&settings.data),
    };
    empty(Arc::new(courier), patience)
}

async fn empty(courier: Arc<Courier>, patience: Duration) {
    let outbox = Arc::clone(&courier.outbox);
    let mut round = Round {
        courier,
        running: JoinSet::new(),
        claimed: HashSet::new(),
    };
    let mut stopped = outbox.stopped.subscribe();
    tokio::select! {
        () = round.courier.catch_up() => {}
        _ = stopped.changed() => {}
    }
    while stopped.borrow().is_none() {
        let sleep = round.begin();
        let has_room = round.running.len() < AT_ONCE;
        tokio::select! {
            Some(ended) = round.running.join_next() => round.end(ended),
            () = outbox.bell.notified(), if has_room => {}
            () = tokio::time::sleep(sleep), if has_room => {
                // A shorter sleep ends because a mail is due, which can use the connection.
                if sleep >= IDLE {
                    round.rest().await;
                }
            }
            _ = stopped.changed() => {}
        }
    }
    let since = stopped.borrow().unwrap_or_else(Instant::now);
    round.finish(since + patience).await;
}

/// What is being delivered.
struct Round {
    courier: Arc<Courier>,
    running: JoinSet<RecipientId>,
    claimed: HashSet<RecipientId>,
}

impl Round {
    /// Begins to deliver what is due, as far as there is room. How long to sleep then, unless something happens.
    fn begin(&mut self) -> Duration {
        let room = AT_ONCE.saturating_sub(self.running.len());
        if room == 0 {
            return LONGEST_SLEEP;
        }
        let (due, sleep) = match self.courier.look() {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "the outbox could not be read");
                return TROUBLE;
            }
        };
        let unclaimed = due
            .into_iter()
            .filter(|mail| !self.claimed.contains(&mail.recipient_id));
        for mail in unclaimed.take(room).collect::<Vec<_>>() {
            self.claimed.insert(mail.recipient_id);
            self.running.spawn(Arc::clone(&self.courier).deliver(mail));
        }
        match self.running.is_empty() && self.courier.post.holds_connections() {
            true => sleep.min(IDLE),
            false => sleep,
        }
    }

    fn end(&mut self, ended: Result<RecipientId, JoinError>) {
        match ended {
            Ok(recipient) => {
                self.claimed.remove(&recipient);
            }
            Err(error) => {
                tracing::error!(%error, "a delivery was lost; its mail waits for the next start")
            }
        }
    }

    async fn rest(&self) {
        if self.running.is_empty() {
            self.courier.post.rest().await;
        }
    }

    /// Waits until what runs has ended, or until that moment. What has not ended then is tried again after the next start.
    async fn finish(mut self, end: Instant) {
        let all = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout_at(end.into(), all).await.is_err() {
            tracing::warn!(
                mails = self.running.len(),
                "deliveries were cut off by the stop"
            );
        }
        self.running.abort_all();
        self.courier.post.rest().await;
    }
}
