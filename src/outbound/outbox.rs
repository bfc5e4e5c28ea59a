//! The loop that empties the outbox.
//!
//! What is to be done stands in the database; which mails are being delivered is only in this process's memory. So what a
//! process had begun when it died is free again at the next start: no mail is lost, and only a mail whose acceptance was
//! on its way back at that moment goes out twice, under the same `Message-ID`.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use prometheus::{IntCounter, IntGauge};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinSet};

use super::{Outcome, Post};
use crate::config::Settings;
use crate::error::{Error, Outage, Result};
use crate::model::ids::RecipientId;
use crate::model::mails::{self, LONGEST_PAUSE, Mail};
use crate::model::recipients::Delivery;
use crate::model::time::Timestamp;
use crate::store::{self, Conn, Db, Tx};

/// Mails that are delivered at once.
const AT_ONCE: usize = 8;
/// No sleep is longer, so that a clock that was set and a machine that slept are noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// How long connections are kept for the next mail.
const IDLE: Duration = Duration::from_secs(5);
/// How long to wait where the database cannot be used.
const TROUBLE: Duration = Duration::from_secs(1);
/// How long a result may wait for its turn to be written down.
const PATIENCE: Duration = Duration::from_secs(30);

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
    while stopped.borrow().is_none() {
        let sleep = round.begin();
        let has_room = round.running.len() < AT_ONCE;
        tokio::select! {
            Some(ended) = round.running.join_next() => round.end(ended),
            () = outbox.bell.notified(), if has_room => {}
            () = tokio::time::sleep(sleep), if has_room => round.rest().await,
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

/// Everything that a delivery needs.
struct Courier {
    outbox: Arc<Outbox>,
    db: Arc<Db>,
    post: Post,
    pause_factor: f64,
}

impl Courier {
    /// Mails that are due, those that are being delivered among them, and how long nothing else is.
    fn look(&self) -> Result<(Vec<Mail>, Duration)> {
        let now = Timestamp::now();
        // Due further away than any pause is long: the clock was set back since. Waiting for it could take for ever.
        let beyond = now.plus_millis(self.scaled(LONGEST_PAUSE) + 1);
        self.db.read(|conn: &Conn| {
            // Those that are being delivered are still due, and must leave room for as many others.
            let limit = 2 * AT_ONCE;
            let mut due = store::mails::due(conn, Timestamp::from_millis(i64::MIN), now, limit)?;
            let rest = limit - due.len();
            due.extend(store::mails::due(
                conn,
                beyond,
                Timestamp::from_millis(i64::MAX),
                rest,
            )?);
            let next = store::mails::next_due(conn, now)?;
            let sleep = next.map_or(LONGEST_SLEEP, |next| {
                let millis = next.millis().saturating_sub(now.millis());
                Duration::from_millis(millis.unsigned_abs()).min(LONGEST_SLEEP)
            });
            Ok((due, sleep))
        })
    }

    /// Tries a mail once and writes down how it went.
    async fn deliver(self: Arc<Self>, mail: Mail) -> RecipientId {
        let tried = AssertUnwindSafe(self.attempt(&mail)).catch_unwind().await;
        // A mail that makes the program panic once does so every time.
        let outcome =
            tried.unwrap_or_else(|_| Outcome::Refused("The mail cannot be written".to_owned()));
        let outcome = self.judge(&mail, outcome);
        while let Err(error) = self.write_down(&mail, outcome.clone()).await {
            if matches!(error, Error::Unavailable(Outage::ShuttingDown)) {
                break;
            }
            // Until it is written down the mail stays claimed, so that it does not go out again.
            tracing::warn!(%error, "the result of a delivery could not be written down yet");
            tokio::time::sleep(TROUBLE).await;
        }
        mail.recipient_id
    }

    async fn attempt(&self, mail: &Mail) -> Outcome {
        let find = |conn: &Conn| store::letters::find(conn, mail.recipient_id);
        match self.db.read(find) {
            Ok(Some(letter)) if letter.status == Delivery::Queued => {
                self.post.deliver(mail, letter).await
            }
            Ok(_) => Outcome::PutOff("The recipient does not wait for this mail".to_owned()),
            Err(error) => Outcome::PutOff(error.to_string()),
        }
    }

    /// Gives a mail up that was put off often enough; counts and logs.
    fn judge(&self, mail: &Mail, outcome: Outcome) -> Outcome {
        let (recipient, attempt) = (mail.recipient_id, mail.attempts + 1);
        let outcome = match outcome {
            Outcome::PutOff(reply) if attempt >= mails::TRIES => Outcome::Refused(reply),
            outcome => outcome,
        };
        let stats = self.outbox.stats();
        match &outcome {
            Outcome::Sent => {
                stats.sent.inc();
                tracing::debug!(%recipient, attempt, "a mail was sent");
            }
            Outcome::PutOff(reply) => {
                stats.retried.inc();
                tracing::debug!(%recipient, attempt, reply, "a mail was put off");
            }
            Outcome::Refused(reply) => {
                stats.failed.inc();
                // Without the words, which often name the address: it would stay in the logs when the person is erased.
                tracing::warn!(%recipient, attempt, code = mails::code(reply), "a mail was given up");
            }
        }
        outcome
    }

    async fn write_down(&self, mail: &Mail, outcome: Outcome) -> Result<()> {
        let (workspace, recipient) = (mail.workspace_id, mail.recipient_id);
        let pause = mails::pause(mail.attempts + 1, getrandom::u32().unwrap_or_default());
        let pause = self.scaled(pause.unwrap_or(LONGEST_PAUSE));
        let write = move |tx: &Tx<'_>| {
            let now = Timestamp::now();
            match outcome {
                Outcome::Sent => store::mails::sent(tx, workspace, recipient, now),
                Outcome::Refused(reply) => {
                    store::mails::failed(tx, workspace, recipient, &mails::reply(&reply))
                }
                Outcome::PutOff(reply) => {
                    let due_at = now.plus_millis(pause);
                    store::mails::put_off(tx, workspace, recipient, due_at, &mails::reply(&reply))
                }
            }
        };
        self.db.write(Instant::now() + PATIENCE, write).await
    }

    fn scaled(&self, millis: i64) -> i64 {
        (millis as f64 * self.pause_factor) as i64
    }
}
