//! The card integration API: configurations, and cards made out to people.

use crate::error::{Error, Fields, Result};
use crate::model::cards::Card;
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::model::events::{EventType, NewEvent};
use crate::model::ids::{IntegrationId, RecipientId};
use crate::model::integration::{Config, ConfigCreate, Details, Opened, Person, Send};
use crate::model::merge_tags::Needs;
use crate::model::recipients::{Address, Delivery};
use crate::model::scopes::Scope;
use crate::model::time::Timestamp;
use crate::store::recipients::NewRecipient;
use crate::store::{
    Conn, Tx, cards, editions, email_accounts, integration, mails, quota, recipients,
};

/// Makes a card's configuration.
///
/// # Errors
/// `workspace_not_found`, `card_not_found` (also for another user's id), `insufficient_scope`, `integration_config_exists`.
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

/// Takes a configuration away.
///
/// # Errors
/// `integration_config_missing`, `insufficient_scope`.
pub fn delete(tx: &Tx<'_>, caller: &Caller, ctx: &Ctx, id: IntegrationId) -> Result<()> {
    let workspace = integration::workspace_of_config(tx, caller, id)?;
    workspace.require(Scope::Delete)?;
    let config = integration::get(tx, workspace.id, id)?;
    integration::delete(tx, workspace.id, id)?;
    let event = NewEvent::new(EventType::IntegrationDeleted, &config)?;
    tx.record(
        &ctx.in_workspace(workspace.id),
        &event.of_card(config.card_id),
    )
}

/// Every card with a configuration in the workspaces that the credential opens.
///
/// # Errors
/// Only the database's own.
pub fn workflow_cards(conn: &Conn, caller: &Caller) -> Result<Vec<Details>> {
    let mut all = Vec::new();
    for workspace in integration::workspaces(conn, caller)? {
        all.extend(integration::workflow_cards(conn, workspace.id)?);
    }
    Ok(all)
}

/// A card that was made out to somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct MadeOut {
    /// The recipient's id.
    pub id: RecipientId,
    /// The address.
    pub email: Address,
}

/// A card that was made out to one or more people.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The card, as it was when it was sent.
    pub card: Card,
    /// The workspace that it comes from.
    pub workspace: Opened,
    /// The recipients, in the order of the request; never empty.
    pub recipients: Vec<MadeOut>,
}

/// Whether the cards that are made out are mailed too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// They go to the outbox and count against the month's cards.
    Mail,
    /// Only their URLs are handed out. Every tenth counts as one card.
    Link,
}

/// Makes a card out to people, all of them or none: recipients, mails and quota in one transaction.
///
/// # Errors
/// `card_not_found`, `insufficient_scope`, `integration_config_missing`, `email_account_not_found`, `invalid_request` for
/// an address that is none, a missing value (`strict`) or a card that would be too long, `recipient_unsubscribed`,
/// `quota_exceeded`.
pub fn send(
    tx: &Tx<'_>,
    caller: &Caller,
    ctx: &Ctx,
    order: &Send,
    strict: bool,
    way: Way,
) -> Result<Sent> {
    let workspace = integration::workspace_of_card(tx, caller, order.card)?;
    workspace.require(Scope::Write)?;
    let ctx = ctx.in_workspace(workspace.id);
    let config = integration::get(tx, workspace.id, order.integration_id)?;
    if config.card_id != order.card {
        return Err(order.integration_id.missing());
    }
    let sender = order
        .sender()
        .map(|id| email_accounts::get(tx, workspace.id, id))
        .transpose()?;
    let address = sender.as_ref().map(|sender| sender.address.as_str());
    let name = sender.as_ref().and_then(|sender| sender.name.as_deref());
    let card = cards::get(tx, workspace.id, order.card)?;
    check(&card, &order.merge_tags, strict)?;
    let now = Timestamp::now();
    let amount = order.merge_tags.len() as u64;
    match way {
        Way::Mail => quota::take_card_sends(tx, workspace.id, amount, now)?,
        Way::Link => quota::take_card_links(tx, workspace.id, amount, now)?,
    }
    let revision = editions::keep(tx, workspace.id, card.id)?;
    let mut made = Vec::with_capacity(order.merge_tags.len());
    for person in &order.merge_tags {
        let id = RecipientId::unguessable()?;
        let email = Address::of(&person.email);
        let recipient = NewRecipient {
            id,
            card: card.id,
            revision,
            email: &email,
            name: person.name.trim(),
            values: &person.values(),
            status: match way {
                Way::Mail => Delivery::Queued,
                Way::Link => Delivery::Link,
            },
            created_at: now,
        };
        recipients::insert(tx, workspace.id, &recipient)?;
        let kind = match way {
            Way::Mail => {
                let request_id = ctx.request_id.as_deref();
                mails::insert(tx, workspace.id, id, address, name, request_id, now)?;
                EventType::CardQueued
            }
            Way::Link => EventType::CardLinkCreated,
        };
        super::recipients::record(tx, &ctx, kind, &recipient.entry(workspace.id))?;
        made.push(MadeOut { id, email });
    }
    Ok(Sent {
        card,
        workspace,
        recipients: made,
    })
}

/// Most bytes that a card's texts may have once the values are in: a short text can ask for a long value many times.
const LONGEST: usize = 256 << 10;

/// Failing fields that are told at most: a short text can lack many values for many people.
const MOST_FIELDS: usize = 200;

/// That every person can get the card.
fn check(card: &Card, people: &[Person], strict: bool) -> Result<()> {
    let needs = Needs::of(card.texts());
    let mut fields = Fields::new();
    for (index, person) in people.iter().enumerate() {
        for (member, what) in failures(person, &needs, strict).take(MOST_FIELDS) {
            let message = format!("Merge tags[{index}]{member} {what}");
            fields.insert(format!("mergeTags[{index}]{member}"), message);
        }
        if fields.len() >= MOST_FIELDS {
            break;
        }
    }
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Error::InvalidRequest(fields))
    }
}

/// What is wrong with a person: the member, and what it has to be.
fn failures(
    person: &Person,
    needs: &Needs,
    strict: bool,
) -> impl Iterator<Item = (String, &'static str)> {
    let values = person.values();
    let bad_address = Address::parse(&person.email).is_none();
    let address = bad_address.then(|| (".email".to_owned(), "must be a valid email address"));
    let too_long = needs.filled_len(&values) > LONGEST;
    let length = too_long.then(|| (String::new(), "must not make the card longer than 256 KiB"));
    let missing: Vec<_> = match strict {
        true => needs
            .missing(&values)
            .take(MOST_FIELDS)
            .map(|tag| (format!(".{tag}"), "is required"))
            .collect(),
        false => Vec::new(),
    };
    address.into_iter().chain(length).chain(missing)
}
