//! Digital cards.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::model::cards::{
    Card, CardCreate, CardUpdate, Cover, DEFAULT_ACCENT_COLOR, MAX_URL_LENGTH, https_url,
};
use crate::model::context::Ctx;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::{CardId, WorkspaceId};
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, cards, covers, integration, recipients};

/// Creates a card. URLs of uploaded covers begin with this origin.
///
/// # Errors
/// `invalid_request` for a cover of another workspace, `resource_limit_exceeded`.
pub fn create(tx: &Tx<'_>, ctx: &Ctx, new: CardCreate, origin: &str) -> Result<Card> {
    let now = Timestamp::now();
    let card = Card {
        id: CardId::new(),
        revision: 1,
        title: new.title,
        message: new.message.unwrap_or_default(),
        cover: cover(tx, ctx.workspace, new.cover_url, origin)?,
        accent_color: new
            .accent_color
            .unwrap_or_else(|| DEFAULT_ACCENT_COLOR.to_owned()),
        subject: new.subject,
        sender_name: new.sender_name,
        created_at: now,
        updated_at: now,
    };
    add(tx, ctx, &card, origin)?;
    Ok(card)
}

/// Adds a card.
///
/// # Errors
/// `resource_limit_exceeded`.
pub(super) fn add(tx: &Tx<'_>, ctx: &Ctx, card: &Card, origin: &str) -> Result<()> {
    cards::insert(tx, ctx.workspace, card)?;
    tx.record(ctx, &event(EventType::CardCreated, card, origin)?)
}

/// Updates a card. Recipients see every field, so any change makes a new revision.
///
/// # Errors
/// `card_not_found`, `invalid_request` for a cover of another workspace.
pub fn update(
    tx: &Tx<'_>,
    ctx: &Ctx,
    id: CardId,
    change: CardUpdate,
    origin: &str,
) -> Result<Card> {
    let old = cards::get(tx, ctx.workspace, id)?;
    let card = Card {
        title: change.title.unwrap_or_else(|| old.title.clone()),
        message: change.message.unwrap_or_else(|| old.message.clone()),
        cover: match change.cover_url {
            Some(url) => cover(tx, ctx.workspace, url, origin)?,
            None => old.cover.clone(),
        },
        accent_color: change
            .accent_color
            .unwrap_or_else(|| old.accent_color.clone()),
        subject: change.subject.unwrap_or_else(|| old.subject.clone()),
        sender_name: change
            .sender_name
            .unwrap_or_else(|| old.sender_name.clone()),
        ..old.clone()
    };
    revise(tx, ctx, &old, card, origin)
}

/// Deletes a card with its cover, recipients, queued mails and configuration.
///
/// # Errors
/// `card_not_found`.
pub fn delete(tx: &Tx<'_>, ctx: &Ctx, id: CardId, origin: &str) -> Result<()> {
    let card = cards::get(tx, ctx.workspace, id)?;
    let totals = recipients::totals(tx, ctx.workspace, id)?;
    let has_integration = integration::exists_for(tx, ctx.workspace, id)?;
    cards::delete(tx, ctx.workspace, id)?;
    let deleted = [
        ("integrations", u64::from(has_integration)),
        ("recipients", totals.recipients),
    ];
    let event = event(EventType::CardDeleted, &card, origin)?;
    tx.record(ctx, &event.with_deleted(&deleted))
}

/// Stores a card as a new revision, if it has changed.
pub(super) fn revise(
    tx: &Tx<'_>,
    ctx: &Ctx,
    old: &Card,
    mut card: Card,
    origin: &str,
) -> Result<Card> {
    if card != *old {
        card.revision += 1;
        card.updated_at = Timestamp::now();
        cards::update(tx, ctx.workspace, &card)?;
        let changes = Changes::between(
            &old.clone().into_response(origin),
            &card.clone().into_response(origin),
        )?;
        let event = event(EventType::CardUpdated, &card, origin)?;
        tx.record(ctx, &event.with_changes(changes))?;
    }
    Ok(card)
}

fn event(kind: EventType, card: &Card, origin: &str) -> Result<NewEvent> {
    let event = NewEvent::new(kind, &card.clone().into_response(origin))?;
    Ok(event.of_card(card.id))
}

/// Checks the URL of the cover in a body that violates its schema.
///
/// # Errors
/// `invalid_request` for the field `coverUrl`.
pub fn check_cover(conn: &Conn, workspace: WorkspaceId, body: &Value, origin: &str) -> Result<()> {
    let url = body["coverUrl"].as_str().map(str::to_owned);
    cover(conn, workspace, url, origin).map(drop)
}

/// The cover that a URL names: an uploaded cover if the URL is one of ours, otherwise an external image.
fn cover(
    conn: &Conn,
    workspace: WorkspaceId,
    url: Option<String>,
    origin: &str,
) -> Result<Option<Cover>> {
    let Some(url) = url else { return Ok(None) };
    let elsewhere = https_url(&url).map(String::from);
    // A URL of ours counts as ours in any spelling.
    let spellings = [Some(&url), elsewhere.as_ref()];
    let ours = spellings
        .into_iter()
        .flatten()
        .find_map(|url| Cover::id_of(url, origin));
    match (ours, elsewhere) {
        (Some(Ok(id)), _) if covers::exists(conn, workspace, id)? => Ok(Some(Cover::Uploaded(id))),
        (None, Some(url)) if url.len() <= MAX_URL_LENGTH => Ok(Some(Cover::Elsewhere(url))),
        (None, Some(_)) => Err(Error::field(
            "coverUrl",
            format!("Cover URL must be at most {MAX_URL_LENGTH} characters in ASCII"),
        )),
        _ => Err(not_ours()),
    }
}

fn not_ours() -> Error {
    Error::field(
        "coverUrl",
        "Cover URL must be an https:// URL, or that of an uploaded cover of this workspace",
    )
}
