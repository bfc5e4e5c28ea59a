//! Connections that read, and a read transaction on one of them.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use r2d2::{ManageConnection, Pool, PooledConnection};
use scheduled_thread_pool::ScheduledThreadPool;

use super::connection::{Conn, open_reader};
use super::gate::Reading;
use crate::error::{Error, Result};

/// Opens connections to a file.
pub(super) struct Readers(PathBuf);

impl ManageConnection for Readers {
    type Connection = Conn;
    type Error = rusqlite::Error;

    fn connect(&self) -> Result<Conn, rusqlite::Error> {
        open_reader(&self.0)
    }

    fn is_valid(&self, _conn: &mut Conn) -> Result<(), rusqlite::Error> {
        Ok(())
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        !conn.raw().is_autocommit()
    }
}

/// Opens `open` connections now and the others when they are needed: each one parses the schema and holds it in memory.
pub(super) fn pool(
    path: &Path,
    size: u32,
    open: u32,
    opener: Arc<ScheduledThreadPool>,
) -> Result<Pool<Readers>> {
    Pool::builder()
        .thread_pool(opener)
        .max_size(size)
        .min_idle(Some(open))
        .test_on_check_out(false)
        .max_lifetime(None)
        .idle_timeout(None)
        .build(Readers(path.to_owned()))
        .map_err(|cause| Error::internal("opening the reader connections", cause))
}

/// A connection for short reads, each of which sees the state of its own moment. Do not keep it while waiting for something, and
/// do not take another one meanwhile.
pub struct Reads {
    conn: PooledConnection<Readers>,
    /// Dropped after the reads have ended.
    _reading: Reading,
}

impl Reads {
    pub(super) const fn new(conn: PooledConnection<Readers>, reading: Reading) -> Self {
        Self {
            conn,
            _reading: reading,
        }
    }
}

impl Deref for Reads {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

/// Short reads that all see one state of the database.
pub struct ReadTx(Reads);

impl ReadTx {
    pub(super) fn begin(reads: Reads) -> Result<Self> {
        reads.prepare_cached("BEGIN")?.execute(())?;
        Ok(Self(reads))
    }
}

impl Deref for ReadTx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl Drop for ReadTx {
    fn drop(&mut self) {
        // A connection on which this fails is not used again.
        let ended = self
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute(()));
        if let Err(error) = ended {
            tracing::debug!(%error, "a read could not be ended");
        }
    }
}
