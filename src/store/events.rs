//! The journal: one event per committed change that a client can see.

mod redaction;

use rusqlite::types::ToSql;
use rusqlite::{OptionalExtension, Row, params};
use serde_json::value::RawValue;

use super::connection::{Conn, Effects, Tx};
use crate::error::Result;
use crate::model::context::{Actor, Ctx};
use crate::model::events::{Event, EventFilter, EventType, Journal, NewEvent};
use crate::model::ids::WorkspaceId;
use crate::model::time::Timestamp;
use crate::model::webhooks::EventHead;

pub use self::redaction::{addresses_of, redact};

/// Maximum number of events that one read examines. A filter may skip all of them.
const WINDOW: i64 = 5_000;
/// Number of events that retention deletes per transaction.
const BATCH: i64 = 500;
/// The columns that [`event`] reads.
const COLUMNS: &str = "id, sequence, type, created_at, actor_kind, actor_user_id, actor_name, actor_credential, \
                       board_id, project_id, task_id, card_id, changes, data, deleted, cleared, truncated, \
                       from_board_id, from_project_id";

impl Tx<'_> {
    /// Records an event in the transaction of its change.
    ///
    /// # Errors
    /// Database errors only.
    pub fn record(&self, ctx: &Ctx, event: &NewEvent) -> Result<()> {
        let mut statement = self.prepare_cached(
            "INSERT INTO event (workspace_id, sequence, id, type, created_at, actor_kind, actor_user_id, actor_name,
                                actor_credential, board_id, from_board_id, project_id, from_project_id, task_id, card_id,
                                changes, data, deleted, cleared, truncated)
             VALUES (?1, ifnull(?2, (SELECT latest + 1 FROM journal_state WHERE workspace_id = ?1)), ?3, ?4, ?5, ?6, ?7, ?8,
                     ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
        )?;
        let Actor {
            kind,
            user_id,
            name,
            credential,
        } = &ctx.actor;
        let added = statement.execute(params![
            ctx.workspace,
            next_sequence(self, ctx.workspace)?,
            crate::model::ids::time_ordered(),
            event.kind.as_str(),
            Timestamp::now(),
            kind,
            user_id,
            name,
            credential,
            event.board_id,
            event.from_board_id,
            event.project_id,
            event.from_project_id,
            event.task_id,
            event.card_id,
            event.changes,
            event.data,
            event.deleted,
            event.cleared,
            event.truncated
        ]);
        if let Err(cause) = added {
            // A workspace that is gone has no next sequence.
            latest(self, ctx.workspace)?;
            return Err(cause.into());
        }
        self.note(Effects {
            events: 1,
            ..Effects::default()
        });
        Ok(())
    }
}

/// Returns the sequence of the next event. For the first one in a transaction it is `None`: the statement that adds the event finds
/// its sequence. For the second one it is read, and then counted in memory, until [`settle`].
fn next_sequence(conn: &Conn, workspace: WorkspaceId) -> Result<Option<i64>> {
    let mut sequences = conn.sequences();
    let Some((_, newest)) = sequences.iter_mut().find(|(id, _)| *id == workspace) else {
        sequences.push((workspace, None));
        return Ok(None);
    };
    let next = match newest {
        Some(newest) => *newest + 1,
        None => latest(conn, workspace)? + 1,
    };
    *newest = Some(next);
    Ok(Some(next))
}

/// Returns the sequence of the newest event of a workspace.
///
/// # Errors
/// Database errors; `workspace_not_found`.
pub(super) fn latest(conn: &Conn, workspace: WorkspaceId) -> Result<i64> {
    let mut statement =
        conn.prepare_cached("SELECT latest FROM journal_state WHERE workspace_id = ?1")?;
    let latest = statement.query_row([workspace], |row| row.get(0));
    latest.optional()?.ok_or_else(|| workspace.missing())
}

/// Notes which workspaces have recorded events, and forgets their newest sequences. Must run before COMMIT, and after a
/// change of several was rolled back.
pub(super) fn settle(conn: &Conn) {
    let recorded = std::mem::take(&mut *conn.sequences());
    conn.recorded()
        .extend(recorded.into_iter().map(|(workspace, _)| workspace));
}

