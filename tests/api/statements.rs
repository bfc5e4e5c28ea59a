//! Every SQL statement in the source of `src/store`, and how SQLite would run it.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

/// Tables that are small, that only commands list completely, or that are empty after every transaction; and the hits of a
/// search, which are a part of its statement.
const MAY_BE_SCANNED: [&str; 9] = [
    "plan",
    "user",
    "workspace",
    "search_queue",
    "hit",
    "object_hit",
    "found",
    "best",
    "part",
];
/// Files that read whole tables on purpose, or any kind of file; and `task_list/query.rs`, whose statements
/// tests/api/task_list.rs checks.
const EXEMPT: [&str; 6] = [
    "doctor.rs",
    "migrate.rs",
    "backup.rs",
    "tests.rs",
    "query.rs",
    "restore.rs",
];
/// The lists for which `position.rs` and `imports/known.rs` build their statements.
const LISTS: [(&str, &str); 4] = [
    ("task", "project_id"),
    ("project", "board_id"),
    ("lane", "board_id"),
    ("subtask", "task_id"),
];
/// Values for the placeholders in `format!`.
const PIECES: [(&str, &str); 17] = [
    ("{ENTRY}, {ASSIGNEE_IDS}, {LABEL_IDS}", "*"),
    ("{ASSIGNEE_IDS}", "1"),
    ("{COLUMNS}", "*"),
    ("{ENTRY}", "id, card_id"),
    ("{DETAILS}", "*"),
    (
        "{LABEL_IDS}",
        "(SELECT hex(label_id) FROM task_label WHERE workspace_id = t.workspace_id AND task_id = t.id)",
    ),
    ("o.source, {name}", "o.source, s.label"),
    (
        "{joins}",
        "CROSS JOIN subtask s ON s.workspace_id = o.workspace_id AND s.id = o.object_id
         CROSS JOIN task t ON t.workspace_id = s.workspace_id AND t.id = s.task_id
         CROSS JOIN project b ON b.workspace_id = t.workspace_id AND b.id = t.project_id",
    ),
    ("{name}", "tasks"),
    ("{conditions}", " AND type = ?5 AND board_id = ?6"),
    ("{filters}", " AND status = ?6 AND event_id = ?7"),
    ("{PROGRESS}", "p.cursor"),
    ("{TABLES}", PROGRESS_TABLES),
    ("{DUE_COLUMNS}", "*"),
    ("{order}", "DESC"),
    ("{changed}", "label = ?, status = ?, due_on = ?"),
    ("{figure}", "max(used, excluded.used)"),
];

/// The tables that `webhooks/progress.rs` joins.
const PROGRESS_TABLES: &str = "webhook_progress p
    JOIN webhook w ON w.workspace_id = p.workspace_id AND w.id = p.webhook_id
    JOIN journal_state j ON j.workspace_id = p.workspace_id";

/// Fails if a statement reads every row of a growing table, including triggers and cascades. Returns the statements.
pub fn check(conn: &Connection) -> Vec<String> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true)
        .unwrap();
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRIGGER_EQP, true)
        .unwrap();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    let statements = of_store();
    for sql in &statements {
        for step in plan(conn, sql) {
            assert!(!is_scan(&step), "{step}\nin the plan of: {sql}");
        }
    }
    statements
}

fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
    let rows = statement
        .raw_query()
        .mapped(|row| row.get::<_, Option<String>>(3));
    let steps = rows.collect::<Result<Vec<_>, _>>().unwrap();
    // A line without text begins the plan of a trigger.
    steps.into_iter().flatten().collect()
}

/// A step such as `SCAN task USING INDEX task_order`, but not one over an FTS5 table, a subquery or VALUES.
fn is_scan(step: &str) -> bool {
    let Some(what) = step.strip_prefix("SCAN ") else {
        return false;
    };
    let table = what.split(' ').next().unwrap();
    // A subquery in FROM has a plan of its own.
    !(table.starts_with("(subquery")
        || what.contains("VIRTUAL TABLE")
        || what == "CONSTANT ROW"
        || MAY_BE_SCANNED.contains(&table))
}

fn of_store() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut statements = Vec::new();
    of_folder(&folder, &mut statements);
    statements
}

