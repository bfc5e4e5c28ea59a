//! `list_cards`, `get_card`, `write_card` and `send_card`

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::calls::{Agent, Change, Show, Step, arguments, value};
use super::references::Names;
use super::words::{self, to_api};
use crate::app;
use crate::app::integration::{CreatedRecipient, SendMethod, send_card};
use crate::error::{Error, Result};
use crate::model::cards::{CardCreate, CardUpdate};
use crate::model::ids::CardId;
use crate::model::integration::Person;
use crate::model::page::{PageQuery, PageRequest};
use crate::model::scopes::Scope;
use crate::store::{Conn, cards, recipients};

/// Cards per page if the agent gives no limit.
const DEFAULT_LIMIT: u32 = 100;

#[derive(Deserialize)]
struct OneCard {
    card: String,
}

#[derive(Deserialize)]
struct Sending {
    card: String,
    recipients: Vec<Person>,
}

/// Returns a page of the workspace's cards.
pub(super) fn list(agent: &Agent, conn: &Conn, given: Value) -> Result<Step> {
    let mut query: PageQuery = arguments(given)?;
    query.limit = query.limit.or(Some(DEFAULT_LIMIT));
    let page = PageRequest::from_query(&query)?;
    let page = cards::list(conn, agent.workspace, &page, &agent.origin)?;
    Ok(Step::Done(
        json!({ "cards": page.rows, "next_cursor": page.next_cursor }),
    ))
}

/// Returns a card and the totals of its recipients.
pub(super) fn get(agent: &Agent, conn: &Conn, given: Value) -> Result<Step> {
    let OneCard { card } = arguments(given)?;
    let id = Names::new(conn, agent.workspace, agent.scopes).card("card", &card)?;
    let card = cards::get(conn, agent.workspace, id)?.into_response(&agent.origin);
    let totals = recipients::totals(conn, agent.workspace, id)?;
    Ok(Step::Done(json!({ "card": card, "totals": totals })))
}

/// Creates a card, or updates the one that is named.
pub(super) fn write(agent: &Agent, conn: &Conn, given: Value) -> Result<Step> {
    let mut fields: Map<String, Value> = arguments(given)?;
    let named = fields.remove("card");
    let origin = agent.origin.clone();
    let fields = to_api(fields, &words::CARD);
    if let Some(named) = named.as_ref().and_then(Value::as_str) {
        let id = Names::new(conn, agent.workspace, agent.scopes).card("card", named)?;
        let change: CardUpdate = arguments(fields)?;
        return Ok(Change::step(Scope::Write, move |tx, ctx, _| {
            let card = app::cards::update(tx, ctx, id, change.clone(), &origin);
            let card = card.map_err(|error| words::in_tool(error, &words::CARD))?;
            shown(&card.into_response(&origin))
        }));
    }
    if fields["title"].is_null() {
        return Err(Error::field("title", "Title is required for a new card"));
    }
    let new: CardCreate = arguments(fields)?;
    Ok(Change::step(Scope::Write, move |tx, ctx, _| {
        let card = app::cards::create(tx, ctx, new.clone(), &origin);
        let card = card.map_err(|error| words::in_tool(error, &words::CARD))?;
        shown(&card.into_response(&origin))
    }))
}

fn shown(card: &impl serde::Serialize) -> Result<Show> {
    let card = value(card)?;
    Ok(Box::new(move || Ok(json!({ "card": card }))))
}

/// Mails a card. A missing value is an error, because a person who reads the card would see a gap.
pub(super) fn send(agent: &Agent, conn: &Conn, given: Value) -> Result<Step> {
    let Sending { card, recipients } = arguments(given)?;
    let card: CardId = Names::new(conn, agent.workspace, agent.scopes).card("card", &card)?;
    Ok(Change::step(Scope::Write, move |tx, ctx, _| {
        let sent = send_card(tx, ctx, card, &recipients, None, true, SendMethod::Mail);
        let (_, created) = sent.map_err(|error| words::in_tool(error, &words::SENDING))?;
        let show = move || {
            let one = |to: &CreatedRecipient| json!({ "id": to.id, "email": to.email.as_str() });
            let recipients: Vec<_> = created.iter().map(one).collect();
            Ok(json!({ "recipients": recipients }))
        };
        Ok(Box::new(show) as Show)
    }))
}
