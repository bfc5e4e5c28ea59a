//! The disk contract: what the file is, how an older one becomes it, and what it refuses whoever writes to it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tackboard::app::sample;
use tackboard::error::failure::Failure;
use tackboard::error::{BadCredential, Error};
use tackboard::model::search::Search;
use tackboard::model::task_list::Archived;
use tackboard::store::db::{Db, Durability};
use tackboard::store::migrate::{self, Migrated, State, VERSION};
use tackboard::store::{Tx, db, doctor, search};
use tempfile::TempDir;

use crate::statements;

/// The file as each version left it: the migrations up to there.
pub const MIGRATIONS: &[&str] = &[
    include_str!("../../schema/db/0001_workspaces.sql"),
    include_str!("../../schema/db/0002_boards.sql"),
    include_str!("../../schema/db/0003_search.sql"),
    include_str!("../../schema/db/0004_cards.sql"),
    include_str!("../../schema/db/0005_journal.sql"),
    include_str!("../../schema/db/0006_limits.sql"),
    include_str!("../../schema/db/0007_labels.sql"),
    include_str!("../../schema/db/0008_event_indexes.sql"),
    include_str!("../../schema/db/0009_search_comments.sql"),
    include_str!("../../schema/db/0010_webhooks.sql"),
    include_str!("../../schema/db/0011_notices.sql"),
    include_str!("../../schema/db/0012_people.sql"),
    include_str!("../../schema/db/0013_teamwork.sql"),
    include_str!("../../schema/db/0014_imports.sql"),
    include_str!("../../schema/db/0015_task_order.sql"),
    include_str!("../../schema/db/0016_caller_changes.sql"),
    include_str!("../../schema/db/0017_fewer_writes.sql"),
    include_str!("../../schema/db/0018_imported_authors.sql"),
    include_str!("../../schema/db/0019_task_insert.sql"),
];

/// "Tack" in ASCII.
const APPLICATION_ID: i64 = 0x5461_636b;

/// Rows that the first version has room for. `$0a` stands for the id that ends in this byte.
const FIRST_ROWS: &str = "
    INSERT INTO workspace VALUES
      ($01, 'One', 'one', 'pro', 0, 1, 1), ($02, 'Two', 'two', 'pro', 7, 1, 1);
    INSERT INTO user VALUES ($0a, 'a@b.example', 'A', 1, 1);
    INSERT INTO member VALUES
      ($01, $0a, 'owner', 1), ($02, $0a, 'viewer', 1);
    INSERT INTO token VALUES
      ($0b, $01, $0a, 'T', 'km_abcd', zeroblob(32), 15, 9, NULL, 1);
    INSERT INTO quota_usage VALUES ($01, 'api_calls', 202401, 42);";

/// Rows that the second version has room for.
const SECOND_ROWS: &str = "
    INSERT INTO board (workspace_id, id, name, description, icon, accent_color, background_color, layout_preference,
                       created_at, updated_at) VALUES
      ($01, $10, 'Garden', 'with Äpfel', 'i', '#aabbcc', '#aabbcc', 'kanban', 1, 1),
      ($01, $11, 'Other', NULL, 'i', '#aabbcc', '#aabbcc', 'simple', 1, 1),
      ($02, $12, 'Garden', NULL, 'i', '#aabbcc', '#aabbcc', 'simple', 1, 1);
    INSERT INTO project (workspace_id, id, board_id, name, description, position, created_at, updated_at) VALUES
      ($01, $20, $10, 'Garden paths', NULL, 'a', 1, 1),
      ($01, $21, $11, 'Elsewhere', NULL, 'a', 1, 1),
      ($02, $22, $12, 'Theirs', NULL, 'a', 1, 1);
    INSERT INTO lane (workspace_id, id, board_id, name, position, created_at, updated_at) VALUES
      ($01, $30, $10, 'Doing', 'a', 1, 1),
      ($01, $31, $11, 'Doing', 'a', 1, 1);
    INSERT INTO task (workspace_id, id, project_id, workflow_lane_id, label, description, status, position, created_at,
                      updated_at) VALUES
      ($01, $40, $20, $30, 'Rake', 'the garden',
       1, 'a', 1, 1),
      ($01, $41, $20, NULL, 'Water', NULL, 2, 'b', 1, 1),
      ($02, $42, $22, NULL, 'Water', 'the garden', 0, 'a', 1, 1);
    INSERT INTO subtask (workspace_id, id, task_id, label, position, created_at, updated_at) VALUES
      ($01, $50, $40, 'Find the rake', 'a', 1, 1);";

