//! Opening connections to the database file, and their two types: `Conn` reads, `Tx` writes.

use std::cell::{Cell, RefCell, RefMut};
use std::ops::Deref;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::{CachedStatement, Connection, OpenFlags, Statement};

use super::known_callers::KnownCallers;
use super::words;
use crate::error::Result;
use crate::model::ids::WorkspaceId;

/// A connection for reading. It is opaque: only `store` can run SQL on it.
pub struct Conn {
    sqlite: Connection,
    /// The newest sequence of each workspace that has recorded events in the running transaction; `None` after the first event.
    sequences: RefCell<Vec<(WorkspaceId, Option<i64>)>>,
    /// The workspaces whose journal the running transaction has written.
    recorded: RefCell<Vec<WorkspaceId>>,
    callers: RefCell<KnownCallers>,
}

impl Conn {
    fn new(sqlite: Connection) -> Self {
        Self {
            sqlite,
            sequences: RefCell::default(),
            recorded: RefCell::default(),
            callers: RefCell::default(),
        }
    }

    /// The SQLite connection.
    pub(super) fn raw(&self) -> &Connection {
        &self.sqlite
    }

    /// The SQLite connection, for the pool and the backup.
    pub(super) fn raw_mut(&mut self) -> &mut Connection {
        &mut self.sqlite
    }

    /// The newest sequences of the running transaction; `store/events.rs` reads and writes them.
    pub(super) fn sequences(&self) -> RefMut<'_, Vec<(WorkspaceId, Option<i64>)>> {
        self.sequences.borrow_mut()
    }

    /// The workspaces that have recorded events in the running transaction, after `store/events.rs` has settled them.
    pub(super) fn recorded(&self) -> RefMut<'_, Vec<WorkspaceId>> {
        self.recorded.borrow_mut()
    }

    /// The callers that `store/callers.rs` has found.
    pub(super) fn callers(&self) -> RefMut<'_, KnownCallers> {
        self.callers.borrow_mut()
    }

    /// Prepares a statement that is compiled once per connection.
    pub(super) fn prepare_cached(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        self.sqlite.prepare_cached(sql)
    }

    /// Prepares a statement that runs rarely.
    pub(super) fn prepare(&self, sql: &str) -> rusqlite::Result<Statement<'_>> {
        self.sqlite.prepare(sql)
    }

    /// Runs several statements without results.
    pub(super) fn execute_batch(&self, sql: &str) -> rusqlite::Result<()> {
        self.sqlite.execute_batch(sql)
    }
}

/// What others must do after the transaction is committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// Number of events recorded in the journal.
    pub(super) events: u64,
    /// Whether mail was queued.
    pub(super) mail: bool,
    /// Whether the search index must be updated before COMMIT.
    pub(super) search: bool,
    /// Whether a delivery to a webhook became due.
    pub(super) deliveries: bool,
}

impl Effects {
    /// The effects of two changes together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            events: self.events + other.events,
            mail: self.mail || other.mail,
            search: self.search || other.search,
            deliveries: self.deliveries || other.deliveries,
        }
    }
}

/// A connection in a write transaction. Only the writer thread and the commands create it.
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

    /// Adds to the effects of the transaction.
    pub(super) fn note(&self, effects: Effects) {
        self.effects.set(self.effects.get().and(effects));
    }

    /// In debug builds, panics if a change that clients can see has recorded no event. So every test checks this.
    #[cfg(debug_assertions)]
    pub(super) fn check_recorded(&self) -> Result<()> {
        match accounted::changed_since_begin() {
            Some(table) if self.effects().events == 0 => Err(crate::error::Error::bug(format!(
                "a change of {table} left no event"
            ))),
            _ => Ok(()),
        }
    }

    /// Not checked in release builds.
    #[cfg(not(debug_assertions))]
    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "debug builds check"
    )]
    pub(super) fn check_recorded(&self) -> Result<()> {
        Ok(())
    }

    /// Makes changes and takes them back, as if they had never been made. Returns what `work` returns.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn taken_back<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let sequences = self.sequences().clone();
        let effects = self.effects();
        self.execute_batch("SAVEPOINT taken_back")?;
        let done = work();
        self.execute_batch("ROLLBACK TO taken_back; RELEASE taken_back")?;
        *self.sequences() = sequences;
        self.effects.set(effects);
        #[cfg(debug_assertions)]
        accounted::begin();
        done
    }

    /// The effects of the transaction.
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

