//! Which object of a file became which object here.

use rusqlite::{OptionalExtension, Row, params};

use crate::error::Result;
use crate::model::ids::{ImportId, WorkspaceId};
use crate::model::imports::{FieldDigests, ImportedObject, Kind};
use crate::model::time::Timestamp;
use crate::store::connection::{Conn, Tx};

/// Returns what is remembered of an object of a file.
///
/// # Errors
/// Database errors only.
pub fn find(
    conn: &Conn,
    workspace: WorkspaceId,
    kind: Kind,
    source: &[u8; 16],
) -> Result<Option<ImportedObject>> {
    let mut statement = conn.prepare_cached(
        "SELECT kind, source, object_id, import_id, fields, updated_at FROM import_object
          WHERE workspace_id = ?1 AND kind = ?2 AND source = ?3",
    )?;
    let found = statement.query_row(params![workspace, kind as i64, source], object);
    Ok(found.optional()?)
}

/// Remembers an object that was created. What was remembered of its source before is replaced.
///
/// # Errors
/// Database errors only.
pub fn put(tx: &Tx<'_>, workspace: WorkspaceId, object: &ImportedObject) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO import_object (workspace_id, kind, source, object_id, import_id, fields, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (workspace_id, kind, source) DO UPDATE SET object_id = excluded.object_id,
             import_id = excluded.import_id, updated_by = NULL, fields = excluded.fields,
             updated_at = excluded.updated_at",
    )?;
    statement.execute(params![
        workspace,
        object.kind as i64,
        object.source,
        object.object_id,
        object.import_id,
        object.fields.as_bytes(),
        object.updated_at
    ])?;
    Ok(())
}

/// Stores the fields of an object as they are in a newer file. `updated` is the import and the object's new time of change,
/// if the object was updated.
///
/// # Errors
/// Database errors only.
pub fn set_fields(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    object: &ImportedObject,
    fields: &FieldDigests,
    updated: Option<(ImportId, Timestamp)>,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE import_object SET fields = ?4, updated_by = coalesce(?5, updated_by), updated_at = coalesce(?6, updated_at)
          WHERE workspace_id = ?1 AND kind = ?2 AND source = ?3",
    )?;
    statement.execute(params![
        workspace,
        object.kind as i64,
        object.source,
        fields.as_bytes(),
        updated.map(|(import, _)| import),
        updated.map(|(_, at)| at)
    ])?;
    Ok(())
}

pub(super) fn object(row: &Row<'_>) -> rusqlite::Result<ImportedObject> {
    Ok(ImportedObject {
        kind: kind(row)?,
        source: row.get(1)?,
        object_id: row.get(2)?,
        import_id: row.get(3)?,
        fields: FieldDigests::from_bytes(row.get(4)?),
        updated_at: row.get(5)?,
    })
}

pub(super) fn kind(row: &Row<'_>) -> rusqlite::Result<Kind> {
    Kind::from_number(row.get(0)?).ok_or(rusqlite::Error::InvalidQuery)
}