/// Rows that the fourth version has room for.
const FOURTH_ROWS: &str = "
    INSERT INTO cover (workspace_id, id, media_type, bytes, created_at) VALUES ($01, $60, 'image/png', x'89', 1);
    INSERT INTO card (workspace_id, id, title, message, cover_id, accent_color, created_at, updated_at) VALUES
      ($01, $70, 'Welcome, {{name}}', 'Hello', $60, '#aabbcc', 1, 1),
      ($02, $71, 'Theirs', '', NULL, '#aabbcc', 1, 1);
    INSERT INTO edition (workspace_id, card_id, revision, title, message, cover_id, accent_color) VALUES
      ($01, $70, 1, 'Welcome, {{name}}', 'Hello', $60, '#aabbcc');
    INSERT INTO recipient (workspace_id, id, card_id, revision, email, email_digest, name, merge_tags, status,
                           created_at) VALUES
      ($01, $80, $70, 1, 'ann@b.example', zeroblob(32), 'Ann', '{}', 'queued', 1),
      ($01, $81, $70, 1, 'ben@b.example', randomblob(32), 'Ben', '{}', 'sent', 1);
    INSERT INTO gone_recipient (id, workspace_id, email_digest, gone_at) VALUES ($82, $01, zeroblob(32), 1);
    INSERT INTO mail (workspace_id, recipient_id, due_at, created_at) VALUES ($01, $80, 1, 1);
    INSERT INTO email_account (workspace_id, id, address, name, created_at, updated_at) VALUES
      ($01, $90, 'cards@b.example', 'Cards', 1, 1);
    INSERT INTO integration_config (workspace_id, id, card_id, user_id, created_at, updated_at) VALUES
      ($01, $a0, $70, $0a, 1, 1);";

/// Rows that the fifth version has room for.
const FIFTH_ROWS: &str = "
    INSERT INTO event (workspace_id, sequence, id, type, created_at, actor_kind, board_id, data) VALUES
      ($01, 1, $b0, 'board.created', 1, 'system', $10, '{}');";

/// Rows that the seventh version has room for.
const SEVENTH_ROWS: &str = "
    INSERT INTO label (workspace_id, id, board_id, name, folded_name, color, created_at, updated_at) VALUES
      ($01, $c0, $10, 'Bug', 'bug', '#aabbcc', 1, 1),
      ($01, $c1, $11, 'BUG', 'bug', '#aabbcc', 1, 1),
      ($01, $c2, $10, 'Idea', 'idea', '#aabbcc', 1, 1);
    INSERT INTO task_label (workspace_id, task_id, label_id) VALUES ($01, $40, $c0), ($01, $40, $c2), ($01, $41, $c0);
    INSERT INTO comment (workspace_id, id, task_id, author_id, text, created_at, updated_at) VALUES
      ($01, $d0, $40, $0a, 'Which rake?', 1, 1);";
/// Rows that the version with webhooks has room for.
const WEBHOOK_ROWS: &str = "
    INSERT INTO webhook (workspace_id, id, name, url, events, board_id, payload, is_active, key, created_at, updated_at) VALUES
      ($01, $e0, 'Chat', 'https://a.example/hook', '[\"*\"]', $10, 'full', 1, zeroblob(32), 1, 1);
    INSERT INTO webhook_delivery (workspace_id, id, webhook_id, event_id, sequence, event, cause, status, created_at) VALUES
      ($01, $e1, $e0, $b0, 1, 'board.created', 'event', 'failed', 1);";

/// Rows that the version with people has room for.
const PEOPLE_ROWS: &str = "
    UPDATE plan SET members = 3 WHERE name = 'pro';
    INSERT INTO user VALUES ($0c, 'owner@b.example', 'O', 1, 1);
    INSERT INTO member VALUES ($01, $0c, 'owner', 1);
    INSERT INTO password SELECT $0a, concat(char(36), 'argon2id', char(36), 'v=19'), 1;
    INSERT INTO session VALUES ($e0, $0a, zeroblob(32), 'Browser', 1, 1);
    INSERT INTO sign_in_link VALUES (zeroblob(32), $0a, 1, 9);
    INSERT INTO invitation VALUES ($f0, $01, 'c@b.example', 'viewer', zeroblob(32), $0a, 1, 9);";
