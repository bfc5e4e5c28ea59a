//! Readers and the writer side by side, and beside other programs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tempfile::TempDir;

use super::{Db, Durability, read_once, write_once};
use crate::error::{Code, Error, Outage, Result};
use crate::store::connection::{Conn, Tx};
use crate::store::migrate;

const WORKERS: usize = 2;
/// A read without an end.
const ENDLESS: &str =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
/// A read that takes some milliseconds.
const LONG: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500) SELECT count(*) FROM n, plan";

fn open() -> (TempDir, Db) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("db");
    migrate::migrate(&path).unwrap();
    let db = Db::open(&path, Durability::Full, WORKERS).unwrap();
    db.write_and_wait(|tx| Ok(tx.execute_batch("CREATE TABLE note (text TEXT NOT NULL) STRICT")?))
        .unwrap();
    (folder, db)
}

/// A database whose write-ahead log may have this many bytes.
fn open_with_log(log_bytes: u64) -> (TempDir, Db) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("db");
    migrate::migrate(&path).unwrap();
    let db = Db::open_with_log(&path, Durability::Normal, WORKERS, log_bytes).unwrap();
    db.write_and_wait(|tx| Ok(tx.execute_batch("CREATE TABLE note (text TEXT NOT NULL) STRICT")?))
        .unwrap();
    (folder, db)
}

fn add(tx: &Tx<'_>, text: &str) -> Result<()> {
    tx.raw()
        .execute("INSERT INTO note (text) VALUES (?1)", [text])?;
    Ok(())
}

fn count(conn: &Conn) -> Result<i64> {
    Ok(conn
        .raw()
        .query_row("SELECT count(*) FROM note", (), |row| row.get(0))?)
}

fn endless(conn: &Conn) -> Result<i64> {
    Ok(conn.raw().query_row(ENDLESS, (), |row| row.get(0))?)
}

#[test]
fn a_read_sees_one_state_from_its_begin_to_its_end() {
    let (_folder, db) = open();
    let (before, after) = db
        .read(|conn| {
            let before = count(conn)?;
            db.write_and_wait(|tx| add(tx, "meanwhile"))?;
            Ok((before, count(conn)?))
        })
        .unwrap();
    assert_eq!((before, after), (0, 0));
    assert_eq!(db.read(count).unwrap(), 1);
}

#[test]
fn an_answered_write_is_seen_by_every_read_after_it() {
    let (_folder, db) = open();
    for n in 1..=50 {
        db.write_and_wait(|tx| add(tx, "one more")).unwrap();
        assert_eq!(db.read(count).unwrap(), n);
        assert_eq!(db.read_slowly(count).unwrap(), n);
    }
}

#[test]
fn a_read_that_takes_too_long_is_ended_and_its_connection_goes_on() {
    let (_folder, db) = open();
    let began = Instant::now();
    let error = db.read(endless).unwrap_err();
    assert!(matches!(error, Error::Unavailable(Outage::DatabaseBusy)));
    assert!(began.elapsed() < Duration::from_secs(5));
    for _ in 0..2 * (WORKERS + 1) {
        assert_eq!(db.read(count).unwrap(), 0);
    }
}

#[test]
fn covers_do_not_keep_lists_waiting() {
    let (_folder, db) = open();
    // Every connection for covers is in use, one inside the other.
    let counted = db.read_cover(|_| db.read_cover(|_| db.read_slowly(count)));
    assert_eq!(counted.unwrap(), 0);
}

#[test]
fn a_read_that_panics_costs_no_connection() {
    let (_folder, db) = open();
    for _ in 0..2 * (WORKERS + 1) {
        let read = catch_unwind(AssertUnwindSafe(|| {
            db.read(|_| -> Result<()> { panic!("as the test wants it") })
        }));
        assert!(read.is_err());
        assert_eq!(db.read(count).unwrap(), 0);
    }
}

#[test]
fn a_read_cannot_write() {
    let (_folder, db) = open();
    for read in [
        db.read(|conn| {
            Ok(conn
                .raw()
                .execute("INSERT INTO note (text) VALUES ('no')", ())?)
        }),
        db.read_slowly(|conn| Ok(conn.raw().execute("DELETE FROM note", ())?)),
        db.read_cover(|conn| Ok(conn.raw().execute("DELETE FROM note", ())?)),
        read_once(db.path(), |conn| {
            Ok(conn.raw().execute("DROP TABLE note", ())?)
        }),
    ] {
        assert_eq!(read.unwrap_err().code(), Code::ServiceUnavailable);
    }
    assert_eq!(db.read(count).unwrap(), 0);
}

