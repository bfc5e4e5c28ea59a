//! The stored count of the monthly quota, while the server runs and afterwards.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tackboard::model::scopes::Scope;

use crate::harness::{App, at_once, wait_for};
use crate::quota::{on_disk, remaining, set_used, this_month, used, workspace};

#[test]
fn a_stop_writes_down_exactly_what_was_counted() {
    let app = App::start();
    let workspace = workspace(&app, 1000);
    let token = app.token(&workspace, &Scope::ALL);
    for _ in 0..7 {
        app.client_with(Some(&token)).get("/v1/boards").expect(200);
    }
    let app = App::on(app.stop(), |_| {});
    assert_eq!(on_disk(&app, &workspace), 7);
    let reply = app.client_with(Some(&token)).get("/v1/boards").expect(200);
    assert_eq!(remaining(&reply), Some(992));
}

#[test]
fn the_figure_on_disk_is_never_below_what_was_answered() {
    let app = App::shared();
    let workspace = workspace(app, 1000);
    let (client, answered) = (app.client_of(&workspace), AtomicI64::new(0));
    at_once(8, |_| {
        let client = client.clone();
        for _ in 0..40 {
            client.get("/v1/boards").expect(200);
            let answered = answered.fetch_add(1, Ordering::SeqCst) + 1;
            let written = on_disk(app, &workspace);
            assert!(
                written >= answered,
                "{written} on disk, {answered} answered"
            );
            assert!(written <= 1000);
        }
    });
    assert_eq!(used(&client), 320);
}

#[test]
fn a_crash_counts_at_most_a_hundred_calls_too_many_and_none_too_few() {
    let app = App::start();
    let workspace = workspace(&app, 1000);
    let client = app.client_of(&workspace);
    for _ in 0..130 {
        client.get("/v1/boards").expect(200);
    }
    // What a server would find that starts with the file as it is now.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("tackboard.db");
    app.sql(&format!("VACUUM INTO '{}'", copy.display()));
    let after = App::on(folder, |_| {});
    let found = used(&after.client_with(client.token.as_deref()))
        .as_i64()
        .unwrap();
    assert!((130..=230).contains(&found), "{found}");
}

#[test]
fn a_new_month_begins_at_nothing() {
    let app = App::shared();
    let workspace = workspace(app, 10);
    let month = this_month();
    let before = if month % 100 == 1 {
        month - 89
    } else {
        month - 1
    };
    set_used(app, &workspace, 10, before);
    let client = app.client_of(&workspace);
    assert_eq!(used(&client), 0);
    assert_eq!(remaining(&client.get("/v1/boards").expect(200)), Some(9));
}

#[test]
fn calls_do_not_wait_for_books_that_another_process_has_locked() {
    let app = App::start();
    let workspace = workspace(&app, 1000);
    let client = app.client_of(&workspace);
    client.get("/v1/boards").expect(200);
    let lock = rusqlite::Connection::open(app.database()).unwrap();
    lock.busy_timeout(Duration::from_secs(10)).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    for n in 2..=150 {
        let reply = client.get("/v1/boards").expect(200);
        assert_eq!(remaining(&reply), Some(1000 - n));
    }
    assert!(began.elapsed() < Duration::from_secs(8), "reads waited");
    let written = on_disk(&app, &workspace);
    assert!(written <= 101, "{written}: the database was not locked");
    lock.execute_batch("ROLLBACK").unwrap();
    wait_for("the count on disk", || {
        (on_disk(&app, &workspace) >= 150).then_some(())
    });
}

#[test]
fn calls_do_not_wait_for_books_that_cannot_be_written() {
    let app = App::start();
    let workspace = workspace(&app, 1000);
    let client = app.client_of(&workspace);
    let project = client.new_project().id;
    // As a full disk does: every write of the count fails at once.
    app.sql(
        "CREATE TRIGGER full BEFORE UPDATE ON quota_usage BEGIN SELECT RAISE(ABORT, 'full'); END;",
    );
    let counted = used(&client).as_i64().unwrap();
    let path = format!("/v1/projects/{project}/tasks");
    for n in counted + 1..=250 {
        let began = Instant::now();
        let reply = client.get(&path).expect(200);
        assert!(began.elapsed() < Duration::from_secs(8), "a read waited");
        assert_eq!(remaining(&reply), Some(1000 - n as u64));
    }
    assert!(on_disk(&app, &workspace) < 250);
    app.sql("DROP TRIGGER full");
    wait_for("the count on disk", || {
        (on_disk(&app, &workspace) >= 250).then_some(())
    });
}
