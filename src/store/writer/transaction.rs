//! Runs the jobs of a batch in one transaction.

use std::time::Instant;

use super::job::Job;
use crate::error::{Error, Outage, Result};
use crate::store::connection::{Conn, Effects};
use crate::store::events;

/// The jobs of one transaction.
pub(super) type Batch = Vec<Box<dyn Job>>;

/// How a job that fails is rolled back without the other jobs of its batch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Isolation {
    /// It cannot be, if both have written something. Costs nothing.
    None,
    /// Each job has a savepoint, which costs a copy of every page that the job changes.
    Savepoints,
}

/// Why a batch was rolled back.
enum RolledBack {
    /// A job failed after it had written something, and so had jobs before it.
    NeedsSavepoints,
    /// SQLite ended the transaction while this job ran.
    Ended { at: usize, cause: Error },
}

/// Runs a batch in one transaction. Afterwards every job has an outcome. Returns what is to happen now that the
/// transaction is committed, and the jobs that did not run because the transaction ended before their turn.
///
/// Jobs rarely fail after they have written something. So the batch first runs without savepoints, and only if it has to,
/// again with them.
pub(super) fn transact(
    conn: &Conn,
    batch: &mut Batch,
    before_commit: impl Fn(&Conn, Effects) -> rusqlite::Result<()>,
) -> (Effects, Batch) {
    let ran = match run_all(conn, batch, Isolation::None) {
        Err(RolledBack::NeedsSavepoints) => run_all(conn, batch, Isolation::Savepoints),
        ran => ran,
    };
    let failure = match ran {
        Ok(effects) => match before_commit(conn, effects).and_then(|()| execute(conn, "COMMIT")) {
            Ok(()) => return (effects, Batch::new()),
            Err(cause) => (batch.len(), cause.into()),
        },
        Err(RolledBack::Ended { at, cause }) => (at + 1, cause),
        Err(RolledBack::NeedsSavepoints) => (batch.len(), Error::bug("savepoints failed")),
    };
    let (count, cause) = failure;
    let rest = batch.split_off(count.min(batch.len()));
    roll_back(conn);
    fail_all(batch, cause);
    (Effects::default(), rest)
}

/// Begins a transaction and runs all jobs in it.
fn run_all(
    conn: &Conn,
    batch: &mut Batch,
    isolation: Isolation,
) -> std::result::Result<Effects, RolledBack> {
    let count = batch.len();
    let mut begun = begin(conn).map_err(|cause| RolledBack::Ended {
        at: count,
        cause: cause.into(),
    })?;
    let mut effects = Effects::default();
    for (at, job) in batch.iter_mut().enumerate() {
        if job.is_over(Instant::now()) {
            job.fail(Outage::DatabaseBusy);
            continue;
        }
        let ran = match isolation {
            Isolation::None => run_bare(conn, job, &mut begun),
            Isolation::Savepoints => run_in_savepoint(conn, job).map(Some),
        };
        match ran.map_err(|cause| RolledBack::Ended { at, cause })? {
            Some(made) => effects = effects.and(made),
            None => {
                roll_back(conn);
                return Err(RolledBack::NeedsSavepoints);
            }
        }
    }
    Ok(effects)
}

/// Begins a transaction, and returns the connection's count of changed rows.
fn begin(conn: &Conn) -> rusqlite::Result<u64> {
    conn.sequences().clear();
    conn.recorded().clear();
    execute(conn, "BEGIN IMMEDIATE")?;
    Ok(conn.raw().total_changes())
}

/// Runs a job without a savepoint. `begun` is the count of changed rows when the transaction began. Returns `None` if the
/// job failed and cannot be rolled back alone. An error means that the transaction is gone.
fn run_bare(conn: &Conn, job: &mut Box<dyn Job>, begun: &mut u64) -> Result<Option<Effects>> {
    let before = conn.raw().total_changes();
    let effects = run(conn, job)?;
    if effects.is_none() {
        if conn.raw().total_changes() == before {
            events::settle(conn);
        } else if before == *begun {
            execute(conn, "ROLLBACK")?;
            *begun = begin(conn)?;
        } else {
            return Ok(None);
        }
    }
    Ok(Some(effects.unwrap_or_default()))
}

/// Runs a job in a savepoint. An error means that the transaction is gone.
fn run_in_savepoint(conn: &Conn, job: &mut Box<dyn Job>) -> Result<Effects> {
    execute(conn, "SAVEPOINT job")?;
    let effects = run(conn, job)?;
    if effects.is_none() {
        execute(conn, "ROLLBACK TO job")?;
        events::settle(conn);
    }
    execute(conn, "RELEASE job")?;
    Ok(effects.unwrap_or_default())
}

/// Runs a job. An error means that the transaction is gone, and with it the changes of the jobs before: some failures, a
/// full disk above all, end it. The job's own failures are its outcome.
fn run(conn: &Conn, job: &mut Box<dyn Job>) -> Result<Option<Effects>> {
    let effects = job.run(conn);
    match conn.raw().is_autocommit() {
        true => Err(Error::Unavailable(job.outage())),
        false => Ok(effects),
    }
}

/// Fails every job of a transaction that is gone.
pub(super) fn fail_all(batch: &mut Batch, cause: Error) {
    let outage = match cause {
        Error::Unavailable(outage) => outage,
        _ => Outage::DatabaseBusy,
    };
    for job in batch {
        job.span().in_scope(|| {
            tracing::error!(
                reason = outage.as_str(),
                "a transaction failed; its changes were rolled back"
            )
        });
        job.fail(outage);
    }
}

fn roll_back(conn: &Conn) {
    if !conn.raw().is_autocommit()
        && let Err(cause) = execute(conn, "ROLLBACK")
    {
        tracing::error!(error = %cause, "failed to roll back a transaction");
    }
}

fn execute(conn: &Conn, sql: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute(()).map(drop)
}