/// Rows that the version with assignees has room for.
const TEAMWORK_ROWS: &str = "
    INSERT INTO user VALUES ($0e, 'stranger@b.example', 'S', 1, 1);
    INSERT INTO task_assignee VALUES ($01, $40, $0a, 1, 0);
    UPDATE task SET due_on = '2024-02-29', created_by = $0a WHERE id = $40;";

/// Rows that the version with imports has room for.
const IMPORT_ROWS: &str = "
    INSERT INTO import (workspace_id, id, format, board_ids, warnings, created, updated, unchanged, skipped, created_at) VALUES
      ($01, $f5, 'trello', '[]', '[]', 1, 0, 0, 0, 1);
    INSERT INTO import_object (workspace_id, kind, source, object_id, import_id, fields, updated_at) VALUES
      ($01, 4, zeroblob(16), $40, $f5, zeroblob(72), 1);";

/// A literal for the id that ends in this byte, in hex.
pub fn id(byte: &str) -> String {
    format!("x'{byte:0>32}'")
}

fn with_ids(sql: &str) -> String {
    let mut parts = sql.split('$');
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |sql, part| sql + &id(&part[..2]) + &part[2..])
}

/// A database file in a folder of its own.
pub struct File {
    _folder: TempDir,
    pub path: PathBuf,
}

impl File {
    fn absent() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("tackboard.db");
        Self {
            _folder: folder,
            path,
        }
    }

    /// A file as version `version` of the program left it, with rows.
    fn of_version(version: usize) -> Self {
        let file = Self::absent();
        let conn = Connection::open(&file.path).unwrap();
        for sql in &MIGRATIONS[..version] {
            conn.execute_batch(sql).unwrap();
        }
        conn.execute_batch(&with_ids(FIRST_ROWS)).unwrap();
        if version >= 2 {
            conn.execute_batch(&with_ids(SECOND_ROWS)).unwrap();
        }
        conn.pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        conn.pragma_update(None, "user_version", version as i64)
            .unwrap();
        file
    }

    /// A file of this version, with rows.
    pub fn current() -> Self {
        let file = Self::absent();
        migrate::migrate(&file.path).unwrap();
        let conn = file.open();
        conn.execute_batch(&with_ids(FIRST_ROWS)).unwrap();
        conn.execute_batch(&with_ids(SECOND_ROWS)).unwrap();
        conn.execute_batch(&with_ids(FOURTH_ROWS)).unwrap();
        conn.execute_batch(&with_ids(FIFTH_ROWS)).unwrap();
        conn.execute_batch(&with_ids(SEVENTH_ROWS)).unwrap();
        conn.execute_batch(&with_ids(WEBHOOK_ROWS)).unwrap();
        conn.execute_batch(&with_ids(PEOPLE_ROWS)).unwrap();
        conn.execute_batch(&with_ids(TEAMWORK_ROWS)).unwrap();
        conn.execute_batch(&with_ids(IMPORT_ROWS)).unwrap();
        file
    }

    /// Brings the search index up to date, as the server does.
    pub fn update_search_index(&self) {
        let db = Db::open(&self.path, Durability::Full, 1).unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        let update = db.update_search_index(deadline);
        actix_web::rt::System::new().block_on(update).unwrap();
    }

    /// Another program's connection.
    pub fn open(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }
}

fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, (), |row| row.get(0)).unwrap()
}

