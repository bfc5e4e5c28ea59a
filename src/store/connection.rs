//! How a connection to the file is opened, and the two ways to hold one.

use std::cell::Cell;
use std::ops::Deref;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, OpenFlags, Statement};

use crate::error::Result;

/// A connection to read from. It is opaque: only `store` can run SQL on it.
pub struct Conn(Connection);

impl Conn {
    /// The SQLite connection behind it.
    pub(super) fn raw(&self) -> &Connection {
        &self.0
    }

    /// The SQLite connection behind it, for the pool and the backup.
    pub(super) fn raw_mut(&mut self) -> &mut Connection {
        &mut self.0
    }

    /// A statement that is compiled once per connection.
    pub(super) fn prepare_cached(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        self.0.prepare_cached(sql)
    }

    /// A statement for a query that runs rarely.
    pub(super) fn prepare(&self, sql: &str) -> rusqlite::Result<Statement<'_>> {
        self.0.prepare(sql)
    }

    /// Several statements without results.
    pub(super) fn execute_batch(&self, sql: &str) -> rusqlite::Result<()> {
        self.0.execute_batch(sql)
    }
}

/// What a transaction leaves for others to do once it is committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// Events that were recorded in the journal.
    pub(super) events: u64,
    /// Whether mail was queued.
    pub(super) mail: bool,
}

impl Effects {
    /// The effects of two changes together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            events: self.events + other.events,
            mail: self.mail || other.mail,
        }
    }
}

/// A connection inside a transaction that may write. Only the writer thread and the commands make one.
pub struct Tx<'c> {
    conn: &'c Conn,
    effects: Cell<Effects>,
}

impl<'c> Tx<'c> {
    pub(super) fn new(conn: &'c Conn) -> Self {
        #[cfg(debug_assertions)]
        accounted::begin();
        Self {
            conn,
            effects: Cell::default(),
        }
    }

    /// Adds to what happens after COMMIT.
    pub(super) fn note(&self, effects: Effects) {
        self.effects.set(self.effects.get().and(effects));
    }

    /// Checks, in debug builds, that a change of what clients see has recorded an event: no test passes that makes one
    /// without.
    #[cfg(debug_assertions)]
    pub(super) fn check_recorded(&self) -> Result<()> {
        match accounted::changed_since_begin() {
            Some(table) if self.effects().events == 0 => Err(crate::error::Error::bug(format!(
                "a change of {table} left no event"
            ))),
            _ => Ok(()),
        }
    }

    /// Release builds trust the tests.
    #[cfg(not(debug_assertions))]
    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "debug builds check"
    )]
    pub(super) fn check_recorded(&self) -> Result<()> {
        Ok(())
    }

    /// What is to happen after COMMIT.
    pub(super) fn effects(&self) -> Effects {
        self.effects.get()
    }
}

impl Deref for Tx<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        self.conn
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
    /// Acknowledged writes survive a power failure.
    #[default]
    Full,
    /// A power failure can lose the most recent writes, but does not damage the file.
    Normal,
}

/// How long one process waits for another that writes.
const BUSY_PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks whether the other is done. SQLite's own back-off sleeps up to 100 ms at a time and starves beside a
/// server that writes all the time; a short even pause finds the gap between two of its transactions.
const BUSY_PAUSE: Duration = Duration::from_micros(500);

/// Opens the file for writing.
pub(super) fn open_writer(path: &Path, durability: Durability) -> Result<Conn> {
    #[cfg_attr(
        not(debug_assertions),
        expect(unused_mut, reason = "debug builds watch it")
    )]
    let mut conn = open(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    #[cfg(debug_assertions)]
    accounted::watch(conn.raw_mut())?;
    // The checkpointer on its timer does most of the copying; the writer's own threshold is there for long bursts.
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864;"
    ))?;
    Ok(conn)
}

/// Opens the file for reading; statements that write are refused.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Conn> {
    let conn = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -4096;")?;
    Ok(conn)
}

fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Conn> {
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
    Ok(Conn(conn))
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

/// Which table a transaction changed whose rows clients see.
#[cfg(debug_assertions)]
mod accounted {
    use std::cell::{Cell, RefCell};

    use rusqlite::Connection;
    use rusqlite::hooks::Action;

    std::thread_local! {
        static CHANGED: RefCell<Option<String>> = const { RefCell::new(None) };
        /// A workspace takes its journal along, so nothing of it is left to record in.
        static WORKSPACE_DELETED: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn begin() {
        CHANGED.set(None);
        WORKSPACE_DELETED.set(false);
    }

    pub(super) fn changed_since_begin() -> Option<String> {
        CHANGED.take().filter(|_| !WORKSPACE_DELETED.get())
    }

    pub(super) fn watch(conn: &mut Connection) -> rusqlite::Result<()> {
        conn.update_hook(Some(|action, _: &str, table: &str, _| {
            match (table, action) {
                ("workspace", Action::SQLITE_DELETE) => WORKSPACE_DELETED.set(true),
                _ if is_visible(action, table) => CHANGED.set(Some(table.to_owned())),
                _ => {}
            }
        }))
    }

    fn is_visible(action: Action, table: &str) -> bool {
        let is_update = action == Action::SQLITE_UPDATE;
        match table {
            "board" | "project" | "lane" | "task" | "subtask" | "card" | "integration_config"
            | "email_account" | "integration_key" => true,
            // When a token was last used, and how often a card was opened, are no events.
            "token" | "recipient" => !is_update,
            "workspace" => is_update,
            _ => false,
        }
    }
}