fn of_folder(folder: &Path, statements: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            of_folder(&path, statements);
        } else if path.is_file() && !EXEMPT.contains(&name) {
            let source = std::fs::read_to_string(&path).unwrap();
            let source = source.split("#[cfg(test)]").next().unwrap();
            statements.extend(of_source(source));
        }
    }
}

fn of_source(source: &str) -> Vec<String> {
    let is_sql = |text: &String| {
        ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "]
            .iter()
            .any(|verb| text.starts_with(verb))
    };
    let mut found = Vec::new();
    for text in literals(source).into_iter().filter(is_sql) {
        if text.contains('$') || text.contains("{parent}") {
            for (table, parent) in LISTS {
                let of_list =
                    |text: &str, [a, b]: [&str; 2]| text.replace(a, table).replace(b, parent);
                let text = of_list(&text, ["$table", "$parent"]);
                found.push(of_list(&text, ["{table}", "{parent}"]));
            }
            continue;
        }
        let whole = PIECES
            .iter()
            .fold(text, |text, (name, piece)| text.replace(name, piece));
        assert!(
            !whole.contains('{'),
            "say what stands for the piece in: {whole}"
        );
        found.push(whole);
    }
    found
}

/// The string literals of a source file. The pieces of a `concat!` count as one, with the names of its macro variables.
fn literals(source: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = source;
    let mut joined: Option<String> = None;
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        if rest.starts_with("//") {
            length = rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("'\"'") {
            length = 3;
        } else if rest.starts_with("concat!(") {
            length = "concat!(".len();
            joined = Some(String::new());
        } else if character == '"' {
            let (text, taken) = literal(rest);
            length = taken;
            match &mut joined {
                Some(joined) => joined.push_str(&text),
                None => found.push(text),
            }
        } else if let Some(whole) = joined.as_mut() {
            if character == '$' {
                let name = rest[1..]
                    .find(|c: char| !c.is_alphanumeric())
                    .map_or(rest, |end| &rest[..=end]);
                length = name.len();
                whole.push_str(name);
            } else if character == ')' {
                found.extend(joined.take());
            }
        }
        rest = &rest[length..];
    }
    found
}

/// The literal at the start of a text, on one line, and its length in the source.
fn literal(source: &str) -> (String, usize) {
    let mut text = String::new();
    let mut characters = source.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (squeezed(&text), at + 1),
            '\\' => {
                let (_, escaped) = characters.next().unwrap();
                text.push(if escaped == '\n' { ' ' } else { escaped });
            }
            other => text.push(other),
        }
    }
    panic!("a literal without an end: {source}");
}

/// Replaces white space by single spaces.
fn squeezed(text: &str) -> String {
    let mut squeezed = String::new();
    for character in text.chars() {
        if !character.is_whitespace() {
            squeezed.push(character);
        } else if !squeezed.ends_with(' ') {
            squeezed.push(' ');
        }
    }
    squeezed
}

#[test]
fn a_scan_is_told_from_a_search() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "CREATE TABLE task (id INTEGER PRIMARY KEY, label TEXT);
         CREATE TABLE log (task INTEGER);
         CREATE TRIGGER gone AFTER DELETE ON task BEGIN DELETE FROM log WHERE task = OLD.id; END;",
    )
    .unwrap();
    let scans = |sql: &str| plan(&conn, sql).iter().any(|step| is_scan(step));
    assert!(scans("SELECT * FROM task WHERE label = ?1"));
    assert!(!scans("SELECT * FROM task WHERE id = ?1"));
    assert!(!scans("DELETE FROM task WHERE id = ?1"));
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRIGGER_EQP, true)
        .unwrap();
    assert!(scans("DELETE FROM task WHERE id = ?1"), "in its trigger");
}

#[test]
fn statements_are_found_in_source() {
    let source = r#"
        // "SELECT comment"
        let a = "SELECT 1,
                 \"x\"";
        let quote = '"';
        let b = concat!("SELECT ", $column, " FROM ", $table, " WHERE x");
        let c = format!("UPDATE t SET {name} = 1");"#;
    let found = literals(source);
    assert_eq!(
        found,
        [
            "SELECT 1, \"x\"",
            "SELECT $column FROM $table WHERE x",
            "UPDATE t SET {name} = 1"
        ]
    );
}
