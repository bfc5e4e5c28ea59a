//! `tackboard recipient …`

use clap::{Args, Subcommand};
use serde_json::json;

use super::args;
use super::common::Common;
use crate::app::recipients;
use crate::error::failure::Failure;
use crate::model::ids::WorkspaceId;
use crate::model::recipients::Address;
use crate::store::Conn;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Erase a person: all recipients with that email address, with their merge tags, pages and mails. Backups and mail
    /// files in outbox/ are not changed
    Erase(Erase),
    /// Revert an unsubscription: the workspace's cards can be sent to the address again. Canceled mails are not sent
    Allow(Allow),
}

#[derive(Args)]
pub(super) struct Erase {
    /// Email address of the person
    #[arg(value_parser = address)]
    email: String,
    /// Id or slug of a workspace [default: all]
    #[arg(long)]
    workspace: Option<String>,
    /// Accepted for scripts that were written when the command asked.
    #[arg(long = "yes", hide = true)]
    _yes: bool,
}

#[derive(Args)]
pub(super) struct Allow {
    /// Email address that has unsubscribed
    #[arg(value_parser = address)]
    email: String,
    /// Id or slug of the workspace
    #[arg(long)]
    workspace: String,
}

pub(super) fn run(common: &Common, command: Command) -> Result<(), Failure> {
    match command {
        Command::Erase(options) => erase(common, &options),
        Command::Allow(options) => allow(common, &options),
    }
}

fn allow(common: &Common, options: &Allow) -> Result<(), Failure> {
    let address = Address::of(&options.email);
    let (workspace, allowed) = common.write(|tx| {
        let workspace = args::workspace(tx, &options.workspace)?;
        let allowed = recipients::allow(tx, workspace.id, &address)?;
        Ok((workspace, allowed))
    })?;
    let email = address.as_str();
    let told = json!({
        "id": workspace.id, "email": email, "workspace": workspace.slug, "allowed": allowed,
    });
    common.show(&told, || match allowed {
        true => format!("Cards of {} can be sent to {email} again.", workspace.slug),
        false => format!(
            "Nothing was changed: {email} has not unsubscribed from the cards of {}.",
            workspace.slug
        ),
    })
}

fn erase(common: &Common, options: &Erase) -> Result<(), Failure> {
    let address = Address::of(&options.email);
    let erased =
        common.write(|tx| Ok(recipients::erase(tx, workspace(tx, options)?, &address)?))?;
    let told = json!({
        // Only the address identifies a person in all workspaces.
        "id": address.as_str(), "email": address.as_str(), "recipients": erased,
    });
    common.show(&told, || {
        format!(
            "Erased {}. Unsubscribes are kept without the address, and old unsubscribe links still work.",
            in_words(erased, &address)
        )
    })
}

fn workspace(conn: &Conn, options: &Erase) -> Result<Option<WorkspaceId>, Failure> {
    let given = options.workspace.as_deref();
    given
        .map(|given| Ok(args::workspace(conn, given)?.id))
        .transpose()
}

fn in_words(recipients: usize, address: &Address) -> String {
    let address = address.as_str();
    match recipients {
        1 => format!("1 recipient with the address {address}"),
        many => format!("{many} recipients with the address {address}"),
    }
}

/// Accepts more than a valid address, because it is only looked up.
fn address(text: &str) -> Result<String, String> {
    match text.contains('@') {
        true => Ok(text.to_owned()),
        false => Err("must be an email address such as ann@example.org".to_owned()),
    }
}
