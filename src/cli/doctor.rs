//! `tackboard doctor`: looks at everything that can be wrong with a data folder, changes nothing, and says what to do.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::fs::Access;
use serde::Serialize;
use serde_json::json;

use super::{Common, in_a_line, log, output, refuse, shown};
use crate::config::Given;
use crate::error::Result;
use crate::store::{Conn, db, doctor, migrate};

/// Bytes that must be free whatever the size of the disk.
const LEAST_FREE: u64 = 100_000_000;
/// Percent of the disk that must be free.
const LEAST_FREE_PERCENT: u64 = 5;
/// Problems of one kind that are shown.
const SHOWN: usize = 20;

/// What is well, or everything that is not.
type Finding = Result<String, Vec<String>>;

/// What is looked at in any case.
const FOLDER_CHECKS: &[(&str, fn(&Common) -> Finding)] = &[
    ("file_system", file_system),
    ("permissions", permissions),
    ("free_space", free_space),
    ("settings", settings),
    ("database", database),
];
/// What is looked at in a database that can be read.
const DATABASE_CHECKS: &[(&str, fn(&Common) -> Finding)] = &[("integrity", integrity), ("rows", rows)];

#[derive(Serialize)]
struct Check {
    id: &'static str,
    ok: bool,
    /// Empty where something is wrong.
    found: String,
    problems: Vec<String>,
}

pub(super) fn run(common: &Common) -> Result<()> {
    let mut checks = Vec::new();
    look(common, FOLDER_CHECKS, &mut checks)?;
    if checks.last().is_some_and(|database: &Check| database.ok) {
        look(common, DATABASE_CHECKS, &mut checks)?;
    }
    let wrong: Vec<_> = checks.iter().filter(|check| !check.ok).map(|check| check.id).collect();
    if common.json {
        let version = env!("CARGO_PKG_VERSION");
        common.show(&json!({ "ok": wrong.is_empty(), "version": version, "checks": checks }), String::new)?;
    }
    match wrong.as_slice() {
        [] => Ok(()),
        wrong => Err(refuse(format!(
            "something is wrong with {} (standard output says what, and what to do)",
            wrong.join(", ")
        ))),
    }
}

/// Looks, and says at once what was found: some checks of a large database take their time.
fn look(common: &Common, checks: &[(&'static str, fn(&Common) -> Finding)], done: &mut Vec<Check>) -> Result<()> {
    for (id, check) in checks {
        let (found, problems) = match check(common) {
            Ok(found) => (found, Vec::new()),
            Err(problems) => (String::new(), problems),
        };
        if !common.json && problems.is_empty() {
            output::print(&format!("ok     {id}: {}\n", output::plain(&found)))?;
        }
        if !common.json {
            for problem in &problems {
                output::print(&format!("WRONG  {id}: {}\n", output::plain(problem)))?;
            }
        }
        done.push(Check { id, ok: problems.is_empty(), found, problems });
    }
    Ok(())
}

fn file_system(common: &Common) -> Finding {
    let folder = &common.data;
    if !folder.is_dir() {
        return wrong(format!("there is no folder {}; name the right one with --data", shown(folder)));
    }
    if let Some(kind) = common.data_dir().network_file_system() {
        let folder = shown(folder);
        return wrong(format!("{folder} is on a network file system ({kind}), where data is not safe; use a local disk"));
    }
    let files = [(folder.as_path(), Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK)];
    let database = common.data_dir().database();
    let database = database.exists().then_some((database.as_path(), Access::READ_OK | Access::WRITE_OK));
    let closed = files.into_iter().chain(database).filter_map(|(path, access)| {
        let cause = rustix::fs::access(path, access).err()?;
        Some(format!("{} cannot be read and written: {cause}; run as its owner, or let this user", shown(path)))
    });
    all_of(closed.collect(), || format!("{} is on a local disk and can be written", shown(folder)))
}

/// Whether other users of the machine can read or change what only the server may.
fn permissions(common: &Common) -> Finding {
    let database = common.data_dir().database();
    let beside = |end: &str| {
        let mut path = database.clone().into_os_string();
        path.push(end);
        path.into()
    };
    let files = [database.clone(), beside("-wal"), beside("-shm"), common.data_dir().first_credentials()];
    let open = |path: &Path, right: &str| {
        let mode = path.metadata().ok()?.permissions().mode() & 0o777;
        let path = shown(path);
        (mode & 0o007 != 0).then(|| format!("{path} is open to others (mode {mode:o}); run chmod {right} {path}"))
    };
    let mut problems: Vec<_> = open(&common.data, "700").into_iter().collect();
    problems.extend(files.iter().filter_map(|path| open(path, "600")));
    all_of(problems, || "the folder and its files are closed to other users".to_owned())
}

fn free_space(common: &Common) -> Finding {
    let disk = match rustix::fs::statvfs(&common.data) {
        Ok(disk) => disk,
        Err(cause) => return wrong(format!("the free space of {} cannot be read: {cause}", shown(&common.data))),
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let percent = (disk.f_bavail.saturating_mul(100)).checked_div(disk.f_blocks).unwrap_or(100);
    let found = format!("{} MB free, {percent} % of the disk", free / 1_000_000);
    match free < LEAST_FREE || percent < LEAST_FREE_PERCENT {
        true => wrong(format!("only {found}; make room before writes fail")),
        false => Ok(found),
    }
}

fn settings(common: &Common) -> Finding {
    let path = common.data_dir().settings();
    let checked = common.settings(Given::default()).and_then(|settings| log::filter(&settings.log));
    match checked {
        Ok(_) if path.exists() => Ok(format!("{} can be read and is valid", shown(&path))),
        Ok(_) => Ok("no settings file, so the defaults hold".to_owned()),
        Err(error) => wrong(in_a_line(&error)),
    }
}

fn database(common: &Common) -> Finding {
    let this = format!("tackboard {}, SQLite {}", env!("CARGO_PKG_VERSION"), doctor::sqlite_version());
    match common.database() {
        Ok(_) => Ok(format!("schema version {}, as this program makes it ({this})", migrate::VERSION)),
        Err(error) => wrong(format!("{} ({this})", in_a_line(&error))),
    }
}

fn integrity(common: &Common) -> Finding {
    ask(common, doctor::integrity, "SQLite finds the file whole", "restore a backup")
}

fn rows(common: &Common) -> Finding {
    ask(common, doctor::rows, "references and counters agree with the rows", "restore a backup, or report it")
}

/// Asks the database. That it cannot answer is a finding too.
fn ask(common: &Common, check: fn(&Conn) -> Result<Vec<String>>, well: &str, advice: &str) -> Finding {
    let mut problems = match db::read_once(&common.data_dir().database(), check) {
        Ok(problems) => problems,
        Err(error) => vec![in_a_line(&error)],
    };
    let more = problems.len().saturating_sub(SHOWN);
    problems.truncate(SHOWN);
    if more > 0 {
        problems.push(format!("and {more} more"));
    }
    for problem in &mut problems {
        *problem = format!("{problem}; {advice}");
    }
    all_of(problems, || well.to_owned())
}

fn wrong(problem: String) -> Finding {
    Err(vec![problem])
}

fn all_of(problems: Vec<String>, well: impl FnOnce() -> String) -> Finding {
    if problems.is_empty() { Ok(well()) } else { Err(problems) }
}
