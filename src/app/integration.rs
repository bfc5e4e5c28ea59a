//! The card integration API: configurations, and sending cards.

use crate::error::{Error, Fields, Result};
use crate::model::cards::Card;
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::model::events::{EventType, NewEvent};
use crate::model::ids::{CardId, EmailAccountId, IntegrationId, RecipientId};
use crate::model::integration::{
    AccessibleWorkspace, CardDetails, Config, ConfigCreate, Person, SendRequest,
};
use crate::model::merge_tags::TagUses;
use crate::model::recipients::{Address, Delivery};
use crate::model::scopes::Scope;
use crate::model::time::Timestamp;
use crate::store::recipients::NewRecipient;
use crate::store::{
    Conn, Tx, cards, editions, email_accounts, integration, mails, quota, recipients,
};

/// Creates a card's configuration.
///
/// # Errors
/// `workspace_not_found`, `card_not_found` (also for another user's id), `insufficient_scope`,
/// `integration_config_exists`.
pub fn create(tx: &Tx<'_>, caller: &Caller, ctx: &Ctx, new: ConfigCreate) -> Result<Config> {
    let workspace = integration::workspace(tx, caller, new.workspace_id)?;
    workspace.require(Scope::Write)?;
    if new.user_id != caller.user_id {
        return Err(new.card_id.missing());
    }
    cards::get(tx, workspace.id, new.card_id)?;
    let now = Timestamp::now();
    let config = Config {
        id: IntegrationId::new(),
        user_id: new.user_id,
        workspace_id: workspace.id,
        card_id: new.card_id,
        created_at: now,
        updated_at: now,
    };
    insert(tx, &ctx.in_workspace(workspace.id), &config)?;
    Ok(config)
}

/// Adds a configuration.
///
/// # Errors
/// `integration_config_exists`.
pub(super) fn insert(tx: &Tx<'_>, ctx: &Ctx, config: &Config) -> Result<()> {
    integration::insert(tx, ctx.workspace, config)?;
    let event = NewEvent::new(EventType::IntegrationCreated, config)?;
    tx.record(ctx, &event.of_card(config.card_id))
}

/// Deletes a configuration.
///
/// # Errors
/// `integration_config_missing`, `insufficient_scope`.
pub fn delete(tx: &Tx<'_>, caller: &Caller, ctx: &Ctx, id: IntegrationId) -> Result<()> {
    let workspace = integration::workspace_of_config(tx, caller, id)?;
    workspace.require(Scope::Delete)?;
    let config = integration::get(tx, workspace.id, id)?;
    end(tx, &ctx.in_workspace(workspace.id), &config)
}

/// Deletes a configuration of the workspace.
///
/// # Errors
/// Database errors only.
pub(super) fn end(tx: &Tx<'_>, ctx: &Ctx, config: &Config) -> Result<()> {
    integration::delete(tx, ctx.workspace, config.id)?;
    let event = NewEvent::new(EventType::IntegrationDeleted, config)?;
    tx.record(ctx, &event.of_card(config.card_id))
}

/// Returns every card with a configuration in the workspaces that the credential can access.
///
/// # Errors
/// Database errors only.
pub fn workflow_cards(conn: &Conn, caller: &Caller) -> Result<Vec<CardDetails>> {
    let mut all = Vec::new();
    for workspace in integration::workspaces(conn, caller)? {
        all.extend(integration::workflow_cards(conn, workspace.id)?);
    }
    Ok(all)
}

/// A recipient that was created for a card.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatedRecipient {
    /// The recipient's id.
    pub id: RecipientId,
    /// The address.
    pub email: Address,
}

/// A card and the recipients that were created for it.
#[derive(Clone, Debug, PartialEq)]
pub struct SentCard {
    /// The card at that time.
    pub card: Card,
    /// The card's workspace.
    pub workspace: AccessibleWorkspace,
    /// The recipients, in the order of the request. There is at least one.
    pub recipients: Vec<CreatedRecipient>,
}

/// How recipients get the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendMethod {
    /// By mail. The mails are queued in the outbox and count against the monthly quota.
    Mail,
    /// By URL. The client gets the URLs, and no mail is sent. Every tenth URL counts as one card.
    Link,
}

