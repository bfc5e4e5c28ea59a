//! Brings the file to this version: append-only SQL files, all of those that are missing in one transaction.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;

use super::connection::{Conn, Durability, Tx, open_writer};
use super::data_dir::{create_private, sync_folder_of};
use super::db::before_commit;
use super::sqlite_error;
use crate::error::Error;
use crate::error::failure::{Failure, refuse};
use crate::model::time::Timestamp;

/// The migrations in their order; the file's `user_version` is how many of them it has.
const MIGRATIONS: &[(&str, &str)] = &[
    (
        "0001_workspaces",
        include_str!("../../schema/db/0001_workspaces.sql"),
    ),
    (
        "0002_boards",
        include_str!("../../schema/db/0002_boards.sql"),
    ),
    (
        "0003_search",
        include_str!("../../schema/db/0003_search.sql"),
    ),
    ("0004_cards", include_str!("../../schema/db/0004_cards.sql")),
    (
        "0005_journal",
        include_str!("../../schema/db/0005_journal.sql"),
    ),
    (
        "0006_limits",
        include_str!("../../schema/db/0006_limits.sql"),
    ),
    (
        "0007_labels",
        include_str!("../../schema/db/0007_labels.sql"),
    ),
    (
        "0008_event_indexes",
        include_str!("../../schema/db/0008_event_indexes.sql"),
    ),
    (
        "0009_search_comments",
        include_str!("../../schema/db/0009_search_comments.sql"),
    ),
    (
        "0010_webhooks",
        include_str!("../../schema/db/0010_webhooks.sql"),
    ),
    (
        "0011_notices",
        include_str!("../../schema/db/0011_notices.sql"),
    ),
    (
        "0012_people",
        include_str!("../../schema/db/0012_people.sql"),
    ),
    (
        "0013_teamwork",
        include_str!("../../schema/db/0013_teamwork.sql"),
    ),
    (
        "0014_imports",
        include_str!("../../schema/db/0014_imports.sql"),
    ),
    (
        "0015_task_order",
        include_str!("../../schema/db/0015_task_order.sql"),
    ),
    (
        "0016_caller_changes",
        include_str!("../../schema/db/0016_caller_changes.sql"),
    ),
    (
        "0017_fewer_writes",
        include_str!("../../schema/db/0017_fewer_writes.sql"),
    ),
    (
        "0018_imported_authors",
        include_str!("../../schema/db/0018_imported_authors.sql"),
    ),
    (
        "0019_task_insert",
        include_str!("../../schema/db/0019_task_insert.sql"),
    ),
];

/// Tells our files from other SQLite files: "Tack" in ASCII.
const APPLICATION_ID: i64 = 0x5461_636b;

/// The version that this program makes and reads.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// What a file is before anything is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is no file, or an empty one.
    Absent,
    /// An older version of ours.
    Older(i64),
    /// This version.
    Current,
}

/// What a migration did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The version before; 0 for a new file.
    pub from: i64,
    /// The copy of the old file that was kept beside it.
    pub copy: Option<PathBuf>,
}

/// Looks at a file without changing it.
///
/// # Errors
/// Refuses a file of a newer version or of another program.
pub fn inspect(path: &Path) -> Result<State, Failure> {
    inspect_or(path, &OF_DATABASE)
}

/// Like [`inspect`], for a file that is to be restored.
///
/// # Errors
/// If the file cannot be used.
pub(super) fn inspect_backup(path: &Path) -> Result<State, Failure> {
    inspect_or(path, &OF_BACKUP)
}

/// What to do about a file that cannot be used.
struct Advice {
    damaged: &'static str,
    foreign: &'static str,
}

const OF_DATABASE: Advice = Advice {
    damaged: "restore a backup, or choose another data folder with --data",
    foreign: "choose another data folder with --data",
};
const OF_BACKUP: Advice = Advice {
    damaged: ANOTHER_BACKUP,
    foreign: ANOTHER_BACKUP,
};
const ANOTHER_BACKUP: &str = "choose a file that `tackboard backup` has written";

fn inspect_or(path: &Path, advice: &Advice) -> Result<State, Failure> {
    match std::fs::metadata(path) {
        Ok(file) if file.len() > 0 => state_of(path, advice),
        Ok(_) => Ok(State::Absent),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(State::Absent),
        Err(cause) => Err(refuse(format!(
            "{} cannot be read: {cause}",
            path.display()
        ))),
    }
}

fn state_of(path: &Path, advice: &Advice) -> Result<State, Failure> {
    let (version, application, tables) =
        identity_of(path).map_err(|cause| sqlite_error::of_file(path, advice.damaged, cause))?;
    match version {
        0 if application == 0 && tables == 0 => Ok(State::Absent),
        _ if application != APPLICATION_ID => Err(refuse(format!(
            "{} is not a Tackboard database; {}",
            path.display(),
            advice.foreign
        ))),
        VERSION => Ok(State::Current),
        older if older < VERSION => Ok(State::Older(older)),
        newer => Err(refuse(format!(
            "{} is from a newer Tackboard (schema {newer}, this version supports {VERSION}); \
             run that version, or restore an older backup",
            path.display()
        ))),
    }
}

