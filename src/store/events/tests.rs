//! How events get their sequences.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::json;
use tempfile::TempDir;

use super::latest;
use crate::error::{Code, Error, Result};
use crate::model::context::Ctx;
use crate::model::events::{EventType, NewEvent};
use crate::model::ids::WorkspaceId;
use crate::store::db::write_once;
use crate::store::{Tx, migrate};

#[test]
fn the_events_of_a_transaction_have_successive_sequences() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("db");
    migrate::migrate(&path).unwrap();
    let (one, other, gone) = (WorkspaceId::new(), WorkspaceId::new(), WorkspaceId::new());
    let record = |tx: &Tx<'_>, workspace| {
        let event = NewEvent::new(EventType::WorkspaceUpdated, &json!({}))?;
        tx.record(&Ctx::command(workspace), &event)
    };
    write_once::<_, Error>(&path, |tx| {
        for (workspace, slug) in [(one, "one"), (other, "other")] {
            tx.prepare("INSERT INTO workspace VALUES (?1, 'W', ?2, 'pro', 0, 1, 1)")?
                .execute(rusqlite::params![workspace, slug])?;
            record(tx, workspace)?;
        }
        for _ in 0..2 {
            record(tx, one)?;
            tx.taken_back(|| record(tx, other))?;
        }
        record(tx, other)
    })
    .unwrap();
    let refused = write_once::<_, Error>(&path, |tx| record(tx, gone)).unwrap_err();
    assert_eq!(refused.code(), Code::WorkspaceNotFound);
    let sequences = |workspace| {
        write_once::<_, Error>(&path, |tx| {
            record(tx, workspace)?;
            let sql = "SELECT sequence FROM event WHERE workspace_id = ?1 ORDER BY sequence";
            let mut statement = tx.prepare(sql)?;
            let rows = statement.query_map([workspace], |row| row.get::<_, i64>(0))?;
            let all: Result<Vec<_>, rusqlite::Error> = rows.collect();
            Ok((all?, latest(tx, workspace)?))
        })
    };
    assert_eq!(sequences(one).unwrap(), (vec![1, 2, 3, 4], 4));
    assert_eq!(sequences(other).unwrap(), (vec![1, 2, 3], 3));
}
