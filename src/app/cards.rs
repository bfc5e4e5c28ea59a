//! Digital cards.

use crate::error::{Error, Result};
use crate::model::cards::{
    Card, CardCreate, CardUpdate, Cover, DEFAULT_ACCENT_COLOR, LONGEST_URL, https_url,
};
use crate::model::ids::{CardId, WorkspaceId};
use crate::model::time::Timestamp;
use crate::store::{Tx, cards, covers};

/// Makes a card. URLs of uploaded covers begin with this origin.
///
/// # Errors
/// `invalid_request` on a cover that is none of the workspace's, `resource_limit_exceeded`.
pub fn create(tx: &Tx<'_>, workspace: WorkspaceId, new: CardCreate, origin: &str) -> Result<Card> {
    let now = Timestamp::now();
    let card = Card {
        id: CardId::new(),
        revision: 1,
        title: new.title,
        message: new.message.unwrap_or_default(),
        cover: cover(tx, workspace, new.cover_url, origin)?,
        accent_color: new
            .accent_color
            .unwrap_or_else(|| DEFAULT_ACCENT_COLOR.to_owned()),
        subject: new.subject,
        sender_name: new.sender_name,
        created_at: now,
        updated_at: now,
    };
    cards::insert(tx, workspace, &card)?;
    Ok(card)
}

/// Changes a card. Whatever changes is something that a recipient sees, so it makes a new revision.
///
/// # Errors
/// `card_not_found`, `invalid_request` on a cover that is none of the workspace's.
pub fn update(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    id: CardId,
    change: CardUpdate,
    origin: &str,
) -> Result<Card> {
    let old = cards::get(tx, workspace, id)?;
    let card = Card {
        title: change.title.unwrap_or_else(|| old.title.clone()),
        message: change.message.unwrap_or_else(|| old.message.clone()),
        cover: match change.cover_url {
            Some(url) => cover(tx, workspace, url, origin)?,
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
    revise(tx, workspace, &old, card)
}

/// Writes a card where it differs from what it was, as a new revision.
pub(super) fn revise(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    old: &Card,
    mut card: Card,
) -> Result<Card> {
    if card != *old {
        card.revision += 1;
        card.updated_at = Timestamp::now();
        cards::update(tx, workspace, &card)?;
    }
    Ok(card)
}

/// The picture that a URL means: one of ours where the URL is as it was handed out, else one elsewhere.
fn cover(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    url: Option<String>,
    origin: &str,
) -> Result<Option<Cover>> {
    let Some(url) = url else { return Ok(None) };
    let elsewhere = https_url(&url).map(String::from);
    // However it is spelled, ours is not elsewhere.
    let spellings = [Some(&url), elsewhere.as_ref()];
    let ours = spellings
        .into_iter()
        .flatten()
        .find_map(|url| Cover::id_of(url, origin));
    match (ours, elsewhere) {
        (Some(Ok(id)), _) if covers::exists(tx, workspace, id)? => Ok(Some(Cover::Uploaded(id))),
        (None, Some(url)) if url.len() <= LONGEST_URL => Ok(Some(Cover::Elsewhere(url))),
        (None, Some(_)) => Err(Error::field(
            "coverUrl",
            format!("Cover URL must be at most {LONGEST_URL} characters in ASCII"),
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
