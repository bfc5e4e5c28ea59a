//! `tackboard token …`

use clap::{Args, Subcommand};
use serde::Serialize;

use super::args;
use super::common::Common;
use super::output;
use crate::app;
use crate::error::Error;
use crate::error::failure::{Failure, refuse};
use crate::model::context::Ctx;
use crate::model::ids::{TokenId, UserId, WorkspaceId};
use crate::model::scopes::{Scope, Scopes};
use crate::model::time::Timestamp;
use crate::model::tokens::{DEFAULT_LIFE_DAYS, MAX_LIFE_DAYS, Token};
use crate::store::{tokens, workspaces};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create an API token and print it; it won't be shown again
    Create(Create),
    /// List API tokens, oldest first, without their secrets
    List {
        /// Id or slug of a workspace [default: all]
        #[arg(long)]
        workspace: Option<String>,
    },
    /// Revoke an API token immediately
    Revoke {
        /// Id of the token; `tackboard token list` shows it
        #[arg(value_parser = args::token_id)]
        id: TokenId,
    },
}

#[derive(Args)]
pub(super) struct Create {
    /// Id or slug of the workspace that the token gives access to
    #[arg(long)]
    workspace: String,
    /// Id or email address of the token's user, who must be a member of the workspace
    #[arg(long)]
    user: String,
    /// Name of the token
    #[arg(long, value_parser = args::name)]
    name: String,
    /// Scopes, separated by commas; write does not include read, admin includes all
    #[arg(long, required = true, value_delimiter = ',', value_parser = args::scope())]
    scopes: Vec<Scope>,
    /// Days until the token expires, 1 to 365
    #[arg(long, value_name = "DAYS", default_value_t = DEFAULT_LIFE_DAYS,
        value_parser = clap::value_parser!(i64).range(1..=MAX_LIFE_DAYS))]
    expires_in_days: i64,
}

/// A new token with its secret.
#[derive(Serialize)]
struct NewToken<'t> {
    #[serde(flatten)]
    token: &'t Token,
    workspace_id: WorkspaceId,
    user_id: UserId,
    #[serde(rename = "token")]
    secret: &'t str,
}

pub(super) fn run(common: &Common, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(new) => create(common, new),
        Command::List { workspace } => list(common, workspace.as_deref()),
        Command::Revoke { id } => revoke(common, id),
    }
}

fn create(common: &Common, new: Create) -> Result<(), Failure> {
    let scopes = Scopes::from(new.scopes);
    let (workspace, user, role, (token, secret)) = common.write(|tx| {
        let workspace = args::workspace(tx, &new.workspace)?;
        let user = args::user(tx, &new.user)?;
        let member = user
            .memberships
            .iter()
            .find(|member| member.workspace_id == workspace.id);
        let role = member
            .ok_or_else(|| args::not_a_member(&user, &workspace))?
            .role;
        if role.restrict(scopes) == Scopes::default() {
            let role = role.as_str();
            return Err(refuse(format!(
                "a {role}'s token with these scopes could not do anything; add read"
            )));
        }
        // Computed inside the transaction: the wait for it must not shorten the token's life.
        let ends = Timestamp::now().plus_days(new.expires_in_days);
        let ctx = Ctx::command(workspace.id);
        let made = app::tokens::issue(tx, &ctx, user.id, new.name, scopes, ends)?;
        Ok((workspace, user, role, made))
    })?;
    let allowed = role.restrict(scopes);
    if allowed != scopes {
        output::warn(&format!(
            "the role {} of {} in {} allows only these scopes: {}",
            role.as_str(),
            user.email,
            workspace.slug,
            names(allowed)
        ));
    }
    let secret = secret.expose();
    let shown = NewToken {
        token: &token,
        workspace_id: workspace.id,
        user_id: user.id,
        secret,
    };
    common.show(&shown, || secret.to_owned())
}

fn list(common: &Common, workspace: Option<&str>) -> Result<(), Failure> {
    let found = common.read(|conn| {
        let workspaces = match workspace {
            Some(workspace) => vec![args::workspace(conn, workspace)?],
            None => workspaces::list(conn)?,
        };
        let each = workspaces
            .iter()
            .map(|workspace| tokens::list_with_owners(conn, workspace.id));
        Ok(each.collect::<Result<Vec<_>, Error>>()?.concat())
    })?;
    let now = Timestamp::now();
    common.show_list(
        &found,
        ["ID", "NAME", "TOKEN", "WORKSPACE", "USER", "SCOPES", "EXPIRES", "LAST USED"],
        |owned| {
            let token = &owned.token;
            let expired = if token.expires_at <= now { " (expired)" } else { "" };
            [
                token.id.to_string(),
                token.name.clone(),
                format!("{}…", token.prefix),
                owned.workspace.clone(),
                owned.email.clone(),
                names(token.scopes),
                format!("{}{expired}", token.expires_at),
                token.last_used_at.map_or_else(|| "never".to_owned(), |moment| moment.to_string()),
            ]
        },
        "No tokens yet. Create one with `tackboard token create --workspace WORKSPACE --user USER --name NAME \
         --scopes read`.",
    )
}

fn names(scopes: Scopes) -> String {
    let names: Vec<_> = scopes.iter().map(Scope::as_str).collect();
    names.join(",")
}

fn revoke(common: &Common, id: TokenId) -> Result<(), Failure> {
    common.write(|tx| match tokens::workspace_of(tx, id) {
        Ok(workspace) => Ok(app::tokens::delete(tx, &Ctx::command(workspace), id)?),
        Err(error) if error.code() == id.missing().code() => Err(refuse(format!(
            "no token has the id {id}; `tackboard token list` shows all"
        ))),
        Err(error) => Err(error.into()),
    })?;
    common.show_deleted(&id, || format!("Revoked token {id}."))
}
