//! Suppressions: the addresses that receive no cards from a workspace.

use rusqlite::{OptionalExtension, params};

use super::connection::{Conn, Tx};
use super::recipients::{ENTRY, entry};
use crate::error::Result;
use crate::model::credentials::Digest;
use crate::model::ids::{RecipientId, WorkspaceId};
use crate::model::recipients::RecipientEntry;
use crate::model::time::Timestamp;

/// Adds an address to the workspace's suppressions. Triggers mark its recipients and cancel their queued mails. Returns
/// `false` if it was already suppressed.
///
/// # Errors
/// Database errors only.
pub fn add(tx: &Tx<'_>, workspace: WorkspaceId, digest: &Digest, now: Timestamp) -> Result<bool> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO suppression (workspace_id, email_digest, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    Ok(statement.execute(params![workspace, digest, now])? > 0)
}

/// Removes an address from the workspace's suppressions, and returns its recipients, which are no longer unsubscribed.
/// Mails that were canceled stay failed. Returns `None` if the address was not suppressed.
///
/// # Errors
/// Database errors only.
pub fn remove(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    digest: &Digest,
) -> Result<Option<Vec<RecipientEntry>>> {
    let mut statement =
        tx.prepare_cached("DELETE FROM suppression WHERE workspace_id = ?1 AND email_digest = ?2")?;
    if statement.execute(params![workspace, digest])? == 0 {
        return Ok(None);
    }
    let mut statement = tx.prepare_cached(&format!(
        "UPDATE recipient SET unsubscribed_at = NULL
          WHERE workspace_id = ?1 AND email_digest = ?2 AND unsubscribed_at IS NOT NULL RETURNING {ENTRY}"
    ))?;
    let rows = statement.query_map(params![workspace, digest], entry)?;
    Ok(Some(rows.collect::<Result<_, _>>()?))
}

/// Returns the recipient with an address that was deleted last, by the digest of the address.
///
/// # Errors
/// Database errors only.
pub fn last_gone(
    conn: &Conn,
    workspace: WorkspaceId,
    digest: &Digest,
) -> Result<Option<RecipientId>> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM gone_recipient WHERE workspace_id = ?1 AND email_digest = ?2 ORDER BY gone_at DESC, id LIMIT 1",
    )?;
    let found = statement.query_row(params![workspace, digest], |row| row.get(0));
    Ok(found.optional()?)
}
