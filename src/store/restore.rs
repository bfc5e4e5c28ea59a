//! Puts a backup in the place of the database.

use std::ffi::OsString;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::backup::{check, copy};
use super::data_dir::{DataDir, sync_folder_of};
use super::db;
use super::migrate::{self, State};
use super::new_file::partial_name;
use crate::error::Error;
use crate::error::failure::{Failure, refuse};
use crate::model::time::Timestamp;

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where the database before it is kept; `None` if there was none.
    pub kept: Option<PathBuf>,
    /// Whether the next start of the server brings the file to this version.
    pub is_older: bool,
    /// The size of the restored database in bytes.
    pub bytes: u64,
}

/// Copies a backup into the data folder, checks the copy, gives its journals new ids, and puts it in the place of the
/// database, which is kept beside it under a dated name. `progress` gets the number of copied pages and of all pages.
///
/// # Errors
/// Refuses a file that is damaged, newer or of another program, and a folder in which a server runs. Then nothing has
/// changed.
pub fn restore(
    folder: &DataDir,
    file: &Path,
    progress: impl FnMut(u64, u64),
) -> Result<Restored, Failure> {
    let is_older = match migrate::inspect_backup(file).map_err(|failure| about(file, failure))? {
        State::Absent => {
            return Err(refuse(format!(
                "{} is missing or empty; choose a file that `tackboard backup` has written",
                file.display()
            )));
        }
        State::Older(_) => true,
        State::Current => false,
    };
    folder.create_folder()?;
    let _lock = folder.lock()?;
    let database = folder.database();
    if is_same(file, &database) {
        return Err(refuse("this file is the database itself; choose a backup"));
    }
    let partial = partial_name(&database);
    let prepared = prepare(file, &partial, progress).map_err(|failure| about(file, failure));
    let replaced = prepared.and_then(|bytes| Ok((bytes, replace(&database, &partial)?)));
    if replaced.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    let (bytes, kept) = replaced?;
    Ok(Restored {
        kept,
        is_older,
        bytes,
    })
}

/// A failure, with the name of the backup if it is not about something else.
fn about(file: &Path, failure: Failure) -> Failure {
    let Failure::Error(Error::Internal(what, Some(cause))) = &failure else {
        return failure;
    };
    let cause_in_sqlite = cause.downcast_ref::<rusqlite::Error>();
    match cause_in_sqlite.and_then(rusqlite::Error::sqlite_error_code) {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(file, cause),
        _ => refuse(format!(
            "{} cannot be restored: {what}: {cause}",
            file.display()
        )),
    }
}

fn damaged(file: &Path, problem: impl Display) -> Failure {
    refuse(format!(
        "{} is damaged: {problem}; choose another backup",
        file.display()
    ))
}

fn is_same(one: &Path, other: &Path) -> bool {
    let (one, other) = (one.canonicalize(), other.canonicalize());
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}

/// Makes a complete copy that is on disk, and returns its size.
fn prepare(file: &Path, partial: &Path, progress: impl FnMut(u64, u64)) -> Result<u64, Failure> {
    copy(file, partial, progress)?;
    if let Some(problem) = check(partial)?.first() {
        return Err(damaged(file, problem));
    }
    renew_journals(partial).map_err(Error::from)?;
    let failed = |cause| Error::internal("writing the database", cause);
    let copy = std::fs::File::open(partial).map_err(failed)?;
    copy.sync_all().map_err(failed)?;
    Ok(copy.metadata().map_err(failed)?.len())
}

/// Gives every journal a new id, so that clients notice that it went back. Files of old versions have no journal yet.
fn renew_journals(path: &Path) -> rusqlite::Result<()> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    match conn.table_exists(None, "journal")? {
        true => conn.execute_batch("UPDATE journal SET journal_id = randomblob(16)"),
        false => Ok(()),
    }
}

/// Puts the copy in the place of the database, and returns where that is kept. There is a complete database at every
/// moment.
fn replace(database: &Path, partial: &Path) -> Result<Option<PathBuf>, Failure> {
    let failed = |cause: std::io::Error| Error::internal("replacing the database", cause);
    if !database.exists() {
        std::fs::rename(partial, database).map_err(failed)?;
        sync_folder_of(database)?;
        return Ok(None);
    }
    // So that the log of the old database is empty. A damaged one keeps its log.
    if let Err(error) = db::truncate_log(database) {
        tracing::debug!(%error, "the old database keeps its log");
    }
    let kept = dated(database);
    std::fs::hard_link(database, &kept)
        .or_else(|_| std::fs::copy(database, &kept).map(drop))
        .map_err(failed)?;
    for end in ["-wal", "-shm"] {
        let old = with_end(database, end);
        if old.exists() {
            std::fs::rename(old, with_end(&kept, end)).map_err(failed)?;
        }
    }
    std::fs::rename(partial, database).map_err(failed)?;
    sync_folder_of(database)?;
    Ok(Some(kept))
}

/// The name under which the database is kept, such as `tackboard-before-2026-01-31T10-30-00.000Z.db`.
fn dated(database: &Path) -> PathBuf {
    let now = Timestamp::now().with_millis().replace(':', "-");
    database.with_file_name(format!("tackboard-before-{now}.db"))
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
