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
             OR c.tokens IS NOT (SELECT count(*) FROM token WHERE workspace_id = w.id)
             OR c.cards IS NOT (SELECT count(*) FROM card WHERE workspace_id = w.id)
             OR c.webhooks IS NOT (SELECT count(*) FROM webhook WHERE workspace_id = w.id)",
    ),
    (
        "task counters of project",
        "SELECT lower(hex(p.id)) FROM project p
          WHERE p.tasks_open <> (SELECT count(*) FROM task t
                  WHERE t.workspace_id = p.workspace_id AND t.project_id = p.id AND t.status = 0 AND t.archived_at IS NULL)
             OR p.tasks_in_progress <> (SELECT count(*) FROM task t
                  WHERE t.workspace_id = p.workspace_id AND t.project_id = p.id AND t.status = 1 AND t.archived_at IS NULL)
             OR p.tasks_done <> (SELECT count(*) FROM task t
                  WHERE t.workspace_id = p.workspace_id AND t.project_id = p.id AND t.status = 2 AND t.archived_at IS NULL)",
    ),
    (
        "subtask counters of task",
        "SELECT lower(hex(t.id)) FROM task t
           LEFT JOIN (SELECT workspace_id, task_id, count(*) AS total, sum(is_completed) AS completed
                        FROM subtask GROUP BY workspace_id, task_id) s
                  ON s.workspace_id = t.workspace_id AND s.task_id = t.id
          WHERE (t.subtasks_total, t.subtasks_completed) IS NOT (coalesce(s.total, 0), coalesce(s.completed, 0))",
    ),
    (
        "assignee counter of task",
        "SELECT lower(hex(t.id)) FROM task t
          WHERE t.assignees_total <> (SELECT count(*) FROM task_assignee a
                  WHERE a.workspace_id = t.workspace_id AND a.task_id = t.id)",
    ),
    (
        "assignee with other dates than the task",
        "SELECT lower(hex(t.id)) FROM task_assignee a
           JOIN task t ON t.workspace_id = a.workspace_id AND t.id = a.task_id
          WHERE (a.created_at, a.is_archived) <> (t.created_at, t.is_archived)",
    ),
    (
        "label with other dates than the task",
        "SELECT lower(hex(t.id)) FROM task_label l
           JOIN task t ON t.workspace_id = l.workspace_id AND t.id = l.task_id
          WHERE (l.created_at, l.is_archived) <> (t.created_at, t.is_archived)",
    ),
    (
        "task with an id, a position or a due date of another form",
        "SELECT lower(hex(id)) FROM task
          WHERE length(id) <> 16 OR length(position) > 64 OR due_on IS NOT date(due_on)",
    ),
    (
        "task that is not marked as backdated",
        "SELECT lower(hex(id)) FROM (
           SELECT id, created_at, max(created_at) OVER (PARTITION BY workspace_id ORDER BY seq) AS latest
             FROM task WHERE is_backdated = 0)
          WHERE created_at < latest",
    ),
    (
        "creation time of the newest task of workspace",
        "SELECT w.slug FROM workspace w JOIN workspace_count c ON c.workspace_id = w.id
           JOIN (SELECT workspace_id, max(created_at) AS latest FROM task WHERE is_backdated = 0 GROUP BY workspace_id) t
             ON t.workspace_id = w.id
          WHERE ifnull(c.newest_task_at < t.latest, 1)",
    ),
    (
        "recipient counters of card",
        "SELECT lower(hex(c.id)) FROM card c
           LEFT JOIN card_count n ON n.workspace_id = c.workspace_id AND n.card_id = c.id
           LEFT JOIN (SELECT workspace_id, card_id, count(*) AS recipients, sum(status = 'queued') AS queued,
                             sum(status = 'sent') AS sent, sum(status = 'failed') AS failed, sum(opens > 0) AS opened,
                             sum(opens) AS opens, sum(views > 0) AS viewed, sum(views) AS views,
                             count(unsubscribed_at) AS unsubscribed
                        FROM recipient GROUP BY workspace_id, card_id) r
                  ON r.workspace_id = c.workspace_id AND r.card_id = c.id
          WHERE (n.recipients, n.queued, n.sent, n.failed, n.opened, n.opens, n.viewed, n.views, n.unsubscribed)
             IS NOT (coalesce(r.recipients, 0), coalesce(r.queued, 0), coalesce(r.sent, 0), coalesce(r.failed, 0),
                     coalesce(r.opened, 0), coalesce(r.opens, 0), coalesce(r.viewed, 0), coalesce(r.views, 0),
                     coalesce(r.unsubscribed, 0))",
    ),
    (
        "recipient and mail with different states",
        "SELECT lower(hex(r.id)) FROM recipient r
           LEFT JOIN mail m ON m.workspace_id = r.workspace_id AND m.recipient_id = r.id
          WHERE (r.status = 'queued') <> (m.due_at IS NOT NULL)",
    ),
    (
        "cover that no card shows",
        "SELECT lower(hex(v.id)) FROM cover v
          WHERE NOT EXISTS (SELECT 1 FROM card WHERE workspace_id = v.workspace_id AND cover_id = v.id)
            AND NOT EXISTS (SELECT 1 FROM edition WHERE workspace_id = v.workspace_id AND cover_id = v.id)",
    ),
    (
        "search entry without a row",
        "SELECT rowid FROM search WHERE rowid NOT IN (
             SELECT doc FROM search_queue UNION ALL SELECT seq * 8 FROM task
             UNION ALL SELECT seq * 8 + 1 FROM project UNION ALL SELECT seq * 8 + 2 FROM board
             UNION ALL SELECT seq * 8 + 3 FROM comment UNION ALL SELECT seq * 8 + 4 FROM label)",
    ),
    (
        "task missing from search",
        "SELECT lower(hex(id)) FROM task WHERE seq * 8 NOT IN (SELECT rowid FROM search)
            AND seq * 8 NOT IN (SELECT doc FROM search_queue) AND seq <= (SELECT task_seq FROM search_mark)",
    ),
    (
        "comment missing from search",
        "SELECT lower(hex(id)) FROM comment WHERE seq * 8 + 3 NOT IN (SELECT rowid FROM search)
            AND seq * 8 + 3 NOT IN (SELECT doc FROM search_queue)",
    ),
    (
        "task of a project that does not exist",
        "SELECT lower(hex(id)) FROM task t
          WHERE NOT EXISTS (SELECT 1 FROM project WHERE workspace_id = t.workspace_id AND id = t.project_id)",
    ),
    (
        "task in a lane that is not on its board",
        "SELECT lower(hex(t.id)) FROM task t
           JOIN project p ON p.workspace_id = t.workspace_id AND p.id = t.project_id
           LEFT JOIN lane l ON l.workspace_id = t.workspace_id AND l.id = t.workflow_lane_id
          WHERE t.workflow_lane_id IS NOT NULL AND l.board_id IS NOT p.board_id",
    ),
    (
        "task with a label of another board",
        "SELECT lower(hex(t.id)) FROM task_label tl
           JOIN task t ON t.workspace_id = tl.workspace_id AND t.id = tl.task_id
           JOIN project p ON p.workspace_id = t.workspace_id AND p.id = t.project_id
           JOIN label l ON l.workspace_id = tl.workspace_id AND l.id = tl.label_id
          WHERE l.board_id <> p.board_id",
    ),
    (
        "comment counter of task",
        "SELECT lower(hex(t.id)) FROM task t
           LEFT JOIN (SELECT workspace_id, task_id, count(*) AS total FROM comment GROUP BY workspace_id, task_id) c
                  ON c.workspace_id = t.workspace_id AND c.task_id = t.id
          WHERE t.comments_total <> coalesce(c.total, 0)",
    ),
    (
        "webhook without a place in the journal",
        "SELECT lower(hex(w.id)) FROM webhook w
          WHERE NOT EXISTS (SELECT 1 FROM webhook_progress WHERE workspace_id = w.workspace_id AND webhook_id = w.id)",
    ),
    (
        "workspace without a journal",
        "SELECT slug FROM workspace WHERE id NOT IN (SELECT workspace_id FROM journal)",
    ),
    // Retention removes the oldest events, or all of them.
    (
        "journal with a gap",
        "SELECT w.slug FROM workspace w JOIN journal j ON j.workspace_id = w.id
           JOIN (SELECT workspace_id, min(sequence) AS oldest, max(sequence) AS newest, count(*) AS events
                   FROM event GROUP BY workspace_id) e ON e.workspace_id = w.id
          WHERE e.newest < j.floor OR e.newest - e.oldest + 1 <> e.events",
    ),
    (
        "event with invalid JSON",
        "SELECT lower(hex(id)) FROM event
          WHERE CASE json_valid(data) WHEN 1 THEN json_type(data) <> 'object' ELSE 1 END
             OR json_valid(changes) = 0 OR json_valid(deleted) = 0 OR json_valid(cleared) = 0
             OR json_valid(truncated) = 0",
    ),
];