#[test]
fn a_write_waits_for_another_program_that_writes() {
    let (_folder, db) = open();
    let other = Connection::open(db.path()).unwrap();
    other
        .execute_batch("BEGIN IMMEDIATE; INSERT INTO note (text) VALUES ('theirs');")
        .unwrap();
    let (let_go, told) = mpsc::channel::<()>();
    let mut answer = db.queue(None, |tx| add(tx, "ours")).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            told.recv().unwrap();
            other.execute_batch("COMMIT").unwrap();
        });
        // The writer has taken the job: it is at the lock that the other holds, or on its way there.
        while db.stats().queue_depth.get() > 0 {
            std::thread::yield_now();
        }
        assert_eq!(db.read(count).unwrap(), 0, "reads wait for nobody");
        assert!(answer.try_recv().is_err());
        let_go.send(()).unwrap();
        answer.blocking_recv().unwrap().unwrap();
    });
    assert_eq!(db.read(count).unwrap(), 2);
}

#[test]
fn a_command_waits_for_the_writer_and_leaves_nothing_when_it_fails() {
    let (_folder, db) = open();
    let (entered, inside) = mpsc::channel();
    let (open, opened) = mpsc::channel::<()>();
    let held = db.queue(None, move |tx| {
        add(tx, "the server's")?;
        entered.send(()).unwrap();
        let _ = opened.recv();
        Ok(())
    });
    inside.recv().unwrap();
    std::thread::scope(|scope| {
        let command = scope.spawn(|| write_once(db.path(), |tx| add(tx, "the command's")));
        assert_eq!(db.read(count).unwrap(), 0);
        open.send(()).unwrap();
        command.join().unwrap().unwrap();
    });
    held.unwrap().blocking_recv().unwrap().unwrap();
    let failed = write_once(db.path(), |tx| {
        add(tx, "never")?;
        Err::<(), _>(Error::RateLimited { retry_after: 1 })
    });
    assert_eq!(failed.unwrap_err().code(), Code::RateLimited);
    assert_eq!(db.read(count).unwrap(), 2);
}

#[test]
fn closing_runs_what_waits_and_refuses_what_comes() {
    let (folder, db) = open();
    let (entered, inside) = mpsc::channel();
    let (open, opened) = mpsc::channel::<()>();
    let held = db.queue(None, move |_| {
        entered.send(()).unwrap();
        let _ = opened.recv();
        Ok(())
    });
    inside.recv().unwrap();
    let waiting: Vec<_> = (0..10)
        .map(|_| db.queue(None, |tx| add(tx, "waits")).unwrap())
        .collect();
    std::thread::scope(|scope| {
        scope.spawn(|| db.close());
        while db.writer.try_read().is_ok_and(|writer| writer.is_some()) {
            std::thread::yield_now();
        }
        open.send(()).unwrap();
    });
    held.unwrap().blocking_recv().unwrap().unwrap();
    for answer in waiting {
        answer.blocking_recv().unwrap().unwrap();
    }
    let refused = db.write_and_wait(|tx| add(tx, "too late")).unwrap_err();
    assert!(matches!(refused, Error::Unavailable(Outage::ShuttingDown)));
    db.close();
    assert_eq!(db.read(count).unwrap(), 10);
    let log = folder.path().join("db-wal");
    assert!(
        log.metadata().map_or(0, |file| file.len()) == 0,
        "the write-ahead log is folded into the file"
    );
}

#[test]
fn a_change_whose_future_is_dropped_is_not_made() {
    let (_folder, db) = open();
    let (entered, inside) = mpsc::channel();
    let (open, opened) = mpsc::channel::<()>();
    let held = db.queue(None, move |_| {
        entered.send(()).unwrap();
        let _ = opened.recv();
        Ok(())
    });
    inside.recv().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let far = Instant::now() + Duration::from_secs(60);
        let change = db.write(far, |tx| add(tx, "never"));
        tokio::select! {
            biased;
            _ = change => panic!("the writer is held"),
            () = std::future::ready(()) => {}
        }
    });
    assert_eq!(db.stats().queue_depth.get(), 1, "it was on its way");
    open.send(()).unwrap();
    held.unwrap().blocking_recv().unwrap().unwrap();
    db.write_and_wait(|tx| add(tx, "after")).unwrap();
    assert_eq!(db.read(count).unwrap(), 1);
}

