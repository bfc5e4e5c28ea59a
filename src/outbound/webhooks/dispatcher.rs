//! The loop that delivers events to webhooks.
//!
//! Which events were delivered is in the database; what is in flight is only in this process's memory. A row is written
//! before its first attempt, in the transaction that moves the cursor past the event. So the deliveries of a process
//! that died are due at the next start, and none is lost. An event arrives twice only if its result was not recorded;
//! it then has the same `webhook-id`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::MissedTickBehavior;

use super::DATABASE_RETRY;
use super::attempt::{Attempts, Ended};
use super::look::Look;
use super::queue::Kind;
use super::queues::Queues;
use super::sender::AttemptRequest;
use super::writes::{Writes, Written, is_outage};
use crate::error::Result;
use crate::model::deliveries::{Claim, DeliveryCause, Outcome};
use crate::model::ids::{DeliveryId, WebhookId};
use crate::model::time::Timestamp;
use crate::outbound::retry::{QueueSignal, sleep_until};
use crate::store::{Db, deliveries};

/// How many attempts run at once, for all webhooks together.
const MAX_RUNNING: usize = 1_024;
/// How many results may wait for the database before no more attempts start.
const MAX_RESULTS: usize = 4_096;
/// How often unused connections are closed.
const TIDY_INTERVAL: Duration = Duration::from_secs(2);

/// What the loop waits for.
pub(super) struct Inputs {
    pub(super) events: QueueSignal,
    pub(super) deliveries: QueueSignal,
    pub(super) requests: mpsc::UnboundedReceiver<AttemptRequest>,
    pub(super) stopped: watch::Receiver<Option<Instant>>,
}

/// Starts attempts and keeps track of those that run.
pub(super) struct Dispatcher {
    db: Arc<Db>,
    attempts: Arc<Attempts>,
    queues: Queues,
    writes: Writes,
    running: JoinSet<Ended>,
    /// The places of attempts that have failed, while their endpoints rest.
    resting: JoinSet<(WebhookId, Kind)>,
    /// The look for webhooks whose cursor is behind the journal.
    events: Look,
    /// The look for webhooks with due deliveries.
    due: Look,
    next_due: Option<Timestamp>,
    /// Who waits for the result of a delivery.
    requested: HashMap<DeliveryId, oneshot::Sender<Result<()>>>,
}

impl Dispatcher {
    pub(super) fn new(attempts: Arc<Attempts>) -> Self {
        let db = Arc::clone(&attempts.db);
        Self {
            queues: Queues::default(),
            writes: Writes::new(Arc::clone(&db)),
            running: JoinSet::new(),
            resting: JoinSet::new(),
            events: Look::at_start(),
            due: Look::at_start(),
            next_due: None,
            requested: HashMap::new(),
            attempts,
            db,
        }
    }

    pub(super) async fn run(mut self, mut inputs: Inputs, shutdown_timeout: Duration) {
        let mut tidy = tokio::time::interval(TIDY_INTERVAL);
        tidy.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while inputs.stopped.borrow().is_none() {
            let sleep = self.work();
            tokio::select! {
                Some(ended) = self.running.join_next() => self.end(ended),
                Some(Ok((webhook, kind))) = self.resting.join_next() => self.queues.vacate(webhook, kind),
                written = self.writes.ended() => self.take_over(written),
                // What is wanted already need not be woken for.
                () = inputs.events.raised(), if !self.events.is_wanted => self.events.is_wanted = true,
                () = inputs.deliveries.raised(), if !(self.events.is_wanted && self.due.is_wanted) => {
                    self.events.is_wanted = true;
                    self.due.is_wanted = true;
                }
                Some(request) = inputs.requests.recv() => self.start_requested(request),
                _ = tidy.tick() => {
                    self.queues.tidy();
                    self.attempts.bodies.forget_old();
                }
                () = tokio::time::sleep(sleep) => {}
                _ = inputs.stopped.changed() => {}
            }
        }
        drop(inputs.requests);
        let since = inputs.stopped.borrow().unwrap_or_else(Instant::now);
        self.finish(since + shutdown_timeout).await;
    }

    /// Does what can be done now. Returns how long to wait for something else to do.
    fn work(&mut self) -> Duration {
        while let Some(ended) = self.running.try_join_next() {
            self.end(ended);
        }
        let looked = self.look();
        let filled = looked.and_then(|()| self.queues.fill(&self.db, &mut self.writes));
        let pause = filled.map_err(|error| {
            tracing::warn!(%error, "the deliveries to webhooks cannot be read");
            DATABASE_RETRY
        });
        self.start_attempts();
        let until_write = self.writes.start().unwrap_or(Duration::MAX);
        let until_work = match pause {
            Err(pause) => pause,
            Ok(()) if self.queues.are_hungry() => Duration::ZERO,
            Ok(()) => self.until_look(),
        };
        until_work.min(until_write)
    }

    /// Looks for work in the database, if there may be some.
    fn look(&mut self) -> Result<()> {
        if self.next_due.is_some_and(|due| due <= Timestamp::now()) {
            self.due.is_wanted = true;
        }
        if self.due.is_due() {
            let started = Instant::now();
            self.next_due = self.queues.find_due(&self.db)?;
            self.due.done(started);
        }
        if self.events.is_due() {
            let started = Instant::now();
            match self.queues.find_events(&self.db)? {
                true => self.events.done(started),
                false => self.events.without_webhooks(),
            }
        }
        Ok(())
    }

