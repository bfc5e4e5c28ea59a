//! The people that cards are made out to.

use crate::error::Result;
use crate::model::ids::RecipientId;
use crate::model::letters::Letter;
use crate::model::recipients::Address;
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, letters, recipients};

/// The letter of a recipient, whose id alone opens it.
///
/// # Errors
/// `recipient_not_found`, `card_expired`.
pub fn letter(conn: &Conn, id: RecipientId) -> Result<Letter> {
    match letters::find(conn, id)? {
        Some(letter) => Ok(letter),
        None => Err(recipients::why_missing(conn, id)?),
    }
}

/// Sends a recipient's address no more cards of the workspace. Doing it again changes nothing.
///
/// # Errors
/// `recipient_not_found`, `card_expired`.
pub fn unsubscribe(tx: &Tx<'_>, id: RecipientId) -> Result<Letter> {
    let letter = letter(tx, id)?;
    let digest = Address::of(&letter.email).digest();
    recipients::suppress(tx, letter.workspace_id, &digest, Timestamp::now())?;
    Ok(letter)
}
