//! The loop that delivers the mails of the outbox.
//!
//! Which mails wait is in the database; which of them are being delivered is only in this process's memory. So mails that
//! a process had claimed when it died are free at the next start, and no mail is lost. A mail is sent twice only if its
//! acceptance was on its way back at that moment; it then has the same `Message-ID`.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::accepted::AcceptedMails;
use super::delivery::MailSender;
use super::queue::MailQueue;
use super::{DATABASE_RETRY, MailMetrics, Mailer, SCHEDULE};
use crate::config::Settings;
use crate::error::Result;
use crate::outbound::retry::{QueueSignal, StopSwitch};
use crate::store::Db;
use crate::store::commits::Announced;

/// How many mails are delivered at once.
const MAX_DELIVERIES: usize = 8;
/// How long connections are kept for the next mail.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// The outbox for the rest of the server, which can stop it and read its metrics.
pub struct Outbox {
    stopped: StopSwitch,
    pub(super) metrics: Arc<MailMetrics>,
}

impl Outbox {
    /// Creates an outbox. [`run`] delivers its mails.
    ///
    /// # Errors
    /// Only if the metrics cannot be created.
    pub fn new() -> Result<Self> {
        Ok(Self {
            stopped: StopSwitch::new(),
            metrics: Arc::new(MailMetrics::new()?),
        })
    }

    /// Starts no more deliveries.
    pub fn stop(&self) {
        self.stopped.stop();
    }

    /// When it was stopped, for what stops with it.
    pub(super) fn stopped(&self) -> watch::Receiver<Option<Instant>> {
        self.stopped.subscribe()
    }

    /// The metrics.
    pub fn metrics(&self) -> &MailMetrics {
        &self.metrics
    }
}

/// Delivers due mails until the outbox is stopped. Running deliveries may then finish within the shutdown timeout. A
/// commit that queued mail wakes the loop.
pub fn run(
    outbox: Arc<Outbox>,
    db: Arc<Db>,
    mailer: Arc<Mailer>,
    settings: &Settings,
) -> impl Future<Output = ()> + use<> {
    let signal = QueueSignal::new(db.commits(Announced::Mail));
    let schedule = SCHEDULE.scaled_by(settings.mail.delay_factor);
    let dispatcher = Dispatcher {
        queue: MailQueue::new(Arc::clone(&db), schedule.longest_delay()),
        sender: Arc::new(MailSender {
            db,
            mailer,
            metrics: Arc::clone(&outbox.metrics),
            schedule,
            accepted: AcceptedMails::open(&settings.data),
        }),
        running: JoinSet::new(),
        claimed: HashSet::new(),
    };
    let stopped = outbox.stopped();
    dispatcher.run(signal, stopped, settings.shutdown_timeout)
}

/// Starts deliveries and keeps track of those that are running.
struct Dispatcher {
    queue: MailQueue,
    sender: Arc<MailSender>,
    running: JoinSet<i64>,
    /// The row numbers of the mails that are being delivered.
    claimed: HashSet<i64>,
}

impl Dispatcher {
    async fn run(
        mut self,
        mut signal: QueueSignal,
        mut stopped: watch::Receiver<Option<Instant>>,
        shutdown_timeout: Duration,
    ) {
        tokio::select! {
            () = self.sender.catch_up() => {}
            _ = stopped.changed() => {}
        }
        while stopped.borrow().is_none() {
            let sleep = self.start_due();
            let has_room = self.running.len() < MAX_DELIVERIES;
            tokio::select! {
                Some(ended) = self.running.join_next() => self.release(ended),
                () = signal.raised(), if has_room => {}
                () = tokio::time::sleep(sleep), if has_room => {
                    // After a shorter sleep a mail is due, which can use the connection.
                    if sleep >= IDLE_TIMEOUT && self.running.is_empty() {
                        self.sender.mailer.close_idle_connections().await;
                    }
                }
                _ = stopped.changed() => {}
            }
        }
        let since = stopped.borrow().unwrap_or_else(Instant::now);
        self.finish(since + shutdown_timeout).await;
    }

    /// Starts to deliver due mails, up to the maximum. Returns how long to sleep after that.
    fn start_due(&mut self) -> Duration {
        let room = MAX_DELIVERIES.saturating_sub(self.running.len());
        if room == 0 {
            // The loop then waits for a delivery to end, not for a time.
            return Duration::MAX;
        }
        let (due, sleep) = match self.queue.due(room, &self.claimed) {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read");
                return DATABASE_RETRY;
            }
        };
        for mail in due {
            self.claimed.insert(mail.seq);
            self.running.spawn(Arc::clone(&self.sender).deliver(mail));
        }
        match self.running.is_empty() && self.sender.mailer.has_idle_connections() {
            true => sleep.min(IDLE_TIMEOUT),
            false => sleep,
        }
    }

    fn release(&mut self, ended: Result<i64, JoinError>) {
        match ended {
            Ok(seq) => {
                self.claimed.remove(&seq);
            }
            Err(error) => {
                tracing::error!(%error, "a delivery task failed; its mail is retried after the next start");
            }
        }
    }

    /// Waits for the running deliveries until `end`. Mails that are interrupted are sent after the next start.
    async fn finish(mut self, end: Instant) {
        let all = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout_at(end.into(), all).await.is_err() {
            tracing::warn!(
                mails = self.running.len(),
                "cancelled running deliveries at shutdown"
            );
        }
        self.running.abort_all();
        self.sender.mailer.close_idle_connections().await;
    }
}
