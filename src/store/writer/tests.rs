//! The writer on a real file: which jobs live and die together.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use tempfile::TempDir;
use tokio::sync::oneshot;

use super::{BATCH, QUEUE, Writer};
use crate::error::{Code, Error, Outage, Result};
use crate::store::connection::{Durability, Tx, open_reader, open_writer};
use crate::store::database_file::DatabaseFile;
use crate::store::db::Stats;
use crate::store::log_limit::{LOG_BYTES, LogLimit, log_of};

mod failures;

type Answer<T> = oneshot::Receiver<Result<T>>;

/// A writer on a file with the table `note`.
struct Desk {
    folder: TempDir,
    writer: Option<Writer>,
    stats: Arc<Stats>,
}

impl Desk {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("db");
        let conn = open_writer(&path, Durability::Full).unwrap();
        conn.execute_batch("CREATE TABLE note (text TEXT NOT NULL) STRICT")
            .unwrap();
        let stats = Arc::new(Stats::new().unwrap());
        let file = Arc::new(DatabaseFile::at(&path).unwrap());
        let log_limit = LogLimit::new(&path, LOG_BYTES, Arc::default(), Arc::clone(&stats));
        let writer =
            Writer::start(conn, file, log_limit, Arc::clone(&stats), |_, _| Ok(())).unwrap();
        Self {
            folder,
            writer: Some(writer),
            stats,
        }
    }

    fn try_send<T: Send + 'static>(
        &self,
        work: impl Fn(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<Answer<T>> {
        self.writer.as_ref().unwrap().send(&self.stats, None, work)
    }

    fn send<T: Send + 'static>(
        &self,
        work: impl Fn(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Answer<T> {
        self.try_send(work).unwrap()
    }

    /// A job that adds a row.
    fn note(&self, text: &'static str) -> Answer<()> {
        self.send(move |tx| add(tx, text))
    }

    /// A job that adds a row, and counts how often it ran.
    fn count(&self, text: &'static str) -> (Answer<()>, Arc<AtomicUsize>) {
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&runs);
        let answer = self.send(move |tx| {
            counted.fetch_add(1, Ordering::SeqCst);
            add(tx, text)
        });
        (answer, runs)
    }

    /// Holds the writer inside a job of its own until the gate is opened: what is sent meanwhile is one batch.
    fn hold(&self) -> Gate {
        let (entered, inside) = mpsc::channel();
        let (open, opened) = mpsc::channel::<()>();
        let answer = self.send(move |_| {
            entered.send(()).unwrap();
            // An error is a gate that was dropped, which opens it too.
            let _ = opened.recv();
            Ok(())
        });
        inside.recv().unwrap();
        Gate { open, answer }
    }

    fn notes(&self) -> Vec<String> {
        let conn = open_reader(&self.folder.path().join("db")).unwrap();
        let mut statement = conn
            .prepare("SELECT text FROM note WHERE length(text) < 100 ORDER BY rowid")
            .unwrap();
        let rows = statement.query_map((), |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// Lets the file grow no further.
    fn fill_up(&self) {
        let full = self.send(|tx| {
            let pages: i64 = tx
                .raw()
                .pragma_query_value(None, "page_count", |row| row.get(0))?;
            limit(tx, pages)
        });
        full.blocking_recv().unwrap().unwrap();
    }

    fn make_room(&self) {
        let room = self.send(|tx| limit(tx, 1_000_000));
        room.blocking_recv().unwrap().unwrap();
    }
}

struct Gate {
    open: mpsc::Sender<()>,
    answer: Answer<()>,
}

impl Gate {
    fn open(self) {
        self.open.send(()).unwrap();
        self.answer.blocking_recv().unwrap().unwrap();
    }
}

fn add(tx: &Tx<'_>, text: &str) -> Result<()> {
    tx.raw()
        .execute("INSERT INTO note (text) VALUES (?1)", [text])?;
    Ok(())
}

fn limit(tx: &Tx<'_>, pages: i64) -> Result<()> {
    let now: i64 = tx
        .raw()
        .query_row(&format!("PRAGMA max_page_count = {pages}"), (), |row| {
            row.get(0)
        })?;
    assert_eq!(now, pages);
    Ok(())
}

#[track_caller]
fn assert_outage<T: std::fmt::Debug>(answer: Answer<T>, outage: Outage) {
    match answer.blocking_recv().unwrap() {
        Err(Error::Unavailable(met)) => assert_eq!(met, outage),
        other => panic!("{outage:?} was expected, not {other:?}"),
    }
}

#[track_caller]
fn assert_done(answer: Answer<()>) {
    answer.blocking_recv().unwrap().unwrap();
}

#[test]
fn what_waits_is_one_transaction() {
    let desk = Desk::new();
    let gate = desk.hold();
    let answers: Vec<_> = (0..5).map(|_| desk.note("a")).collect();
    assert_eq!(desk.stats.queue_depth.get(), 5);
    let before = desk.stats.batch_size.get_sample_count();
    gate.open();
    answers.into_iter().for_each(assert_done);
    assert_eq!(desk.stats.batch_size.get_sample_count(), before + 1);
    assert_eq!(desk.stats.queue_depth.get(), 0);
    assert_eq!(desk.notes().len(), 5);
}

#[test]
fn nobody_is_answered_before_the_commit() {
    let desk = Desk::new();
    let gate = desk.hold();
    let first = desk.note("first");
    let (entered, inside) = mpsc::channel();
    let (open, opened) = mpsc::channel::<()>();
    let second = desk.send(move |tx| {
        entered.send(()).unwrap();
        let _ = opened.recv();
        add(tx, "second")
    });
    gate.open();
    inside.recv().unwrap();
    // The first has run, in the transaction in which the second runs now.
    let mut first = first;
    assert!(matches!(
        first.try_recv(),
        Err(oneshot::error::TryRecvError::Empty)
    ));
    assert!(desk.notes().is_empty());
    open.send(()).unwrap();
    assert_done(first);
    assert_done(second);
    assert_eq!(desk.notes(), ["first", "second"]);
}

#[test]
fn a_job_that_nobody_waits_for_is_not_run() {
    let desk = Desk::new();
    let gate = desk.hold();
    let ran = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&ran);
    let answer = desk.send(move |tx| {
        seen.store(true, Ordering::SeqCst);
        add(tx, "never")
    });
    drop(answer);
    let after = desk.note("after");
    gate.open();
    assert_done(after);
    assert!(!ran.load(Ordering::SeqCst));
    assert_eq!(desk.notes(), ["after"]);
}

#[test]
fn a_job_whose_time_is_up_is_not_run() {
    let desk = Desk::new();
    let gate = desk.hold();
    let writer = desk.writer.as_ref().unwrap();
    let late = writer.send(&desk.stats, Some(Instant::now()), |tx| add(tx, "never"));
    let patient = Instant::now() + std::time::Duration::from_secs(60);
    let in_time = writer.send(&desk.stats, Some(patient), |tx| add(tx, "in time"));
    gate.open();
    assert_outage(late.unwrap(), Outage::DatabaseBusy);
    assert_done(in_time.unwrap());
    assert_eq!(desk.notes(), ["in time"]);
}

#[test]
fn a_full_queue_refuses_and_runs_what_it_took() {
    let desk = Desk::new();
    let gate = desk.hold();
    let waiting: Vec<_> = (0..QUEUE).map(|_| desk.note("a")).collect();
    for _ in 0..3 {
        let refused = desk.try_send(|tx| add(tx, "never")).unwrap_err();
        assert!(matches!(refused, Error::Unavailable(Outage::Overloaded)));
    }
    assert_eq!(desk.stats.queue_depth.get(), QUEUE as i64);
    let batches = desk.stats.batch_size.get_sample_count();
    gate.open();
    waiting.into_iter().for_each(assert_done);
    assert_eq!(desk.notes().len(), QUEUE);
    assert_eq!(
        desk.stats.batch_size.get_sample_count() - batches,
        QUEUE.div_ceil(BATCH) as u64
    );
    assert_done(desk.note("again"));
    assert_eq!(desk.stats.queue_depth.get(), 0);
}

#[test]
fn the_log_stays_short_and_starts_again_after_a_long_read() {
    let desk = Desk::new();
    let database = desk.folder.path().join("db");
    let log_bytes = || std::fs::metadata(log_of(&database)).unwrap().len();
    let write = |jobs| {
        for _ in 0..jobs {
            assert_done(desk.send(|tx| add(tx, &"long ".repeat(8_000))));
        }
    };
    write(500);
    let short = log_bytes();
    assert!(short < 6_000_000, "{short}");
    let conn = open_reader(&database).unwrap();
    conn.execute_batch("BEGIN; SELECT count(*) FROM note")
        .unwrap();
    write(500);
    let long = log_bytes();
    assert!(long > 3 * short, "{long}");
    conn.execute_batch("COMMIT").unwrap();
    write(500);
    assert!(log_bytes() < long + short, "{long}");
}

#[test]
fn finishing_runs_what_waits() {
    let mut desk = Desk::new();
    let gate = desk.hold();
    let waiting: Vec<_> = (0..QUEUE).map(|_| desk.note("a")).collect();
    let writer = desk.writer.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || writer.finish());
        gate.open();
    });
    waiting.into_iter().for_each(assert_done);
    assert_eq!(desk.notes().len(), QUEUE);
}