/// Returns the version of a file, the id of the program that it belongs to, and how many tables it has.
fn identity_of(path: &Path) -> rusqlite::Result<(i64, i64, i64)> {
    let conn = super::connection::open_reader(path)?;
    let number = |sql| conn.raw().query_row(sql, (), |row| row.get(0));
    Ok((
        number("PRAGMA user_version")?,
        number("PRAGMA application_id")?,
        number("SELECT count(*) FROM sqlite_schema")?,
    ))
}

/// Makes the file, or brings it to this version after keeping a copy of it. Does nothing to a file of this version.
///
/// # Errors
/// Those of [`inspect`]; the file is as it was then.
pub fn migrate(path: &Path) -> Result<Migrated, Failure> {
    migrate_and_fill(path, |_| Ok(())).map(|(migrated, _)| migrated)
}

/// Like [`migrate`], and fills a new file in the same transaction.
///
/// # Errors
/// Those of [`inspect`] and of `fill`; the file is as it was then.
pub fn migrate_and_fill<T>(
    path: &Path,
    fill: impl FnOnce(&Tx<'_>) -> Result<T, Failure>,
) -> Result<(Migrated, Option<T>), Failure> {
    let (from, new) = match inspect(path)? {
        State::Current => (VERSION, false),
        State::Absent => (0, true),
        State::Older(version) => (version, false),
    };
    if from == VERSION {
        return Ok((Migrated { from, copy: None }, None));
    }
    let conn = open_writer(path, Durability::Full)?;
    // A migration may change the text of the schema.
    conn.raw()
        .set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
    let copy = match new {
        true => None,
        false => Some(copy_beside(&conn, path, from)?),
    };
    match apply(&conn, from, new.then_some(fill)) {
        Ok(filled) => Ok((Migrated { from, copy }, filled)),
        Err(error) => {
            let _ = conn.execute_batch("ROLLBACK");
            // Nobody needs a copy of a file that is as it was, and who tries again and again would fill the disk.
            if let Some(copy) = &copy {
                let _ = std::fs::remove_file(copy);
            }
            Err(error)
        }
    }
}

fn apply<T>(
    conn: &Conn,
    from: i64,
    fill: Option<impl FnOnce(&Tx<'_>) -> Result<T, Failure>>,
) -> Result<Option<T>, Failure> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    for (name, sql) in &MIGRATIONS[from as usize..] {
        tracing::debug!(migration = name, "applying a migration");
        conn.execute_batch(sql).map_err(|cause| {
            Error::internal("a migration failed; the file was not changed", cause)
        })?;
    }
    let filled = fill.map(|fill| fill(&Tx::new(conn))).transpose()?;
    before_commit(conn, true)?;
    conn.raw()
        .pragma_update(None, "application_id", APPLICATION_ID)?;
    conn.raw().pragma_update(None, "user_version", VERSION)?;
    conn.execute_batch("COMMIT")?;
    Ok(filled)
}

fn copy_beside(conn: &Conn, path: &Path, version: i64) -> Result<PathBuf, Failure> {
    let now = Timestamp::now();
    let second = now.to_string().replace([':', '-'], "");
    // With milliseconds, so that a start right after one that was cut off finds a name.
    let millis = now.millis() % 1000;
    let copy = path.with_extension(format!("schema-{version}.{second}.{millis:03}.bak"));
    // It gets its name only when it is whole. What an upgrade has left that was killed is in the way.
    let partial = path.with_extension(format!("schema-{version}.partial"));
    let _ = std::fs::remove_file(&partial);
    match write_copy(conn, &partial).and_then(|()| place(&partial, &copy)) {
        Ok(()) => Ok(copy),
        Err(error) => {
            let _ = std::fs::remove_file(&partial);
            Err(error)
        }
    }
}

fn write_copy(conn: &Conn, target: &Path) -> Result<(), Failure> {
    // Made first, because SQLite would make it readable by everybody whom the umask allows.
    create_private(target)?;
    conn.raw()
        .execute("VACUUM INTO ?1", [target.to_string_lossy()])?;
    Ok(())
}

fn place(partial: &Path, copy: &Path) -> Result<(), Failure> {
    File::open(partial)
        .and_then(|file| file.sync_all())
        .and_then(|()| std::fs::rename(partial, copy))
        .map_err(|cause| refuse(format!("{} cannot be written: {cause}", copy.display())))?;
    Ok(sync_folder_of(copy)?)
}