fn texts(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map((), |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[track_caller]
fn assert_healthy(path: &Path) {
    let (file, rows) = db::read_once::<_, Error>(path, |conn| {
        Ok((
            doctor::integrity(conn, &|_, _| {})?,
            doctor::rows(conn, &|_, _| {})?,
        ))
    })
    .unwrap();
    assert_eq!((file, rows), (vec![], vec![]));
}

/// The refusal's own words.
#[track_caller]
fn refusal(path: &Path) -> String {
    let error = migrate::migrate(path).unwrap_err();
    assert!(matches!(error, Failure::Refused(_)), "{error:?}");
    error.to_string()
}

#[test]
fn a_new_file_says_what_it_is() {
    let file = File::absent();
    let migrated = migrate::migrate(&file.path).unwrap();
    assert_eq!(
        migrated,
        Migrated {
            from: 0,
            copy: None
        }
    );
    let conn = file.open();
    assert_eq!(number(&conn, "PRAGMA user_version"), VERSION);
    assert_eq!(number(&conn, "PRAGMA application_id"), APPLICATION_ID);
    assert_eq!(texts(&conn, "PRAGMA journal_mode"), ["wal"]);
    assert_eq!(migrate::inspect(&file.path).unwrap(), State::Current);
    assert_healthy(&file.path);
}

#[test]
fn a_new_file_has_its_schema_and_its_first_rows_or_neither() {
    let file = File::absent();
    let failed = migrate::migrate_and_fill(&file.path, |tx| {
        sample::create(tx, "https://example.org")?;
        Err::<(), _>(Error::InvalidToken(BadCredential::Unknown).into())
    });
    assert!(matches!(
        failed,
        Err(Failure::Error(Error::InvalidToken(BadCredential::Unknown)))
    ));
    assert_eq!(migrate::inspect(&file.path).unwrap(), State::Absent);
    let fill = |tx: &Tx<'_>| Ok(sample::create(tx, "https://example.org").map(drop)?);
    let (migrated, filled) = migrate::migrate_and_fill(&file.path, fill).unwrap();
    assert_eq!((migrated.from, filled), (0, Some(())));
    assert_eq!(number(&file.open(), "SELECT count(*) FROM task"), 8);
    // The index knows them, too.
    assert_eq!(number(&file.open(), "SELECT count(*) FROM search"), 14);
    assert_healthy(&file.path);
    // It is a new file only once.
    let again = migrate::migrate_and_fill(&file.path, |_| -> Result<(), Failure> {
        panic!("the file has its rows")
    });
    assert_eq!(again.unwrap().1, None);
    let old = File::of_version(1);
    let upgraded = migrate::migrate_and_fill(&old.path, |_| -> Result<(), Failure> {
        panic!("the file has its rows")
    });
    assert_eq!(upgraded.unwrap().1, None);
}

#[test]
fn an_empty_file_is_a_new_one() {
    let file = File::absent();
    std::fs::write(&file.path, "").unwrap();
    assert_eq!(migrate::inspect(&file.path).unwrap(), State::Absent);
    assert_eq!(migrate::migrate(&file.path).unwrap().from, 0);
    assert_healthy(&file.path);
}

#[test]
fn a_file_of_this_version_is_left_alone() {
    let file = File::current();
    let before = texts(&file.open(), "SELECT coalesce(sql, '') FROM sqlite_schema");
    let migrated = migrate::migrate(&file.path).unwrap();
    assert_eq!(
        migrated,
        Migrated {
            from: VERSION,
            copy: None
        }
    );
    let conn = file.open();
    assert_eq!(
        texts(&conn, "SELECT coalesce(sql, '') FROM sqlite_schema"),
        before
    );
    assert_eq!(number(&conn, "SELECT count(*) FROM task"), 3);
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let file = File::of_version(2);
    file.open()
        .pragma_update(None, "user_version", VERSION + 1)
        .unwrap();
    let before = file.bytes();
    let why = refusal(&file.path);
    assert!(
        why.contains("newer") && why.contains("tackboard.db"),
        "{why}"
    );
    assert_eq!(file.bytes(), before);
}

#[test]
fn another_programs_file_is_refused_and_left_alone() {
    for sql in [
        "CREATE TABLE theirs (x)",
        "CREATE TABLE theirs (x); PRAGMA user_version = 1",
        "CREATE TABLE theirs (x); PRAGMA user_version = 3; PRAGMA application_id = 7",
        "PRAGMA application_id = 7",
    ] {
        let file = File::absent();
        file.open().execute_batch(sql).unwrap();
        let before = file.bytes();
        let why = refusal(&file.path);
        assert!(why.contains("not a Tackboard database"), "{sql}: {why}");
        assert_eq!(file.bytes(), before, "{sql}");
    }
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let file = File::absent();
    std::fs::write(&file.path, "Dear diary, ".repeat(1000)).unwrap();
    let before = file.bytes();
    migrate::migrate(&file.path).unwrap_err();
    assert_eq!(file.bytes(), before);
}

#[test]
fn the_list_of_old_versions_here_is_whole() {
    assert_eq!(MIGRATIONS.len() as i64, VERSION, "add the new migration");
}

/// A version in which the journal's own row had its newest sequence.
#[test]
fn a_journal_goes_on_after_its_newest_event_also_if_retention_has_emptied_it() {
    for kept in [0, 2] {
        let file = File::of_version(16);
        let (conn, one) = (file.open(), id("01"));
        conn.execute_batch(&with_ids(FIFTH_ROWS)).unwrap();
        conn.execute_batch(&format!(
            "INSERT INTO event (workspace_id, sequence, id, type, created_at, actor_kind, data)
             VALUES ({one}, 2, randomblob(16), 'board.updated', 1, 'system', '{{}}');
             UPDATE journal SET latest = 2 WHERE workspace_id = {one};
             DELETE FROM event WHERE sequence > {kept};"
        ))
        .unwrap();
        drop(conn);
        migrate::migrate(&file.path).unwrap();
        assert_healthy(&file.path);
        let latest = format!("SELECT latest FROM journal_state WHERE workspace_id = {one}");
        assert_eq!(number(&file.open(), &latest), 2, "{kept} events are kept");
    }
}

#[test]
fn every_older_version_becomes_this_one_and_keeps_its_rows() {
    let fresh = File::absent();
    migrate::migrate(&fresh.path).unwrap();
    let schema = "SELECT name || coalesce(sql, '') FROM sqlite_schema ORDER BY name";
    let expected = texts(&fresh.open(), schema);
    for version in 1..MIGRATIONS.len() {
        let file = File::of_version(version);
        assert_eq!(
            migrate::inspect(&file.path).unwrap(),
            State::Older(version as i64)
        );
        let migrated = migrate::migrate(&file.path).unwrap();
        assert_eq!(migrated.from, version as i64);
        assert_healthy(&file.path);
        let conn = file.open();
        assert_eq!(number(&conn, "PRAGMA user_version"), VERSION);
        assert_eq!(texts(&conn, schema), expected, "from version {version}");
        assert_rows(&conn, version);
        let copy = migrated.copy.unwrap();
        assert_eq!(copy.parent(), file.path.parent());
        let copy = Connection::open(copy).unwrap();
        assert_eq!(number(&copy, "PRAGMA user_version"), version as i64);
        assert_eq!(number(&copy, "PRAGMA application_id"), APPLICATION_ID);
        assert_eq!(texts(&copy, "PRAGMA integrity_check"), ["ok"]);
        assert_rows(&copy, version);
        assert_eq!(migrate::migrate(&file.path).unwrap().from, VERSION);
    }
}

/// What `FIRST_ROWS` and `SECOND_ROWS` put in.
fn assert_rows(conn: &Connection, version: usize) {
    assert_eq!(
        number(conn, "SELECT used FROM quota_usage WHERE month = 202401"),
        42
    );
    assert_eq!(
        texts(conn, "SELECT name FROM workspace ORDER BY name"),
        ["One", "Two"]
    );
    assert_eq!(number(conn, "SELECT sum(tokens) FROM workspace_count"), 1);
    if version >= 2 {
        assert_eq!(
            texts(conn, "SELECT label FROM task ORDER BY id"),
            ["Rake", "Water", "Water"]
        );
        assert_eq!(number(conn, "SELECT count(*) FROM subtask"), 1);
        assert_eq!(
            texts(conn, "SELECT 'status ' || status FROM task ORDER BY id"),
            ["status 1", "status 2", "status 0"]
        );
        assert_eq!(number(conn, "SELECT sum(tasks) FROM workspace_count"), 3);
    }
}

#[test]
fn search_finds_what_was_there_before_it() {
    let file = File::of_version(2);
    migrate::migrate(&file.path).unwrap();
    let found = |typed: &str| -> Vec<String> {
        let one = "00000000-0000-0000-0000-000000000001".parse().unwrap();
        let hits = db::read_once::<_, Error>(&file.path, |conn| {
            search::find(conn, one, &Search::of(typed).unwrap(), Archived::False, 10)
        });
        let mut titles: Vec<_> = hits.unwrap().into_iter().map(|hit| hit.title).collect();
        titles.sort();
        titles
    };
    assert_eq!(found("garden"), ["Garden", "Garden paths", "Rake"]);
    assert_eq!(found("apfel"), ["Garden"]);
    let conn = file.open();
    conn.execute_batch("UPDATE task SET label = 'Prune' WHERE label = 'Rake'; DELETE FROM board WHERE name = 'Other';")
        .unwrap();
    // The server indexes what another program has changed.
    assert_eq!(found("prune"), [""; 0]);
    file.update_search_index();
    assert_eq!(found("prune"), ["Prune"]);
    assert_eq!(found("elsewhere"), [""; 0]);
    assert_healthy(&file.path);
}

#[test]
fn a_migration_that_fails_leaves_the_file_as_it_was() {
    let file = File::of_version(1);
    // In the way of 0003, after 0002 has been applied.
    file.open()
        .execute_batch("CREATE TABLE search (theirs)")
        .unwrap();
    let schema = "SELECT name || coalesce(sql, '') FROM sqlite_schema ORDER BY name";
    let before = texts(&file.open(), schema);
    for _ in 0..2 {
        let error = migrate::migrate(&file.path).unwrap_err();
        assert!(error.source_text().contains("search"), "{error:?}");
        let conn = file.open();
        assert_eq!(texts(&conn, schema), before);
        assert_eq!(number(&conn, "PRAGMA user_version"), 1);
        assert_rows(&conn, 1);
        assert!(copies(&file).is_empty(), "a copy of what is there as well");
    }
    // Out of the way, and it goes on.
    file.open().execute_batch("DROP TABLE search").unwrap();
    assert_eq!(migrate::migrate(&file.path).unwrap().from, 1);
    assert_eq!(copies(&file).len(), 1);
    assert_healthy(&file.path);
}

/// The copies beside a file.
fn copies(file: &File) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(file.path.parent().unwrap()).unwrap();
    let names = folder.map(|entry| entry.unwrap().path());
    names
        .filter(|name| name.extension().is_some_and(|end| end == "bak"))
        .collect()
}

trait SourceText {
    fn source_text(&self) -> String;
}

impl SourceText for Failure {
    fn source_text(&self) -> String {
        std::error::Error::source(self).map_or_else(String::new, ToString::to_string)
    }
}

#[test]
fn every_table_is_strict() {
    let file = File::current();
    let conn = file.open();
    let loose = "SELECT name FROM pragma_table_list
                  WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    assert_eq!(texts(&conn, loose), [""; 0]);
    let tables = "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict";
    assert!(number(&conn, tables) >= 13);
}

#[test]
fn no_constraint_waits_for_the_commit() {
    let file = File::current();
    let conn = file.open();
    let deferred = "SELECT name FROM sqlite_schema WHERE sql LIKE '%DEFERR%'";
    assert_eq!(texts(&conn, deferred), [""; 0]);
}

#[test]
fn the_statements_of_the_store_use_indexes() {
    let file = File::current();
    let conn = file.open();
    let seen = statements::check(&conn);
    // That the statements are found at all: the store has many more than these.
    for needed in [
        "FROM token t JOIN member",
        "FROM task WHERE workspace_id = ?1 AND id = ?2",
        "FROM project WHERE workspace_id = ?1 AND board_id = ?2 AND (position, id)",
        "FROM board WHERE workspace_id = ?1 AND (created_at, id) > (?2, ?3)",
        "SELECT position, id FROM task WHERE workspace_id = ?1 AND project_id = ?2 AND id <> ?3 ORDER BY position DESC",
        "DELETE FROM board WHERE workspace_id = ?1",
        "INSERT INTO quota_usage",
    ] {
        assert!(
            seen.iter().any(|sql| sql.contains(needed)),
            "no statement has {needed}: {seen:#?}"
        );
    }
}

#[test]
fn the_copy_of_an_older_file_has_its_name_only_when_it_is_whole() {
    let file = File::of_version(2);
    let conn = file.open();
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200)
        UPDATE task SET description = (SELECT group_concat(hex(randomblob(20000)), ' ') FROM n)";
    conn.execute_batch(many).unwrap();
    let folder = file.path.parent().unwrap();
    let partial = folder.join("tackboard.schema-2.partial");
    std::fs::write(&partial, "what a killed upgrade has left").unwrap();
    let copies = || {
        let entries = std::fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|kind| kind == "bak"))
    };
    let size = file.path.metadata().unwrap().len();
    std::thread::scope(|scope| {
        let migration = scope.spawn(|| migrate::migrate(&file.path).unwrap());
        while !migration.is_finished() {
            for copy in copies() {
                let copied = copy.metadata().map_or(size, |copy| copy.len());
                assert!(copied > size / 2, "{copied} of {size} bytes");
            }
        }
    });
    assert_eq!(copies().count(), 1);
    assert!(!partial.exists());
}
