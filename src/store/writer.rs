//! The one thread that writes: it takes what waits, runs each job as a savepoint of one transaction, commits once, and
//! only then answers. So a durable write costs one fsync a batch, not one a request.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};
use tracing::Span;

use super::commits::{Announcer, Commits};
use super::connection::{Conn, Effects, Tx};
use super::database_file::DatabaseFile;
use super::events;
use super::log_limit::LogLimit;
use super::stats::Stats;
use crate::error::{Error, Outage, Result};

/// Jobs that one transaction takes at most.
const BATCH: usize = 256;
/// Jobs that may wait; more are told to come back later.
const QUEUE: usize = 1024;
/// How often the writer looks for commits of other processes.
const FOREIGN_LOOK: Duration = Duration::from_millis(250);

/// What a transaction does for all of its jobs together, just before it is committed.
pub(super) type AtEnd = fn(&Conn) -> rusqlite::Result<()>;

/// The sending side. Dropping it lets the thread finish what waits and end.
pub(super) struct Writer {
    queue: SyncSender<Box<dyn Job>>,
    thread: JoinHandle<()>,
    announcer: Arc<Announcer>,
}

impl Writer {
    /// Starts the thread on its own connection. `at_end` runs once a transaction, outside the savepoints of its jobs.
    pub(super) fn start(
        conn: Conn,
        file: Arc<DatabaseFile>,
        log_limit: LogLimit,
        stats: Arc<Stats>,
        at_end: AtEnd,
    ) -> Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let announcer = Arc::new(Announcer::new());
        let running = Running {
            conn,
            file,
            log_limit,
            jobs,
            stats,
            at_end,
            announcer: Arc::clone(&announcer),
        };
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || running.run())
            .map_err(|cause| Error::internal("starting the writer thread", cause))?;
        Ok(Self {
            queue,
            thread,
            announcer,
        })
    }

    /// What is committed from now on.
    pub(super) fn commits(&self) -> watch::Receiver<Commits> {
        self.announcer.subscribe()
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
            span: Span::current(),
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
    /// Runs it. `Some` with what is to happen after COMMIT if the change stays; `None` if it must be rolled back.
    fn run(&mut self, conn: &Conn) -> Option<Effects>;
    /// Replaces its result by a failure of the whole transaction.
    fn fail(&mut self, failure: Outage);
    /// Why the transaction ended while it ran.
    fn outage(&self) -> Outage;
    /// The request that it belongs to.
    fn span(&self) -> &Span;
    /// Sends the result.
    fn answer(self: Box<Self>);
}

struct Pending<T, F> {
    work: Option<F>,
    outcome: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
    deadline: Option<Instant>,
    span: Span,
}

impl<T, F> Job for Pending<T, F>
where
    T: Send,
    F: FnOnce(&Tx<'_>) -> Result<T> + Send,
{
    fn is_over(&self, now: Instant) -> bool {
        self.answer.is_closed() || self.deadline.is_some_and(|deadline| now > deadline)
    }

    fn run(&mut self, conn: &Conn) -> Option<Effects> {
        let work = self.work.take()?;
        let tx = Tx::new(conn);
        let _entered = self.span.enter();
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&tx)))
            .unwrap_or_else(|_| Err(Error::bug("a write panicked")))
            .and_then(|done| tx.check_recorded().map(|()| done));
        let effects = outcome.is_ok().then(|| tx.effects());
        self.outcome = Some(outcome);
        effects
    }

    fn fail(&mut self, failure: Outage) {
        self.outcome = Some(Err(Error::Unavailable(failure)));
    }

    fn outage(&self) -> Outage {
        match &self.outcome {
            Some(Err(Error::Unavailable(outage))) => *outage,
            Some(Err(_)) => Outage::DatabaseBusy,
            // The change went on after the statement that ended the transaction: only a full disk does that.
            _ => Outage::StorageFull,
        }
    }

    fn span(&self) -> &Span {
        &self.span
    }

    fn answer(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // The client may have hung up; the change is committed all the same.
            let _ = self.answer.send(outcome);
        }
    }
}

/// What the writer thread owns.
struct Running {
    conn: Conn,
    file: Arc<DatabaseFile>,
    log_limit: LogLimit,
    jobs: Receiver<Box<dyn Job>>,
    stats: Arc<Stats>,
    at_end: AtEnd,
    announcer: Arc<Announcer>,
}

