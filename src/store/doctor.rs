//! What is wrong with a database, in words.

use super::connection::Conn;
use crate::error::Result;

/// Counters and what they should be: a label, and a query for rows where the two differ.
const COUNTERS: &[(&str, &str)] = &[
    (
        "workspace counters",
        "SELECT w.slug FROM workspace w LEFT JOIN workspace_count c ON c.workspace_id = w.id
          WHERE c.boards IS NOT (SELECT count(*) FROM board WHERE workspace_id = w.id)
             OR c.projects IS NOT (SELECT count(*) FROM project WHERE workspace_id = w.id)
             OR c.tasks IS NOT (SELECT count(*) FROM task WHERE workspace_id = w.id)
             OR c.tokens IS NOT (SELECT count(*) FROM token WHERE workspace_id = w.id)",
    ),
    (
        "task counters of project",
        "SELECT lower(hex(p.id)) FROM project p
          WHERE p.tasks_open <> (SELECT count(*) FROM task t
                  WHERE t.workspace_id = p.workspace_id AND t.project_id = p.id AND t.status = 0)
             OR p.tasks_in_progress <> (SELECT count(*) FROM task t
                  WHERE t.workspace_id = p.workspace_id AND t.project_id = p.id AND t.status = 1)
             OR p.tasks_done <> (SELECT count(*) FROM task t
                  WHERE t.workspace_id = p.workspace_id AND t.project_id = p.id AND t.status = 2)",
    ),
    (
        "search entry without a row",
        "SELECT rowid FROM search WHERE rowid NOT IN (
             SELECT doc FROM search_queue UNION ALL SELECT seq * 4 FROM task
             UNION ALL SELECT seq * 4 + 1 FROM project UNION ALL SELECT seq * 4 + 2 FROM board)",
    ),
    (
        "task that search does not know",
        "SELECT lower(hex(id)) FROM task WHERE seq * 4 NOT IN (SELECT rowid FROM search)
            AND seq * 4 NOT IN (SELECT doc FROM search_queue)",
    ),
    (
        "task in a lane of another board",
        "SELECT lower(hex(t.id)) FROM task t
           JOIN project p ON p.workspace_id = t.workspace_id AND p.id = t.project_id
           JOIN lane l ON l.workspace_id = t.workspace_id AND l.id = t.workflow_lane_id
          WHERE l.board_id <> p.board_id",
    ),
];

/// The version of SQLite that is built in.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// What SQLite itself finds wrong with the file.
///
/// # Errors
/// Only the database's own.
pub fn integrity(conn: &Conn) -> Result<Vec<String>> {
    let mut statement = conn.prepare("PRAGMA integrity_check(20)")?;
    let rows = statement
        .query_map((), |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    Ok(rows.into_iter().filter(|row| row != "ok").collect())
}

/// Everything that is wrong with the rows: references to nothing, and counters that disagree with what they count.
///
/// # Errors
/// Only the database's own.
pub fn rows(conn: &Conn) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
    let mut broken = statement.query(())?;
    while let Some(row) = broken.next()? {
        let (child, parent): (String, String) = (row.get(0)?, row.get(2)?);
        problems.push(format!(
            "a row of {child} refers to a row of {parent} that does not exist"
        ));
    }
    for (label, sql) in COUNTERS {
        let mut statement = conn.prepare(sql)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let which = match row.get_ref(0)? {
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                other => other.as_str().unwrap_or("?").to_owned(),
            };
            problems.push(format!("{label}: {which}"));
        }
    }
    Ok(problems)
}
