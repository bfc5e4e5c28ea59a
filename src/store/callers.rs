//! Callers of credentials, remembered until something changes that decides who they are.

use super::connection::Conn;
use super::known_callers::KnownCallers;
use crate::error::Result;
use crate::model::credentials::{Caller, Digest};

/// Returns the caller of a secret, which `find` finds by its digest. Runs in a read transaction; the rest of it sees the same
/// state of the database.
///
/// # Errors
/// Those of `find`, and database errors.
pub fn of_secret(
    conn: &Conn,
    secret: &str,
    find: impl FnOnce(&Conn, &Digest) -> Result<Option<Caller>>,
) -> Result<Option<Caller>> {
    let hash = {
        let mut known = conn.callers();
        forget_changed(&mut known, conn)?;
        let hash = known.hash(secret)?;
        if let Some(caller) = known.get(hash) {
            return Ok(Some(caller.clone()));
        }
        hash
    };
    // The query compares digests, so its duration reveals nothing about other secrets.
    let found = find(conn, &Digest::of(secret.as_bytes()))?;
    if let Some(caller) = &found {
        conn.callers().insert(hash, caller.clone());
    }
    Ok(found)
}

/// Forgets all callers if one of them may be another one now.
fn forget_changed(known: &mut KnownCallers, conn: &Conn) -> Result<()> {
    let number = |sql| -> rusqlite::Result<i64> {
        conn.prepare_cached(sql)?.query_row((), |row| row.get(0))
    };
    let version = number("PRAGMA data_version")?;
    if known.version != version {
        // The version is noted last: if this read fails, the next one must compare again.
        let changes = number("SELECT number FROM caller_change WHERE only_row = 1")?;
        known.note_changes(changes);
        known.version = version;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tempfile::TempDir;

    use super::of_secret;
    use crate::error::{Error, Result};
    use crate::model::credentials::{Caller, Credential};
    use crate::model::ids::{UserId, WorkspaceId};
    use crate::model::scopes::Scopes;
    use crate::store::db::{Db, Durability, write_once};
    use crate::store::migrate;

    fn caller() -> Caller {
        Caller {
            credential: Credential::Key {
                id: crate::model::ids::time_ordered(),
            },
            workspace_id: WorkspaceId::new(),
            user_id: UserId::new(),
            scopes: Scopes::ALL,
            api_calls: None,
        }
    }

    #[test]
    fn a_caller_is_looked_up_again_after_a_change_by_anybody() -> Result<()> {
        let folder = TempDir::new().unwrap_or_else(|why| unreachable!("{why}"));
        let path = folder.path().join("db");
        migrate::migrate(&path).unwrap_or_else(|why| unreachable!("{why}"));
        // One reader, so that every read is on the same connection.
        let db = Db::open(&path, Durability::Normal, 0)?;
        let queries = Cell::new(0);
        let known = caller();
        let is_found = |secret: &str, exists: bool| {
            let found = db.read(|conn| {
                of_secret(conn, secret, |_, _| {
                    queries.set(queries.get() + 1);
                    Ok(exists.then(|| known.clone()))
                })
            });
            found.map(|caller| caller.is_some())
        };
        assert!(is_found("a", true)? && is_found("a", true)? && queries.get() == 1);
        // Secrets that nobody has are not remembered.
        assert!(!is_found("b", false)? && !is_found("b", false)? && queries.get() == 3);
        assert!(is_found("a", false)? && queries.get() == 3);
        // Other changes do not matter.
        write_once(&path, |tx| {
            Ok::<_, Error>(tx.execute_batch("UPDATE plan SET boards = ifnull(boards, 0) + 1")?)
        })?;
        assert!(is_found("a", false)? && queries.get() == 3);
        let change = "UPDATE plan SET api_calls = ifnull(api_calls, 0) + 1";
        db.write_and_wait(move |tx| Ok(tx.execute_batch(change)?))?;
        assert!(!is_found("a", false)? && queries.get() == 4);
        assert!(is_found("a", true)? && queries.get() == 5);
        write_once(&path, |tx| Ok::<_, Error>(tx.execute_batch(change)?))?;
        assert!(!is_found("a", false)? && queries.get() == 6);
        // While the changes cannot be read, nobody is known.
        assert!(is_found("a", true)?);
        write_once(&path, |tx| {
            Ok::<_, Error>(tx.execute_batch("ALTER TABLE caller_change RENAME TO hidden")?)
        })?;
        assert!(is_found("a", true).is_err() && is_found("a", true).is_err());
        Ok(())
    }
}
