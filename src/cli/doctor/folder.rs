//! Checks of the data folder: file system, permissions, free space, settings file.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use super::finding::{Finding, all_of, wrong};
use super::installation::Installation;
use crate::cli::log;
use crate::cli::messages::{in_a_line, shown};
use crate::error::failure::Failure;

/// Bytes that must be free, whatever the size of the disk.
const MIN_FREE: u64 = 100_000_000;
/// Percent of the disk that must be free.
const MIN_FREE_PERCENT: u64 = 5;

pub(super) fn exists(installation: &Installation<'_>) -> Finding {
    let folder = shown(&installation.common.data);
    match installation.common.data.metadata() {
        Ok(found) if found.is_dir() => Ok(folder.to_string()),
        Ok(_) => wrong(format!(
            "{folder} is not a folder; choose the data folder with --data"
        )),
        Err(cause) => wrong(format!(
            "cannot read the folder {folder}: {cause}; choose the data folder with --data"
        )),
    }
}

pub(super) fn file_system(installation: &Installation<'_>) -> Finding {
    let folder = shown(&installation.common.data);
    if let Some(kind) = installation.common.data_dir().network_file_system() {
        return wrong(format!(
            "{folder} is on a network file system ({kind}), where SQLite can lose data; move it to a local disk"
        ));
    }
    let database = installation.common.data_dir().database();
    let mut places = vec![(
        installation.common.data.as_path(),
        Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK,
    )];
    if database.exists() {
        places.push((&database, Access::READ_OK | Access::WRITE_OK));
    }
    let closed = places.into_iter().filter_map(|(path, access)| {
        let cause = rustix::fs::access(path, access).err()?;
        let path = shown(path);
        Some(format!(
            "this user cannot read and write {path}: {cause}; run as its owner, or change the owner"
        ))
    });
    all_of(closed.collect(), || "local and writable".to_owned())
}

/// Checks that other users of the machine cannot read or change the files. Listing the folder is harmless.
pub(super) fn permissions(installation: &Installation<'_>) -> Finding {
    let database = installation.common.data_dir().database();
    let beside = |end: &str| {
        let mut path = OsString::from(&database);
        path.push(end);
        PathBuf::from(path)
    };
    let files = [
        beside(""),
        beside("-wal"),
        beside("-shm"),
        installation.common.data_dir().first_credentials(),
    ];
    let open = |path: &Path, bits: u32, right: &str| {
        let mode = path.metadata().ok()?.permissions().mode() & 0o777;
        let path = shown(path);
        (mode & bits != 0)
            .then(|| format!("{path} is accessible to every user of this machine (mode {mode:o}); run: chmod {right} {path}"))
    };
    let mut problems: Vec<_> = open(&installation.common.data, 0o002, "700")
        .into_iter()
        .collect();
    problems.extend(files.iter().filter_map(|path| open(path, 0o007, "600")));
    all_of(problems, || {
        "other users cannot access the folder and its files".to_owned()
    })
}

pub(super) fn free_space(installation: &Installation<'_>) -> Finding {
    let disk = match rustix::fs::statvfs(&installation.common.data) {
        Ok(disk) => disk,
        Err(cause) => return wrong(format!("unknown: {cause}; check the disk with df")),
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let percent = disk
        .f_bavail
        .saturating_mul(100)
        .checked_div(disk.f_blocks)
        .unwrap_or(100);
    let found = format!("{} MB, {percent}% of the disk", free / 1_000_000);
    match free < MIN_FREE || percent < MIN_FREE_PERCENT {
        true => wrong(format!("only {found}; free some space before writes fail")),
        false => Ok(found),
    }
}

pub(super) fn settings(installation: &Installation<'_>) -> Finding {
    let path = installation.common.data_dir().settings();
    let checked = installation.settings.as_ref();
    let checked = checked
        .map_err(Failure::clone)
        .and_then(|settings| log::filter(&settings.log));
    let found = match checked {
        Ok(_) if path.exists() => format!("{} is valid", shown(&path)),
        Ok(_) => "no settings file".to_owned(),
        Err(error) => {
            return wrong(format!(
                "{}; fix it before the next start",
                in_a_line(&error)
            ));
        }
    };
    Ok(format!(
        "{found}; checked with the flags and environment of this command, a running server may have been started with others"
    ))
}

/// Reports who can read the metrics.
pub(super) fn metrics(installation: &Installation<'_>) -> Finding {
    let networks = installation.settings.iter();
    let networks = networks.flat_map(|settings| &settings.metrics_allow);
    let networks: String = networks.map(|network| format!(" and {network}")).collect();
    Ok(format!(
        "/metrics is open to this machine{networks}; a proxy on this machine that adds no X-Forwarded-For header opens \
         it to everyone"
    ))
}
