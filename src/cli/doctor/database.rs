//! Checks of the database.

use super::finding::{Finding, all_of, wrong};
use super::installation::Installation;
use crate::cli::messages::in_a_line;
use crate::error::Error;
use crate::error::failure::Failure;
use crate::store::{Conn, db, doctor, migrate};

/// The maximum number of problems shown per check.
const SHOWN: usize = 20;

/// Checks that there is a database of this program's version.
pub(super) fn version(installation: &Installation<'_>) -> Finding {
    match installation.common.database() {
        Ok(_) => {
            let (program, schema, sqlite) = (
                env!("CARGO_PKG_VERSION"),
                migrate::VERSION,
                doctor::sqlite_version(),
            );
            Ok(format!(
                "current version (tackboard {program}, schema {schema}, SQLite {sqlite})"
            ))
        }
        Err(failure @ Failure::Error(Error::Internal(..))) => {
            wrong(format!("{}; restore a backup", in_a_line(&failure)))
        }
        Err(failure) => wrong(in_a_line(&failure)),
    }
}

pub(super) fn integrity(installation: &Installation<'_>) -> Finding {
    ask(installation, doctor::integrity, "the file is not damaged")
}

pub(super) fn rows(installation: &Installation<'_>) -> Finding {
    ask(
        installation,
        doctor::rows,
        "references and counters match the rows",
    )
}

/// Runs a check in the database. A failure to run it is a problem too.
fn ask(
    installation: &Installation<'_>,
    check: fn(&Conn) -> Result<Vec<String>, Error>,
    well: &str,
) -> Finding {
    let mut problems = match db::read_once(&installation.common.data_dir().database(), check) {
        Ok(problems) => problems,
        Err(error) => vec![in_a_line(&Failure::Error(error))],
    };
    let more = problems.len().saturating_sub(SHOWN);
    problems.truncate(SHOWN);
    for problem in &mut problems {
        *problem = format!(
            "{problem}; restore a backup, and report a bug if no other program wrote to the file"
        );
    }
    if more > 0 {
        problems.push(format!("and {more} more"));
    }
    all_of(problems, || well.to_owned())
}
