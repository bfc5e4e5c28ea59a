//! Reads webhooks from rows.

use rusqlite::Row;

use crate::model::webhooks::Webhook;

/// The columns that [`webhook`] reads.
pub(in crate::store) const COLUMNS: &str = "w.id, w.name, w.url, w.events, w.board_id, w.payload, w.is_active, w.disabled_reason, \
                       w.disabled_at, w.created_at, w.updated_at";

/// Reads a webhook from the columns [`COLUMNS`].
pub(in crate::store) fn webhook(row: &Row<'_>) -> rusqlite::Result<Webhook> {
    Ok(Webhook {
        id: row.get(0)?,
        name: row.get(1)?,
        url: row.get(2)?,
        events: events(row, 3)?,
        board_id: row.get(4)?,
        payload: row.get(5)?,
        is_active: row.get(6)?,
        disabled_reason: row.get(7)?,
        disabled_at: row.get(8)?,
        created_at: row.get(9)?,
        updated_at: row.get(10)?,
    })
}

fn events(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<String>> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|cause| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            Box::new(cause),
        )
    })
}
