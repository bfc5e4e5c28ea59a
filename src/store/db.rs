//! The database as the rest of the house sees it: many readers, one writer.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use r2d2::Pool;
use scheduled_thread_pool::ScheduledThreadPool;
use tokio::sync::watch;

use super::commits::{Announced, Commits};
pub use super::connection::Durability;
use super::connection::{Conn, Tx, open_reader, open_writer};
use super::database_file::DatabaseFile;
use super::gate::Gate;
use super::log_limit::{LOG_BYTES, LogLimit, log_of};
pub use super::readers::{ReadTx, Reads};
use super::readers::{Readers, pool};
pub use super::stats::Stats;
use super::writer::Writer;
use super::{events, search};
use crate::error::{Error, Outage, Result};
use crate::model::ids::WorkspaceId;

/// How long a read may take on a worker thread, where it holds up other requests.
const INLINE_READ: Duration = Duration::from_secs(1);
/// How long a read may take on a thread of its own.
const SLOW_READ: Duration = Duration::from_secs(20);
/// How long an export may take.
const EXPORT: Duration = Duration::from_mins(10);
/// Connections for reads on threads of their own.
const SLOW_READERS: u32 = 2;
/// Connections that read only covers: they are public, so their traffic must not keep lists and search waiting.
const COVER_READERS: u32 = 2;
/// Connections for exports: a long one must not keep lists and search waiting.
const EXPORT_READERS: u32 = 1;
/// Virtual machine steps between two looks at the clock: well under a millisecond.
const STEPS: i32 = 20_000;

/// The open database. Cheap to share; closing it is explicit, so that the last writes are known to be on disk.
pub struct Db {
    path: PathBuf,
    inline: Pool<Readers>,
    slow: Pool<Readers>,
    covers: Pool<Readers>,
    exports: Pool<Readers>,
    file: Arc<DatabaseFile>,
    gate: Arc<Gate>,
    writer: RwLock<Option<Writer>>,
    stats: Arc<Stats>,
}

impl Db {
    /// Opens a file that is already of this version. `workers` is the number of threads that read inline.
    ///
    /// # Errors
    /// When the file cannot be opened or is no database.
    pub fn open(path: &Path, durability: Durability, workers: usize) -> Result<Self> {
        Self::open_with_log(path, durability, workers, LOG_BYTES)
    }

