//! The one place that reads SQLite's error codes.

use std::path::Path;

use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_CONSTRAINT_TRIGGER, SQLITE_CONSTRAINT_UNIQUE};

use super::connection::Tx;
use crate::error::failure::{Failure, refuse};
use crate::error::{Error, Outage};
use crate::model::ids::WorkspaceId;
use crate::model::plans::Limited;

impl From<rusqlite::Error> for Error {
    fn from(cause: rusqlite::Error) -> Self {
        match cause.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OperationInterrupted,
            ) => Error::Unavailable(Outage::DatabaseBusy),
            // No room, no permission or no working disk: nothing can be stored until somebody looks at it.
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly) => {
                tracing::error!(error = %cause, "the database cannot be written");
                Error::Unavailable(Outage::StorageFull)
            }
            _ => Error::internal("a statement failed", cause),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(cause: rusqlite::Error) -> Self {
        Failure::Error(cause.into())
    }
}

/// The error for a file that cannot be opened. If it is no intact database, the message ends with this advice.
pub(super) fn of_file(path: &Path, advice: &str, cause: rusqlite::Error) -> Failure {
    match cause.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => refuse(format!(
            "{} is not a database or is damaged; {advice}",
            path.display()
        )),
        _ => cause.into(),
    }
}

/// An insert's error, with a plan limit told as what it is.
///
/// RAISE(ABORT) takes back the one statement, so the figures read here are those that refused it.
pub(super) fn of_insert(tx: &Tx<'_>, workspace: WorkspaceId, cause: rusqlite::Error) -> Error {
    let refused = Limited::ALL
        .into_iter()
        .find(|kind| raised(&cause, "limit:", kind.as_str()));
    match refused {
        Some(resource) => match super::usage::resource(tx, workspace, resource) {
            Ok(usage) => Error::ResourceLimitExceeded {
                resource,
                limit: usage.limit.unwrap_or_default(),
                current: usage.current,
            },
            Err(error) => error,
        },
        None => cause.into(),
    }
}

/// The error of an insert into a table with the same limit on every plan. `current` counts the rows that are there.
pub(super) fn of_fixed_limit(
    cause: rusqlite::Error,
    resource: Limited,
    limit: u64,
    current: impl FnOnce() -> Result<u64, Error>,
) -> Error {
    if !raised(&cause, "limit:", resource.as_str()) {
        return cause.into();
    }
    match current() {
        Ok(current) => Error::ResourceLimitExceeded {
            resource,
            limit,
            current,
        },
        Err(error) => error,
    }
}

/// Whether a trigger raised exactly this message.
pub(super) fn raised(cause: &rusqlite::Error, kind: &str, what: &str) -> bool {
    matches!(cause, rusqlite::Error::SqliteFailure(code, Some(message))
        if code.extended_code == SQLITE_CONSTRAINT_TRIGGER && message.strip_prefix(kind) == Some(what))
}

/// Whether a UNIQUE constraint refused the row.
pub(super) fn is_unique(cause: &rusqlite::Error) -> bool {
    matches!(cause, rusqlite::Error::SqliteFailure(code, _) if code.extended_code == SQLITE_CONSTRAINT_UNIQUE)
}
