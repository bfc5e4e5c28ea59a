//! Reports of imports, and what is remembered of imported objects.

mod known;
mod objects;
mod undo;

use rusqlite::{OptionalExtension, Row, params};
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use self::known::{KnownPlace, each_on_board, place};
pub use self::objects::{find, put, set_fields};
pub use self::undo::{forget, of_import, set_undone, undone_before, updated_by};
use super::connection::{Conn, Tx};
use crate::error::{Error, Result};
use crate::model::ids::{ImportId, WorkspaceId};
use crate::model::imports::{Counts, Import};
use crate::model::page::{PageRequest, PageRows};

/// Returns the workspace's imports, oldest first, without their warnings.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    page: &PageRequest<i64>,
) -> Result<PageRows<Import>> {
    let (since, after) = page.after.unwrap_or((i64::MIN, Uuid::nil()));
    let mut statement = conn.prepare_cached(
        "SELECT id, format, file_name, board_ids, created, updated, unchanged, skipped, created_at, undone_at, undo,
                json_array_length(warnings), NULL
           FROM import WHERE workspace_id = ?1 AND (created_at, id) > (?2, ?3) ORDER BY created_at, id LIMIT ?4",
    )?;
    let rows = statement.query_map(params![workspace, since, after, page.fetch()], import)?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |import| {
        (import.created_at.millis(), import.id.uuid())
    }))
}

/// Returns an import.
///
/// # Errors
/// `import_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: ImportId) -> Result<Import> {
    let mut statement = conn.prepare_cached(
        "SELECT id, format, file_name, board_ids, created, updated, unchanged, skipped, created_at, undone_at, undo,
                json_array_length(warnings), warnings
           FROM import WHERE workspace_id = ?1 AND id = ?2",
    )?;
    let found = statement.query_row(params![workspace, id], import);
    found.optional()?.ok_or_else(|| id.missing())
}

/// Whether the workspace has imports.
///
/// # Errors
/// Database errors only.
pub fn exist(conn: &Conn, workspace: WorkspaceId) -> Result<bool> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM import WHERE workspace_id = ?1")?;
    Ok(statement.exists([workspace])?)
}

/// Adds an import whose report is not complete yet.
///
/// # Errors
/// Database errors only.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, import: &Import) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO import (workspace_id, id, format, file_name, board_ids, warnings, created, updated, unchanged, skipped,
                             created_at)
         VALUES (?1, ?2, ?3, ?4, '[]', '[]', 0, 0, 0, 0, ?5)",
    )?;
    statement.execute(params![
        workspace,
        import.id,
        import.format,
        import.file_name,
        import.created_at
    ])?;
    Ok(())
}

/// Completes the report of an import.
///
/// # Errors
/// Database errors only.
pub fn complete(tx: &Tx<'_>, workspace: WorkspaceId, import: &Import) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE import SET board_ids = ?3, warnings = ?4, created = ?5, updated = ?6, unchanged = ?7, skipped = ?8
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    let Counts {
        created,
        updated,
        unchanged,
        skipped,
    } = import.counts;
    let warnings = import.warnings.as_deref().unwrap_or_default();
    statement.execute(params![
        workspace,
        import.id,
        json(&import.board_ids)?,
        json(&warnings)?,
        created,
        updated,
        unchanged,
        skipped
    ])?;
    Ok(())
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|cause| Error::internal("a report could not be serialized", cause))
}

fn import(row: &Row<'_>) -> rusqlite::Result<Import> {
    Ok(Import {
        id: row.get(0)?,
        format: row.get(1)?,
        file_name: row.get(2)?,
        board_ids: parsed(row, 3)?.unwrap_or_default(),
        counts: Counts {
            created: row.get(4)?,
            updated: row.get(5)?,
            unchanged: row.get(6)?,
            skipped: row.get(7)?,
        },
        created_at: row.get(8)?,
        undone_at: row.get(9)?,
        undo: parsed(row, 10)?,
        warnings_total: row.get(11)?,
        warnings: parsed(row, 12)?,
        dry_run: false,
    })
}

fn parsed<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else {
        return Ok(None);
    };
    serde_json::from_str(text).map(Some).map_err(|cause| {
        let text = rusqlite::types::Type::Text;
        rusqlite::Error::FromSqlConversionFailure(column, text, Box::new(cause))
    })
}
