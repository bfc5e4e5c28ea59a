//! `tackboard workspace …`

use clap::{Args, Subcommand};

use super::args;
use super::common::Common;
use crate::app;
use crate::error::Error;
use crate::error::failure::{Failure, refuse};
use crate::model::context::Ctx;
use crate::model::plans::Limited;
use crate::model::workspaces::Workspace;
use crate::store::{Conn, usage, users, workspaces};

/// The largest number of calls per top-up: far above any use, and far below overflow.
const MAX_TOP_UP: i64 = 1_000_000_000_000;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create a workspace
    Create(Create),
    /// List all workspaces, oldest first
    List,
    /// Change the plan of a workspace immediately; existing items above the new limits are kept
    SetPlan {
        /// Id or slug of the workspace
        workspace: String,
        /// Name of the plan; `tackboard plan list` shows them
        plan: String,
    },
    /// Add API calls per month to those of the workspace's plan
    TopUp {
        /// Id or slug of the workspace
        workspace: String,
        /// Calls per month to add; a negative number removes calls that were added before
        #[arg(long, value_name = "N", allow_negative_numbers = true,
            value_parser = clap::value_parser!(i64).range(-MAX_TOP_UP..=MAX_TOP_UP))]
        calls: i64,
    },
    /// Delete a workspace with everything in it, and the users who are in no other workspace
    Delete {
        /// Id or slug of the workspace
        workspace: String,
        /// Confirm the deletion [default: print what would be deleted, and fail]
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Args)]
pub(super) struct Create {
    /// Name of the workspace
    #[arg(long, value_parser = args::name)]
    name: String,
    /// Plan of the workspace; `tackboard plan list` shows them
    #[arg(long, default_value = "personal")]
    plan: String,
    /// Unique short name for commands [default: made from the name]
    #[arg(long, value_parser = args::slug)]
    slug: Option<String>,
}

pub(super) fn run(common: &Common, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(new) => create(common, &new),
        Command::List => list(common),
        Command::SetPlan { workspace, plan } => set_plan(common, &workspace, &plan),
        Command::TopUp { workspace, calls } => top_up(common, &workspace, calls),
        Command::Delete {
            workspace,
            yes: true,
        } => delete(common, &workspace),
        Command::Delete {
            workspace,
            yes: false,
        } => Err(common.read(|conn| would_delete(conn, &workspace))?),
    }
}

fn create(common: &Common, new: &Create) -> Result<(), Failure> {
    let made = common.write(|tx| {
        args::plan_exists(tx, &new.plan)?;
        let made = app::workspaces::create(tx, &new.name, new.slug.as_deref(), &new.plan);
        made.map_err(|error| match error {
            Error::Conflict { message, .. } => refuse(format!("{message}; choose another --slug")),
            other => other.into(),
        })
    })?;
    let Workspace { id, slug, plan, .. } = &made;
    common.show(&made, || {
        format!("Created workspace {slug} (plan {plan}, id {id}).")
    })
}

fn list(common: &Common) -> Result<(), Failure> {
    let all = common.read(|conn| Ok(workspaces::list(conn)?))?;
    common.show_list(
        &all,
        ["ID", "SLUG", "NAME", "PLAN", "EXTRA API CALLS", "CREATED"],
        |Workspace {
             id,
             name,
             slug,
             plan,
             extra_api_calls,
             created_at,
             ..
         }| {
            let (id, extra, created) = (
                id.to_string(),
                extra_api_calls.to_string(),
                created_at.to_string(),
            );
            [id, slug.clone(), name.clone(), plan.clone(), extra, created]
        },
        "No workspaces yet. Create one with `tackboard workspace create --name NAME`.",
    )
}

fn set_plan(common: &Common, workspace: &str, plan: &str) -> Result<(), Failure> {
    let changed = common.write(|tx| {
        let workspace = args::workspace(tx, workspace)?;
        args::plan_exists(tx, plan)?;
        Ok(app::workspaces::set_plan(
            tx,
            &Ctx::command(workspace.id),
            plan,
        )?)
    })?;
    common.show(&changed, || {
        format!("Changed workspace {} to plan {plan}.", changed.slug)
    })
}

fn top_up(common: &Common, workspace: &str, calls: i64) -> Result<(), Failure> {
    let changed = common.write(|tx| {
        let workspace = args::workspace(tx, workspace)?;
        Ok(app::workspaces::top_up(
            tx,
            &Ctx::command(workspace.id),
            calls,
        )?)
    })?;
    let Workspace {
        slug,
        plan,
        extra_api_calls,
        ..
    } = &changed;
    common.show(&changed, || {
        format!("Workspace {slug} now has {extra_api_calls} API calls per month in addition to plan {plan}.")
    })
}

fn delete(common: &Common, workspace: &str) -> Result<(), Failure> {
    let (gone, contents) = common.write(|tx| {
        let workspace = args::workspace(tx, workspace)?;
        let contents = contents(tx, &workspace)?;
        app::workspaces::delete(tx, workspace.id)?;
        Ok((workspace, contents))
    })?;
    common.show_deleted(&gone.id, || {
        format!("Deleted workspace {} with {contents}.", gone.slug)
    })
}

/// The error that lists what would be deleted.
fn would_delete(conn: &Conn, workspace: &str) -> Result<Failure, Failure> {
    let workspace = args::workspace(conn, workspace)?;
    let contents = contents(conn, &workspace)?;
    Ok(refuse(format!(
        "nothing was deleted: this would delete workspace {} ({:?}) with {contents}; add --yes to confirm",
        workspace.slug, workspace.name
    )))
}

/// The contents of a workspace, in words.
fn contents(conn: &Conn, workspace: &Workspace) -> Result<String, Failure> {
    let mut parts = Vec::new();
    // The members are counted below.
    let kinds = Limited::ALL
        .into_iter()
        .filter(|kind| *kind != Limited::Members);
    for kind in kinds {
        match usage::resource(conn, workspace.id, kind)?.current {
            0 => {}
            1 => parts.push(format!("1 {}", kind.label().to_lowercase())),
            many => parts.push(format!("{many} {}", kind.as_str())),
        }
    }
    let users = users::list(conn)?;
    let only_here = users
        .iter()
        .filter(|user| match user.memberships.as_slice() {
            [only] => only.workspace_id == workspace.id,
            _ => false,
        });
    match only_here.count() {
        0 => {}
        1 => parts.push("1 user who is in no other workspace".to_owned()),
        many => parts.push(format!("{many} users who are in no other workspace")),
    }
    Ok(if parts.is_empty() {
        "nothing in it".to_owned()
    } else {
        parts.join(", ")
    })
}
