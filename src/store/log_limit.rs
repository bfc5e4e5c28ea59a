//! Bounds the write-ahead log. SQLite starts the log again from its beginning only when no read uses it, and while reads
//! overlap, that moment never comes by itself.

use std::cell::{Cell, OnceCell};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::connection::{Conn, Durability, open_writer};
use super::gate::Gate;
use super::stats::Stats;
use crate::error::Result;

/// The size of the log above which the writer makes it start again: the same as `journal_size_limit`, to which SQLite
/// cuts the file when it starts the log again by itself.
pub(super) const LOG_BYTES: u64 = 64 << 20;
/// The log may grow to this many times its limit before running reads are ended.
const LAST_RESORT: u64 = 4;
/// How long reads are kept waiting for those that run. Emptying the log comes on top of it; both together stay below 250 ms.
const PATIENCE: Duration = Duration::from_millis(200);
/// Pages that may be copied while reads wait: 8 MB.
const PAGES_IN_PAUSE: i64 = 2_000;
/// Pauses in one attempt.
const ROUNDS: usize = 3;
/// The time between two attempts, which doubles with every failure.
const SHORTEST_DELAY: Duration = Duration::from_millis(250);
const LONGEST_DELAY: Duration = Duration::from_secs(8);

/// Keeps the log of one database below its limit. Owned by the writer thread, so no write runs meanwhile.
pub(super) struct LogLimit {
    database: PathBuf,
    /// A connection of its own, because it must not wait for locks of other processes. Opened when it is first needed.
    conn: OnceCell<Conn>,
    log: PathBuf,
    bytes: u64,
    gate: Arc<Gate>,
    stats: Arc<Stats>,
    delay: Cell<Duration>,
    next: Cell<Instant>,
}

/// What `PRAGMA wal_checkpoint` returns.
struct Checkpoint {
    is_blocked: bool,
    pages_left: i64,
}

impl LogLimit {
    pub(super) fn new(database: &Path, bytes: u64, gate: Arc<Gate>, stats: Arc<Stats>) -> Self {
        Self {
            database: database.to_owned(),
            conn: OnceCell::new(),
            log: log_of(database),
            bytes,
            gate,
            stats,
            delay: Cell::new(SHORTEST_DELAY),
            next: Cell::new(Instant::now()),
        }
    }

    fn conn(&self) -> Result<&Conn> {
        if let Some(conn) = self.conn.get() {
            return Ok(conn);
        }
        let conn = open_writer(&self.database, Durability::Full)?;
        conn.raw().busy_timeout(Duration::ZERO)?;
        Ok(self.conn.get_or_init(|| conn))
    }

    /// Empties the log if it is above its limit. If that fails, it is tried again after a delay.
    pub(super) fn enforce(&self) {
        let size = std::fs::metadata(&self.log).map_or(0, |file| file.len());
        if size <= self.bytes || Instant::now() < self.next.get() {
            return;
        }
        let emptied = self.empty(size > LAST_RESORT * self.bytes);
        if let Err(error) = &emptied {
            tracing::warn!(%error, "failed to empty the write-ahead log");
        }
        if emptied.is_ok_and(|emptied| emptied) {
            self.delay.set(SHORTEST_DELAY);
        } else {
            let delay = self.delay.get();
            self.next.set(Instant::now() + delay);
            self.delay.set((delay * 2).min(LONGEST_DELAY));
        }
    }

    /// Returns whether the log is empty now. Most pages are copied while reads go on: a pause is for the rest.
    fn empty(&self, ends_reads: bool) -> Result<bool> {
        for _ in 0..ROUNDS {
            let copied = self.checkpoint("PASSIVE")?;
            if copied.is_blocked {
                return Ok(false);
            }
            let began = Instant::now();
            let closed = self.gate.close();
            if ends_reads {
                let reads = closed.evict();
                self.stats.log_reads_ended.inc_by(reads.into());
                tracing::info!(reads, "ending reads to bound the write-ahead log");
            }
            let is_quiet = closed.wait_for_reads(PATIENCE);
            let is_short = copied.pages_left <= PAGES_IN_PAUSE;
            let emptied = match is_quiet && is_short {
                true => Some(!self.checkpoint("TRUNCATE")?.is_blocked),
                false => None,
            };
            drop(closed);
            self.stats.log_pause.observe(began.elapsed().as_secs_f64());
            match emptied {
                Some(emptied) => return Ok(emptied),
                None if !is_quiet => return Ok(false),
                // The reads that held back the copying have ended, so the next round copies the rest.
                None => {}
            }
        }
        Ok(false)
    }

    fn checkpoint(&self, mode: &str) -> Result<Checkpoint> {
        let mut statement = self
            .conn()?
            .prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
        Ok(statement.query_row((), |row| {
            let (pages, copied): (i64, i64) = (row.get(1)?, row.get(2)?);
            Ok(Checkpoint {
                is_blocked: row.get(0)?,
                pages_left: pages - copied,
            })
        })?)
    }
}

/// The write-ahead log of a database file.
pub(super) fn log_of(database: &Path) -> PathBuf {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}
