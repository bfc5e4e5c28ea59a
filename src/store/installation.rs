//! This database's own id, and what the server keeps in it for commands and for its next start.

use rusqlite::params;

use super::connection::{Conn, Tx};
use crate::error::Result;
use crate::model::time::Timestamp;

/// What the server keeps about itself.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The first four bytes of the database's id as 8 hex digits.
    pub short_id: String,
    /// The origin of links that the server used last.
    pub origin: Option<String>,
    /// When a request last had a forwarding header although no proxy was trusted.
    pub forwarded_seen_at: Option<Timestamp>,
}

/// Days that a note about a proxy counts. It is renewed daily.
const PROXY_DAYS: i64 = 7;

impl Installation {
    /// When a request had a forwarding header lately although no proxy was trusted.
    pub fn forwarded_recently(&self, now: Timestamp) -> Option<Timestamp> {
        self.forwarded_seen_at
            .filter(|seen| *seen > now.plus_days(-PROXY_DAYS))
    }
}

/// Returns what the server keeps about itself.
///
/// # Errors
/// Database errors only.
pub fn get(conn: &Conn) -> Result<Installation> {
    let mut statement = conn.prepare_cached(
        "SELECT lower(hex(substr(id, 1, 4))), origin, forwarded_seen_at FROM installation WHERE only = 1",
    )?;
    Ok(statement.query_row((), |row| {
        Ok(Installation {
            short_id: row.get(0)?,
            origin: row.get(1)?,
            forwarded_seen_at: row.get(2)?,
        })
    })?)
}

/// Stores the origin of links.
///
/// # Errors
/// Database errors only.
pub fn set_origin(tx: &Tx<'_>, origin: &str) -> Result<()> {
    tx.prepare("UPDATE installation SET origin = ?1 WHERE only = 1")?
        .execute([origin])?;
    Ok(())
}

/// Stores that a request had a forwarding header although no proxy was trusted.
///
/// # Errors
/// Database errors only.
pub fn saw_forwarded(tx: &Tx<'_>, now: Timestamp) -> Result<()> {
    tx.prepare("UPDATE installation SET forwarded_seen_at = ?1 WHERE only = 1")?
        .execute(params![now])?;
    Ok(())
}
