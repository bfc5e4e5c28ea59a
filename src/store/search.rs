//! Full-text search, and its index.

use rusqlite::{Row, params};
use serde_json::json;

use super::connection::{Conn, Effects, Tx};
use crate::error::Result;
use crate::model::ids::WorkspaceId;
use crate::model::search::{Hit, HitKind, Search};
use crate::model::task_list::Archived;

/// Most texts that are ranked: the newest ones.
const CANDIDATES: usize = 500;
/// The best rank: a match in the title of a task, project or board.
const TITLE: i64 = 0;

/// Returns what matches a search in the workspace, best match first: matches in titles, the shortest title first; then those
/// in labels, in descriptions and in comments, the newest first. A match in a comment or a label finds the task.
///
/// Longer words that begin with a word of the search are left out if the words themselves have enough matches.
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
    let whole = Candidates::read(conn, workspace, &search.whole_words(), archived)?;
    let candidates = match whole.are_enough {
        true => whole,
        false => Candidates::read(conn, workspace, &search.prefixes(), archived)?,
    };
    // A task has one hit: with `min`, SQLite takes `doc` from the row with the lowest rank. CROSS JOIN keeps the order of
    // the loops: from the candidates to their tasks. Long texts are read only of what is shown.
    let mut statement = conn.prepare_cached(
        "WITH hit (doc, rank) AS MATERIALIZED (
           SELECT value ->> 0, value ->> 1 FROM json_each(?1)
         ), object_hit (object, rank, doc) AS (
           SELECT doc, rank, doc FROM hit WHERE doc & 7 < 3
           UNION ALL
           SELECT task.seq << 3, rank, doc FROM hit
            CROSS JOIN comment ON comment.seq = doc >> 3 AND comment.workspace_id = ?3
            CROSS JOIN task ON task.workspace_id = comment.workspace_id AND task.id = comment.task_id
            WHERE doc & 7 = 3
           UNION ALL
           SELECT task.seq << 3, rank, doc FROM hit
            CROSS JOIN label ON label.seq = doc >> 3 AND label.workspace_id = ?3
            CROSS JOIN (SELECT 0 AS archived UNION ALL SELECT 1) AS part ON ?4 IS NULL OR ?4 = part.archived
            CROSS JOIN task ON task.workspace_id = label.workspace_id AND task.id IN (
              SELECT task_id FROM task_label
               WHERE workspace_id = ?3 AND label_id = label.id AND is_archived = part.archived
               ORDER BY created_at DESC, task_id DESC LIMIT ?5)
            WHERE doc & 7 = 4
         ), found AS (
           SELECT object, min(rank) AS rank, doc FROM object_hit GROUP BY object
         ), best AS MATERIALIZED (
           SELECT object, doc, rank,
                  CASE rank WHEN 0 THEN length(coalesce(task.label, project.name, board.name)) END AS title_length
             FROM found
             LEFT JOIN task ON object & 7 = 0 AND task.seq = object >> 3
             LEFT JOIN project ON object & 7 = 1 AND project.seq = object >> 3
             LEFT JOIN board ON object & 7 = 2 AND board.seq = object >> 3
            WHERE coalesce(task.workspace_id, project.workspace_id, board.workspace_id) = ?3
              AND (?4 IS NULL OR ?4 = (task.archived_at IS NOT NULL))
            ORDER BY rank, title_length, object DESC LIMIT ?2
         )
         SELECT object & 7,
                coalesce(task.label, project.name, board.name),
                coalesce(comment.text, label.name, task.description, project.description, board.description),
                coalesce(task.id, project.id, board.id),
                coalesce(of_task.board_id, project.board_id, board.id),
                coalesce(task.project_id, project.id)
           FROM best
           LEFT JOIN task ON object & 7 = 0 AND task.seq = object >> 3
           LEFT JOIN project AS of_task ON of_task.workspace_id = task.workspace_id AND of_task.id = task.project_id
           LEFT JOIN project ON object & 7 = 1 AND project.seq = object >> 3
           LEFT JOIN board ON object & 7 = 2 AND board.seq = object >> 3
           LEFT JOIN comment ON doc & 7 = 3 AND comment.seq = doc >> 3
           LEFT JOIN label ON doc & 7 = 4 AND label.seq = doc >> 3
          ORDER BY rank, title_length, object DESC",
    )?;
    let values = params![
        json!(candidates.ranked).to_string(),
        limit,
        workspace,
        archived.wanted(),
        CANDIDATES as i64
    ];
    let rows = statement.query_map(values, |row| hit(row, search))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Entries of the index that match.
