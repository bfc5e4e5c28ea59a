//! `tackboard user erase`

use std::io::IsTerminal as _;

use clap::Args;

use crate::app;
use crate::cli::args;
use crate::cli::common::Common;
use crate::cli::messages::confirm;
use crate::error::Error;
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
    if !options.yes && std::io::stdin().is_terminal() {
        confirm(&format!("this would erase {} ({})", user.email, user.name))?;
    }
    common.write(|tx| {
        let user = args::user(tx, &user.id.to_string())?;
        app::users::erase(tx, &user).map_err(|error| explain(tx, &user, error))
    })?;
    // In steps, so that a running server can write in between.
    let mut next = Some(0);
    while let Some(begin) = next {
        next = common.write(|tx| Ok(app::users::redact(tx, &user, begin)?))?;
    }
    common.show_deleted(&user.id, || {
        format!(
            "Erased {}, also from the journal. Backups are not changed.",
            user.email
        )
    })
}

/// Names the workspaces that would be without an owner.
fn explain(conn: &Conn, user: &User, error: Error) -> Failure {
    if !matches!(error, Error::LastOwner { .. }) {
        return error.into();
    }
    let mut alone = Vec::new();
    for membership in &user.memberships {
        if let Ok(true) = app::members::is_last_owner(conn, membership.workspace_id, user.id)
            && let Ok(workspace) = workspaces::get(conn, membership.workspace_id)
        {
            alone.push(workspace.slug);
        }
    }
    let (email, alone) = (&user.email, alone.join(", "));
    refuse(format!(
        "{email} is the last owner of {alone}; make another member owner first, or delete the workspace"
    ))
}