/// Returns the state of a workspace's journal.
///
/// # Errors
/// Database errors only.
pub fn journal(conn: &Conn, workspace: WorkspaceId) -> Result<Journal> {
    let mut statement = conn.prepare_cached(
        "SELECT j.journal_id, j.latest, coalesce((SELECT min(sequence) FROM event WHERE workspace_id = j.workspace_id), j.latest + 1)
           FROM journal_state j WHERE j.workspace_id = ?1",
    )?;
    let found = statement.query_row([workspace], |row| {
        Ok(Journal {
            id: uuid::Builder::from_random_bytes(row.get(0)?).into_uuid(),
            latest: row.get(1)?,
            oldest: row.get(2)?,
        })
    });
    found.optional()?.ok_or_else(|| workspace.missing())
}

/// Returns at most `limit` events after a sequence and up to the sequence `end`, oldest first, and the last sequence that
/// was examined.
///
/// # Errors
/// Database errors only.
pub fn after(
    conn: &Conn,
    workspace: WorkspaceId,
    end: i64,
    filter: &EventFilter,
    since: i64,
    limit: u32,
) -> Result<(Vec<Event>, i64)> {
    let end = match filter.is_indexed() {
        true => end,
        false => end.min(since.saturating_add(WINDOW)),
    };
    let found = select(conn, workspace, filter, (since, end), limit, "ASC")?;
    let examined = match found.last() {
        Some(last) if found.len() == limit as usize => last.sequence,
        _ => end,
    };
    Ok((found, examined))
}

/// Returns at most `limit` events before a sequence, newest first, and where the next page starts, if there is one.
///
/// # Errors
/// Database errors only.
pub fn before(
    conn: &Conn,
    workspace: WorkspaceId,
    journal: &Journal,
    filter: &EventFilter,
    before: i64,
    limit: u32,
) -> Result<(Vec<Event>, Option<i64>)> {
    let begin = match filter.is_indexed() {
        true => journal.oldest,
        false => journal.oldest.max(before.saturating_sub(WINDOW)),
    };
    let found = select(
        conn,
        workspace,
        filter,
        (begin - 1, before - 1),
        limit,
        "DESC",
    )?;
    let examined = match found.last() {
        Some(last) if found.len() == limit as usize => last.sequence,
        _ => begin,
    };
    Ok((found, Some(examined).filter(|at| *at > journal.oldest)))
}

