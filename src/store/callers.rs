//! Callers of credentials, remembered until something changes that decides who they are.

use std::collections::HashMap;

use siphasher::sip128::SipHasher24;

use super::connection::Conn;
use crate::error::Result;
use crate::model::credentials::{Caller, Digest};

/// Callers that one connection remembers.
const MAX_CALLERS: usize = 1_000;

/// The callers that were found since the last such change. Each connection has its own.
#[derive(Default)]
pub(super) struct KnownCallers {
    /// What `PRAGMA data_version` returned. Every commit of another connection changes it, also those of other processes.
    version: i64,
    /// The number of changes to credentials, members and plans, which triggers count.
    changes: i64,
    by_secret: HashMap<u128, Caller>,
    keys: Option<(u64, u64)>,
}

impl KnownCallers {
    /// Forgets all callers if one of them may be another one now.
    fn forget_changed(&mut self, conn: &Conn) -> Result<()> {
        let number = |sql| -> rusqlite::Result<i64> {
            conn.prepare_cached(sql)?.query_row((), |row| row.get(0))
        };
        let version = number("PRAGMA data_version")?;
        if self.version != version {
            self.version = version;
            let changes = number("SELECT number FROM caller_change WHERE only_row = 1")?;
            if self.changes != changes {
                self.changes = changes;
                self.by_secret.clear();
            }
        }
        Ok(())
    }

    /// A hash of a secret that nobody can compute without the random keys, so two secrets never share one.
    fn hash(&mut self, secret: &str) -> Result<u128> {
        let keys = match self.keys {
            Some(keys) => keys,
            None => *self.keys.insert((getrandom::u64()?, getrandom::u64()?)),
        };
        Ok(SipHasher24::new_with_keys(keys.0, keys.1)
            .hash(secret.as_bytes())
            .into())
    }
}

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
        known.forget_changed(conn)?;
        let hash = known.hash(secret)?;
        if let Some(caller) = known.by_secret.get(&hash) {
            return Ok(Some(caller.clone()));
        }
        hash
    };
    // The query compares digests, so its duration reveals nothing about other secrets.
    let found = find(conn, &Digest::of(secret.as_bytes()))?;
    if let Some(caller) = &found {
        let mut known = conn.callers();
        if known.by_secret.len() >= MAX_CALLERS {
            known.by_secret.clear();
        }
        known.by_secret.insert(hash, caller.clone());
    }
    Ok(found)
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
        Ok(())
    }
}
