//! `tackboard user …`

mod access;
mod erase;

use std::collections::HashMap;

use clap::{Args, Subcommand};

use super::args;
use super::common::Common;
use crate::app;
use crate::error::Error;
use crate::error::failure::{Failure, refuse};
use crate::model::context::Ctx;
use crate::model::scopes::Role;
use crate::model::users::User;
use crate::model::workspaces::Workspace;
use crate::store::{Conn, Tx, users, workspaces};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create a user as a member of a workspace, or add an existing user to another workspace
    Create(Create),
    /// List all users, oldest first, with their workspaces and roles
    List,
    /// Change the role of a member of a workspace
    SetRole {
        #[command(flatten)]
        member: MemberArgs,
        /// New role of the user in the workspace
        #[arg(long, value_enum)]
        role: Role,
    },
    /// Print a link that signs a user in: it works once, within an hour, without a mail server
    Link(access::LinkOptions),
    /// Set a user's password, asked for on the terminal or read from standard input; ends the user's sessions
    SetPassword {
        /// Id or email address of the user
        #[arg(long)]
        user: String,
    },
    /// Invite a person to a workspace and print the link: it works once, within 7 days
    Invite(access::InviteOptions),
    /// Erase a person: the user with all memberships, tokens, keys and sessions, and the name in the journal
    Erase(erase::EraseOptions),
    /// Remove a user from a workspace, with the user's tokens for it, and the integration key if its calls count against it
    Remove(MemberArgs),
}

#[derive(Args)]
pub(super) struct MemberArgs {
    /// Id or email address of the user
    #[arg(long)]
    user: String,
    /// Id or slug of the workspace
    #[arg(long)]
    workspace: String,
}

impl MemberArgs {
    fn find(&self, conn: &Conn) -> Result<(User, Workspace), Failure> {
        let workspace = args::workspace(conn, &self.workspace)?;
        let user = args::user(conn, &self.user)?;
        match user.role_in(workspace.id) {
            Some(_) => Ok((user, workspace)),
            None => Err(args::not_a_member(&user, &workspace)),
        }
    }
}

#[derive(Args)]
pub(super) struct Create {
    /// Email address of the user, unique
    #[arg(long, value_parser = args::email)]
    email: String,
    /// Name of the user; required for a new user
    #[arg(long, value_parser = args::name)]
    name: Option<String>,
    /// Id or slug of the workspace
    #[arg(long)]
    workspace: String,
    /// Role of the user in the workspace
    #[arg(long, value_enum, default_value = "owner")]
    role: Role,
}

pub(super) fn run(common: &Common, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(new) => create(common, &new),
        Command::List => list(common),
        Command::SetRole { member, role } => set_role(common, &member, role),
        Command::Link(options) => access::link(common, options),
        Command::SetPassword { user } => access::set_password(common, &user),
        Command::Invite(options) => access::invite(common, options),
        Command::Erase(options) => erase::run(common, &options),
        Command::Remove(member) => remove(common, &member),
    }
}

fn create(common: &Common, new: &Create) -> Result<(), Failure> {
    let (user, workspace) = common.write(|tx| {
        let workspace = args::workspace(tx, &new.workspace)?;
        let user = match users::find(tx, &new.email)? {
            Some(user) => who_can_join(user, new, &workspace)?,
            None => create_new(tx, new)?,
        };
        app::members::join(tx, &Ctx::command(workspace.id), &user, new.role)?;
        Ok((args::user(tx, &new.email)?, workspace))
    })?;
    common.show(&user, || {
        format!(
            "{} is now a member of {} with role {} (id {}).",
            user.email,
            workspace.slug,
            new.role.as_str(),
            user.id
        )
    })
}

fn create_new(tx: &Tx<'_>, new: &Create) -> Result<User, Failure> {
    match &new.name {
        Some(name) => Ok(app::users::create(tx, &new.email, name)?),
        None => Err(refuse(format!(
            "{} is a new user and needs a name; add --name NAME",
            new.email
        ))),
    }
}

/// An existing user can join another workspace. A different name, or joining twice, means that the command was probably
/// meant for someone else.
fn who_can_join(user: User, new: &Create, workspace: &Workspace) -> Result<User, Failure> {
    let (email, slug) = (&user.email, &workspace.slug);
    if new.name.as_ref().is_some_and(|name| *name != user.name) {
        return Err(refuse(format!(
            "{email} is the email address of {:?}; omit --name to add that user to {slug}",
            user.name
        )));
    }
    match user.role_in(workspace.id) {
        Some(role) => {
            let role = role.as_str();
            Err(refuse(format!(
                "{email} is already a member of {slug} with role {role}"
            )))
        }
        None => Ok(user),
    }
}

/// Says what to do about the last owner of a workspace.
fn last_owner(user: &User, error: Error) -> Failure {
    match error {
        Error::LastOwner { .. } => refuse(format!(
            "{} is the last owner of the workspace; make another member owner first",
            user.email
        )),
        other => other.into(),
    }
}

fn set_role(common: &Common, member: &MemberArgs, role: Role) -> Result<(), Failure> {
    let (user, workspace) = common.write(|tx| {
        let (user, workspace) = member.find(tx)?;
        app::members::set_role(tx, &Ctx::command(workspace.id), user.id, role)
            .map_err(|error| last_owner(&user, error))?;
        Ok((args::user(tx, &user.email)?, workspace))
    })?;
    common.show(&user, || {
        let (email, slug, role) = (&user.email, &workspace.slug, role.as_str());
        format!("{email} now has role {role} in {slug}.")
    })
}

fn remove(common: &Common, member: &MemberArgs) -> Result<(), Failure> {
    let (user, workspace) = common.write(|tx| {
        let (user, workspace) = member.find(tx)?;
        app::members::remove(tx, &Ctx::command(workspace.id), user.id)
            .map_err(|error| last_owner(&user, error))?;
        Ok((user, workspace))
    })?;
    let (email, slug) = (&user.email, &workspace.slug);
    common.show_deleted(&user.id, || {
        format!(
            "{email} is no longer a member of {slug}. The tokens of {email} for it are revoked."
        )
    })
}

fn list(common: &Common) -> Result<(), Failure> {
    let (all, slugs) = common.read(|conn| {
        let slugs: HashMap<_, _> = workspaces::list(conn)?
            .into_iter()
            .map(|w| (w.id, w.slug))
            .collect();
        Ok((users::list(conn)?, slugs))
    })?;
    let places = |user: &User| {
        let place = |slug: &String, role: Role| format!("{slug} ({})", role.as_str());
        let places = user
            .memberships
            .iter()
            .filter_map(|m| Some(place(slugs.get(&m.workspace_id)?, m.role)));
        places.collect::<Vec<_>>().join(", ")
    };
    common.show_list(
        &all,
        ["ID", "EMAIL", "NAME", "MEMBER OF", "CREATED"],
        |user| {
            let (id, created) = (user.id.to_string(), user.created_at.to_string());
            [id, user.email.clone(), user.name.clone(), places(user), created]
        },
        "No users yet. Create one with `tackboard user create --email EMAIL --name NAME --workspace WORKSPACE`.",
    )
}
