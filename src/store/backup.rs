//! Consistent copies of the database while it is in use.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use rustix::fs::{Access, CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::connection::open_reader;
use super::new_file::partial_name;
use crate::error::failure::{Failure, refuse};
use crate::error::{Error, Result};
use crate::model::time::Timestamp;

/// Database pages that are copied between two progress reports: 4 MiB.
const PAGES: i32 = 1024;

/// Copies the database to `target`, which must not exist. The copy is checked before it gets its name, so the file at
/// `target` is either complete or missing. `progress` gets the number of copied pages and of all pages.
///
/// # Errors
/// If the target exists or the copy is damaged.
pub fn backup(
    source: &Path,
    target: &Path,
    progress: impl FnMut(u64, u64),
) -> Result<u64, Failure> {
    if target.exists() {
        return Err(refuse(format!(
            "{} already exists; choose a new file",
            target.display()
        )));
    }
    check_folder_of(target)?;
    let partial = partial_name(target);
    let copied = copy(source, &partial, progress).and_then(|()| Ok(check(&partial)?));
    let placed = copied.and_then(|problems| match problems.as_slice() {
        [] => Ok(place(&partial, target)?),
        [first, ..] => Err(refuse(format!("the copy is damaged: {first}"))),
    });
    if placed.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    placed
}

/// Checks that files can be created beside the target. Later failures would name the partial file.
fn check_folder_of(target: &Path) -> Result<(), Failure> {
    let folder = target.parent().unwrap_or(target);
    let access = rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK);
    let why = match (folder.is_dir(), access) {
        (true, Ok(())) => return Ok(()),
        (false, Ok(())) => "is not a folder".to_owned(),
        (_, Err(Errno::NOENT)) => "does not exist; create it first".to_owned(),
        (_, Err(cause)) => format!("cannot be written to: {cause}; choose another folder"),
    };
    Err(refuse(format!("the folder {} {why}", folder.display())))
}

/// Copies a database while it may be in use.
///
/// # Errors
/// If one of the files cannot be used.
pub(super) fn copy(
    source: &Path,
    target: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<(), Failure> {
    let source = open_reader(source)?;
    // The whole copy is one read transaction. So writers continue, and never make the copy start again.
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")?;
    super::data_dir::create_private(target)?;
    let mut target = Connection::open_with_flags(target, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    target.execute_batch("PRAGMA synchronous = OFF;")?;
    {
        let backup = Backup::new(source.raw(), &mut target)?;
        loop {
            let step = backup.step(PAGES)?;
            let state = backup.progress();
            progress(
                (state.pagecount - state.remaining).max(0) as u64,
                state.pagecount.max(0) as u64,
            );
            match step {
                StepResult::Done => break,
                StepResult::Busy | StepResult::Locked => {
                    std::thread::sleep(Duration::from_millis(5))
                }
                _ => {}
            }
        }
    }
    // The copy is complete, so it needs no write-ahead log.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    Ok(())
}

/// Returns the problems that SQLite finds in a file that is not in use.
pub(super) fn check(path: &Path) -> Result<Vec<String>> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    super::doctor::integrity_of(&conn)
}

/// Makes the copy durable, then gives it its name without replacing another file.
fn place(partial: &Path, target: &Path) -> Result<u64> {
    let failed = |cause| Error::internal("writing the backup", cause);
    let file = File::open(partial).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    rename_without_replacing(partial, target).map_err(failed)?;
    super::data_dir::sync_folder_of(target)?;
    Ok(size)
}

fn rename_without_replacing(from: &Path, to: &Path) -> std::io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // File systems without this flag have hard links, which do not replace files either.
        Err(Errno::INVAL | Errno::NOSYS) => {
            std::fs::hard_link(from, to)?;
            std::fs::remove_file(from)
        }
        other => Ok(other?),
    }
}

/// The beginning and the end of the names that [`backup_to_folder`] gives.
const DATED: (&str, &str) = ("tackboard-2", "Z.db");

/// Copies the database into a folder under a dated name, then removes the oldest copies beyond `keep`. Other files are left
/// alone. Returns the new file, its size, and the removed files.
///
/// # Errors
/// Those of [`backup`].
pub fn backup_to_folder(
    source: &Path,
    folder: &Path,
    keep: usize,
    progress: impl FnMut(u64, u64),
) -> Result<(PathBuf, u64, Vec<PathBuf>), Failure> {
    let now = Timestamp::now().with_millis().replace(':', "-");
    let target = folder.join(format!("tackboard-{now}.db"));
    let bytes = backup(source, &target, progress)?;
    let unreadable = |cause| refuse(format!("{} cannot be listed: {cause}", folder.display()));
    let mut copies = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if name.starts_with(DATED.0) && name.ends_with(DATED.1) && path.is_file() {
            copies.push(path);
        }
    }
    // The names sort by time.
    copies.sort();
    let old = copies.len().saturating_sub(keep);
    let removed: Vec<PathBuf> = copies.drain(..old).collect();
    for path in &removed {
        std::fs::remove_file(path)
            .map_err(|cause| refuse(format!("{} cannot be removed: {cause}", path.display())))?;
    }
    Ok((target, bytes, removed))
}
