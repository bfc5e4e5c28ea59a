//! What is wrong with a file.

use crate::error::Error;
use crate::model::imports::Format;

/// Maximum number of problems that are reported.
const MAX_PROBLEMS: usize = 200;

/// Why a file cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the file, such as `cards[17].name`.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

/// A file that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The format, if it is known.
    pub format: Option<Format>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Failed {
    /// A file with one problem.
    pub fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        let problem = Problem {
            path: path.into(),
            message: message.into(),
        };
        Self {
            format: None,
            problems: vec![problem],
        }
    }

    /// The same failure of a file of this format.
    pub fn of(mut self, format: Format) -> Self {
        self.format = Some(format);
        self.problems.truncate(MAX_PROBLEMS);
        self
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        let problems = failed.problems.into_iter();
        Error::ImportFailed {
            format: failed.format.map(|format| format.as_str().to_owned()),
            problems: problems.map(|one| (one.path, one.message)).collect(),
        }
    }
}