#[test]
fn the_log_is_emptied_while_reads_overlap() {
    let (_folder, db) = open_with_log(1 << 18);
    let text = "x".repeat(64 << 10);
    let is_over = AtomicBool::new(false);
    let emptied = std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    // On a busy machine, a read may be ended.
                    let _ = db.read(|conn| Ok(conn.raw().query_row(LONG, (), |_| Ok(()))?));
                }
            });
        }
        let (mut emptied, mut before) = (0, 0);
        // How many changes it takes depends on how busy the machine is.
        for _ in 0..20_000 {
            let text = text.clone();
            db.write_and_wait(move |tx| add(tx, &text)).unwrap();
            let size = db.log_size();
            emptied += u32::from(size < before);
            before = size;
            if emptied == 3 {
                break;
            }
        }
        is_over.store(true, Ordering::Relaxed);
        emptied
    });
    assert_eq!(emptied, 3);
    assert!(db.stats().log_pause.get_sample_count() >= 3);
}

#[test]
fn a_read_without_an_end_is_ended_before_the_log_has_grown_very_large() {
    const LOG: u64 = 1 << 18;
    let (_folder, db) = open_with_log(LOG);
    let (began, begun) = mpsc::channel();
    std::thread::scope(|scope| {
        let read = scope.spawn(|| {
            db.read_slowly(|conn| {
                count(conn)?;
                began.send(()).unwrap();
                endless(conn)
            })
        });
        begun.recv().unwrap();
        let deadline = Instant::now() + Duration::from_secs(15);
        while !read.is_finished() {
            assert!(Instant::now() < deadline, "{} bytes of log", db.log_size());
            db.write_and_wait(|tx| add(tx, &"x".repeat(16 << 10)))
                .unwrap();
        }
        let error = read.join().unwrap().unwrap_err();
        assert!(matches!(error, Error::Unavailable(Outage::DatabaseBusy)));
    });
    assert_eq!(db.stats().log_reads_ended.get(), 1);
    let deadline = Instant::now() + Duration::from_secs(15);
    while db.log_size() >= LOG {
        assert!(Instant::now() < deadline, "{} bytes of log", db.log_size());
        db.write_and_wait(|tx| add(tx, "after")).unwrap();
    }
}

#[test]
fn a_read_of_another_process_holds_up_neither_reads_nor_writes() {
    const LOG: u64 = 1 << 18;
    let (_folder, db) = open_with_log(LOG);
    let other = Connection::open(db.path()).unwrap();
    other
        .execute_batch("BEGIN; SELECT count(*) FROM note")
        .unwrap();
    let began = Instant::now();
    for _ in 0..100 {
        db.write_and_wait(|tx| add(tx, &"x".repeat(16 << 10)))
            .unwrap();
        db.read(count).unwrap();
    }
    assert!(began.elapsed() < Duration::from_secs(5));
    other.execute_batch("COMMIT").unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while db.log_size() > LOG {
        assert!(Instant::now() < deadline, "the log is never emptied");
        std::thread::yield_now();
    }
}

#[test]
fn a_file_that_is_removed_or_replaced_takes_no_changes() {
    let (folder, db) = open();
    let aside = folder.path().join("aside");
    let refused = |result: Result<()>| {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Unavailable(Outage::StorageFull)));
    };
    for replace in [false, true] {
        std::fs::rename(db.path(), &aside).unwrap();
        if replace {
            std::fs::copy(&aside, db.path()).unwrap();
        }
        refused(db.write_and_wait(|tx| add(tx, "lost")));
        refused(db.read(count).map(drop));
        refused(db.read_slowly(count).map(drop));
        std::fs::rename(&aside, db.path()).unwrap();
        db.write_and_wait(|tx| add(tx, "kept")).unwrap();
    }
    assert_eq!(db.read(count).unwrap(), 2);
    // Without any change, too.
    std::fs::remove_file(db.path()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while db.read(count).is_ok() {
        assert!(Instant::now() < deadline, "nobody notices");
        std::thread::yield_now();
    }
}
