//! The program's commands, a file each.
//!
//! Commands that change something write to the database themselves, beside a running server, which sees the effect on its
//! next request.

mod args;
mod backup;
mod common;
mod doctor;
mod email_accounts;
mod keys;
mod log;
mod messages;
mod openapi;
mod output;
mod plans;
mod recipients;
mod serve;
mod tokens;
mod users;
mod workspaces;

use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use self::common::Common;
use self::messages::in_a_line;
use crate::error::Error;
use crate::error::failure::Failure;

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

#[derive(Subcommand)]
enum Command {
    /// Run the server (also without a command)
    Serve(serve::Options),
    /// Make, list, change and delete workspaces
    #[command(subcommand)]
    Workspace(workspaces::Command),
    /// Make and list users
    #[command(subcommand)]
    User(users::Command),
    /// Make, list and revoke API tokens
    #[command(subcommand)]
    Token(tokens::Command),
    /// Make keys for the card integration API
    #[command(subcommand)]
    Key(keys::Command),
    /// Add, list and remove the addresses that cards can come from
    #[command(subcommand)]
    EmailAccount(email_accounts::Command),
    /// Erase the people that cards were made out to
    #[command(subcommand)]
    Recipient(recipients::Command),
    /// List and change plans: how much of everything a workspace may have
    #[command(subcommand)]
    Plan(plans::Command),
    /// Copy the database to a file, consistent while the server runs, and check the copy
    Backup(backup::Options),
    /// Look for what is wrong with the data folder and the database; changes nothing
    Doctor,
    /// Print the OpenAPI document of the HTTP APIs
    Openapi,
}

/// Runs the program with the process' own arguments. Exit status: 0 done, 1 refused or failed, 2 wrong usage.
pub fn main() -> ExitCode {
    let matches = Program::command().get_matches();
    let program = Program::from_arg_matches(&matches).unwrap_or_else(|wrong| wrong.exit());
    let serves = matches!(program.command, None | Some(Command::Serve(_)));
    let Err(error) = run(program, matches) else {
        return ExitCode::SUCCESS;
    };
    let advice = match error {
        Failure::Error(Error::Internal(..)) if !serves => {
            "; `tackboard doctor` looks for what is wrong"
        }
        _ => "",
    };
    output::warn(&format!("{}{advice}", in_a_line(&error)));
    ExitCode::FAILURE
}

fn run(program: Program, matches: ArgMatches) -> Result<(), Failure> {
    let Program {
        common,
        serve,
        command,
    } = program;
    match command {
        None => serve::run(&common, serve),
        Some(Command::Serve(_)) => {
            let behind = matches
                .subcommand_matches("serve")
                .cloned()
                .unwrap_or_default();
            serve::run(
                &common,
                serve.with(behind).unwrap_or_else(|wrong| wrong.exit()),
            )
        }
        Some(Command::Workspace(command)) => workspaces::run(&common, command),
        Some(Command::User(command)) => users::run(&common, command),
        Some(Command::Token(command)) => tokens::run(&common, command),
        Some(Command::Key(command)) => keys::run(&common, command),
        Some(Command::EmailAccount(command)) => email_accounts::run(&common, command),
        Some(Command::Recipient(command)) => recipients::run(&common, command),
        Some(Command::Plan(command)) => plans::run(&common, command),
        Some(Command::Backup(options)) => backup::run(&common, &options),
        Some(Command::Doctor) => doctor::run(&common),
        Some(Command::Openapi) => openapi::run(),
    }
}
