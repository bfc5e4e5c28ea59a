//! `tackboard key …`

use clap::{Args, Subcommand};
use serde_json::json;

use super::args;
use super::common::Common;
use crate::app;
use crate::error::failure::{Failure, refuse};
use crate::model::context::Ctx;
use crate::model::ids::WorkspaceId;
use crate::model::users::User;
use crate::store::{Conn, integration_keys};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create a user's key for the card integration API and print it; it won't be shown again. Replaces the previous key
    Create(Create),
    /// List the keys, oldest first, without their secrets
    List,
    /// Revoke a user's key immediately
    Revoke {
        /// Id or email address of the user
        #[arg(long)]
        user: String,
    },
}

#[derive(Args)]
pub(super) struct Create {
    /// Id or email address of the user
    #[arg(long)]
    user: String,
    /// Id or slug of the workspace whose quota the key's calls count against [default: the user's oldest]
    #[arg(long)]
    workspace: Option<String>,
}

pub(super) fn run(common: &Common, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(new) => create(common, &new),
        Command::List => list(common),
        Command::Revoke { user } => revoke(common, &user),
    }
}

fn create(common: &Common, new: &Create) -> Result<(), Failure> {
    let (user, home, key, id) = common.write(|tx| {
        let user = args::user(tx, &new.user)?;
        let home = home(tx, &user, new.workspace.as_deref())?;
        let key = app::integration_keys::create(tx, &Ctx::command(home), user.id)?;
        let id = integration_keys::of_user(tx, user.id)?.map(|key| key.id);
        Ok((user.id, home, key, id))
    })?;
    common.show(
        &json!({ "id": id, "user_id": user, "workspace_id": home, "key": key }),
        || key.to_string(),
    )
}

/// The workspace whose quota the key's calls count against. Memberships are sorted by the age of the workspace.
fn home(conn: &Conn, user: &User, wish: Option<&str>) -> Result<WorkspaceId, Failure> {
    let is_member = |id: WorkspaceId| {
        user.memberships
            .iter()
            .any(|member| member.workspace_id == id)
    };
    match wish {
        Some(wish) => match args::workspace(conn, wish)? {
            workspace if is_member(workspace.id) => Ok(workspace.id),
            workspace => Err(args::not_a_member(user, &workspace)),
        },
        None => user.memberships.first().map(|member| member.workspace_id).ok_or_else(|| {
            let email = &user.email;
            refuse(format!(
                "{email} is not in any workspace; add the user with `tackboard user create --email {email} \
                 --workspace WORKSPACE`"
            ))
        }),
    }
}

fn list(common: &Common) -> Result<(), Failure> {
    let all = common.read(|conn| Ok(integration_keys::list_with_owners(conn)?))?;
    common.show_list(
        &all,
        ["ID", "USER", "WORKSPACE", "CREATED"],
        |owned| {
            let (id, created) = (owned.key.id.to_string(), owned.key.created_at.to_string());
            [id, owned.email.clone(), owned.workspace.clone(), created]
        },
        "No keys yet. Create one with `tackboard key create --user USER`.",
    )
}

fn revoke(common: &Common, user: &str) -> Result<(), Failure> {
    let (email, id) = common.write(|tx| {
        let user = args::user(tx, user)?;
        let key = integration_keys::of_user(tx, user.id)?.ok_or_else(|| {
            refuse(format!(
                "{} has no key; `tackboard key list` shows all",
                user.email
            ))
        })?;
        app::integration_keys::revoke(tx, &Ctx::command(key.workspace_id), &key)?;
        Ok((user.email, key.id))
    })?;
    common.show_deleted(&id, || format!("Revoked the key of {email}."))
}
