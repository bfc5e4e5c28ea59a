//! Jobs that fail, and what becomes of the others in their batch.

use super::*;

#[test]
fn a_job_that_fails_takes_back_its_own_rows_alone() {
    let desk = Desk::new();
    let gate = desk.hold();
    let before = desk.note("before");
    let failing = desk.send(|tx| {
        add(tx, "never")?;
        Err::<(), _>(Error::RateLimited { retry_after: 1 })
    });
    let after = desk.note("after");
    gate.open();
    assert_done(before);
    assert_eq!(
        failing.blocking_recv().unwrap().unwrap_err().code(),
        Code::RateLimited
    );
    assert_done(after);
    assert_eq!(desk.notes(), ["before", "after"]);
}

#[test]
fn jobs_run_again_when_one_among_them_fails_after_it_has_written() {
    let desk = Desk::new();
    let gate = desk.hold();
    let (before, before_runs) = desk.count("before");
    let failing = desk.send(|tx| add(tx, "never").and(Err::<(), _>(Error::bug("as wanted"))));
    let (after, after_runs) = desk.count("after");
    gate.open();
    assert_done(before);
    assert!(failing.blocking_recv().unwrap().is_err());
    assert_done(after);
    assert_eq!(desk.notes(), ["before", "after"]);
    assert_eq!(before_runs.load(Ordering::SeqCst), 2);
    assert_eq!(after_runs.load(Ordering::SeqCst), 1);
}

/// Neither a statement that is refused nor a change before all others needs another run.
#[test]
fn jobs_run_once_when_nothing_of_theirs_has_to_be_rolled_back() {
    let desk = Desk::new();
    let gate = desk.hold();
    let first = desk.send(|tx| add(tx, "never").and(Err::<(), _>(Error::bug("as wanted"))));
    let (before, before_runs) = desk.count("before");
    let refused = desk.send(|tx| {
        tx.raw()
            .execute("INSERT INTO note (text) VALUES (NULL)", ())?;
        Ok(())
    });
    let (after, after_runs) = desk.count("after");
    gate.open();
    assert!(first.blocking_recv().unwrap().is_err());
    assert_done(before);
    assert!(refused.blocking_recv().unwrap().is_err());
    assert_done(after);
    assert_eq!(desk.notes(), ["before", "after"]);
    assert_eq!(before_runs.load(Ordering::SeqCst), 1);
    assert_eq!(after_runs.load(Ordering::SeqCst), 1);
}

/// A change by a trigger or a foreign key counts like one of the job's own statements.
#[test]
fn what_triggers_and_foreign_keys_change_is_rolled_back_too() {
    for change in ["DELETE FROM parent", "UPDATE source SET n = n"] {
        let desk = Desk::new();
        assert_done(desk.send(|tx| {
            tx.execute_batch(
                "CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;
                 CREATE TABLE child (id INTEGER REFERENCES parent ON DELETE CASCADE) STRICT;
                 CREATE TABLE source (n INTEGER) STRICT;
                 CREATE TRIGGER notes AFTER UPDATE ON source BEGIN INSERT INTO note VALUES ('never'); END;
                 INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1); INSERT INTO source VALUES (1);",
            )?;
            Ok(())
        }));
        let gate = desk.hold();
        let before = desk.note("before");
        let failing = desk.send(move |tx| {
            tx.execute_batch(change)?;
            Err::<(), _>(Error::bug("as wanted"))
        });
        gate.open();
        assert_done(before);
        assert!(failing.blocking_recv().unwrap().is_err());
        assert_eq!(desk.notes(), ["before"], "{change}");
        let conn = open_reader(&desk.folder.path().join("db")).unwrap();
        let children: i64 = conn
            .raw()
            .query_row("SELECT count(*) FROM child", (), |row| row.get(0))
            .unwrap();
        assert_eq!(children, 1, "{change}");
    }
}

#[test]
fn a_job_that_panics_takes_back_its_own_rows_alone() {
    let desk = Desk::new();
    let gate = desk.hold();
    let before = desk.note("before");
    let panicking = desk.send(|tx| -> Result<()> {
        add(tx, "never")?;
        let mut open = tx.prepare("SELECT text FROM note").map_err(Error::from)?;
        let _rows = open.query(()).map_err(Error::from)?.next();
        panic!("as the test wants it");
    });
    let after = desk.note("after");
    gate.open();
    assert_done(before);
    assert_eq!(
        panicking.blocking_recv().unwrap().unwrap_err().code(),
        Code::InternalError
    );
    assert_done(after);
    assert_eq!(desk.notes(), ["before", "after"]);
}

/// The statement has no journal of its own, so SQLite rolls back everything with it.
#[test]
fn a_full_disk_fails_the_jobs_whose_rows_it_took_and_no_others() {
    let desk = Desk::new();
    assert_done(desk.note("old"));
    desk.fill_up();
    let gate = desk.hold();
    let before = desk.note("before");
    let too_much = desk.send(|tx| add(tx, &"x".repeat(1 << 20)));
    let after = desk.note("after");
    gate.open();
    assert_outage(before, Outage::StorageFull);
    assert_outage(too_much, Outage::StorageFull);
    // It had not run yet, and there is room for it.
    assert_done(after);
    assert_eq!(desk.notes(), ["old", "after"]);
    desk.make_room();
    assert_done(desk.send(|tx| add(tx, &"x".repeat(1 << 20))));
}

#[test]
fn a_job_that_hides_a_full_disk_fails_all_the_same() {
    let desk = Desk::new();
    desk.fill_up();
    let gate = desk.hold();
    let before = desk.note("before");
    let hiding = desk.send(|tx| {
        let _ = add(tx, &"x".repeat(1 << 20));
        Ok(())
    });
    gate.open();
    assert_outage(before, Outage::StorageFull);
    assert_outage(hiding, Outage::StorageFull);
    assert!(desk.notes().is_empty());
}

/// A statement with a trigger has a journal of its own: SQLite takes back this one statement.
#[test]
fn a_full_disk_that_takes_one_statement_fails_one_job() {
    let desk = Desk::new();
    let trigger = desk.send(|tx| {
        tx.execute_batch(
            "CREATE TABLE copy (text TEXT NOT NULL) STRICT;
             CREATE TRIGGER copies AFTER INSERT ON note WHEN length(NEW.text) > 100 BEGIN
               INSERT INTO copy VALUES (NEW.text), (NEW.text);
             END;",
        )?;
        Ok(())
    });
    assert_done(trigger);
    desk.fill_up();
    let gate = desk.hold();
    let before = desk.note("before");
    let too_much = desk.send(|tx| add(tx, &"x".repeat(1 << 20)));
    let after = desk.note("after");
    gate.open();
    assert_done(before);
    assert_outage(too_much, Outage::StorageFull);
    assert_done(after);
    assert_eq!(desk.notes(), ["before", "after"]);
}
