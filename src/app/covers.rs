//! Uploaded cover images.

use super::cards::revise;
use crate::error::Result;
use crate::model::cards::{Card, Cover};
use crate::model::context::Ctx;
use crate::model::covers::CoverImage;
use crate::model::ids::{CardId, CoverId};
use crate::model::time::Timestamp;
use crate::store::{Tx, cards, covers};

/// Stores a image as the cover of a card. If it is the current cover, nothing changes, so an upload can be retried.
///
/// # Errors
/// `card_not_found`.
pub fn put(tx: &Tx<'_>, ctx: &Ctx, id: CardId, image: &CoverImage, origin: &str) -> Result<Card> {
    let old = cards::get(tx, ctx.workspace, id)?;
    if let Some(Cover::Uploaded(cover)) = old.cover
        && covers::has_image(tx, ctx.workspace, cover, image)?
    {
        return Ok(old);
    }
    let cover = CoverId::random()?;
    covers::insert(tx, ctx.workspace, cover, image, Timestamp::now())?;
    let card = Card {
        cover: Some(Cover::Uploaded(cover)),
        ..old.clone()
    };
    revise(tx, ctx, &old, card, origin)
}
