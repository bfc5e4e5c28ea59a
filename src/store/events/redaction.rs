//! Takes a person out of the journal.

use std::collections::BTreeSet;

use rusqlite::{ToSql, params};

use super::super::connection::{Conn, Tx};
use crate::error::Result;
use crate::model::ids::{UserId, WorkspaceId};

/// Rows per step, so that a step is short.
const STEP: i64 = 20_000;
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
    let mut update = |sql: &str, person: &dyn ToSql| -> Result<()> {
        let mut statement = tx.prepare_cached(sql)?;
        let rows = statement.query_map(params![begin, end, person], |row| row.get(0))?;
        for row in rows {
            workspaces.insert(row?);
        }
        Ok(())
    };
    update(
        "UPDATE event SET actor_name = NULL, actor_credential = NULL
          WHERE seq >= ?1 AND seq < ?2 AND actor_user_id = ?3 RETURNING workspace_id",
        &user,
    )?;
    update(
        "UPDATE event SET data = json_replace(data, '$.name', 'erased'),
                          changes = json_replace(changes, '$.name', json_object('from', 'erased', 'to', 'erased'))
          WHERE seq >= ?1 AND seq < ?2 AND type GLOB 'member.*' AND data ->> '$.id' = ?3 RETURNING workspace_id",
        &id,
    )?;
    update(
        "UPDATE event SET data = json_replace(data, '$.author', json('null'), '$.imported_author', json('null'))
          WHERE seq >= ?1 AND seq < ?2 AND type GLOB 'comment.*' AND data ->> '$.author.id' = ?3 RETURNING workspace_id",
        &id,
    )?;
    for email in emails {
        update(
            "UPDATE event SET data = json_replace(data, '$.email', 'erased')
              WHERE seq >= ?1 AND seq < ?2 AND type GLOB 'invitation.*' AND data ->> '$.email' = ?3
              RETURNING workspace_id",
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

/// Returns the addresses at which a person has accepted invitations to a workspace. The person may have another address
/// now. A person who accepts becomes a member, and then the invitation ends.
///
/// # Errors
/// Database errors only.
pub fn addresses_of(conn: &Conn, workspace: WorkspaceId, user: UserId) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached(
        "SELECT DISTINCT ended.data ->> '$.email' FROM event joined
           JOIN event ended ON ended.workspace_id = joined.workspace_id AND ended.sequence = joined.sequence + 1
          WHERE joined.workspace_id = ?1 AND joined.type = 'member.added' AND joined.actor_user_id = ?2
            AND joined.data ->> '$.id' = ?3 AND ended.type = 'invitation.deleted' AND ended.actor_user_id = ?2",
    )?;
    let rows = statement.query_map(params![workspace, user, user.to_string()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
