//! `tackboard email-account …`

use clap::{Args, Subcommand};
use serde::Serialize;

use super::args;
use super::common::Common;
use crate::app;
use crate::error::failure::{Failure, refuse};
use crate::model::context::Ctx;
use crate::model::email_accounts::{EmailAccount, EmailAccountCreate};
use crate::model::ids::{EmailAccountId, WorkspaceId};
use crate::store::{Conn, email_accounts, workspaces};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add an address that a workspace's cards can be sent from
    Add(Add),
    /// List the addresses that cards can be sent from, oldest first
    List {
        /// Id or slug of a workspace [default: all]
        #[arg(long)]
        workspace: Option<String>,
    },
    /// Remove an address: no new cards can be sent from it, but queued mails are still sent
    Remove {
        /// Id of the email account; `tackboard email-account list` shows it
        #[arg(value_parser = args::email_account_id)]
        id: EmailAccountId,
    },
}

#[derive(Args)]
pub(super) struct Add {
    /// Id or slug of the workspace
    #[arg(long)]
    workspace: String,
    /// Email address; the mail server has to accept mails from it
    #[arg(long, value_parser = args::email)]
    address: String,
    /// Name shown with the address
    #[arg(long, value_parser = args::name)]
    name: Option<String>,
}

/// An address and its workspace.
#[derive(Serialize)]
struct AccountWithWorkspace {
    #[serde(flatten)]
    account: EmailAccount,
    workspace_id: WorkspaceId,
    #[serde(skip)]
    workspace: String,
}

pub(super) fn run(common: &Common, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(new) => add(common, new),
        Command::List { workspace } => list(common, workspace.as_deref()),
        Command::Remove { id } => remove(common, id),
    }
}

fn add(common: &Common, new: Add) -> Result<(), Failure> {
    let added = common.write(|tx| {
        let workspace = args::workspace(tx, &new.workspace)?;
        let (address, name) = (new.address, new.name);
        let new = EmailAccountCreate { address, name };
        Ok(AccountWithWorkspace {
            account: app::email_accounts::create(tx, &Ctx::command(workspace.id), new)?,
            workspace_id: workspace.id,
            workspace: workspace.slug,
        })
    })?;
    let (address, id) = (&added.account.address, added.account.id);
    common.show(&added, || {
        format!("Cards can now be sent from {address} (id {id}).")
    })
}

fn list(common: &Common, workspace: Option<&str>) -> Result<(), Failure> {
    let found = common.read(|conn| with_workspaces(conn, workspace))?;
    common.show_list(
        &found,
        ["ID", "ADDRESS", "NAME", "WORKSPACE"],
        |row| {
            [
                row.account.id.to_string(),
                row.account.address.clone(),
                row.account.name.clone().unwrap_or_default(),
                row.workspace.clone(),
            ]
        },
        "No email accounts yet. Add one with `tackboard email-account add --workspace WORKSPACE --address ADDRESS`.",
    )
}

fn with_workspaces(
    conn: &Conn,
    workspace: Option<&str>,
) -> Result<Vec<AccountWithWorkspace>, Failure> {
    let workspaces = match workspace {
        Some(workspace) => vec![args::workspace(conn, workspace)?],
        None => workspaces::list(conn)?,
    };
    let mut found = Vec::new();
    for workspace in workspaces {
        let accounts = email_accounts::all(conn, workspace.id)?;
        found.extend(accounts.into_iter().map(|account| AccountWithWorkspace {
            account,
            workspace_id: workspace.id,
            workspace: workspace.slug.clone(),
        }));
    }
    Ok(found)
}

fn remove(common: &Common, id: EmailAccountId) -> Result<(), Failure> {
    common.write(|tx| match email_accounts::workspace_of(tx, id) {
        Ok(workspace) => Ok(app::email_accounts::delete(
            tx,
            &Ctx::command(workspace),
            id,
        )?),
        Err(error) if error.code() == id.missing().code() => Err(refuse(format!(
            "no email account has the id {id}; `tackboard email-account list` shows all"
        ))),
        Err(error) => Err(error.into()),
    })?;
    common.show_deleted(&id, || format!("Removed email account {id}."))
}
