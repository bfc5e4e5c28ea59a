//! Uploaded cover images. A row never changes. It is deleted when no card or edition uses it any more.

use rusqlite::{OptionalExtension, params};

use super::connection::{Conn, Tx};
use crate::error::Result;
use crate::model::covers::CoverImage;
use crate::model::ids::{CoverId, WorkspaceId};
use crate::model::time::Timestamp;

/// Returns the image of a cover. The id is enough to read it.
///
/// # Errors
/// `cover_not_found`.
pub fn find(conn: &Conn, id: CoverId) -> Result<CoverImage> {
    let mut statement = conn.prepare_cached("SELECT media_type, bytes FROM cover WHERE id = ?1")?;
    let found = statement.query_row([id], |row| {
        Ok(CoverImage {
            media_type: row.get(0)?,
            bytes: row.get(1)?,
        })
    });
    found.optional()?.ok_or_else(|| id.missing())
}

/// Checks that a cover exists, without reading its image.
///
/// # Errors
/// `cover_not_found`.
pub fn check(conn: &Conn, id: CoverId) -> Result<()> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM cover WHERE id = ?1")?;
    match statement.exists([id])? {
        true => Ok(()),
        false => Err(id.missing()),
    }
}

/// Whether the workspace has this cover.
///
/// # Errors
/// Database errors only.
pub fn exists(conn: &Conn, workspace: WorkspaceId, id: CoverId) -> Result<bool> {
    let mut statement =
        conn.prepare_cached("SELECT 1 FROM cover WHERE workspace_id = ?1 AND id = ?2")?;
    Ok(statement.exists(params![workspace, id])?)
}

/// Whether a cover has exactly this image.
///
/// # Errors
/// Database errors only.
pub fn has_image(
    conn: &Conn,
    workspace: WorkspaceId,
    id: CoverId,
    image: &CoverImage,
) -> Result<bool> {
    let mut statement = conn.prepare_cached(
        "SELECT 1 FROM cover WHERE workspace_id = ?1 AND id = ?2 AND media_type = ?3 AND bytes = ?4",
    )?;
    Ok(statement.exists(params![workspace, id, image.media_type, image.bytes])?)
}

/// Stores an image as a new cover. A card or an edition must use it in the same transaction.
///
/// # Errors
/// Database errors only.
pub fn insert(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    id: CoverId,
    image: &CoverImage,
    now: Timestamp,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO cover (workspace_id, id, media_type, bytes, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    statement.execute(params![workspace, id, image.media_type, image.bytes, now])?;
    Ok(())
}