impl Running {
    fn run(&self) {
        let mut version = data_version(&self.conn);
        let mut looked = Instant::now();
        loop {
            match self.jobs.recv_timeout(FOREIGN_LOOK) {
                Ok(first) => self.run_batch(first),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.file.is_in_place();
            self.log_limit.enforce();
            if looked.elapsed() >= FOREIGN_LOOK {
                looked = Instant::now();
                let now = data_version(&self.conn);
                if now != version {
                    version = now;
                    self.announcer.foreign();
                }
            }
        }
    }

    /// Runs the job that came first and those that wait behind it.
    fn run_batch(&self, first: Box<dyn Job>) {
        let mut batch = vec![first];
        batch.extend(self.jobs.try_iter().take(BATCH - 1));
        self.stats.queue_depth.sub(batch.len() as i64);
        self.stats.batch_size.observe(batch.len() as f64);
        if !self.file.is_in_place() {
            fail_all(&mut batch, Error::Unavailable(Outage::StorageFull));
            return batch.into_iter().for_each(|job| job.answer());
        }
        while !batch.is_empty() {
            let (effects, rest) = transact(&self.conn, &mut batch, self.at_end);
            // Before the results: whoever has its answer finds everybody else on the way too.
            self.announcer.committed(effects);
            for job in std::mem::replace(&mut batch, rest) {
                job.answer();
            }
        }
    }
}

/// Changes when another connection has committed something.
fn data_version(conn: &Conn) -> Option<i64> {
    let statement = conn.prepare_cached("PRAGMA data_version");
    statement
        .and_then(|mut statement| statement.query_row((), |row| row.get(0)))
        .ok()
}

/// Runs the batch in one transaction and leaves every job with an outcome. Returns what is to happen now that it is
/// committed, and the jobs that were not run because the transaction ended under them.
fn transact(
    conn: &Conn,
    batch: &mut Vec<Box<dyn Job>>,
    at_end: AtEnd,
) -> (Effects, Vec<Box<dyn Job>>) {
    conn.sequences().clear();
    if let Err(cause) = execute(conn, "BEGIN IMMEDIATE") {
        fail_all(batch, cause.into());
        return Default::default();
    }
    let mut effects = Effects::default();
    let alone = batch.len() == 1;
    for at in 0..batch.len() {
        let job = &mut batch[at];
        let ran = match alone {
            true => run_alone(conn, job),
            false => run_in_savepoint(conn, job),
        };
        match ran {
            Ok(made) => effects = effects.and(made),
            Err(failure) => {
                // Some failures, a full disk above all, roll back the whole transaction, and with it the jobs before.
                let rest = batch.split_off(at + 1);
                roll_back(conn);
                fail_all(batch, failure);
                return (Effects::default(), rest);
            }
        }
    }
    if let Err(cause) = at_end(conn).and_then(|()| execute(conn, "COMMIT")) {
        roll_back(conn);
        fail_all(batch, cause.into());
        return Default::default();
    }
    (effects, Vec::new())
}

/// Runs one job among others. An error means that the transaction is gone; the job's own failures are its outcome.
fn run_in_savepoint(conn: &Conn, job: &mut Box<dyn Job>) -> Result<Effects> {
    if job.is_over(Instant::now()) {
        job.fail(Outage::DatabaseBusy);
        return Ok(Effects::default());
    }
    execute(conn, "SAVEPOINT job")?;
    let effects = job.run(conn);
    if conn.raw().is_autocommit() {
        return Err(Error::Unavailable(job.outage()));
    }
    if effects.is_none() {
        execute(conn, "ROLLBACK TO job")?;
        events::settle(conn)?;
    }
    execute(conn, "RELEASE job")?;
    Ok(effects.unwrap_or_default())
}

/// Runs the only job of a transaction, which needs no savepoint: if it fails, there is nothing else to keep.
fn run_alone(conn: &Conn, job: &mut Box<dyn Job>) -> Result<Effects> {
    if job.is_over(Instant::now()) {
        job.fail(Outage::DatabaseBusy);
        return Ok(Effects::default());
    }
    let effects = job.run(conn);
    if conn.raw().is_autocommit() {
        return Err(Error::Unavailable(job.outage()));
    }
    if effects.is_none() {
        execute(conn, "ROLLBACK")?;
        conn.sequences().clear();
        execute(conn, "BEGIN IMMEDIATE")?;
    }
    Ok(effects.unwrap_or_default())
}

/// Fails every job of a transaction that is gone. That is always an outage, because a job's own errors end in its
/// savepoint.
fn fail_all(batch: &mut [Box<dyn Job>], cause: Error) {
    let outage = match cause {
        Error::Unavailable(outage) => outage,
        _ => Outage::DatabaseBusy,
    };
    for job in batch {
        job.span().in_scope(|| {
            tracing::error!(
                reason = outage.as_str(),
                "a transaction failed; its changes were rolled back"
            )
        });
        job.fail(outage);
    }
}

fn roll_back(conn: &Conn) {
    if !conn.raw().is_autocommit()
        && let Err(cause) = execute(conn, "ROLLBACK")
    {
        tracing::error!(error = %cause, "failed to roll back a transaction");
    }
}

fn execute(conn: &Conn, sql: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute(()).map(drop)
}

#[cfg(test)]
mod tests;
