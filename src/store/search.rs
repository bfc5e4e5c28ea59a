//! Full-text search, and its index.

use rusqlite::{Row, params};

use super::connection::{Conn, Effects, Tx};
use crate::error::Result;
use crate::model::ids::WorkspaceId;
use crate::model::search::{Hit, HitKind, Search};

/// Returns what matches a search in the workspace, best match first.
///
/// # Errors
/// Database errors only.
pub fn find(conn: &Conn, workspace: WorkspaceId, search: &Search, limit: u32) -> Result<Vec<Hit>> {
    // A match in a title weighs ten times as much as one in a description. The owner column only filters.
    let mut statement = conn.prepare_cached(
        "SELECT hit.rowid & 3,
                coalesce(task.label, project.name, board.name),
                coalesce(task.description, project.description, board.description),
                coalesce(task.id, project.id, board.id),
                coalesce(of_task.board_id, project.board_id, board.id),
                coalesce(task.project_id, project.id)
           FROM search AS hit
           LEFT JOIN task ON hit.rowid & 3 = 0 AND task.seq = hit.rowid >> 2
           LEFT JOIN project AS of_task ON of_task.workspace_id = task.workspace_id AND of_task.id = task.project_id
           LEFT JOIN project ON hit.rowid & 3 = 1 AND project.seq = hit.rowid >> 2
           LEFT JOIN board ON hit.rowid & 3 = 2 AND board.seq = hit.rowid >> 2
          WHERE search MATCH ?1 AND coalesce(task.workspace_id, project.workspace_id, board.workspace_id) = ?3
          ORDER BY bm25(search, 0.0, 10.0, 1.0), hit.rowid LIMIT ?2",
    )?;
    let (owner, words) = (workspace.uuid().simple(), search.expression());
    let expression = format!("owner : \"{owner}\" AND {{title body}} : ({words})");
    let rows = statement.query_map(params![expression, limit, workspace], |row| {
        hit(row, search)
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn hit(row: &Row<'_>, search: &Search) -> rusqlite::Result<Hit> {
    let title: String = row.get(1)?;
    let (snippet, highlights) = search.snippet(&title, row.get_ref(2)?.as_str_or_null()?);
    Ok(Hit {
        kind: match row.get(0)? {
            0 => HitKind::Task,
            1 => HitKind::Project,
            _ => HitKind::Board,
        },
        id: row.get(3)?,
        title,
        snippet,
        highlights,
        board_id: row.get(4)?,
        project_id: row.get(5)?,
    })
}

/// Whether the index lacks a committed change.
///
/// # Errors
/// Database errors only.
pub(super) fn is_behind(conn: &Conn) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM search_queue LIMIT 1")?
        .exists(())
}

/// Asks for an update of the index before the transaction is committed.
pub(super) fn request_update(tx: &Tx<'_>) {
    tx.note(Effects {
        search: true,
        ..Effects::default()
    });
}

/// Updates the index with the changes since its last update. Must run outside of savepoints: FTS5 writes a segment for
/// each.
///
/// # Errors
/// Database errors only. The transaction must not be committed then.
pub(super) fn update_index(conn: &Conn) -> rusqlite::Result<()> {
    if !is_behind(conn)? {
        return Ok(());
    }
    for step in [
        "DELETE FROM search WHERE rowid IN (SELECT doc FROM search_queue)",
        "INSERT INTO search (rowid, owner, title, body)
         SELECT doc, lower(hex(workspace_id)), label, description
           FROM search_queue JOIN task ON seq = doc >> 2 WHERE doc & 3 = 0
         UNION ALL
         SELECT doc, lower(hex(workspace_id)), name, description
           FROM search_queue JOIN project ON seq = doc >> 2 WHERE doc & 3 = 1
         UNION ALL
         SELECT doc, lower(hex(workspace_id)), name, description
           FROM search_queue JOIN board ON seq = doc >> 2 WHERE doc & 3 = 2",
        "DELETE FROM search_queue",
    ] {
        conn.prepare_cached(step)?.execute(())?;
    }
    Ok(())
}
