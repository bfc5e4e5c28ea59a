//! How failures and other texts are written for a person at a terminal.

use std::path::Path;

use crate::error::failure::Failure;
use crate::error::{Error, Outage};

/// Text that is safe on a terminal and stays on its line: names come from clients and may hold anything.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// One line that says why. Unlike a client, who runs the program may see the cause.
pub(super) fn in_a_line(failure: &Failure) -> String {
    let mut line = match failure {
        Failure::Refused(message) => message.clone(),
        Failure::Error(error) => of_error(error),
    };
    let mut cause = std::error::Error::source(failure);
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    plain(&line)
}

fn of_error(error: &Error) -> String {
    match error {
        Error::Internal(context, _) => context.to_string(),
        Error::InvalidRequest(fields) => fields.values().cloned().collect::<Vec<_>>().join("; "),
        Error::ResourceLimitExceeded { limit, .. } => {
            format!(
                "{error} ({limit}); `tackboard workspace set-plan` gives the workspace another plan"
            )
        }
        Error::Unavailable(Outage::DatabaseBusy) => {
            "another program holds the database; try again in a moment".to_owned()
        }
        Error::Unavailable(Outage::StorageFull) => {
            "the disk is full; make room, then try again".to_owned()
        }
        other => other.to_string(),
    }
}

/// A path, for a message.
pub(super) fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}
