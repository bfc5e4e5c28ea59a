//! Full-text search, and its index.

use rusqlite::{Row, params};

use super::connection::{Conn, Effects, Tx};
use crate::error::Result;
use crate::model::ids::WorkspaceId;
use crate::model::search::{Hit, HitKind, Search};
use crate::model::task_list::Archived;

/// Returns what matches a search in the workspace, best match first. A match in a comment or a label finds the task.
///
/// # Errors
/// Database errors only.
pub fn find(
    conn: &Conn,
    workspace: WorkspaceId,
    search: &Search,
    archived: Archived,
    limit: u32,
) -> Result<Vec<Hit>> {
    // A match in a title weighs ten times as much as one in a text. The owner column only filters. A task has one hit:
    // with `min`, SQLite takes `doc` from the row with the smallest score, which is the best one. CROSS JOIN keeps the
    // order of the loops: from the hits to their tasks.
    let mut statement = conn.prepare_cached(
        "WITH hit AS MATERIALIZED (
           SELECT rowid AS doc, bm25(search, 0.0, 10.0, 1.0) AS score FROM search WHERE search MATCH ?1
         ), object_hit (object, score, doc) AS (
           SELECT doc, score, doc FROM hit WHERE doc & 7 < 3
           UNION ALL
           SELECT task.seq << 3, score, doc FROM hit
            CROSS JOIN comment ON comment.seq = doc >> 3 AND comment.workspace_id = ?3
            CROSS JOIN task ON task.workspace_id = comment.workspace_id AND task.id = comment.task_id
            WHERE doc & 7 = 3
           UNION ALL
           SELECT task.seq << 3, score, doc FROM hit
            CROSS JOIN label ON label.seq = doc >> 3 AND label.workspace_id = ?3
            CROSS JOIN task_label ON task_label.workspace_id = label.workspace_id AND task_label.label_id = label.id
            CROSS JOIN task ON task.workspace_id = task_label.workspace_id AND task.id = task_label.task_id
            WHERE doc & 7 = 4
         ), found AS (
           SELECT object, min(score) AS score, doc FROM object_hit GROUP BY object
         )
         SELECT object & 7,
                coalesce(task.label, project.name, board.name),
                coalesce(comment.text, label.name, task.description, project.description, board.description),
                coalesce(task.id, project.id, board.id),
                coalesce(of_task.board_id, project.board_id, board.id),
                coalesce(task.project_id, project.id)
           FROM found
           LEFT JOIN task ON object & 7 = 0 AND task.seq = object >> 3
           LEFT JOIN project AS of_task ON of_task.workspace_id = task.workspace_id AND of_task.id = task.project_id
           LEFT JOIN project ON object & 7 = 1 AND project.seq = object >> 3
           LEFT JOIN board ON object & 7 = 2 AND board.seq = object >> 3
           LEFT JOIN comment ON doc & 7 = 3 AND comment.seq = doc >> 3
           LEFT JOIN label ON doc & 7 = 4 AND label.seq = doc >> 3
          WHERE coalesce(task.workspace_id, project.workspace_id, board.workspace_id) = ?3
            AND (?4 IS NULL OR ?4 = (task.archived_at IS NOT NULL))
          ORDER BY score, object LIMIT ?2",
    )?;
    let (owner, words) = (workspace.uuid().simple(), search.expression());
    let expression = format!("owner : \"{owner}\" AND {{title body}} : ({words})");
    let values = params![expression, limit, workspace, archived.wanted()];
    let rows = statement.query_map(values, |row| hit(row, search))?;
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
pub fn request_update(tx: &Tx<'_>) {
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
           FROM search_queue JOIN task ON seq = doc >> 3 WHERE doc & 7 = 0
         UNION ALL
         SELECT doc, lower(hex(workspace_id)), name, description
           FROM search_queue JOIN project ON seq = doc >> 3 WHERE doc & 7 = 1
         UNION ALL
         SELECT doc, lower(hex(workspace_id)), name, description
           FROM search_queue JOIN board ON seq = doc >> 3 WHERE doc & 7 = 2
         UNION ALL
         SELECT doc, lower(hex(workspace_id)), NULL, text
           FROM search_queue JOIN comment ON seq = doc >> 3 WHERE doc & 7 = 3
         UNION ALL
         SELECT doc, lower(hex(workspace_id)), NULL, name
           FROM search_queue JOIN label ON seq = doc >> 3 WHERE doc & 7 = 4",
        "DELETE FROM search_queue",
    ] {
        conn.prepare_cached(step)?.execute(())?;
    }
    Ok(())
}
