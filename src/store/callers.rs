//! Callers of credentials, remembered until something changes that decides who they are.

use super::connection::Conn;
use super::known_callers::KnownCallers;
use super::tokens;
use crate::error::Result;
use crate::model::context::Actor;
use crate::model::credentials::{Caller, Digest};
use crate::model::ids::{TokenId, WorkspaceId};
use crate::model::scopes::Scopes;

/// Returns the caller of a secret, which `find` finds by its digest. In a read transaction, the rest of it sees the same state of
/// the database.
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

/// Returns the authority of a token, in the transaction of a change.
///
/// # Errors
/// Database errors only.
pub fn authority(
    conn: &Conn,
    workspace: WorkspaceId,
    token: TokenId,
) -> Result<Option<(Scopes, Actor)>> {
    // The connection's own changes do not change its `PRAGMA data_version`.
    let changes = changes(conn)?;
    conn.callers().note_changes(changes);
    if let Some(authority) = conn.callers().authority(workspace, token) {
        return Ok(Some(authority.clone()));
    }
    let found = tokens::authority(conn, workspace, token)?;
    if let Some(authority) = &found {
        conn.callers()
            .insert_authority(workspace, token, authority.clone());
    }
    Ok(found)
}

/// Forgets all callers if one of them may be another one now.
fn forget_changed(known: &mut KnownCallers, conn: &Conn) -> Result<()> {
    let version = number(conn, "PRAGMA data_version")?;
    if known.version != version {
        // The version is noted last: if this read fails, the next one must compare again. Without a transaction, callers that are
        // found from now on are never older than the version that is noted.
        known.note_changes(changes(conn)?);
        known.version = version;
    }
    Ok(())
}

fn changes(conn: &Conn) -> Result<i64> {
    number(conn, "SELECT number FROM caller_change WHERE only_row = 1")
}

fn number(conn: &Conn, sql: &str) -> Result<i64> {
    Ok(conn.prepare_cached(sql)?.query_row((), |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tempfile::TempDir;

    use super::{authority, of_secret};
    use crate::error::{Error, Result};
    use crate::model::credentials::{Caller, Credential};
    use crate::model::ids::{TokenId, UserId, WorkspaceId};
    use crate::model::scopes::Scopes;
    use crate::store::db::{Db, Durability, write_once};
    use crate::store::{Conn, Tx, migrate};

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

    #[test]
    fn an_authority_is_that_of_the_running_transaction() -> Result<()> {
        let folder = TempDir::new().unwrap_or_else(|why| unreachable!("{why}"));
        let path = folder.path().join("db");
        migrate::migrate(&path).unwrap_or_else(|why| unreachable!("{why}"));
        let db = Db::open(&path, Durability::Normal, 0)?;
        let (workspace, user, token) = (WorkspaceId::new(), UserId::new(), TokenId::new());
        let other = rusqlite::Connection::open(&path)?;
        for sql in [
            "INSERT INTO workspace VALUES (?1, 'W', 'w', 'pro', 0, 1, 1)",
            "INSERT INTO user VALUES (?2, 'a@b.example', 'Ann', 1, 1)",
            "INSERT INTO member VALUES (?1, ?2, 'owner', 1)",
            "INSERT INTO token VALUES (?3, ?1, ?2, 'T', 'km_abcd', zeroblob(32), 3, 9, NULL, 1)",
        ] {
            let mut statement = other.prepare(sql)?;
            let values: [&dyn rusqlite::ToSql; 3] = [&workspace, &user, &token];
            statement.execute(&values[..statement.parameter_count()])?;
        }
        let name = move |conn: &Conn| {
            let found = authority(conn, workspace, token)?;
            Ok::<_, Error>(found.and_then(|(_, actor)| actor.name))
        };
        let rename = |tx: &Tx<'_>, name| {
            tx.prepare("UPDATE user SET name = ?1")?.execute([name])?;
            Ok::<_, Error>(())
        };
        let known = || db.write_and_wait(move |tx| name(tx));
        assert_eq!(known()?.as_deref(), Some("Ann"));
        // What a change has seen that was rolled back is forgotten.
        let refused = db.write_and_wait(move |tx| {
            rename(tx, "Never")?;
            assert_eq!(name(tx)?.as_deref(), Some("Never"));
            Err::<(), _>(Error::bug("as wanted"))
        });
        assert!(refused.is_err());
        db.write_and_wait(move |tx| rename(tx, "Beth"))?;
        assert_eq!(known()?.as_deref(), Some("Beth"));
        other.execute("UPDATE user SET name = 'Cleo'", ())?;
        assert_eq!(known()?.as_deref(), Some("Cleo"));
        other.execute("DELETE FROM token", ())?;
        assert_eq!(known()?, None);
        Ok(())
    }
}
