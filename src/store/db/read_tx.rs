//! A read transaction that the caller ends.

use std::ops::Deref;

use r2d2::PooledConnection;

use super::Readers;
use crate::error::Result;
use crate::store::connection::Conn;
use crate::store::gate::Reading;

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
