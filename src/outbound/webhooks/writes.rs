//! What the dispatcher writes: rows for the next events with the cursors behind them, and the results of attempts. One
//! transaction at a time takes all that has gathered, so its cost is shared.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{JoinError, JoinHandle};

use crate::app::deliveries;
use crate::error::{Error, Outage, Result};
use crate::model::deliveries::{Attempted, Claim, DueDelivery};
use crate::model::time::Timestamp;
use crate::store::{Db, Tx};

/// How many rows one transaction writes at most, so that the changes of clients do not wait behind it.
const MAX_ROWS: usize = 128;
/// How long results wait to be written together with claims. Results are not urgent. An event waits for its claim, and only one
/// transaction is written at a time.
const RESULTS_WAIT: Duration = Duration::from_millis(10);
/// How long a write may wait for its turn.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// What is written together.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) results: Vec<Attempted>,
    pub(super) claims: Vec<Claim>,
}

/// What a batch has led to.
pub(super) struct Written {
    pub(super) batch: Arc<Batch>,
    /// Per claim, the deliveries to attempt; `None` if the webhook was changed meanwhile.
    pub(super) outcome: Result<Vec<Option<Vec<DueDelivery>>>>,
}

/// What waits to be written, and what is being written.
pub(super) struct Writes {
    db: Arc<Db>,
    waiting: Batch,
    running: Option<JoinHandle<Written>>,
    /// Not before this time, because the database could not be written.
    not_before: Option<Instant>,
    /// When results that wait alone are written.
    results_due: Instant,
}

impl Writes {
    pub(super) fn new(db: Arc<Db>) -> Self {
        Self {
            db,
            waiting: Batch::default(),
            running: None,
            not_before: None,
            results_due: Instant::now(),
        }
    }

    /// Adds the result of an attempt.
    pub(super) fn add_result(&mut self, result: Attempted) {
        if self.waiting.results.is_empty() {
            self.results_due = Instant::now() + RESULTS_WAIT;
        }
        self.waiting.results.push(result);
    }

    /// Adds a claim.
    pub(super) fn add_claim(&mut self, claim: Claim) {
        self.waiting.claims.push(claim);
    }

    /// How many results wait. If the database cannot be written, no more attempts are to start.
    pub(super) fn results_waiting(&self) -> usize {
        self.waiting.results.len()
    }

    /// Whether all has been written.
    pub(super) fn is_done(&self) -> bool {
        self.running.is_none() && self.waiting.results.is_empty() && self.waiting.claims.is_empty()
    }

    /// Waits this long before the next write.
    pub(super) fn pause(&mut self, pause: Duration) {
        self.not_before = Some(Instant::now() + pause);
    }

    /// Starts to write what waits, unless something is being written. Returns when to try again, if it is too early.
    pub(super) fn start(&mut self) -> Option<Duration> {
        let is_empty = self.waiting.results.is_empty() && self.waiting.claims.is_empty();
        if self.running.is_some() || is_empty {
            return None;
        }
        let is_urgent = !self.waiting.claims.is_empty() || self.waiting.results.len() >= MAX_ROWS;
        let results_due = (!is_urgent).then_some(self.results_due);
        let not_before = self.not_before.max(results_due);
        let wait = not_before.map(|at| at.saturating_duration_since(Instant::now()));
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            return Some(wait);
        }
        self.not_before = None;
        let (db, batch) = (Arc::clone(&self.db), Arc::new(self.waiting.take(MAX_ROWS)));
        self.running = Some(tokio::spawn(async move {
            let (written, deadline) = (Arc::clone(&batch), Instant::now() + WRITE_TIMEOUT);
            let outcome = db.write(deadline, move |tx| write(tx, &written)).await;
            Written { batch, outcome }
        }));
        None
    }

    /// Waits until the running write has ended; for ever if there is none. Cancel-safe.
    pub(super) async fn ended(&mut self) -> Result<Written, JoinError> {
        match &mut self.running {
            Some(running) => {
                let written = running.await;
                self.running = None;
                written
            }
            None => std::future::pending().await,
        }
    }
}

impl Batch {
    /// Takes the oldest part, with about this many rows. Half of them are for claims, if there are any.
    fn take(&mut self, rows: usize) -> Self {
        let for_claims = if self.claims.is_empty() { 0 } else { rows / 2 };
        let results = self.results.len().min(rows - for_claims);
        let mut room = rows - results;
        let fits = |claim: &&Claim| {
            let fits = room > 0;
            room = room.saturating_sub(claim.events.len() + 1);
            fits
        };
        let claims = self.claims.iter().take_while(fits).count();
        Self {
            results: self.results.drain(..results).collect(),
            claims: self.claims.drain(..claims).collect(),
        }
    }
}

fn write(tx: &Tx<'_>, batch: &Batch) -> Result<Vec<Option<Vec<DueDelivery>>>> {
    let now = Timestamp::now();
    for result in &batch.results {
        deliveries::attempted(tx, result, now)?;
    }
    let claimed = batch.claims.iter();
    claimed
        .map(|claim| deliveries::claim(tx, claim, now))
        .collect()
}

/// Whether a write can succeed if it is tried again.
pub(super) const fn is_outage(error: &Error) -> bool {
    matches!(error, Error::Unavailable(outage) if !matches!(outage, Outage::ShuttingDown))
}
