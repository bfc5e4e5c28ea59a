//! Failures of the program's start and of commands.

use std::error::Error as StdError;
use std::fmt;

use super::Error;

/// Why the program does not start or a command fails. Shown to the person who runs it.
#[derive(Clone, Debug)]
pub enum Failure {
    /// A problem that this person can fix. The message says what is wrong and what to do.
    Refused(String),
    /// An error that requests can also have.
    Error(Error),
}

/// Creates a failure that the person who runs the program can fix.
pub fn refuse(message: impl Into<String>) -> Failure {
    Failure::Refused(message.into())
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Error(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(message) => f.write_str(message),
            Failure::Error(error) => error.fmt(f),
        }
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Failure::Refused(_) => None,
            Failure::Error(error) => error.source(),
        }
    }
}
