//! The contents of a new data folder: a workspace, its owner, a sample board and card, and the first credentials.

mod getting_started;

use uuid::Uuid;

use super::{
    cards, integration, integration_keys, members, sign_in_links, tokens, users, workspaces,
};
use crate::error::Result;
use crate::model::accounts::Account;
use crate::model::cards::CardCreate;
use crate::model::context::Ctx;
use crate::model::ids::{IntegrationId, UserId, WorkspaceId};
use crate::model::integration::Config;
use crate::model::scopes::{Role, Scopes};
use crate::model::secrets::Secret;
use crate::model::sign_in_links::FIRST_LIFE;
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
    getting_started::create(tx, &ctx)?;
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
