//! Editions: the content of cards when they were sent.

use rusqlite::params;

use super::connection::Tx;
use crate::error::Result;
use crate::model::ids::{CardId, WorkspaceId};

/// Stores the current revision of a card, if it is not stored yet, and returns its number.
///
/// # Errors
/// `card_not_found`.
pub fn ensure(tx: &Tx<'_>, workspace: WorkspaceId, card: CardId) -> Result<i64> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO edition (workspace_id, card_id, revision, title, message, cover_url, cover_id, accent_color,
                              subject, sender_name)
         SELECT workspace_id, id, revision, title, message, cover_url, cover_id, accent_color, subject, sender_name
           FROM card WHERE workspace_id = ?1 AND id = ?2
             ON CONFLICT (workspace_id, card_id, revision) DO NOTHING",
    )?;
    insert.execute(params![workspace, card])?;
    let mut revision =
        tx.prepare_cached("SELECT revision FROM card WHERE workspace_id = ?1 AND id = ?2")?;
    let mut rows = revision.query(params![workspace, card])?;
    match rows.next()? {
        Some(row) => Ok(row.get(0)?),
        None => Err(card.missing()),
    }
}
