//! The one thread that writes. It runs all waiting jobs in one transaction, commits once, and only then sends their
//! results. So a durable write costs one fsync per batch, not one per request.

mod job;
mod transaction;

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use self::job::{Job, Pending};
use self::transaction::{Batch, fail_all, transact};
use super::commits::{Announced, Announcer, Commits};
use super::connection::{Conn, Effects, Tx};
use super::database_file::DatabaseFile;
use super::log_limit::LogLimit;
use super::stats::Stats;
use crate::error::{Error, Outage, Result};
use crate::model::ids::WorkspaceId;

/// Jobs that one transaction takes at most.
const BATCH: usize = 256;
/// Jobs that may wait; more are told to come back later.
const QUEUE: usize = 1024;
/// How often the writer looks for commits of other processes, and how long it must be idle to update the search index.
const FOREIGN_LOOK: Duration = Duration::from_millis(250);
/// Jobs after which the search index is updated even if the writer is not idle.
const INDEX_JOBS: usize = 512;

/// What a transaction does for all of its jobs together, just before it is committed. The flag requests an update of the
/// search index.
pub(super) type BeforeCommit = fn(&Conn, bool) -> rusqlite::Result<()>;

/// The sending side. Dropping it lets the thread finish what waits and end.
pub(super) struct Writer {
    queue: SyncSender<Box<dyn Job>>,
    thread: JoinHandle<()>,
    announcer: Arc<Announcer>,
}

impl Writer {
    /// Starts the thread on its own connection. `before_commit` runs once per transaction, outside of savepoints.
    pub(super) fn start(
        conn: Conn,
        file: Arc<DatabaseFile>,
        log_limit: LogLimit,
        stats: Arc<Stats>,
        before_commit: BeforeCommit,
    ) -> Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let announcer = Arc::new(Announcer::default());
        let running = Running {
            conn,
            file,
            log_limit,
            jobs,
            stats,
            before_commit,
            unindexed: Cell::new(1),
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

    /// Counts of the commits of one kind. The receiver is told about those from now on.
    pub(super) fn commits(&self, kind: Announced) -> watch::Receiver<Commits> {
        self.announcer.subscribe(kind)
    }

    /// Returns the workspaces that have recorded events since the last call.
    pub(super) fn take_recorded(&self) -> HashSet<WorkspaceId> {
        self.announcer.take_recorded()
    }

    /// Queues a job. The receiver gets its result once it is committed or has failed; dropping the receiver before the
    /// job's turn cancels it. The job may run twice: it runs again if a rollback takes its first changes back.
    pub(super) fn send<T, F>(
        &self,
        stats: &Stats,
        deadline: Option<Instant>,
        work: F,
    ) -> Result<oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (job, result) = Pending::new(deadline, work);
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

/// What the writer thread owns.
struct Running {
    conn: Conn,
    file: Arc<DatabaseFile>,
    log_limit: LogLimit,
    jobs: Receiver<Box<dyn Job>>,
    stats: Arc<Stats>,
    before_commit: BeforeCommit,
    /// Number of jobs since the search index was last updated.
    unindexed: Cell<usize>,
    announcer: Arc<Announcer>,
}

impl Running {
    fn run(&self) {
        let mut version = data_version(&self.conn);
        let mut looked = Instant::now();
        loop {
            match self.jobs.recv_timeout(FOREIGN_LOOK) {
                Ok(first) => self.run_batch(first),
                Err(RecvTimeoutError::Timeout) => self.update_index(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.file.is_in_place();
            self.log_limit.enforce();
            if looked.elapsed() >= FOREIGN_LOOK {
                looked = Instant::now();
                let now = data_version(&self.conn);
                if now != version {
                    version = now;
                    self.unindexed.set(self.unindexed.get() + 1);
                    self.announcer.foreign();
                }
            }
        }
    }

    /// Runs the job that came first and those that wait behind it.
    fn run_batch(&self, first: Box<dyn Job>) {
        let mut batch: Batch = vec![first];
        batch.extend(self.jobs.try_iter().take(BATCH - 1));
        self.stats.queue_depth.sub(batch.len() as i64);
        self.stats.batch_size.observe(batch.len() as f64);
        if !self.file.is_in_place() {
            fail_all(&mut batch, Error::Unavailable(Outage::StorageFull));
            return batch.into_iter().for_each(Job::respond);
        }
        while !batch.is_empty() {
            self.unindexed.set(self.unindexed.get() + batch.len());
            let (effects, rest) = transact(&self.conn, &mut batch, |conn, made| {
                self.before_commit(conn, made)
            });
            // Before the results: a client that has its response can rely on the announcement.
            self.announcer
                .committed(effects, self.conn.recorded().drain(..));
            for job in std::mem::replace(&mut batch, rest) {
                job.respond();
            }
        }
    }

    /// Prepares the transaction for COMMIT. FTS5 writes a segment per update, so the search index is updated for many
    /// jobs at once.
    fn before_commit(&self, conn: &Conn, effects: Effects) -> rusqlite::Result<()> {
        let update_index = effects.search || self.unindexed.get() >= INDEX_JOBS;
        (self.before_commit)(conn, update_index)?;
        if update_index {
            self.unindexed.set(0);
        }
        Ok(())
    }

    /// Updates the search index while nothing else waits.
    fn update_index(&self) {
        if self.unindexed.get() > 0 && self.file.is_in_place() {
            self.unindexed.set(INDEX_JOBS);
            transact(&self.conn, &mut Batch::new(), |conn, made| {
                self.before_commit(conn, made)
            });
            self.unindexed.set(0);
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

#[cfg(test)]
mod tests;
