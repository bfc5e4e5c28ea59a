//! Takes a person out of the journal.

use rusqlite::params;

use super::super::connection::Tx;
use crate::error::Result;
use crate::model::ids::UserId;

/// Rows per step, so that a step is short.
const STEP: i64 = 20_000;
/// What stands in place of a name or an address.
const ERASED: &str = "erased";

/// Takes the name and the address of a person out of some of the events, beginning with this row. Returns the row to go on
/// with; `None` at the end of the journal.
///
/// # Errors
/// Database errors only.
pub fn redact(tx: &Tx<'_>, user: UserId, email: &str, begin: i64) -> Result<Option<i64>> {
    let end = begin.saturating_add(STEP);
    tx.prepare_cached(
        "UPDATE event SET actor_name = NULL, actor_credential = NULL
          WHERE seq >= ?1 AND seq < ?2 AND actor_user_id = ?3",
    )?
    .execute(params![begin, end, user])?;
    tx.prepare_cached(
        "UPDATE event SET data = json_replace(data, '$.name', ?4),
                          changes = json_replace(changes, '$.name', json_object('from', ?4, 'to', ?4))
          WHERE seq >= ?1 AND seq < ?2 AND type GLOB 'member.*' AND data ->> '$.id' = ?3",
    )?
    .execute(params![begin, end, user.to_string(), ERASED])?;
    tx.prepare_cached(
        "UPDATE event SET data = json_replace(data, '$.email', ?4)
          WHERE seq >= ?1 AND seq < ?2 AND type GLOB 'invitation.*' AND data ->> '$.email' = ?3",
    )?
    .execute(params![begin, end, email, ERASED])?;
    tx.prepare_cached(
        "UPDATE event SET data = json_replace(data, '$.author', json('null'))
          WHERE seq >= ?1 AND seq < ?2 AND type GLOB 'comment.*' AND data ->> '$.author.id' = ?3",
    )?
    .execute(params![begin, end, user.to_string()])?;
    let last: Option<i64> = tx
        .prepare_cached("SELECT max(seq) FROM event")?
        .query_row((), |row| row.get(0))?;
    Ok(last.filter(|last| *last >= end).map(|_| end))
}
