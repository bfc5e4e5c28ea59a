//! The program's commands, one file per command.
//!
//! Commands that change something write to the database directly, also while a server runs. The server sees the change on
//! its next request.

mod args;
mod backup;
mod common;
mod doctor;
mod email_accounts;
mod export;
mod imports;
mod keys;
mod log;
mod mails;
mod mcp;
mod messages;
mod openapi;
mod output;
mod plans;
mod process;
mod progress;
mod recipients;
mod restore;
mod serve;
mod sessions;
mod tokens;
mod users;
mod webhooks;
mod workspaces;

use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches, Parser, Subcommand};

use self::common::Common;
use self::messages::in_a_line;
use crate::config::Given;
use crate::error::Error;
use crate::error::failure::Failure;

/// Self-hosted kanban boards and digital cards, as two HTTP APIs over one SQLite file.
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

const SETTINGS_HELP: &str = "Without a command, tackboard runs the server. Every setting can also be in tackboard.toml in the \
data folder, named like its flag with _ instead of -. A flag overrides the environment, the environment overrides the file.";

#[derive(Subcommand)]
enum Command {
    /// Run the server (the default command)
    Serve(Box<serve::Options>),
    /// Create, list, change and delete workspaces
    #[command(subcommand)]
    Workspace(workspaces::Command),
    /// Create, invite, list, change and erase users, and let them sign in
    #[command(subcommand)]
    User(users::Command),
    /// List and end the sessions of people who are signed in
    #[command(subcommand)]
    Session(sessions::Command),
    /// Create, list and revoke API tokens
    #[command(subcommand)]
    Token(tokens::Command),
    /// Create, list and revoke keys for the card integration API
    #[command(subcommand)]
    Key(keys::Command),
    /// Add, list and remove the addresses that cards can be sent from
    #[command(subcommand)]
    EmailAccount(email_accounts::Command),
    /// Erase the data of recipients
    #[command(subcommand)]
    Recipient(recipients::Command),
    /// Test the mail server
    #[command(subcommand)]
    Mail(mails::Command),
    /// Create and list webhooks, switch them on and off, look at their deliveries
    #[command(subcommand)]
    Webhook(webhooks::Command),
    /// List and change plans: the limits and quotas of workspaces
    #[command(subcommand)]
    Plan(plans::Command),
    /// Write everything in a workspace as one JSON document
    Export(export::Options),
    /// Import a file of this or another product
    Import(imports::Options),
    /// Write a verified copy of the database, also while the server runs
    Backup(backup::Options),
    /// Replace the database by a backup, while the server is stopped
    Restore(restore::Options),
    /// Check the data folder, the database and the settings; changes nothing
    Doctor(Box<Given>),
    /// Let an agent work in a workspace over standard input and output (MCP)
    Mcp(mcp::Options),
    /// Print the OpenAPI document of the HTTP APIs
    Openapi,
}

/// Runs the program with the arguments of the process. Exit status: 0 success, 1 refused or failed, 2 wrong usage.
pub fn main() -> ExitCode {
    process::survive_file_size_limit();
    let matches = Program::command().get_matches();
    let program = Program::from_arg_matches(&matches).unwrap_or_else(|wrong| wrong.exit());
    let serves = matches!(program.command, None | Some(Command::Serve(_)));
    let Err(error) = run(program, matches) else {
        return ExitCode::SUCCESS;
    };
    let advice = match error {
        Failure::Error(Error::Internal(..)) if !serves => {
            "; run `tackboard doctor` to check for problems"
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
        Some(Command::Serve(_)) => serve::run(&common, with_later(serve, &matches, "serve")),
        Some(Command::Workspace(command)) => workspaces::run(&common, command),
        Some(Command::User(command)) => users::run(&common, command),
        Some(Command::Session(command)) => sessions::run(&common, command),
        Some(Command::Token(command)) => tokens::run(&common, command),
        Some(Command::Key(command)) => keys::run(&common, command),
        Some(Command::EmailAccount(command)) => email_accounts::run(&common, command),
        Some(Command::Recipient(command)) => recipients::run(&common, command),
        Some(Command::Mail(mails::Command::Test(options))) => {
            let matches = matches.subcommand_matches("mail").cloned();
            let matches = matches.unwrap_or_default();
            let given = with_later(serve.given, &matches, "test");
            mails::test(&common, &options, given)
        }
        Some(Command::Webhook(command)) => webhooks::run(&common, command),
        Some(Command::Plan(command)) => plans::run(&common, command),
        Some(Command::Export(options)) => export::run(&common, &options),
        Some(Command::Import(options)) => imports::run(&common, &options),
        Some(Command::Backup(options)) => backup::run(&common, &options),
        Some(Command::Restore(options)) => restore::run(&common, &options),
        Some(Command::Doctor(_)) => {
            doctor::run(&common, with_later(serve.given, &matches, "doctor"))
        }
        Some(Command::Mcp(options)) => mcp::run(&common, &options),
        Some(Command::Openapi) => openapi::run(),
    }
}

/// Merges the options before a command's name with those after it, which take precedence. After it, only options from
/// the command line count: the environment was read already, and must not override a flag.
fn with_later<T: FromArgMatches>(mut options: T, matches: &ArgMatches, command: &str) -> T {
    let mut behind = matches
        .subcommand_matches(command)
        .cloned()
        .unwrap_or_default();
    let ids: Vec<_> = behind.ids().map(ToString::to_string).collect();
    for id in ids {
        if behind.value_source(&id) != Some(ValueSource::CommandLine) {
            let _ = behind.try_clear_id(&id);
        }
    }
    let updated = options.update_from_arg_matches_mut(&mut behind);
    updated.unwrap_or_else(|wrong| wrong.exit());
    options
}
