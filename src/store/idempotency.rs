//! Responses stored under an Idempotency-Key.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::connection::Tx;
use crate::error::Result;
use crate::model::credentials::Digest;
use crate::model::ids::WorkspaceId;
use crate::model::time::Timestamp;

/// A key and its scope: it is valid for one credential and one operation.
#[derive(Clone, Debug)]
pub struct KeyScope {
    /// The credential's id.
    pub credential_id: Uuid,
    /// The method, path and query.
    pub operation: String,
    /// The key.
    pub key: String,
}

/// A stored response.
#[derive(Clone, Debug)]
pub struct StoredResponse {
    /// The digest of the request body.
    pub request: [u8; 32],
    /// The status code.
    pub status: u16,
    /// The response body, without secrets.
    pub body: Vec<u8>,
}

/// Returns the response stored under a key since `oldest`.
///
/// # Errors
/// Database errors only.
pub fn find(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    scope: &KeyScope,
    oldest: Timestamp,
) -> Result<Option<StoredResponse>> {
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
            Ok(StoredResponse {
                request: row.get(0)?,
                status: row.get(1)?,
                body: row.get(2)?,
            })
        })
        .optional()?;
    Ok(found)
}

/// Stores a response. It replaces one that has expired.
///
/// # Errors
/// Database errors only.
pub fn put(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    scope: &KeyScope,
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

/// Deletes some of the responses of all workspaces that were stored before `oldest`, and returns how many were deleted.
/// A call deletes only a few, so that it does not block other writes.
///
/// # Errors
/// Database errors only.
pub fn delete_old(tx: &Tx<'_>, oldest: Timestamp) -> Result<usize> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM idempotency WHERE rowid IN (SELECT rowid FROM idempotency WHERE created_at <= ?1 LIMIT 500)",
    )?;
    Ok(statement.execute([oldest])?)
}

/// Deletes the stored responses of a workspace that contain a text, such as the address of a person who is erased.
///
/// # Errors
/// Database errors only.
pub fn delete_containing(tx: &Tx<'_>, workspace: WorkspaceId, text: &str) -> Result<()> {
    tx.prepare(
        "DELETE FROM idempotency WHERE workspace_id = ?1 AND instr(CAST(body AS TEXT), ?2) > 0",
    )?
    .execute(params![workspace, text])?;
    Ok(())
}
