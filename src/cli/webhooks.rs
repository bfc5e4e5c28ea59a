//! `tackboard webhook …`

use std::collections::HashSet;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::args;
use super::common::Common;
use crate::app;
use crate::config::Given;
use crate::error::Result;
use crate::error::failure::{Failure, refuse};
use crate::model::addresses::{AllowList, AllowedTarget};
use crate::model::context::Ctx;
use crate::model::deliveries::{Delivery, DeliveryFilter, DeliveryStatus};
use crate::model::ids::{BoardId, WebhookId, WorkspaceId};
use crate::model::page::PageRequest;
use crate::model::time::Timestamp;
use crate::model::webhooks::{
    Payload, RecoveryResponse, RecoveryScope, RecoverySince, Webhook, WebhookCreate,
    WebhookProgress, WebhookUpdate,
};
use crate::store::{Conn, Tx, webhooks, workspaces};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create a webhook and print its secret, which cannot be shown again
    Create(Create),
    /// List webhooks, oldest first
    List {
        /// Id or slug of a workspace [default: all]
        #[arg(long)]
        workspace: Option<String>,
    },
    /// Switch a webhook off: deliveries that wait for a retry fail
    Disable(Which),
    /// Switch a webhook on again: it starts with the next event
    Enable(Which),
    /// Show the deliveries of a webhook, newest first
    Deliveries(Deliveries),
    /// Deliver events again that failed or were missed
    Recover(Recover),
}

#[derive(Args)]
pub(super) struct Which {
    /// Id of the webhook; `tackboard webhook list` shows it
    #[arg(value_parser = args::webhook_id)]
    id: WebhookId,
}

#[derive(Args)]
pub(super) struct Create {
    /// Id or slug of the workspace
    #[arg(long)]
    workspace: String,
    /// Name of the webhook
    #[arg(long, value_parser = args::name)]
    name: String,
    /// URL that receives the events
    #[arg(long)]
    url: String,
    /// Which events are sent: types such as task.created, task.* or *; repeatable
    #[arg(long, value_parser = args::event_pattern, value_delimiter = ',', required = true, value_name = "TYPE")]
    events: Vec<String>,
    /// Id of a board, to send only its events [default: all boards]
    #[arg(long)]
    board: Option<String>,
    /// Send only ids instead of whole objects
    #[arg(long)]
    thin: bool,
    /// Networks and hosts that webhooks can reach although they are not public; give the server the same [default: none]
    #[arg(
        long,
        env = "TACKBOARD_WEBHOOK_ALLOW",
        value_name = "CIDR|HOST",
        value_delimiter = ','
    )]
    webhook_allow: Option<Vec<AllowedTarget>>,
}

#[derive(Args)]
pub(super) struct Deliveries {
    #[command(flatten)]
    which: Which,
    /// Only deliveries with this status: pending, delivered, failed or skipped [default: all]
    #[arg(long, value_parser = status)]
    status: Option<DeliveryStatus>,
    /// Number of deliveries
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=500), value_name = "N")]
    limit: u32,
}

#[derive(Args)]
pub(super) struct Recover {
    #[command(flatten)]
    which: Which,
    /// A time such as 2024-01-15T10:30:00Z, or the sequence of an event, after which to start
    #[arg(long, value_parser = args::recovery_since, value_name = "TIME|SEQUENCE")]
    since: RecoverySince,
    /// Also deliver events again that were delivered [default: only those that failed or were missed]
    #[arg(long)]
    all: bool,
}

/// A webhook and its workspace.
#[derive(Serialize)]
struct WebhookWithWorkspace {
    #[serde(flatten)]
    webhook: Webhook,
    workspace_id: WorkspaceId,
    /// The first failure since the last success.
    failing_since: Option<Timestamp>,
    #[serde(skip)]
    workspace: String,
}

/// A recovery of a webhook.
#[derive(Serialize)]
struct RecoveryOfWebhook {
    /// The webhook's id.
    id: WebhookId,
    #[serde(flatten)]
    recovery: RecoveryResponse,
}

/// A new webhook with its secret.
#[derive(Serialize)]
struct NewWebhook<'w> {
    #[serde(flatten)]
    webhook: &'w Webhook,
    workspace_id: WorkspaceId,
    secret: &'w str,
}

pub(super) fn run(common: &Common, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(new) => create(common, new),
        Command::List { workspace } => list(common, workspace.as_deref()),
        Command::Disable(which) => switch(common, which.id, false),
        Command::Enable(which) => switch(common, which.id, true),
        Command::Deliveries(options) => deliveries(common, &options),
        Command::Recover(options) => recover(common, &options),
    }
}

fn create(common: &Common, new: Create) -> Result<(), Failure> {
    let given = Given {
        webhook_allow: new.webhook_allow.clone(),
        ..Given::default()
    };
    let allowed = common.settings(given)?.webhook_allow;
    let board = new.board.as_deref().map(board_id).transpose()?;
    let mut seen = HashSet::new();
    if let Some(twice) = new.events.iter().find(|event| !seen.insert(*event)) {
        return Err(refuse(format!("--events has {twice} twice")));
    }
    let (workspace, webhook, secret) = common.write(|tx| {
        let workspace = args::workspace(tx, &new.workspace)?;
        let new = WebhookCreate {
            name: new.name,
            url: new.url,
            events: new.events,
            secret: None,
            board_id: board,
            payload: if new.thin {
                Payload::Thin
            } else {
                Payload::Full
            },
            is_active: None,
        };
        let ctx = Ctx::command(workspace.id);
        let (webhook, secret) = app::webhooks::create(tx, &ctx, new, &allowed)?;
        Ok((workspace.id, webhook, secret))
    })?;
    let secret = secret.expose();
    let shown = NewWebhook {
        webhook: &webhook,
        workspace_id: workspace,
        secret,
    };
    common.show(&shown, || secret.to_owned())
}

