//! Checks of the database.

use super::finding::{Finding, all_of, wrong};
use super::installation::Installation;
use crate::cli::messages::in_a_line;
use crate::cli::progress::Progress;
use crate::error::Error;
use crate::error::failure::Failure;
use crate::model::time::Timestamp;
use crate::store::{Conn, db, doctor, installation, migrate};

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

/// Checks that a proxy in front of the server is trusted.
pub(super) fn proxy(installation: &Installation<'_>) -> Finding {
    let database = installation.common.data_dir().database();
    let seen = db::read_once(&database, installation::get);
    let trusts_one = installation
        .settings
        .as_ref()
        .is_ok_and(|settings| !settings.trusted_proxies.is_empty());
    match seen {
        Err(error) => wrong(in_a_line(&Failure::Error(error))),
        Ok(_) if trusts_one => Ok("a proxy is trusted".to_owned()),
        Ok(seen) => match seen.forwarded_recently(Timestamp::now()) {
            None => Ok("no request carried forwarding headers lately".to_owned()),
            Some(at) => wrong(format!(
                "requests carry forwarding headers (last noted {at}), but no proxy is trusted: all people share one \
                 address, so their failed sign-ins are counted together; name the proxy with --trusted-proxy"
            )),
        },
    }
}

pub(super) fn integrity(installation: &Installation<'_>) -> Finding {
    ask(
        installation,
        doctor::integrity,
        "checking the file",
        "the file is not damaged",
    )
}

pub(super) fn rows(installation: &Installation<'_>) -> Finding {
    ask(
        installation,
        doctor::rows,
        "checking the rows",
        "references and counters match the rows",
    )
}

/// A check of the database, which shows how far it has come.
type Check = fn(&Conn, &dyn Fn(u64, u64)) -> Result<Vec<String>, Error>;

/// Runs a check in the database. A failure to run it is a problem too.
fn ask(installation: &Installation<'_>, check: Check, what: &str, well: &str) -> Finding {
    let database = installation.common.data_dir().database();
    let progress = Progress::new(installation.common);
    let show = |done, all| progress.show(what, done, all);
    let mut problems = match db::read_once(&database, |conn| check(conn, &show)) {
        Ok(problems) => problems,
        Err(error) => vec![in_a_line(&Failure::Error(error))],
    };
    progress.clear();
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
