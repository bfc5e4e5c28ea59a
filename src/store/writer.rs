//! The one thread that writes: it takes what waits, runs each job as a savepoint of one transaction, commits once, and
//! only then answers. So a durable write costs one fsync a batch, not one a request.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connection::Tx;
use super::db::Stats;
use crate::error::{Error, Outage, Result};

/// Jobs that one transaction takes at most.
const BATCH: usize = 256;
/// Jobs that may wait; more are told to come back later.
const QUEUE: usize = 1024;

/// What a transaction does for all of its jobs together, just before it is committed.
pub(super) type AtEnd = fn(&Connection) -> rusqlite::Result<()>;

/// The sending side. Dropping it lets the thread finish what waits and end.
pub(super) struct Writer {
    queue: SyncSender<Box<dyn Job>>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts the thread on its own connection. `at_end` runs once a transaction, outside the savepoints of its jobs.
    pub(super) fn start(conn: Connection, stats: Arc<Stats>, at_end: AtEnd) -> Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || run(&conn, &jobs, &stats, at_end))
            .map_err(|cause| Error::internal("starting the writer thread", cause))?;
        Ok(Self { queue, thread })
    }

    /// Queues a job. The receiver gets its result once it is committed or has failed; dropping the receiver before the
    /// job's turn cancels it.
    pub(super) fn send<T, F>(
        &self,
        stats: &Stats,
        deadline: Option<Instant>,
        work: F,
    ) -> Result<oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let job = Pending {
            work: Some(work),
            outcome: None,
            answer,
            deadline,
        };
        stats.queue_depth.inc();
        self.queue.try_send(Box::new(job)).map_err(|refusal| {
            stats.queue_depth.dec();
            Error::Unavailable(match refusal {
                TrySendError::Full(_) => Outage::Overloaded,
                TrySendError::Disconnected(_) => Outage::ShuttingDown,
            })
        })?;
        Ok(result)
    }

    /// Runs what waits, then ends the thread.
    pub(super) fn finish(self) {
        drop(self.queue);
        if self.thread.join().is_err() {
            tracing::error!("the writer thread panicked");
        }
    }
}

/// A closure on its way through the writer, with its result type hidden.
trait Job: Send {
    /// Whether nobody waits for it any more, or its time is up: it must not be run then.
    fn is_over(&self, now: Instant) -> bool;
    /// Runs it; `true` if what it did shall stay.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// Puts a failure in the place of its result.
    fn fail(&mut self, error: Error);
    /// Sends the result.
    fn answer(self: Box<Self>);
}

struct Pending<T, F> {
    work: Option<F>,
    outcome: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
    deadline: Option<Instant>,
}

impl<T, F> Job for Pending<T, F>
where
    T: Send,
    F: FnOnce(&Tx<'_>) -> Result<T> + Send,
{
    fn is_over(&self, now: Instant) -> bool {
        self.answer.is_closed() || self.deadline.is_some_and(|deadline| now > deadline)
    }

    fn run(&mut self, tx: &Tx<'_>) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| work(tx)))
            .unwrap_or_else(|_| Err(Error::bug("a write panicked")));
        let stays = outcome.is_ok();
        self.outcome = Some(outcome);
        stays
    }

    fn fail(&mut self, error: Error) {
        self.outcome = Some(Err(error));
    }

    fn answer(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // Nobody there any more: the change is committed all the same, as promised to nobody.
            let _ = self.answer.send(outcome);
        }
    }
}

fn run(conn: &Connection, jobs: &Receiver<Box<dyn Job>>, stats: &Stats, at_end: AtEnd) {
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        batch.extend(jobs.try_iter().take(BATCH - 1));
        stats.queue_depth.sub(batch.len() as i64);
        stats.batch_size.observe(batch.len() as f64);
        while !batch.is_empty() {
            let rest = transact(conn, &mut batch, at_end);
            stats.commits.send_modify(|count| *count += 1);
            for job in std::mem::replace(&mut batch, rest) {
                job.answer();
            }
        }
    }
}

/// Runs the batch in one transaction and leaves every job with an outcome. Returns the jobs that were not run because the
/// transaction ended under them.
fn transact(conn: &Connection, batch: &mut Vec<Box<dyn Job>>, at_end: AtEnd) -> Vec<Box<dyn Job>> {
    if let Err(cause) = execute(conn, "BEGIN IMMEDIATE") {
        fail_all(batch, &Failure::of(cause));
        return Vec::new();
    }
    for at in 0..batch.len() {
        if let Err(failure) = run_in_savepoint(conn, &mut batch[at]) {
            // Some failures, a full disk above all, roll back the whole transaction, and with it the jobs before.
            let rest = batch.split_off(at + 1);
            roll_back(conn);
            fail_all(batch, &failure);
            return rest;
        }
    }
    if let Err(cause) = at_end(conn).and_then(|()| execute(conn, "COMMIT")) {
        roll_back(conn);
        fail_all(batch, &Failure::of(cause));
    }
    Vec::new()
}

/// Runs one job. An error means that the transaction is gone; the job's own failures are its outcome.
fn run_in_savepoint(conn: &Connection, job: &mut Box<dyn Job>) -> Result<(), Failure> {
    if job.is_over(Instant::now()) {
        job.fail(Error::Unavailable(Outage::DatabaseBusy));
        return Ok(());
    }
    execute(conn, "SAVEPOINT job").map_err(Failure::of)?;
    let stays = job.run(&Tx::new(conn));
    if conn.is_autocommit() {
        return Err(Failure(Outage::StorageFull));
    }
    if !stays {
        execute(conn, "ROLLBACK TO job").map_err(Failure::of)?;
    }
    execute(conn, "RELEASE job").map_err(Failure::of)
}

/// Why a whole transaction failed: always an outage, because a job's own errors stay in its savepoint.
struct Failure(Outage);

impl Failure {
    fn of(cause: rusqlite::Error) -> Self {
        tracing::error!(error = %cause, "a transaction failed");
        match Error::from(cause) {
            Error::Unavailable(outage) => Self(outage),
            _ => Self(Outage::DatabaseBusy),
        }
    }
}

fn fail_all(batch: &mut [Box<dyn Job>], failure: &Failure) {
    for job in batch {
        job.fail(Error::Unavailable(failure.0));
    }
}

fn roll_back(conn: &Connection) {
    if !conn.is_autocommit()
        && let Err(cause) = execute(conn, "ROLLBACK")
    {
        tracing::error!(error = %cause, "a transaction could not be rolled back");
    }
}

fn execute(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute(()).map(drop)
}

#[cfg(test)]
mod tests;
