//! What can be wrong in the database.

use super::finding::{Finding, all_of, wrong};
use crate::cli::common::Common;
use crate::cli::messages::in_a_line;
use crate::error::Error;
use crate::error::failure::Failure;
use crate::store::{Conn, db, doctor, migrate};

/// Problems of one kind that are shown.
const SHOWN: usize = 20;

/// Whether there is a database that this program can use.
pub(super) fn version(common: &Common) -> Finding {
    match common.database() {
        Ok(_) => {
            let (program, schema, sqlite) = (
                env!("CARGO_PKG_VERSION"),
                migrate::VERSION,
                doctor::sqlite_version(),
            );
            Ok(format!(
                "of this version (tackboard {program}, schema {schema}, SQLite {sqlite})"
            ))
        }
        Err(failure @ Failure::Error(Error::Internal(..))) => {
            wrong(format!("{}; restore a backup", in_a_line(&failure)))
        }
        Err(failure) => wrong(in_a_line(&failure)),
    }
}

pub(super) fn integrity(common: &Common) -> Finding {
    ask(common, doctor::integrity, "the file is whole")
}

pub(super) fn rows(common: &Common) -> Finding {
    ask(
        common,
        doctor::rows,
        "references and counters agree with the rows",
    )
}

/// Asks the database. That it cannot answer is a finding too.
fn ask(common: &Common, check: fn(&Conn) -> Result<Vec<String>, Error>, well: &str) -> Finding {
    let mut problems = match db::read_once(&common.data_dir().database(), check) {
        Ok(problems) => problems,
        Err(error) => vec![in_a_line(&Failure::Error(error))],
    };
    let more = problems.len().saturating_sub(SHOWN);
    problems.truncate(SHOWN);
    for problem in &mut problems {
        *problem = format!(
            "{problem}; restore a backup, and report this if nothing else wrote to the file"
        );
    }
    if more > 0 {
        problems.push(format!("and {more} more of these"));
    }
    all_of(problems, || well.to_owned())
}
