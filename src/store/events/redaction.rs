//! Takes a person out of the journal.

use std::collections::BTreeSet;

use rusqlite::{ToSql, params};

use super::super::connection::{Conn, Tx};
use crate::error::Result;
use crate::model::ids::{UserId, WorkspaceId};

/// Rows per step, so that a step is short.
const STEP: i64 = 20_000;
/// What stands in place of a name or an address.
const ERASED: &str = "erased";

/// What a step has done.
pub struct Redacted {
    /// The workspaces whose events have changed.
    pub workspaces: BTreeSet<WorkspaceId>,
    /// The row to go on with; `None` at the end of the journal.
    pub next: Option<i64>,
}

/// Takes the name and the addresses of a person out of some of the events, beginning with this row.
///
/// # Errors
/// Database errors only.
pub fn redact(tx: &Tx<'_>, user: UserId, emails: &[String], begin: i64) -> Result<Redacted> {
    let end = begin.saturating_add(STEP);
    let id = user.to_string();
    let mut workspaces = BTreeSet::new();
    let mut update = |change: &str, person: &dyn ToSql| -> Result<()> {
        let mut statement = tx.prepare_cached(&format!(
            "UPDATE event SET {change} AND seq >= ?2 AND seq < ?3 RETURNING workspace_id"
        ))?;
        let rows = statement.query_map(params![person, begin, end], |row| row.get(0))?;
        for row in rows {
            workspaces.insert(row?);
        }
        Ok(())
    };
    update(
        "actor_name = NULL, actor_credential = NULL WHERE actor_user_id = ?1",
        &user,
    )?;
    update(
        &format!(
            "data = json_replace(data, '$.name', '{ERASED}'),
             changes = json_replace(changes, '$.name', json_object('from', '{ERASED}', 'to', '{ERASED}'))
              WHERE type GLOB 'member.*' AND data ->> '$.id' = ?1"
        ),
        &id,
    )?;
    update(
        "data = json_replace(data, '$.author', json('null'))
          WHERE type GLOB 'comment.*' AND data ->> '$.author.id' = ?1",
        &id,
    )?;
    for email in emails {
        update(
            &format!(
                "data = json_replace(data, '$.email', '{ERASED}')
                  WHERE type GLOB 'invitation.*' AND data ->> '$.email' = ?1"
            ),
            email,
        )?;
    }
    let last: Option<i64> = tx
        .prepare_cached("SELECT max(seq) FROM event")?
        .query_row((), |row| row.get(0))?;
    Ok(Redacted {
        workspaces,
        next: last.filter(|last| *last >= end).map(|_| end),
    })
}

/// Returns the addresses at which a person has accepted invitations. The person may have another address now. A person who
/// accepts becomes a member, and then the invitation ends.
///
/// # Errors
/// Database errors only.
pub fn addresses_of(conn: &Conn, user: UserId) -> Result<Vec<String>> {
    let mut statement = conn.prepare(
        "SELECT DISTINCT invitation.data ->> '$.email'
           FROM event member JOIN event invitation
             ON invitation.workspace_id = member.workspace_id AND invitation.sequence = member.sequence + 1
          WHERE member.type = 'member.added' AND member.actor_user_id = ?1 AND member.data ->> '$.id' = ?2
            AND invitation.type = 'invitation.deleted' AND invitation.actor_user_id = ?1",
    )?;
    let rows = statement.query_map(params![user, user.to_string()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