fn board_id(text: &str) -> Result<BoardId, Failure> {
    text.parse()
        .map_err(|_| refuse(format!("{text:?} is not the id of a board")))
}

fn list(common: &Common, workspace: Option<&str>) -> Result<(), Failure> {
    let found = common.read(|conn| with_workspaces(conn, workspace))?;
    common.show_list(
        &found,
        ["ID", "NAME", "URL", "EVENTS", "STATE", "WORKSPACE"],
        |row| {
            [
                row.webhook.id.to_string(),
                row.webhook.name.clone(),
                row.webhook.url.clone(),
                row.webhook.events.join(","),
                state(row),
                row.workspace.clone(),
            ]
        },
        "No webhooks yet. Create one with `tackboard webhook create --workspace WORKSPACE --name NAME --url URL --events TYPE`.",
    )
}

fn with_workspaces(
    conn: &Conn,
    workspace: Option<&str>,
) -> Result<Vec<WebhookWithWorkspace>, Failure> {
    let workspaces = match workspace {
        Some(workspace) => vec![args::workspace(conn, workspace)?],
        None => workspaces::list(conn)?,
    };
    let mut found = Vec::new();
    for workspace in workspaces {
        let list = webhooks::list_with_progress(conn, workspace.id)?;
        let with_workspace = |progress: WebhookProgress| WebhookWithWorkspace {
            webhook: progress.webhook,
            workspace_id: workspace.id,
            failing_since: progress.failing_since,
            workspace: workspace.slug.clone(),
        };
        found.extend(list.into_iter().map(with_workspace));
    }
    Ok(found)
}

fn state(row: &WebhookWithWorkspace) -> String {
    match (&row.webhook.disabled_reason, row.failing_since) {
        (Some(reason), _) => format!("off: {reason}"),
        (None, _) if !row.webhook.is_active => "off".to_owned(),
        (None, Some(since)) => format!("failing since {since}"),
        (None, None) => "on".to_owned(),
    }
}

fn switch(common: &Common, id: WebhookId, is_active: bool) -> Result<(), Failure> {
    let change = WebhookUpdate {
        is_active: Some(is_active),
        ..WebhookUpdate::default()
    };
    let webhook = write_about(common, id, |tx, ctx| {
        app::webhooks::update(tx, ctx, id, change, &AllowList::default())
    })?;
    common.show(&webhook, || match is_active {
        true => format!("Switched on webhook {id}. Events that it missed: tackboard webhook recover {id} --since TIME"),
        false => format!("Switched off webhook {id}."),
    })
}

fn deliveries(common: &Common, options: &Deliveries) -> Result<(), Failure> {
    let id = options.which.id;
    let filter = DeliveryFilter {
        status: options.status,
        event_id: None,
    };
    let page = PageRequest {
        limit: Some(options.limit),
        after: None,
    };
    let found = common.read(|conn| {
        let workspace = workspace_of(conn, id)?;
        Ok(app::deliveries::list(conn, workspace, id, filter, &page)?.rows)
    })?;
    common.show_list(
        &found,
        ["ID", "EVENT", "STATUS", "ATTEMPTS", "CREATED", "RESULT"],
        |row| {
            [
                row.id.to_string(),
                row.event.clone(),
                row.status.as_str().to_owned(),
                row.attempts.to_string(),
                row.created_at.to_string(),
                result(row),
            ]
        },
        "No deliveries.",
    )
}

fn result(delivery: &Delivery) -> String {
    match (&delivery.error, delivery.response_status) {
        (Some(error), _) => error.clone(),
        (None, Some(status)) => status.to_string(),
        (None, None) => String::new(),
    }
}

fn recover(common: &Common, options: &Recover) -> Result<(), Failure> {
    let id = options.which.id;
    let only = match options.all {
        true => RecoveryScope::All,
        false => RecoveryScope::Failed,
    };
    let recovery = write_about(common, id, |tx, ctx| {
        app::deliveries::recover(tx, ctx, id, options.since, only)
    })?;
    let shown = RecoveryResponse::from(recovery);
    let with_id = RecoveryOfWebhook {
        id,
        recovery: shown,
    };
    common.show(&with_id, || match shown.since == shown.until {
        true => "There are no events to deliver again.".to_owned(),
        false => format!(
            "The server delivers the events after {} up to {} again.",
            shown.since, shown.until
        ),
    })
}

/// Makes a change to a webhook in its workspace.
fn write_about<T>(
    common: &Common,
    id: WebhookId,
    change: impl FnOnce(&Tx<'_>, &Ctx) -> Result<T>,
) -> Result<T, Failure> {
    common.write(|tx| {
        let workspace = workspace_of(tx, id)?;
        Ok(change(tx, &Ctx::command(workspace))?)
    })
}

fn workspace_of(conn: &Conn, id: WebhookId) -> Result<WorkspaceId, Failure> {
    match webhooks::workspace_of(conn, id) {
        Err(error) if error.code() == id.missing().code() => Err(refuse(format!(
            "no webhook has the id {id}; `tackboard webhook list` shows all"
        ))),
        found => Ok(found?),
    }
}

fn status(text: &str) -> Result<DeliveryStatus, String> {
    DeliveryStatus::parse(text)
        .ok_or_else(|| "must be pending, delivered, failed or skipped".to_owned())
}