struct Candidates {
    /// Each entry with its rank.
    ranked: Vec<(i64, i64)>,
    /// Whether there are as many texts as are ranked.
    are_enough: bool,
}

impl Candidates {
    /// Reads the newest matches in all texts and in titles, and the projects and boards whose names match, however old.
    fn read(
        conn: &Conn,
        workspace: WorkspaceId,
        words: &str,
        archived: Archived,
    ) -> rusqlite::Result<Self> {
        // The owner column only filters.
        let owner = workspace.uuid().simple();
        let in_texts = format!("owner : \"{owner}\" AND {{title body}} : ({words})");
        let in_titles = format!("owner : \"{owner}\" AND title : ({words})");
        let texts = newest(conn, workspace, &in_texts, archived)?;
        let are_enough = texts.len() >= CANDIDATES;
        let mut titles = match texts.is_empty() {
            true => Vec::new(),
            false => newest(conn, workspace, &in_titles, archived)?,
        };
        if are_enough && archived != Archived::True {
            titles.extend(containers(conn, &in_titles)?);
        }
        let texts = texts.into_iter().map(|doc| (doc, rank_of_text(doc)));
        let titles = titles.into_iter().map(|doc| (doc, TITLE));
        Ok(Self {
            ranked: texts.chain(titles).collect(),
            are_enough,
        })
    }
}

/// The rank of a match that is not in a title: in a label, in a description, in a comment.
fn rank_of_text(doc: i64) -> i64 {
    match doc & 7 {
        4 => 1,
        3 => 3,
        _ => 2,
    }
}

/// Returns the newest entries that match. The index is sorted by entry, so it is read only until there are enough.
fn newest(
    conn: &Conn,
    workspace: WorkspaceId,
    expression: &str,
    archived: Archived,
) -> rusqlite::Result<Vec<i64>> {
    // Projects and boards are never archived. The tasks of a label are chosen later.
    let mut statement = conn.prepare_cached(
        "SELECT rowid FROM search WHERE search MATCH ?1 AND (?3 IS NULL OR ?3 = CASE rowid & 7
           WHEN 0 THEN (SELECT is_archived FROM task WHERE seq = search.rowid >> 3 AND workspace_id = ?2)
           WHEN 3 THEN (
             SELECT is_archived FROM comment
               JOIN task ON task.workspace_id = comment.workspace_id AND task.id = comment.task_id
              WHERE comment.seq = search.rowid >> 3 AND comment.workspace_id = ?2)
           WHEN 4 THEN ?3
           ELSE 0 END)
          ORDER BY rowid DESC LIMIT ?4",
    )?;
    let values = params![expression, workspace, archived.wanted(), CANDIDATES as i64];
    statement.query_map(values, |row| row.get(0))?.collect()
}

/// Returns the projects and boards that match. There are few, so their entries are at the beginning of the index.
fn containers(conn: &Conn, expression: &str) -> rusqlite::Result<Vec<i64>> {
    let mut statement = conn.prepare_cached(
        "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid & 7 IN (1, 2) AND rowid < 8 + 8 * max(
           coalesce((SELECT max(seq) FROM project), 0), coalesce((SELECT max(seq) FROM board), 0))
          ORDER BY rowid LIMIT ?2",
    )?;
    let values = params![expression, CANDIDATES as i64];
    statement.query_map(values, |row| row.get(0))?.collect()
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
    let mut statement = conn.prepare_cached(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM search_queue)
                     OR (SELECT max(seq) FROM task) > (SELECT task_seq FROM search_mark WHERE only_row = 1)",
    )?;
    statement.exists(())
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
           FROM search_queue JOIN task ON seq = doc >> 3
          WHERE doc & 7 = 0 AND seq <= (SELECT task_seq FROM search_mark WHERE only_row = 1)
         UNION ALL
         SELECT seq * 8, lower(hex(workspace_id)), label, description
           FROM task WHERE seq > (SELECT task_seq FROM search_mark WHERE only_row = 1)
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
        // Lowered too, because SQLite gives the number of the last task again after that task was deleted.
        "UPDATE search_mark SET task_seq = ifnull((SELECT max(seq) FROM task), 0) WHERE only_row = 1",
    ] {
        conn.prepare_cached(step)?.execute(())?;
    }
    Ok(())
}