    fn until_look(&self) -> Duration {
        let until_due = || sleep_until(self.next_due, Timestamp::now());
        let until_due = self.due.wait().unwrap_or_else(until_due);
        self.events
            .wait()
            .map_or(until_due, |wait| wait.min(until_due))
    }

    fn start_attempts(&mut self) {
        while self.running.len() < MAX_RUNNING
            && self.writes.results_waiting() < MAX_RESULTS
            && let Some((delivery, place)) = self.queues.next()
        {
            let attempts = Arc::clone(&self.attempts);
            self.running.spawn(attempts.run(delivery, place));
        }
        let running = i64::try_from(self.running.len()).unwrap_or(i64::MAX);
        self.attempts.metrics.running.set(running);
    }

    /// Starts an attempt that somebody waits for, whatever else is in flight.
    fn start_requested(&mut self, request: AttemptRequest) {
        let AttemptRequest {
            workspace,
            delivery,
            done,
        } = request;
        match self
            .db
            .read(|conn| deliveries::waiting(conn, workspace, delivery))
        {
            Ok(Some(waiting)) => {
                let place = self.queues.place_of_test(waiting.webhook_id);
                let attempts = Arc::clone(&self.attempts);
                self.requested.insert(delivery, done);
                self.running.spawn(attempts.run(waiting, place));
            }
            // The receiver is gone if its client is.
            Ok(None) => drop(done.send(Ok(()))),
            Err(error) => drop(done.send(Err(error))),
        }
    }

    fn end(&mut self, ended: Result<Ended, JoinError>) {
        let ended = match ended {
            Ok(ended) => ended,
            Err(error) => {
                return tracing::error!(%error, "an attempt failed; it is repeated after the next start");
            }
        };
        let (webhook, kind) = (ended.webhook_id, ended.kind);
        let rest = self.queues.ended(&ended);
        if rest.is_zero() {
            self.queues.vacate(webhook, kind);
        } else {
            self.resting.spawn(async move {
                tokio::time::sleep(rest).await;
                (webhook, kind)
            });
        }
        match ended.attempted {
            Some(attempted) => self.writes.add_result(attempted),
            None => self.answer(ended.delivery_id, Ok(())),
        }
    }

    fn answer(&mut self, delivery: DeliveryId, result: Result<()>) {
        if let Some(done) = self.requested.remove(&delivery) {
            // The receiver is gone if its client is.
            let _ = done.send(result);
        }
    }

    /// Takes over what a write has led to.
    fn take_over(&mut self, written: Result<Written, JoinError>) {
        let Written { batch, outcome } = match written {
            Ok(written) => written,
            Err(error) => {
                return tracing::error!(%error, "a write failed; its deliveries are repeated after the next start");
            }
        };
        let made = match outcome {
            Ok(made) => made,
            Err(error) if is_outage(&error) => {
                tracing::warn!(%error, "the deliveries to webhooks cannot be recorded yet");
                batch
                    .results
                    .iter()
                    .cloned()
                    .for_each(|one| self.writes.add_result(one));
                return self.fail_claims(&batch.claims);
            }
            Err(error) => {
                tracing::error!(%error, "a write failed; its deliveries are repeated after the next start");
                return self.fail_claims(&batch.claims);
            }
        };
        for result in &batch.results {
            if let Outcome::RetryAt(at) = result.result.outcome {
                let next = self.next_due.map_or(at, |next| next.min(at));
                self.next_due = Some(next);
            }
            self.queues.recorded(result.webhook_id, result.delivery_id);
            self.answer(result.delivery_id, Ok(()));
        }
        for (claim, made) in batch.claims.iter().zip(made) {
            if let Some(made) = made
                .as_ref()
                .filter(|_| claim.cause == DeliveryCause::Event)
            {
                let skipped = claim.events.len().saturating_sub(made.len());
                self.attempts.metrics.skipped.inc_by(skipped as u64);
            }
            self.events.is_wanted |= self.queues.claimed(claim, made);
        }
    }

    fn fail_claims(&mut self, claims: &[Claim]) {
        self.writes.pause(DATABASE_RETRY);
        for claim in claims {
            self.queues.claimed(claim, None);
        }
        self.events.is_wanted = true;
    }

    /// Waits until `end` for the running attempts and for their results to be recorded. Deliveries that are interrupted
    /// are attempted again after the next start.
    async fn finish(mut self, end: Instant) {
        let all = async {
            while !self.running.is_empty() || !self.writes.is_done() {
                let pause = self.writes.start().unwrap_or(Duration::MAX);
                tokio::select! {
                    Some(ended) = self.running.join_next() => self.end(ended),
                    written = self.writes.ended() => self.take_over(written),
                    () = tokio::time::sleep(pause) => {}
                }
            }
        };
        if tokio::time::timeout_at(end.into(), all).await.is_err() {
            tracing::warn!(
                attempts = self.running.len(),
                "cancelled running attempts at shutdown"
            );
        }
        self.running.abort_all();
    }
}