/// Creates recipients of a card: all of them or none. Recipients, mails and quota are one transaction.
///
/// # Errors
/// `card_not_found`, `insufficient_scope`, `integration_config_missing`, `email_account_not_found`,
/// `recipient_unsubscribed`, `quota_exceeded`, and `invalid_request` for an invalid address, a missing value (`strict`)
/// or a card that would be too long.
pub fn send(
    tx: &Tx<'_>,
    caller: &Caller,
    ctx: &Ctx,
    request: &SendRequest,
    strict: bool,
    method: SendMethod,
) -> Result<SentCard> {
    let workspace = integration::workspace_of_card(tx, caller, request.card)?;
    workspace.require(Scope::Write)?;
    let ctx = ctx.in_workspace(workspace.id);
    let config = integration::get(tx, workspace.id, request.integration_id)?;
    if config.card_id != request.card {
        return Err(request.integration_id.missing());
    }
    let (people, sender) = (&request.merge_tags, request.sender());
    let (card, recipients) = send_card(tx, &ctx, request.card, people, sender, strict, method)?;
    Ok(SentCard {
        card,
        workspace,
        recipients,
    })
}

/// Creates recipients of a card of the workspace, like [`send`], and returns the card with them.
///
/// # Errors
/// Those of [`send`], without those of the configuration.
pub fn send_card(
    tx: &Tx<'_>,
    ctx: &Ctx,
    id: CardId,
    people: &[Person],
    sender: Option<EmailAccountId>,
    strict: bool,
    method: SendMethod,
) -> Result<(Card, Vec<CreatedRecipient>)> {
    let sender = sender
        .map(|id| email_accounts::get(tx, ctx.workspace, id))
        .transpose()?;
    let address = sender.as_ref().map(|sender| sender.address.as_str());
    let name = sender.as_ref().and_then(|sender| sender.name.as_deref());
    let card = cards::get(tx, ctx.workspace, id)?;
    check(&card, people, strict)?;
    let now = Timestamp::now();
    let amount = people.len() as u64;
    match method {
        SendMethod::Mail => quota::take_card_sends(tx, ctx.workspace, amount, now)?,
        SendMethod::Link => quota::take_card_links(tx, ctx.workspace, amount, now)?,
    }
    let revision = editions::ensure(tx, ctx.workspace, card.id)?;
    let mut created = Vec::with_capacity(people.len());
    for person in people {
        let id = RecipientId::random()?;
        let email = Address::of(&person.email);
        let recipient = NewRecipient {
            id,
            card: card.id,
            revision,
            email: &email,
            name: person.name.trim(),
            values: &person.values(),
            status: match method {
                SendMethod::Mail => Delivery::Queued,
                SendMethod::Link => Delivery::Link,
            },
            created_at: now,
        };
        recipients::insert(tx, ctx.workspace, &recipient)?;
        let kind = match method {
            SendMethod::Mail => {
                let request_id = ctx.request_id.as_deref();
                mails::insert(tx, ctx.workspace, id, address, name, request_id, now)?;
                EventType::CardQueued
            }
            SendMethod::Link => EventType::CardLinkCreated,
        };
        super::recipients::record(tx, ctx, kind, &recipient.entry(ctx.workspace))?;
        created.push(CreatedRecipient { id, email });
    }
    Ok((card, created))
}

/// Maximum bytes of a card's texts with its values: a short text can use a long value many times.
const MAX_BYTES: usize = 256 << 10;

/// Maximum number of invalid fields that are reported: a short text can lack many values for many people.
const MAX_FIELDS: usize = 2_000;

/// Checks that every person can get the card.
fn check(card: &Card, people: &[Person], strict: bool) -> Result<()> {
    let uses = TagUses::of(card.texts());
    let mut fields = Fields::new();
    for (index, person) in people.iter().enumerate() {
        let room = MAX_FIELDS - fields.len();
        for (member, what) in failures(person, &uses, strict).take(room) {
            let message = format!("Merge tags[{index}]{member} {what}");
            fields.insert(format!("mergeTags[{index}]{member}"), message);
        }
        if fields.len() == MAX_FIELDS {
            break;
        }
    }
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Error::InvalidRequest(fields))
    }
}

/// Returns a person's invalid fields, each with what is wrong.
fn failures(
    person: &Person,
    uses: &TagUses,
    strict: bool,
) -> impl Iterator<Item = (String, &'static str)> {
    let values = person.values();
    let bad_address = Address::parse(&person.email).is_none();
    let address = bad_address.then(|| (".email".to_owned(), "must be a valid email address"));
    let too_long = uses.filled_len(&values) > MAX_BYTES;
    let length = too_long.then(|| (String::new(), "must not make the card longer than 256 KiB"));
    let missing: Vec<_> = match strict {
        true => uses
            .missing(&values)
            .take(MAX_FIELDS)
            .map(|tag| (format!(".{tag}"), "is required"))
            .collect(),
        false => Vec::new(),
    };
    address.into_iter().chain(length).chain(missing)
}
