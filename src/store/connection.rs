//! How a connection to the file is opened, and the two ways to hold one.

use std::ops::Deref;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::Result;

/// A connection to read from.
pub type Conn = Connection;

/// A connection inside a transaction that may write. Only the writer thread and the commands make one.
pub struct Tx<'c>(&'c Connection);

impl<'c> Tx<'c> {
    pub(super) fn new(conn: &'c Connection) -> Self {
        Self(conn)
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

/// When a commit is safe.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Default,
    serde::Deserialize,
    serde::Serialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// An answered write survives a power cut.
    #[default]
    Full,
    /// A power cut may take the last answered writes; the file stays whole.
    Normal,
}

/// How long one process waits for another that writes.
const BUSY_PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks whether the other is done. SQLite's own back-off sleeps up to 100 ms at a time and starves beside a
/// server that writes all the time; a short even pause finds the gap between two of its transactions.
const BUSY_PAUSE: Duration = Duration::from_micros(500);

/// Opens the file for writing.
pub(super) fn open_writer(path: &Path, durability: Durability) -> Result<Connection> {
    let conn = open(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    // The checkpointer on its timer does most of the copying; the writer's own threshold is there for long bursts.
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864;"
    ))?;
    Ok(conn)
}

/// Opens the file for reading; statements that write are refused.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let conn = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -4096;")?;
    Ok(conn)
}

fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let mut conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.set_prepared_statement_cache_capacity(128);
    wait_for_others(&mut conn)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Without it, a plan that might be better for another value is thrown away whenever its values are cleared, which is
    // after every use of a cached statement: each would be compiled anew each time.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
         PRAGMA temp_store = MEMORY;",
    )?;
    Ok(conn)
}

fn wait_for_others(conn: &mut Connection) -> rusqlite::Result<()> {
    std::thread_local! {
        static WAITING_SINCE: std::cell::Cell<Option<Instant>> = const { std::cell::Cell::new(None) };
    }
    conn.busy_handler(Some(|tries: i32| {
        if tries == 0 {
            WAITING_SINCE.set(Some(Instant::now()));
        }
        std::thread::sleep(BUSY_PAUSE);
        WAITING_SINCE
            .get()
            .is_some_and(|since| since.elapsed() < BUSY_PATIENCE)
    }))
}
