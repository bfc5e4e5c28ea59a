//! Undoing imports.

use rusqlite::params;
use uuid::Uuid;

use super::objects::{kind, object};
use crate::error::{Error, Fields, Result};
use crate::model::ids::{ImportId, WorkspaceId};
use crate::model::imports::{ImportedObject, Kind, Undo};
use crate::model::time::Timestamp;
use crate::store::connection::{Conn, Tx};
use crate::store::sqlite_error;

/// Returns the objects that an import created, the last first: children come before their parents.
///
/// # Errors
/// Database errors only.
pub fn of_import(
    conn: &Conn,
    workspace: WorkspaceId,
    import: ImportId,
) -> Result<Vec<ImportedObject>> {
    let mut statement = conn.prepare_cached(
        "SELECT kind, source, object_id, import_id, fields, updated_at FROM import_object
          WHERE workspace_id = ?1 AND import_id = ?2 ORDER BY seq DESC",
    )?;
    let rows = statement.query_map(params![workspace, import], object)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the objects of other imports that an import was the last to update.
///
/// # Errors
/// Database errors only.
pub fn updated_by(
    conn: &Conn,
    workspace: WorkspaceId,
    import: ImportId,
) -> Result<Vec<(Kind, Uuid)>> {
    let mut statement = conn.prepare_cached(
        "SELECT kind, object_id FROM import_object WHERE workspace_id = ?1 AND updated_by = ?2 AND import_id <> ?2",
    )?;
    let rows = statement.query_map(params![workspace, import], |row| {
        Ok((kind(row)?, row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Forgets an object, so that another import creates it again.
///
/// # Errors
/// Database errors only.
pub fn forget(tx: &Tx<'_>, workspace: WorkspaceId, object: &ImportedObject) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM import_object WHERE workspace_id = ?1 AND kind = ?2 AND source = ?3",
    )?;
    statement.execute(params![workspace, object.kind as i64, object.source])?;
    Ok(())
}

/// Marks an import as undone.
///
/// # Errors
/// `conflict` if it was undone before.
pub fn set_undone(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    id: ImportId,
    undo: &Undo,
    now: Timestamp,
) -> Result<()> {
    let undo = serde_json::to_string(undo)
        .map_err(|cause| Error::internal("a report could not be serialized", cause))?;
    let mut statement = tx.prepare_cached(
        "UPDATE import SET undone_at = ?3, undo = ?4 WHERE workspace_id = ?1 AND id = ?2",
    )?;
    let updated = statement.execute(params![workspace, id, now, undo]);
    updated.map(drop).map_err(
        |cause| match sqlite_error::raised(&cause, "undone:", "import") {
            true => undone_before(id),
            false => cause.into(),
        },
    )
}

/// The error for an import that was undone before.
pub fn undone_before(id: ImportId) -> Error {
    Error::Conflict {
        message: "The import was undone before".to_owned(),
        fields: Fields::from([("import_id".to_owned(), id.to_string())]),
    }
}