/// Returns what decides whether webhooks are told about the events after a sequence, up to another, oldest first.
/// An import's events are left out, except that it ended: nobody wants thousands of deliveries for one file.
///
/// # Errors
/// Database errors only.
pub fn heads(
    conn: &Conn,
    workspace: WorkspaceId,
    after: i64,
    until: i64,
    limit: usize,
) -> Result<Vec<EventHead>> {
    let mut statement = conn.prepare_cached(
        "SELECT sequence, id, type, board_id, from_board_id FROM event
          WHERE workspace_id = ?1 AND sequence > ?2 AND sequence <= ?3
            AND (actor_kind <> 'import' OR type LIKE 'import.%')
          ORDER BY sequence LIMIT ?4",
    )?;
    let rows = statement.query_map(params![workspace, after, until, limit], |row| {
        Ok(EventHead {
            sequence: row.get(0)?,
            id: row.get(1)?,
            kind: row.get(2)?,
            board_id: row.get(3)?,
            from_board_id: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns an event; `None` if it is no longer kept.
///
/// # Errors
/// Database errors only.
pub fn get(conn: &Conn, workspace: WorkspaceId, sequence: i64) -> Result<Option<Event>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM event WHERE workspace_id = ?1 AND sequence = ?2"
    ))?;
    Ok(statement
        .query_row(params![workspace, sequence], event)
        .optional()?)
}

/// Returns the sequence of the last event before a time; if there is none, the sequence before the oldest event.
///
/// # Errors
/// Database errors only.
pub fn last_before(
    conn: &Conn,
    workspace: WorkspaceId,
    journal: &Journal,
    time: Timestamp,
) -> Result<i64> {
    let mut statement = conn
        .prepare_cached("SELECT created_at FROM event WHERE workspace_id = ?1 AND sequence = ?2")?;
    // Sequences have no gaps and their times increase, so no index by time is needed.
    let (mut before, mut after) = (journal.oldest - 1, journal.latest + 1);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        let created: Timestamp =
            statement.query_row(params![workspace, middle], |row| row.get(0))?;
        match created < time {
            true => before = middle,
            false => after = middle,
        }
    }
    Ok(before)
}

/// Returns events with `begin < sequence <= end` that match the filter.
fn select(
    conn: &Conn,
    workspace: WorkspaceId,
    filter: &EventFilter,
    (begin, end): (i64, i64),
    limit: u32,
    order: &str,
) -> Result<Vec<Event>> {
    let types = filter.types.as_ref().map(|types| names(types));
    let wanted: [(&str, Option<&dyn ToSql>); 6] = [
        (
            "type IN (SELECT value FROM json_each($))",
            types.as_ref().map(sql),
        ),
        (
            "(board_id = $ OR from_board_id = $)",
            filter.board.as_ref().map(sql),
        ),
        (
            "(project_id = $ OR from_project_id = $)",
            filter.project.as_ref().map(sql),
        ),
        ("task_id = $", filter.task.as_ref().map(sql)),
        ("card_id = $", filter.card.as_ref().map(sql)),
        ("actor_user_id = $", filter.actor.as_ref().map(sql)),
    ];
    let mut conditions = String::new();
    let mut values: Vec<&dyn ToSql> = vec![&workspace, &begin, &end, &limit];
    for (condition, value) in wanted {
        if let Some(value) = value {
            values.push(value);
            let parameter = format!("?{}", values.len());
            conditions.push_str(" AND ");
            conditions.push_str(&condition.replace('$', &parameter));
        }
    }
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM event WHERE workspace_id = ?1 AND sequence > ?2 AND sequence <= ?3{conditions}
          ORDER BY sequence {order} LIMIT ?4"
    ))?;
    let rows = statement.query_map(values.as_slice(), event)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn sql<T: ToSql>(value: &T) -> &dyn ToSql {
    value
}

fn names(types: &[EventType]) -> String {
    let names: Vec<_> = types
        .iter()
        .map(|kind| format!("\"{}\"", kind.as_str()))
        .collect();
    format!("[{}]", names.join(","))
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: row.get(0)?,
        sequence: row.get(1)?,
        kind: row.get(2)?,
        timestamp: row.get(3)?,
        actor: Actor {
            kind: row.get(4)?,
            user_id: row.get(5)?,
            name: row.get(6)?,
            credential: row.get(7)?,
        },
        board_id: row.get(8)?,
        project_id: row.get(9)?,
        task_id: row.get(10)?,
        card_id: row.get(11)?,
        changes: json(row, 12)?,
        data: json(row, 13)?.ok_or(rusqlite::Error::InvalidQuery)?,
        deleted: json(row, 14)?,
        cleared: json(row, 15)?,
        truncated: json(row, 16)?,
        from_board_id: row.get(17)?,
        from_project_id: row.get(18)?,
    })
}

fn json(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Box<RawValue>>> {
    let text: Option<String> = row.get(column)?;
    let parsed = text.map(RawValue::from_string).transpose();
    parsed.map_err(|cause| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            Box::new(cause),
        )
    })
}

/// Deletes some of a workspace's events that are older than `before`, and returns how many were deleted. The oldest are
/// deleted first, so that there is no gap.
///
/// # Errors
/// Database errors only.
pub fn delete_old(tx: &Tx<'_>, workspace: WorkspaceId, before: Timestamp) -> Result<usize> {
    let mut oldest = tx.prepare_cached(
        "SELECT sequence, created_at FROM event WHERE workspace_id = ?1 ORDER BY sequence LIMIT ?2",
    )?;
    let rows = oldest.query_map(params![workspace, BATCH], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let oldest: Vec<(i64, Timestamp)> = rows.collect::<Result<_, _>>()?;
    let old = oldest.iter().take_while(|(_, created)| *created < before);
    let Some((last, _)) = old.last() else {
        return Ok(0);
    };
    let mut delete =
        tx.prepare_cached("DELETE FROM event WHERE workspace_id = ?1 AND sequence <= ?2")?;
    Ok(delete.execute(params![workspace, last])?)
}

#[cfg(test)]
mod tests;
