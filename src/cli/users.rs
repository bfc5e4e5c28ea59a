//! `tackboard user …`

use std::collections::HashMap;

use clap::{Args, Subcommand};

use super::args;
use super::common::Common;
use crate::app;
use crate::error::failure::{Failure, refuse};
use crate::model::context::Ctx;
use crate::model::scopes::Role;
use crate::model::users::User;
use crate::model::workspaces::Workspace;
use crate::store::{Tx, users, workspaces};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a user and a member of a workspace; or make a user who exists a member of another one
    Create(Create),
    /// List the users, the oldest first, each with where they are a member and as what
    List,
}

#[derive(Args)]
pub(super) struct Create {
    /// Address of the user, unique
    #[arg(long, value_parser = args::email)]
    email: String,
    /// What people call the user; needed for a new one [default: the name of the user with that address]
    #[arg(long, value_parser = args::name)]
    name: Option<String>,
    /// Id or slug of the workspace that the user becomes a member of
    #[arg(long)]
    workspace: String,
    /// What the user is there
    #[arg(long, value_enum, default_value = "owner")]
    role: Role,
}

pub(super) fn run(common: &Common, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(new) => create(common, &new),
        Command::List => list(common),
    }
}

fn create(common: &Common, new: &Create) -> Result<(), Failure> {
    let (user, workspace) = common.write(|tx| {
        let workspace = args::workspace(tx, &new.workspace)?;
        let user = match users::find(tx, &new.email)? {
            Some(user) => who_can_join(user, new, &workspace)?,
            None => create_new(tx, new)?,
        };
        app::users::join(tx, &Ctx::command(workspace.id), &user, new.role)?;
        Ok((args::user(tx, &new.email)?, workspace))
    })?;
    common.show(&user, || {
        format!(
            "{} is a member of {} now, as {} ({}).",
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
            "{} is a new user, who needs a name; give --name NAME",
            new.email
        ))),
    }
}

/// A user who exists can join another workspace. Another name than theirs is a sign that somebody else was meant, and
/// making somebody a member twice that something else was.
fn who_can_join(user: User, new: &Create, workspace: &Workspace) -> Result<User, Failure> {
    let (email, slug) = (&user.email, &workspace.slug);
    if new.name.as_ref().is_some_and(|name| *name != user.name) {
        return Err(refuse(format!(
            "{email} is the address of {:?}; leave --name out to make that user a member of {slug}",
            user.name
        )));
    }
    match user
        .memberships
        .iter()
        .find(|member| member.workspace_id == workspace.id)
    {
        Some(member) => {
            let role = member.role.as_str();
            Err(refuse(format!(
                "{email} is a member of {slug} already, as {role}; `tackboard user list` shows all"
            )))
        }
        None => Ok(user),
    }
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
        "There is no user yet; `tackboard user create --email EMAIL --name NAME --workspace WORKSPACE` makes one.",
    )
}