    /// Like [`Db::open`], with another limit for the size of the write-ahead log.
    fn open_with_log(
        path: &Path,
        durability: Durability,
        workers: usize,
        log_bytes: u64,
    ) -> Result<Self> {
        let stats = Arc::new(
            Stats::new()
                .map_err(|cause| Error::internal("creating the writer's metrics", cause))?,
        );
        let gate = Arc::new(Gate::default());
        let conn = open_writer(path, durability)?;
        let file = Arc::new(DatabaseFile::at(path)?);
        let writer = Writer::start(
            conn,
            Arc::clone(&file),
            LogLimit::new(path, log_bytes, Arc::clone(&gate), Arc::clone(&stats)),
            Arc::clone(&stats),
            before_commit,
        )?;
        let opener = Arc::new(ScheduledThreadPool::new(1));
        let pool = |size, open| pool(path, size, open, Arc::clone(&opener));
        Ok(Self {
            path: path.to_owned(),
            // One a worker, so that an inline read never waits for a connection; one to spare for start and checks.
            inline: pool(workers as u32 + 1, 1)?,
            slow: pool(SLOW_READERS, 0)?,
            covers: pool(COVER_READERS, 0)?,
            exports: pool(EXPORT_READERS, 0)?,
            file,
            gate,
            writer: RwLock::new(Some(writer)),
            stats,
        })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The writer's figures.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// A short, indexed read on the calling thread, seeing one state of the database throughout.
    ///
    /// # Errors
    /// Those of `work`; `service_unavailable` if it takes too long.
    pub fn read<T>(&self, work: impl FnOnce(&Conn) -> Result<T>) -> Result<T> {
        self.read_from(&self.inline, INLINE_READ, work)
    }

    /// A long read: search, whole lists. Call it on a thread that may block.
    ///
    /// # Errors
    /// Those of `work`; `service_unavailable` if it takes too long.
    pub fn read_slowly<T>(&self, work: impl FnOnce(&Conn) -> Result<T>) -> Result<T> {
        self.read_from(&self.slow, SLOW_READ, work)
    }

    /// A read of a whole cover. Call it on a thread that may block.
    ///
    /// # Errors
    /// Those of `work`; `service_unavailable` if it takes too long.
    pub fn read_cover<T>(&self, work: impl FnOnce(&Conn) -> Result<T>) -> Result<T> {
        self.read_from(&self.covers, SLOW_READ, work)
    }

    /// A read of everything in a workspace. Call it on a thread that may block. Only one runs at a time.
    ///
    /// # Errors
    /// Those of `work`; `service_unavailable` if another export is running, or if it takes too long.
    pub fn read_export<T>(&self, work: impl FnOnce(&Conn) -> Result<T>) -> Result<T> {
        self.read_within(&self.exports, (SLOW_READ, EXPORT), work)
    }

    fn read_from<T>(
        &self,
        pool: &Pool<Readers>,
        patience: Duration,
        work: impl FnOnce(&Conn) -> Result<T>,
    ) -> Result<T> {
        self.read_within(pool, (patience, patience), work)
    }

    /// Begins a short, indexed read on the calling thread. It ends when it is dropped, and must not wait for anything.
    ///
    /// # Errors
    /// `service_unavailable` if it cannot begin.
    pub fn begin_read(&self) -> Result<ReadTx> {
        self.begin(&self.inline, (INLINE_READ, INLINE_READ))
    }

    /// Takes a connection for short, indexed reads on the calling thread that need not see the same state of the database. Must
    /// not wait for anything.
    ///
    /// # Errors
    /// `service_unavailable` if there is none.
    pub fn separate_reads(&self) -> Result<Reads> {
        self.connect(&self.inline, (INLINE_READ, INLINE_READ))
    }

    /// Runs a read. It waits at most `wait` for its turn, and takes at most `limit`.
    fn read_within<T>(
        &self,
        pool: &Pool<Readers>,
        limits: (Duration, Duration),
        work: impl FnOnce(&Conn) -> Result<T>,
    ) -> Result<T> {
        work(&*self.begin(pool, limits)?)
    }

    fn begin(&self, pool: &Pool<Readers>, limits: (Duration, Duration)) -> Result<ReadTx> {
        ReadTx::begin(self.connect(pool, limits)?)
    }

    fn connect(&self, pool: &Pool<Readers>, (wait, limit): (Duration, Duration)) -> Result<Reads> {
        if self.file.is_lost() {
            return Err(Error::Unavailable(Outage::StorageFull));
        }
        let busy = Error::Unavailable(Outage::DatabaseBusy);
        let Ok(mut conn) = pool.get_timeout(wait) else {
            return Err(busy);
        };
        // Only now: a read that waits for a connection does not run.
        let Some(reading) = self.gate.enter(wait) else {
            return Err(busy);
        };
        let (deadline, is_evicted) = (Instant::now() + limit, reading.is_evicted());
        conn.raw_mut().progress_handler(
            STEPS,
            Some(move || is_evicted() || Instant::now() > deadline),
        )?;
        Ok(Reads::new(conn, reading))
    }

    /// Makes a change, all of it or nothing, and returns once it is on disk. `work` may run twice; only the last run counts.
    ///
    /// Dropping the future before the change's turn cancels it; so does the deadline. Once committed, the result is
    /// always the change's own.
    ///
    /// # Errors
    /// Those of `work`; `service_unavailable` if the change was not made.
    pub async fn write<T, F>(&self, deadline: Instant, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let result = self.queue(Some(deadline), work)?;
        result
            .await
            .unwrap_or(Err(Error::Unavailable(Outage::ShuttingDown)))
    }

    /// A change that waits as long as it must and blocks the calling thread until it is on disk.
    ///
    /// # Errors
    /// Those of `work`; `service_unavailable` if the change was not made.
    pub fn write_and_wait<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let result = self.queue(None, work)?;
        result
            .blocking_recv()
            .unwrap_or(Err(Error::Unavailable(Outage::ShuttingDown)))
    }

