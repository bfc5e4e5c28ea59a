//! The contents of a new data folder: a workspace, its owner, a sample board and card, and the first credentials.

use uuid::Uuid;

use super::{
    boards, cards, integration, integration_keys, labels, lanes, members, projects, sign_in_links,
    subtasks, tasks, tokens, users, workspaces,
};
use crate::error::Result;
use crate::model::accounts::Account;
use crate::model::boards::BoardCreate;
use crate::model::cards::CardCreate;
use crate::model::context::Ctx;
use crate::model::ids::{IntegrationId, LabelId, ProjectId, UserId, WorkspaceId};
use crate::model::integration::Config;
use crate::model::labels::LabelCreate;
use crate::model::lanes::LaneCreate;
use crate::model::projects::ProjectCreate;
use crate::model::scopes::{Role, Scopes};
use crate::model::secrets::Secret;
use crate::model::sign_in_links::FIRST_LIFE;
use crate::model::subtasks::SubtaskCreate;
use crate::model::tasks::{Status, TaskCreate};
use crate::model::time::Timestamp;
use crate::model::tokens::{MAX_LIFE_DAYS, TokenSecret};
use crate::store::Tx;

/// The message of the sample card.
const WELCOME: &str = "Hello **{{name}}**,

\
    this card was written once, and everybody it is sent to gets it with their own name on it. \
    Best wishes to all of you at {{company}}!

\
    *Sent with Tackboard*";

/// The address of the owner of a new data folder, until the owner enters one. No mail can reach it.
pub const OWNER_EMAIL: &str = "owner@tackboard.invalid";

/// The address of a user to show; `None` for the owner of a new data folder, who has not entered one.
pub fn shown_email(account: &Account) -> Option<&str> {
    (account.email != OWNER_EMAIL).then_some(&*account.email)
}

/// The credentials of a new data folder. They are shown only once.
pub struct FirstCredentials {
    /// An API token with every scope.
    pub token: TokenSecret,
    /// The owner's key for the card integration API.
    pub integration_key: Uuid,
    /// The code of a link that signs the owner in once.
    pub sign_in_code: Secret,
    /// The workspace of both.
    pub workspace_id: WorkspaceId,
}

/// Fills the database. Links begin with this origin.
///
/// # Errors
/// Database errors only.
pub fn create(tx: &Tx<'_>, origin: &str) -> Result<FirstCredentials> {
    let workspace = workspaces::create(tx, "My workspace", None, "teams")?;
    let ctx = Ctx::system(workspace.id);
    let owner = users::create(tx, OWNER_EMAIL, "Owner")?;
    members::join(tx, &ctx, &owner, Role::Owner)?;
    sample_board(tx, &ctx)?;
    sample_card(tx, &ctx, owner.id, origin)?;
    let ends = Timestamp::now().plus_days(MAX_LIFE_DAYS);
    let (_, token) = tokens::issue(
        tx,
        &ctx,
        owner.id,
        "First token".to_owned(),
        Scopes::ALL,
        ends,
    )?;
    let integration_key = integration_keys::create(tx, &ctx, owner.id)?;
    Ok(FirstCredentials {
        token,
        integration_key,
        sign_in_code: sign_in_links::create(tx, owner.id, FIRST_LIFE)?,
        workspace_id: workspace.id,
    })
}

fn sample_board(tx: &Tx<'_>, ctx: &Ctx) -> Result<()> {
    let board = boards::create(
        tx,
        ctx,
        BoardCreate {
            name: "Getting started".to_owned(),
            description: Some(
                "A board to try the API on. Change it, fill it, delete it.".to_owned(),
            ),
            icon: Some("🚀".to_owned()),
            accent_color: None,
            background_color: None,
            layout_preference: None,
        },
    )?;
    for (name, wip_limit) in [("To do", None), ("Doing", Some(3)), ("Done", None)] {
        lanes::create(
            tx,
            ctx,
            board.id,
            LaneCreate {
                name: name.to_owned(),
                wip_limit,
                color: None,
            },
        )?;
    }
    let label = LabelCreate {
        name: "Tutorial".to_owned(),
        color: "#2563eb".to_owned(),
    };
    let label = labels::create(tx, ctx, board.id, label)?.id;
    let project = projects::create(
        tx,
        ctx,
        ProjectCreate {
            board_id: board.id,
            name: "First steps".to_owned(),
            description: Some("What a newcomer does first.".to_owned()),
        },
    )?;
    sample_tasks(tx, ctx, project.id, label)
}

/// Creates a card that an automation can send immediately.
fn sample_card(tx: &Tx<'_>, ctx: &Ctx, user_id: UserId, origin: &str) -> Result<()> {
    let welcome = CardCreate {
        title: "Welcome, {{name}}!".to_owned(),
        message: Some(WELCOME.to_owned()),
        cover_url: None,
        accent_color: None,
        subject: None,
        sender_name: None,
    };
    let card = cards::create(tx, ctx, welcome, origin)?;
    let config = Config {
        id: IntegrationId::new(),
        user_id,
        workspace_id: ctx.workspace,
        card_id: card.id,
        created_at: card.created_at,
        updated_at: card.created_at,
    };
    integration::insert(tx, ctx, &config)
}

fn sample_tasks(tx: &Tx<'_>, ctx: &Ctx, project_id: ProjectId, tutorial: LabelId) -> Result<()> {
    let add = |label: &str, status| {
        let new = TaskCreate {
            status,
            label_ids: vec![tutorial],
            ..TaskCreate::new(project_id, label)
        };
        tasks::create(tx, ctx, new)
    };
    add("Start Tackboard", Status::Done)?;
    add("List the boards with curl", Status::InProgress)?;
    let third = add("Create a task of your own", Status::Open)?;
    for label in ["Read the project's id", "POST to /v1/tasks"] {
        let label = label.to_owned();
        subtasks::create(
            tx,
            ctx,
            third.id,
            SubtaskCreate {
                label,
                is_completed: false,
            },
        )?;
    }
    Ok(())
}
