//! Answers kept under an Idempotency-Key.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::connection::Tx;
use crate::error::Result;
use crate::model::credentials::Digest;
use crate::model::ids::WorkspaceId;
use crate::model::time::Timestamp;

/// Where a key holds: with this credential, on this operation.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The credential's id.
    pub credential_id: Uuid,
    /// Method, path and query.
    pub operation: String,
    /// The key itself.
    pub key: String,
}

/// An answer as it was given the first time.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The digest of the request's body.
    pub request: [u8; 32],
    /// The answer's status.
    pub status: u16,
    /// The answer's body, without secrets.
    pub body: Vec<u8>,
}

/// The answer kept under a key since `oldest`.
///
/// # Errors
/// Only the database's own.
pub fn find(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    scope: &Scope,
    oldest: Timestamp,
) -> Result<Option<Kept>> {
    let mut statement = tx.prepare_cached(
        "SELECT request_digest, status, body FROM idempotency
          WHERE workspace_id = ?1 AND credential_id = ?2 AND operation = ?3 AND key = ?4 AND created_at > ?5",
    )?;
    let values = params![
        workspace,
        scope.credential_id,
        scope.operation,
        scope.key,
        oldest
    ];
    let found = statement
        .query_row(values, |row| {
            Ok(Kept {
                request: row.get(0)?,
                status: row.get(1)?,
                body: row.get(2)?,
            })
        })
        .optional()?;
    Ok(found)
}

/// Keeps an answer, in the place of one that is too old to count.
///
/// # Errors
/// Only the database's own.
pub fn keep(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    scope: &Scope,
    request: &Digest,
    status: u16,
    body: &[u8],
    now: Timestamp,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO idempotency (workspace_id, credential_id, operation, key, request_digest, status, body, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (workspace_id, credential_id, operation, key) DO UPDATE
            SET request_digest = excluded.request_digest, status = excluded.status, body = excluded.body,
                created_at = excluded.created_at",
    )?;
    statement.execute(params![
        workspace,
        scope.credential_id,
        scope.operation,
        scope.key,
        request,
        status,
        body,
        now
    ])?;
    Ok(())
}

/// Forgets the answers of every workspace that were kept before `oldest`, a few at a time so that nobody waits for it.
/// Returns how many went.
///
/// # Errors
/// Only the database's own.
pub fn forget(tx: &Tx<'_>, oldest: Timestamp) -> Result<usize> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM idempotency WHERE rowid IN (SELECT rowid FROM idempotency WHERE created_at <= ?1 LIMIT 500)",
    )?;
    Ok(statement.execute([oldest])?)
}