/// The version of SQLite that is built in.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// What SQLite itself finds wrong with the file, in one query. `show` gets that none of one is done.
///
/// # Errors
/// Database errors only.
pub fn integrity(conn: &Conn, show: &dyn Fn(u64, u64)) -> Result<Vec<String>> {
    show(0, 1);
    integrity_of(conn.raw())
}

/// The same for a file that is none of ours yet: a copy that is being checked.
pub(super) fn integrity_of(conn: &rusqlite::Connection) -> Result<Vec<String>> {
    let mut statement = conn.prepare("PRAGMA integrity_check(20)")?;
    let rows = statement
        .query_map((), |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    Ok(rows.into_iter().filter(|row| row != "ok").collect())
}

/// Everything that is wrong with the rows: references to nothing, and counters that disagree with what they count. `show` gets
/// how many queries are done, and of how many.
///
/// # Errors
/// Database errors only.
pub fn rows(conn: &Conn, show: &dyn Fn(u64, u64)) -> Result<Vec<String>> {
    let all = COUNTERS.len() as u64 + 1;
    show(0, all);
    let mut problems = Vec::new();
    let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
    let mut broken = statement.query(())?;
    while let Some(row) = broken.next()? {
        let (child, parent): (String, String) = (row.get(0)?, row.get(2)?);
        problems.push(format!(
            "a row in {child} refers to a row in {parent} that does not exist"
        ));
    }
    for (done, (label, sql)) in (1..).zip(COUNTERS) {
        show(done, all);
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