/// When a commit is durable.
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

/// How long a process waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How often it checks whether the other process has finished. SQLite's own backoff sleeps up to 100 ms at a time and
/// starves next to a server that writes all the time. A short constant pause finds the gap between two transactions.
const BUSY_POLL_INTERVAL: Duration = Duration::from_micros(500);

/// Opens the file for writing.
pub(super) fn open_writer(path: &Path, durability: Durability) -> Result<Conn> {
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
    // What is deleted is overwritten where that costs no further write, so that little is left of people who are erased.
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA cache_size = -16384;
         PRAGMA journal_size_limit = 67108864; PRAGMA secure_delete = FAST;"
    ))?;
    checkpoint_by_pages(conn.raw_mut())?;
    Ok(conn)
}

/// Copies pages from the write-ahead log into the file whenever the log has this many more of them. SQLite finds a page sooner in
/// a short log.
const CHECKPOINT_PAGES: i32 = 1_000;

/// Copies the log into the file after every [`CHECKPOINT_PAGES`]. SQLite's own rule would try again at each commit while a long
/// read keeps the log from starting again.
fn checkpoint_by_pages(conn: &mut Connection) -> rusqlite::Result<()> {
    let mut tried_at = 0;
    let hook = move |log: &mut Wal, pages: i32| {
        if pages < tried_at {
            tried_at = 0;
        }
        if pages - tried_at >= CHECKPOINT_PAGES {
            tried_at = pages;
            // The change is committed. What could not be copied is copied later.
            let _ = log.checkpoint();
        }
        Ok(())
    };
    conn.wal_hook(Some(hook))
}

/// Opens the file for reading. Statements that write are refused.
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
    // Without this option, SQLite may compile a cached statement again on each use, because its plan may depend on the
    // bound values.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    words::register(&conn)?;
    conn.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
         PRAGMA temp_store = MEMORY;",
    )?;
    Ok(Conn::new(conn))
}

fn wait_for_others(conn: &mut Connection) -> rusqlite::Result<()> {
    std::thread_local! {
        static WAITING_SINCE: std::cell::Cell<Option<Instant>> = const { std::cell::Cell::new(None) };
    }
    conn.busy_handler(Some(|tries: i32| {
        if tries == 0 {
            WAITING_SINCE.set(Some(Instant::now()));
        }
        std::thread::sleep(BUSY_POLL_INTERVAL);
        WAITING_SINCE
            .get()
            .is_some_and(|since| since.elapsed() < BUSY_TIMEOUT)
    }))
}

/// The last table with client-visible rows that this transaction changed.
#[cfg(debug_assertions)]
mod accounted {
    use std::cell::{Cell, RefCell};

    use rusqlite::Connection;
    use rusqlite::hooks::Action;

    std::thread_local! {
        static CHANGED: RefCell<Option<String>> = const { RefCell::new(None) };
        /// A deleted workspace has no journal in which the change could be recorded.
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
            "board" | "project" | "lane" | "label" | "task" | "task_label" | "task_assignee"
            | "subtask" | "card" | "integration_config" | "email_account" | "integration_key"
            | "webhook" | "member" | "invitation" | "import" => true,
            // These are not recorded as events: the last use of a token, the number of opens, and that the author of a
            // comment was deleted.
            "token" | "recipient" | "comment" => !is_update,
            "workspace" => is_update,
            _ => false,
        }
    }
}
