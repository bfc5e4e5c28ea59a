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

/// A short read that sees one state of the database. It holds a connection, so do not keep it while waiting for something, and
/// do not begin another one meanwhile.
pub struct ReadTx {
    conn: PooledConnection<Readers>,
    /// Dropped after the transaction has ended.
    _reading: Reading,
}

impl ReadTx {
    pub(super) fn begin(conn: PooledConnection<Readers>, reading: Reading) -> Result<Self> {
        conn.prepare_cached("BEGIN")?.execute(())?;
        Ok(Self {
            conn,
            _reading: reading,
        })
    }
}

impl Deref for ReadTx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl Drop for ReadTx {
    fn drop(&mut self) {
        // A connection on which this fails is not used again.
        let ended = self
            .conn
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute(()));
        if let Err(error) = ended {
            tracing::debug!(%error, "a read could not be ended");
        }
    }
}