    /// Brings the search index up to date, if it is behind.
    ///
    /// # Errors
    /// `service_unavailable` if the writer cannot do that now.
    pub async fn update_search_index(&self, deadline: Instant) -> Result<()> {
        match self.read(|conn| Ok(search::is_behind(conn)?))? {
            true => {
                let update = |tx: &Tx<'_>| {
                    search::request_update(tx);
                    Ok(())
                };
                self.write(deadline, update).await
            }
            false => Ok(()),
        }
    }

    /// Counts of the commits of one kind. The receiver is told about those from now on. After the database is closed the
    /// channel ends.
    pub fn commits(&self, kind: Announced) -> watch::Receiver<Commits> {
        let writer = self
            .writer
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match writer.as_ref() {
            Some(writer) => writer.commits(kind),
            None => watch::channel(Commits::default()).1,
        }
    }

    /// Returns the workspaces in which this process has recorded events since the last call. Only one reader may use it.
    pub fn take_recorded(&self) -> HashSet<WorkspaceId> {
        let writer = self
            .writer
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        writer
            .as_ref()
            .map_or_else(HashSet::new, Writer::take_recorded)
    }

    fn queue<T, F>(
        &self,
        deadline: Option<Instant>,
        work: F,
    ) -> Result<tokio::sync::oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let writer = self
            .writer
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match writer.as_ref() {
            Some(writer) => writer.send(&self.stats, deadline, work),
            None => Err(Error::Unavailable(Outage::ShuttingDown)),
        }
    }

    /// The size of the write-ahead log, in bytes.
    pub fn log_size(&self) -> u64 {
        std::fs::metadata(log_of(&self.path)).map_or(0, |file| file.len())
    }

    /// Copies what it can from the write-ahead log into the file, without holding anybody up.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn checkpoint(&self) -> Result<()> {
        let conn = self.inline.get_timeout(INLINE_READ);
        let conn = conn.map_err(|_| Error::Unavailable(Outage::DatabaseBusy))?;
        let mut statement = conn.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?;
        Ok(statement.query_row((), |_| Ok(()))?)
    }

    /// Runs the writes that wait, ends the writer, and folds the write-ahead log into the file.
    pub fn close(&self) {
        let writer = self
            .writer
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            writer.finish();
            if let Err(error) = truncate_log(&self.path) {
                tracing::warn!(error = %error, "could not truncate the write-ahead log; it is read at the next start");
            }
        }
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        self.close();
    }
}

/// Copies the write-ahead log of a database that is not in use into the file, and empties it.
///
/// # Errors
/// If the file cannot be opened.
pub(super) fn truncate_log(path: &Path) -> Result<()> {
    let conn = open_writer(path, Durability::Full)?;
    Ok(conn
        .raw()
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?)
}

/// What every transaction that writes does before COMMIT, outside of savepoints.
pub(super) fn before_commit(conn: &Conn, update_index: bool) -> rusqlite::Result<()> {
    events::settle(conn);
    match update_index {
        true => search::update_index(conn),
        false => Ok(()),
    }
}

/// Opens the file beside whatever else uses it and runs one transaction: how commands write while the server runs.
///
/// # Errors
/// Those of `work`, after which nothing has changed.
pub fn write_once<T, E: From<Error>>(
    path: &Path,
    work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let conn = open_writer(path, Durability::Full)?;
    // Commands erase people, of whom nothing may stay in unused pages of the file.
    conn.execute_batch("PRAGMA secure_delete = ON")
        .map_err(Error::from)?;
    conn.execute_batch("BEGIN IMMEDIATE").map_err(Error::from)?;
    // Whatever fails before COMMIT is taken back with the connection.
    let tx = Tx::new(&conn);
    let done = work(&tx)?;
    tx.check_recorded()?;
    before_commit(&conn, tx.effects().search).map_err(Error::from)?;
    conn.execute_batch("COMMIT").map_err(Error::from)?;
    Ok(done)
}

/// Opens the file beside whatever else uses it and reads one state of it.
///
/// # Errors
/// Those of `work`.
pub fn read_once<T, E: From<Error>>(
    path: &Path,
    work: impl FnOnce(&Conn) -> Result<T, E>,
) -> Result<T, E> {
    let conn = open_reader(path).map_err(Error::from)?;
    conn.execute_batch("BEGIN").map_err(Error::from)?;
    work(&conn)
}

#[cfg(test)]
mod tests;
