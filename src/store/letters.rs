//! Letters: cards as their recipients see them.

use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row};

use super::connection::Conn;
use crate::error::Result;
use crate::model::cards::{Cover, Edition};
use crate::model::ids::RecipientId;
use crate::model::letters::Letter;
use crate::model::merge_tags::Values;

/// Returns the letter of a recipient. The recipient's id is enough to read it.
///
/// # Errors
/// Database errors, also for values that cannot be read: a card must not be sent with blanks in their place.
pub fn find(conn: &Conn, recipient: RecipientId) -> Result<Option<Letter>> {
    let mut statement = conn.prepare_cached(
        "SELECT r.id, r.workspace_id, r.email, r.name, r.merge_tags, r.status, r.unsubscribed_at,
                e.title, e.message, e.cover_url, e.cover_id, e.accent_color, e.subject, e.sender_name
           FROM recipient r JOIN edition e ON e.workspace_id = r.workspace_id
                AND e.card_id = r.card_id AND e.revision = r.revision
          WHERE r.id = ?1",
    )?;
    Ok(statement.query_row([recipient], letter).optional()?)
}

fn letter(row: &Row<'_>) -> rusqlite::Result<Letter> {
    Ok(Letter {
        recipient_id: row.get(0)?,
        workspace_id: row.get(1)?,
        email: row.get(2)?,
        name: row.get(3)?,
        values: values(row, 4)?,
        status: row.get(5)?,
        unsubscribed_at: row.get(6)?,
        edition: Edition {
            title: row.get(7)?,
            message: row.get(8)?,
            cover: cover(row, 9)?,
            accent_color: row.get(11)?,
            subject: row.get(12)?,
            sender_name: row.get(13)?,
        },
    })
}

/// Parses the merge-tag values from their JSON column.
fn values(row: &Row<'_>, column: usize) -> rusqlite::Result<Values> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|cause| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(cause))
    })
}

/// Reads a cover from its two columns: the URL, then the id.
pub(super) fn cover(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Cover>> {
    let url: Option<String> = row.get(first)?;
    let uploaded = row.get::<_, Option<_>>(first + 1)?.map(Cover::Uploaded);
    Ok(url.map(Cover::Elsewhere).or(uploaded))
}
