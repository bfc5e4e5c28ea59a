//! The program's commands, a file each.
//!
//! Commands that change something write to the database themselves, beside a running server, which sees the effect on its
//! next request.

mod log;
mod serve;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Given, Settings};
use crate::error::{Error, Fields, Result};
use crate::store::data_dir::DataDir;
use crate::store::migrate;

/// Kanban boards and digital cards as two HTTP APIs, from one SQLite file.
#[derive(Parser)]
#[command(name = "tackboard", version, about, max_term_width = 110, after_help = SETTINGS_HELP)]
struct Program {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    serve: serve::Options,
    #[command(subcommand)]
    command: Option<Command>,
}

const SETTINGS_HELP: &str = "Without a command, the server runs. Every setting can also stand in tackboard.toml in the \
data folder, named like its flag with _ for -; a flag wins over the environment, the environment over the file.";

/// What every command takes, before or after its name.
#[derive(Args, Clone, Debug)]
struct Common {
    /// The data folder: holds the database
    #[arg(
        long,
        global = true,
        env = "TACKBOARD_DATA",
        value_name = "DIR",
        default_value = "./tackboard-data"
    )]
    data: PathBuf,
    /// Print JSON instead of a table
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server (also without a command)
    Serve(serve::Options),
}

/// Runs the program with the process' own arguments. Exit status: 0 done, 1 refused or failed, 2 wrong usage.
pub fn main() -> ExitCode {
    let program = Program::parse();
    let done = match program.command {
        None => serve::run(&program.common, program.serve),
        Some(Command::Serve(options)) => serve::run(&program.common, options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tackboard: {}", in_a_line(&error));
            ExitCode::FAILURE
        }
    }
}

/// A failure that a person can do something about.
fn refuse(message: impl Into<String>) -> Error {
    Error::Conflict {
        message: message.into(),
        fields: Fields::new(),
    }
}

/// One line that says why. Unlike a client, who runs the program may see the cause.
fn in_a_line(error: &Error) -> String {
    let mut line = match error {
        Error::Internal(context, _) => context.to_string(),
        Error::InvalidRequest(fields) => fields.values().cloned().collect::<Vec<_>>().join("; "),
        Error::ResourceLimitExceeded { limit, .. } => {
            format!("{error} ({limit}); see `tackboard plan list`")
        }
        Error::Unavailable(outage) => {
            format!("the database cannot be used now ({})", outage.as_str())
        }
        other => other.to_string(),
    };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line.replace('\n', " ")
}

impl Common {
    fn data_dir(&self) -> DataDir {
        DataDir::new(&self.data)
    }

    /// The settings: flags over file.
    fn settings(&self, flags: Given) -> Result<Settings> {
        let file = Given::from_file(&self.data_dir().settings()).map_err(refuse)?;
        Ok(Settings::new(self.data.clone(), flags, file))
    }

    /// The database of a folder that has one of this version.
    fn database(&self) -> Result<PathBuf> {
        let path = self.data_dir().database();
        match migrate::inspect(&path)? {
            migrate::State::Current => Ok(path),
            migrate::State::Absent => Err(refuse(format!(
                "there is no database in {}; `tackboard serve` makes one, or name another folder with --data",
                shown(&self.data)
            ))),
            migrate::State::Older(_) => Err(refuse(
                "the database is of an older version; start the server once with this program, which brings it up to date",
            )),
        }
    }
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}
