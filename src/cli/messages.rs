//! How failures and other texts are shown on a terminal.

use std::io::Write as _;
use std::path::Path;

use crate::error::failure::{Failure, refuse};
use crate::error::{Error, Outage};

/// The text without control characters, safe to print on a terminal: names come from clients and can contain anything.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The error as one line. Unlike an API client, the user of the program can see the cause.
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
                "{error} ({limit}); change the workspace's plan with `tackboard workspace set-plan`"
            )
        }
        Error::Unavailable(Outage::DatabaseBusy) => {
            "another program is using the database; retry in a moment".to_owned()
        }
        Error::Unavailable(Outage::StorageFull) => {
            "the disk is full; free some space and retry".to_owned()
        }
        other => other.to_string(),
    }
}

/// A path, for a message.
pub(super) fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}

/// Asks for confirmation. Standard input is a terminal.
pub(super) fn confirm(what: &str) -> Result<(), Failure> {
    let input = std::io::stdin();
    let mut answer = String::new();
    let mut terminal = std::io::stderr();
    let asked = write!(terminal, "{}. Continue? [y/N] ", plain(what))
        .and_then(|()| terminal.flush())
        .and_then(|()| input.read_line(&mut answer));
    match asked {
        Ok(_) if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) => Ok(()),
        _ => Err(refuse("nothing was erased")),
    }
}
