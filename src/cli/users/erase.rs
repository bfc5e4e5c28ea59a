//! `tackboard user erase`

use std::io::IsTerminal as _;

use clap::Args;

use crate::app;
use crate::app::users::Erased;
use crate::cli::args;
use crate::cli::common::Common;
use crate::cli::messages::confirm;
use crate::error::failure::{Failure, refuse};
use crate::model::users::User;
use crate::store::{Conn, workspaces};

#[derive(Args)]
pub(crate) struct EraseOptions {
    /// Id or email address of the user
    user: String,
    /// Do not ask [default: ask on a terminal]
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(common: &Common, options: &EraseOptions) -> Result<(), Failure> {
    let user = common.read(|conn| args::user(conn, &options.user))?;
    common.read(|conn| check(conn, &user))?;
    if !options.yes && std::io::stdin().is_terminal() {
        confirm(&format!("this would erase {} ({})", user.email, user.name))?;
    }
    let person = common.write(|tx| {
        let person = Erased::new(tx, user.clone())?;
        app::users::erase_addresses(tx, &person)?;
        Ok(person)
    })?;
    // In steps, so that a running server can write in between. The user comes last: if this command dies, it can be repeated.
    let mut begin = 0;
    while let Some(next) = common.write(|tx| Ok(app::users::redact(tx, &person, begin)?))? {
        begin = next;
    }
    common.write(|tx| {
        let user = args::user(tx, &user.id.to_string())?;
        check(tx, &user)?;
        let person = Erased { user, ..person };
        Ok(app::users::erase(tx, &person, begin)?)
    })?;
    common.show_deleted(&user.id, || {
        format!(
            "Erased {}, also from the journal. Backups, log files and files of mails in the outbox folder are not changed.",
            user.email
        )
    })
}

/// Refuses to erase the only owner of a workspace.
fn check(conn: &Conn, user: &User) -> Result<(), Failure> {
    let mut alone = Vec::new();
    for membership in &user.memberships {
        let workspace = membership.workspace_id;
        if app::members::is_last_owner(conn, workspace, user.id)? {
            alone.push(workspaces::get(conn, workspace)?.slug);
        }
    }
    if alone.is_empty() {
        return Ok(());
    }
    let (email, alone) = (&user.email, alone.join(", "));
    Err(refuse(format!(
        "{email} is the last owner of {alone}; make another member owner first, or delete the workspace"
    )))
}
