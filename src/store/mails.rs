//! The outbox: a row for each mail, from the sending of its card until it is sent or given up.

use rusqlite::params;

use super::connection::Tx;
use crate::error::Result;
use crate::model::ids::{RecipientId, WorkspaceId};
use crate::model::time::Timestamp;

/// Puts the mail of a queued recipient into the outbox, to be tried at once. Without an address it comes from the
/// server's default sender. Wake the outbox once this is committed.
///
/// # Errors
/// Only the database's own.
pub fn insert(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    recipient: RecipientId,
    from_address: Option<&str>,
    from_name: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO mail (workspace_id, recipient_id, from_address, from_name, due_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
    )?;
    statement.execute(params![workspace, recipient, from_address, from_name, now])?;
    Ok(())
}
