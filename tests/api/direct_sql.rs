//! The rules that hold whoever writes to the file: limits, immutable columns, lanes, counters.

use rusqlite::Connection;
use tackboard::error::Error;
use tackboard::store::{db, doctor};

use crate::migrations::{self, File};

/// A literal for the id that ends in this byte.
fn id(byte: u8) -> String {
    migrations::id(&format!("{byte:02x}"))
}

/// An id that no row has.
const FRESH: &str = "randomblob(16)";

/// A row of each limited kind, in workspace One, as another program would write it.
fn insert(kind: &str) -> String {
    let (one, user, board, project) = (id(1), id(0x0a), id(0x10), id(0x20));
    match kind {
        "boards" => format!(
            "INTO board (workspace_id, id, name, icon, accent_color, background_color, layout_preference, created_at,
                         updated_at) VALUES ({one}, {FRESH}, 'B', 'i', '#000000', '#000000', 'kanban', 1, 1)"
        ),
        "projects" => format!(
            "INTO project (workspace_id, id, board_id, name, position, created_at, updated_at)
             VALUES ({one}, {FRESH}, {board}, 'P', 'z', 1, 1)"
        ),
        "tasks" => format!(
            "INTO task (workspace_id, id, project_id, label, position, created_at, updated_at)
             VALUES ({one}, {FRESH}, {project}, 'T', 'z', 1, 1)"
        ),
        "tokens" => format!(
            "INTO token (id, workspace_id, user_id, name, prefix, digest, scopes, expires_at, created_at)
             VALUES ({FRESH}, {one}, {user}, 'T', 'km_abcd', randomblob(32), 1, 9, 1)"
        ),
        "cards" => format!(
            "INTO card (workspace_id, id, title, message, accent_color, created_at, updated_at)
             VALUES ({one}, {FRESH}, 'C', '', '#000000', 1, 1)"
        ),
        "webhooks" => format!(
            "INTO webhook (workspace_id, id, name, url, events, payload, is_active, key, created_at, updated_at)
             VALUES ({one}, {FRESH}, 'W', 'https://a.example', '[\"*\"]', 'full', 1, randomblob(32), 1, 1)"
        ),
        "members" => format!(
            "INTO member (workspace_id, user_id, role, created_at) VALUES ({one}, {FRESH}, 'viewer', 1)"
        ),
        other => panic!("there is a limit on {other}: say here how such a row is made"),
    }
}

fn names(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map((), |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, (), |row| row.get(0)).unwrap()
}

#[track_caller]
fn refused(conn: &Connection, sql: &str, message: &str) {
    match conn.execute_batch(sql) {
        Err(rusqlite::Error::SqliteFailure(_, Some(told))) => assert_eq!(told, message, "{sql}"),
        Err(rusqlite::Error::SqlInputError { msg, .. }) => panic!("{sql}: {msg}"),
        other => panic!("{sql}: {other:?}"),
    }
}

/// Every kind that a plan limits, by a trigger.
fn limited(conn: &Connection) -> Vec<String> {
    let triggers = names(
        conn,
        "SELECT sql FROM sqlite_schema
          WHERE type = 'trigger' AND sql LIKE '%''limit:%' AND sql LIKE '%JOIN plan %'",
    );
    let kinds = triggers.iter().map(|sql| {
        let (_, rest) = sql.split_once("'limit:").unwrap();
        rest.split_once('\'').unwrap().0.to_owned()
    });
    kinds.collect()
}

#[test]
fn every_limit_holds_against_every_way_to_insert() {
    let file = File::current();
    // A program that has never heard of foreign keys.
    let conn = file.open();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    let kinds = limited(&conn);
    for needed in ["boards", "projects", "tasks", "tokens", "cards", "webhooks"] {
        assert!(
            kinds.iter().any(|kind| kind == needed),
            "no limit on {needed}"
        );
    }
    for kind in kinds.iter() {
        let into = insert(kind);
        let count = format!(
            "SELECT {kind} FROM workspace_count WHERE workspace_id = {}",
            id(1)
        );
        let before = number(&conn, &count);
        conn.execute_batch(&format!(
            "UPDATE plan SET {kind} = {before} + 2 WHERE name = 'pro'"
        ))
        .unwrap();
        conn.execute_batch(&format!("INSERT {into}; INSERT {into};"))
            .unwrap();
        for verb in [
            "INSERT",
            "INSERT OR IGNORE",
            "INSERT OR REPLACE",
            "INSERT OR FAIL",
        ] {
            refused(&conn, &format!("{verb} {into}"), &format!("limit:{kind}"));
        }
        let many = into.replace("VALUES (", "SELECT ").trim_end().to_owned();
        let many = format!(
            "INSERT {} FROM (VALUES (1), (2), (3))",
            many.strip_suffix(')').unwrap()
        );
        refused(&conn, &many, &format!("limit:{kind}"));
        assert_eq!(
            number(&conn, &count),
            before + 2,
            "{kind}: a refused row is not counted"
        );
        // Another workspace of the plan has room, and no figure is no limit.
        conn.execute_batch(&format!("UPDATE plan SET {kind} = 0 WHERE name = 'pro'"))
            .unwrap();
        refused(&conn, &format!("INSERT {into}"), &format!("limit:{kind}"));
        conn.execute_batch(&format!("UPDATE plan SET {kind} = NULL WHERE name = 'pro'"))
            .unwrap();
        conn.execute_batch(&many).unwrap();
        assert_eq!(number(&conn, &count), before + 5);
    }
}

#[test]
fn a_board_has_at_most_a_hundred_lanes_whoever_inserts_them() {
    let file = File::current();
    let conn = file.open();
    let lanes = "SELECT max(n) FROM (SELECT count(*) AS n FROM lane GROUP BY board_id)";
    let lane = |rows| {
        format!(
            "lane (workspace_id, id, board_id, name, position, created_at, updated_at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {rows})
         SELECT {}, randomblob(16), {}, 'L', 'z', 1, 1 FROM n",
            id(0x01),
            id(0x10)
        )
    };
    conn.execute_batch(&format!("INSERT INTO {}", lane(99)))
        .unwrap();
    for verb in [
        "INSERT OR FAIL INTO",
        "INSERT INTO",
        "INSERT OR IGNORE INTO",
        "REPLACE INTO",
    ] {
        refused(&conn, &format!("{verb} {}", lane(1)), "limit:lanes");
        assert_eq!(number(&conn, lanes), 100, "{verb}");
    }
}

#[test]
fn one_workspaces_rows_are_no_others_limit() {
    let file = File::current();
    let conn = file.open();
    conn.execute_batch("UPDATE plan SET tasks = 3 WHERE name = 'pro'")
        .unwrap();
    let into = insert("tasks");
    conn.execute_batch(&format!("INSERT {into}")).unwrap();
    refused(&conn, &format!("INSERT {into}"), "limit:tasks");
    let theirs = into.replace(&id(1), &id(2)).replace(&id(0x20), &id(0x22));
    conn.execute_batch(&format!("INSERT {theirs}; INSERT {theirs};"))
        .unwrap();
    refused(&conn, &format!("INSERT {theirs}"), "limit:tasks");
}

#[test]
fn a_row_keeps_its_workspace_and_its_id() {
    let file = File::current();
    let conn = file.open();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    let tables = names(
        &conn,
        "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) i ON i.name = 'workspace_id'
           JOIN pragma_table_info(m.name) own ON own.name = 'id' WHERE m.type = 'table'",
    );
    assert!(tables.len() >= 6, "{tables:?}");
    for table in tables {
        let rows = number(&conn, &format!("SELECT count(*) FROM {table}"));
        assert!(rows > 0, "{table}: put a row into the file of this test");
        for change in [
            format!("workspace_id = {}", id(2)),
            "id = randomblob(16)".to_owned(),
        ] {
            let sql = format!("UPDATE {table} SET {change} WHERE workspace_id = {}", id(1));
            refused(&conn, &sql, &format!("immutable:{table}"));
        }
        // No member of these ever changes.
        if table != "cover" {
            conn.execute_batch(&format!(
                "UPDATE {table} SET id = id, workspace_id = workspace_id"
            ))
            .unwrap();
        }
    }
    for (table, change) in [
        ("cover", "bytes = x'00'"),
        ("edition", "title = 'Other'"),
        ("recipient", "revision = 2"),
    ] {
        let sql = format!("UPDATE {table} SET {change}");
        refused(&conn, &sql, &format!("immutable:{table}"));
    }
    refused(
        &conn,
        &format!("UPDATE task_assignee SET task_id = {}", id(0x41)),
        "immutable:task_assignee",
    );
    refused(
        &conn,
        &format!("UPDATE lane SET board_id = {}", id(0x11)),
        "immutable:lane",
    );
    refused(
        &conn,
        &format!("UPDATE label SET board_id = {}", id(0x11)),
        "immutable:label",
    );
    refused(
        &conn,
        "UPDATE task_label SET label_id = label_id",
        "immutable:task_label",
    );
    refused(
        &conn,
        &format!("UPDATE comment SET task_id = {}", id(0x41)),
        "immutable:comment",
    );
    refused(
        &conn,
        &format!("UPDATE subtask SET task_id = {}", id(0x41)),
        "immutable:subtask",
    );
}

#[test]
fn parent_and_child_are_of_one_workspace() {
    let file = File::current();
    let conn = file.open();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    let theirs = [
        format!(
            "UPDATE project SET board_id = {} WHERE id = {}",
            id(0x12),
            id(0x20)
        ),
        format!(
            "INSERT {}",
            insert("projects").replace(&id(0x10), &id(0x12))
        ),
        // A task of another workspace, and a user who is no member of the task's.
        format!(
            "INSERT INTO task_assignee VALUES ({}, {}, {}, 1, 0)",
            id(1),
            id(0x42),
            id(0x0a)
        ),
        format!(
            "INSERT INTO task_assignee VALUES ({}, {}, {}, 1, 0)",
            id(1),
            id(0x40),
            id(0x0e)
        ),
        format!(
            "UPDATE card SET cover_id = {} WHERE id = {}",
            id(0x60),
            id(0x71)
        ),
    ];
    for sql in theirs {
        refused(&conn, &sql, "FOREIGN KEY constraint failed");
    }
}

#[test]
fn a_task_is_in_a_project_of_its_workspace_and_goes_with_it() {
    let file = File::current();
    let conn = file.open();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    let (task, own, theirs) = (id(0x41), id(0x20), id(0x22));
    for project in [theirs.as_str(), "randomblob(16)"] {
        let moves = format!("UPDATE task SET project_id = {project} WHERE id = {task}");
        refused(&conn, &moves, "missing:project");
        let into = insert("tasks").replace(&own, project);
        refused(&conn, &format!("INSERT {into}"), "missing:project");
    }
    // Nothing is left of a task that is refused, not even a count.
    assert_eq!(problems(&file), [""; 0]);
    let tasks = |project: &str| {
        let sql = format!("SELECT count(*) FROM task WHERE project_id = {project}");
        number(&conn, &sql)
    };
    assert_eq!((tasks(&own), tasks(&theirs)), (2, 1));
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    conn.execute_batch(&format!("DELETE FROM project WHERE id = {own}"))
        .unwrap();
    assert_eq!((tasks(&own), tasks(&theirs)), (0, 1));
    assert_eq!(problems(&file), [""; 0]);
}

#[test]
fn a_task_is_in_a_lane_of_its_own_board() {
    let file = File::current();
    let conn = file.open();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    let (task, of_board, of_other) = (id(0x40), id(0x30), id(0x31));
    for lane in [&of_other, "randomblob(16)"] {
        refused(
            &conn,
            &format!("UPDATE task SET workflow_lane_id = {lane} WHERE id = {task}"),
            "lane:board",
        );
        let into = insert("tasks")
            .replace("label,", "label, workflow_lane_id,")
            .replace("'T',", &format!("'T', {lane},"));
        refused(&conn, &format!("INSERT {into}"), "lane:board");
        refused(&conn, &format!("INSERT OR IGNORE {into}"), "lane:board");
    }
    // To a project of another board only without its lane, or with one of that board.
    let elsewhere = format!("project_id = {}", id(0x21));
    refused(
        &conn,
        &format!("UPDATE task SET {elsewhere} WHERE id = {task}"),
        "lane:board",
    );
    let sql =
        format!("UPDATE task SET {elsewhere}, workflow_lane_id = {of_other} WHERE id = {task}");
    conn.execute_batch(&sql).unwrap();
    let back = id(0x20);
    let sql = format!(
        "UPDATE task SET project_id = {back}, workflow_lane_id = {of_board} WHERE id = {task}"
    );
    conn.execute_batch(&sql).unwrap();
    // A project that moves to another board leaves the lanes behind.
    conn.execute_batch(&format!(
        "UPDATE project SET board_id = {} WHERE id = {back}",
        id(0x11)
    ))
    .unwrap();
    let lanes = "SELECT count(*) FROM task WHERE workflow_lane_id IS NOT NULL";
    assert_eq!(number(&conn, lanes), 0);
    // A lane that goes takes no task with it.
    conn.execute_batch(&format!(
        "UPDATE task SET workflow_lane_id = {of_other} WHERE id = {task}; DELETE FROM lane WHERE id = {of_other};"
    ))
    .unwrap();
    assert_eq!(number(&conn, lanes), 0);
    assert_eq!(number(&conn, "SELECT count(*) FROM task"), 3);
}

/// The ids of all labels of tasks, with their tasks.
fn task_labels(conn: &Connection) -> Vec<String> {
    names(
        conn,
        "SELECT hex(substr(task_id, 16)) || ' ' || hex(substr(label_id, 16)) FROM task_label ORDER BY 1",
    )
}

#[test]
fn a_task_has_labels_of_its_own_board_only() {
    let file = File::current();
    let conn = file.open();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    let (one, task) = (id(1), id(0x40));
    for label in [id(0xc1), id(0x10), "randomblob(16)".to_owned()] {
        for verb in ["INSERT", "INSERT OR IGNORE", "REPLACE"] {
            let sql = format!("{verb} INTO task_label VALUES ({one}, {task}, {label}, 1, 0)");
            refused(&conn, &sql, "label:board");
        }
    }
    assert_eq!(task_labels(&conn), ["40 C0", "40 C2", "41 C0"]);
    // On another board, labels of the same name take their place.
    let elsewhere = format!(
        "UPDATE task SET project_id = {}, workflow_lane_id = NULL WHERE id = {task}",
        id(0x21)
    );
    conn.execute_batch(&elsewhere).unwrap();
    assert_eq!(task_labels(&conn), ["40 C1", "41 C0"]);
    conn.execute_batch(&format!(
        "UPDATE project SET board_id = {} WHERE id = {}",
        id(0x11),
        id(0x20)
    ))
    .unwrap();
    assert_eq!(task_labels(&conn), ["40 C1", "41 C1"]);
    assert_eq!(problems(&file), [""; 0]);
    conn.execute_batch(&format!("DELETE FROM label WHERE id = {}", id(0xc1)))
        .unwrap();
    assert_eq!(task_labels(&conn), [""; 0]);
    assert_eq!(number(&conn, "SELECT count(*) FROM task"), 3);
}

#[test]
fn labels_and_comments_have_limits_whoever_inserts_them() {
    let file = File::current();
    let conn = file.open();
    let many = |rows: u32, into: &str, values: &str| {
        format!(
            "INSERT INTO {into} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {rows})
             SELECT {}, randomblob(16), {values} FROM n",
            id(0x01)
        )
    };
    let label =
        "label (workspace_id, id, board_id, name, folded_name, color, created_at, updated_at)";
    let label_values = format!("{}, 'L', hex(randomblob(16)), '#000000', 1, 1", id(0x10));
    conn.execute_batch(&many(198, label, &label_values))
        .unwrap();
    refused(&conn, &many(1, label, &label_values), "limit:labels");
    let comment = "comment (workspace_id, id, task_id, text, created_at, updated_at)";
    let comment_values = format!("{}, 'C', 1, 1", id(0x40));
    conn.execute_batch(&many(4_999, comment, &comment_values))
        .unwrap();
    refused(&conn, &many(1, comment, &comment_values), "limit:comments");
    let total = format!("SELECT comments_total FROM task WHERE id = {}", id(0x40));
    assert_eq!(number(&conn, &total), 5_000);
    conn.execute_batch("DELETE FROM comment WHERE seq = 1")
        .unwrap();
    conn.execute_batch(&many(1, comment, &comment_values))
        .unwrap();
    assert_eq!(number(&conn, &total), 5_000);
}

#[test]
fn a_comment_outlives_the_membership_of_its_author() {
    let file = File::current();
    let conn = file.open();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    let leaves = format!("DELETE FROM member WHERE user_id = {}", id(0x0a));
    conn.execute_batch(&leaves).unwrap();
    let author = "SELECT count(*) FROM comment JOIN user u ON u.id = author_id AND u.name = 'A'";
    assert_eq!(number(&conn, author), 1);
    let erased = format!("DELETE FROM user WHERE id = {}", id(0x0a));
    conn.execute_batch(&erased).unwrap();
    assert_eq!(
        number(
            &conn,
            "SELECT count(*) FROM comment WHERE author_id IS NULL"
        ),
        1
    );
    assert_eq!(problems(&file), [""; 0]);
}

#[test]
fn a_due_date_is_a_day_that_exists_and_a_status_one_of_three() {
    let file = File::current();
    let conn = file.open();
    let set = |change: &str| conn.execute_batch(&format!("UPDATE task SET {change}"));
    for (value, is_right) in [
        ("'2024-02-29'", true),
        ("'0001-01-01'", true),
        ("NULL", true),
        ("'2026-02-30'", false),
        ("'2026-13-01'", false),
        ("'202600000000-01-01'", false),
        ("'2026-02-01 00:00'", false),
        ("'now'", false),
        ("''", false),
    ] {
        set(&format!("due_on = {value}")).unwrap();
        let problems = problems(&file);
        let is_found = problems.iter().any(|problem| problem.contains("due date"));
        assert_eq!(is_found, !is_right, "{value}: {problems:?}");
    }
    for change in ["status = 3", "status = -1", "position = ''"] {
        let why = set(change).unwrap_err().to_string();
        let column = change.split(' ').next().unwrap();
        assert!(why.contains(column), "{change}: {why}");
    }
}

#[test]
fn who_leaves_the_workspace_is_unassigned() {
    let file = File::current();
    let conn = file.open();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    let assigned = "SELECT sum(assignees_total) FROM task";
    assert_eq!(number(&conn, assigned), 1);
    let member = format!(
        "DELETE FROM member WHERE workspace_id = {} AND user_id = {}",
        id(1),
        id(0x0a)
    );
    conn.execute_batch(&member).unwrap();
    assert_eq!(number(&conn, assigned), 0);
    assert_eq!(number(&conn, "SELECT count(*) FROM task_assignee"), 0);
    assert_eq!(problems(&file), Vec::<String>::new());
}

#[test]
fn an_archived_task_counts_against_the_plan_and_nowhere_else() {
    let file = File::current();
    let conn = file.open();
    let run = |sql: &str| {
        conn.execute_batch(sql).unwrap();
        assert_eq!(problems(&file), Vec::<String>::new(), "{sql}");
        (counters(&conn)[2], of_project(&conn, 0x20))
    };
    let (rake, water) = (id(0x40), id(0x41));
    let archive = format!("UPDATE task SET archived_at = 7 WHERE id = {rake}");
    assert_eq!(run(&archive), (2, [0, 0, 1]));
    let archive = format!("UPDATE task SET archived_at = 8, status = 0 WHERE id = {water}");
    assert_eq!(run(&archive), (2, [0, 0, 0]));
    // Changes of archived tasks are not counted.
    let change = format!("UPDATE task SET status = 1, archived_at = 9 WHERE id = {water}");
    assert_eq!(run(&change), (2, [0, 0, 0]));
    let back = format!("UPDATE task SET status = 2, archived_at = NULL WHERE id = {rake}");
    assert_eq!(run(&back), (2, [0, 0, 1]));
    let made = insert("tasks").replace(
        "created_at, updated_at)",
        "created_at, updated_at, archived_at)",
    );
    assert_eq!(
        run(&format!("INSERT {}", made.replace("1, 1)", "1, 1, 1)"))),
        (3, [0, 0, 1])
    );
    assert_eq!(
        run(&format!("DELETE FROM task WHERE id = {water}")),
        (2, [0, 0, 1])
    );
}

/// The counters of workspace One: boards, projects, tasks, tokens, cards.
fn counters(conn: &Connection) -> [i64; 5] {
    ["boards", "projects", "tasks", "tokens", "cards"].map(|kind| {
        let sql = format!(
            "SELECT {kind} FROM workspace_count WHERE workspace_id = {}",
            id(1)
        );
        number(conn, &sql)
    })
}

/// A project's tasks: open, in progress, done.
fn of_project(conn: &Connection, project: u8) -> [i64; 3] {
    ["tasks_open", "tasks_in_progress", "tasks_done"].map(|column| {
        number(
            conn,
            &format!("SELECT {column} FROM project WHERE id = {}", id(project)),
        )
    })
}

/// Fails where there is a row of workspace One.
fn nothing_left(conn: &Connection) {
    let tables = names(
        conn,
        "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) i ON i.name = 'workspace_id'
          WHERE m.type = 'table'",
    );
    assert!(tables.len() >= 15, "{tables:?}");
    for table in tables {
        let left = format!(
            "SELECT count(*) FROM {table} WHERE workspace_id = {}",
            id(1)
        );
        assert_eq!(number(conn, &left), 0, "{table}");
    }
}

#[test]
fn counters_follow_every_change() {
    let file = File::current();
    let conn = file.open();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    let run = |sql: &str| conn.execute_batch(sql).unwrap();
    let healthy = || {
        assert_eq!(problems(&file), Vec::<String>::new());
    };
    assert_eq!(counters(&conn), [2, 2, 2, 1, 1]);
    assert_eq!(of_project(&conn, 0x20), [0, 1, 1]);
    run(&format!(
        "INSERT {0}; INSERT {0}; INSERT {1};",
        insert("tasks"),
        insert("tokens")
    ));
    assert_eq!(counters(&conn), [2, 2, 4, 2, 1]);
    assert_eq!(of_project(&conn, 0x20), [2, 1, 1]);
    healthy();
    run(&format!(
        "UPDATE task SET status = 2 WHERE project_id = {}",
        id(0x20)
    ));
    assert_eq!(of_project(&conn, 0x20), [0, 0, 4]);
    run(&format!(
        "UPDATE task SET project_id = {}, workflow_lane_id = NULL, status = 1 WHERE id = {}",
        id(0x21),
        id(0x40)
    ));
    assert_eq!(of_project(&conn, 0x20), [0, 0, 3]);
    assert_eq!(of_project(&conn, 0x21), [0, 1, 0]);
    healthy();
    run("BEGIN; DELETE FROM task; ROLLBACK;");
    assert_eq!(counters(&conn), [2, 2, 4, 2, 1]);
    run(&format!("DELETE FROM task WHERE id = {}", id(0x41)));
    assert_eq!(counters(&conn), [2, 2, 3, 2, 1]);
    assert_eq!(of_project(&conn, 0x20), [0, 0, 2]);
    healthy();
    // A board takes its projects with it, and they their tasks.
    run(&format!("DELETE FROM board WHERE id = {}", id(0x10)));
    assert_eq!(counters(&conn), [1, 1, 1, 2, 1]);
    assert_eq!(number(&conn, "SELECT count(*) FROM subtask"), 1);
    healthy();
    run(&format!(
        "DELETE FROM member WHERE workspace_id = {} AND user_id = {}",
        id(1),
        id(0x0a)
    ));
    assert_eq!(counters(&conn), [1, 1, 1, 0, 1]);
    run(&format!("DELETE FROM workspace WHERE id = {}", id(1)));
    nothing_left(&conn);
    assert_eq!(number(&conn, "SELECT count(*) FROM task"), 1);
    file.update_search_index();
    assert_eq!(number(&conn, "SELECT count(*) FROM search"), 3);
    healthy();
}

#[test]
fn the_counters_of_a_card_follow_what_its_recipients_do() {
    let file = File::current();
    let conn = file.open();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    let count = || {
        let columns =
            "recipients, queued, sent, failed, opened, opens, viewed, views, unsubscribed";
        let sql = format!(
            "SELECT json_array({columns}) FROM card_count WHERE card_id = {}",
            id(0x70)
        );
        assert_eq!(problems(&file), Vec::<String>::new());
        names(&conn, &sql).remove(0)
    };
    let (ann, ben) = (id(0x80), id(0x81));
    assert_eq!(count(), "[2,1,1,0,0,0,0,0,0]");
    for (change, counted) in [
        (
            format!("UPDATE recipient SET opens = 2, opened_at = 7 WHERE id = {ben}"),
            "[2,1,1,0,1,2,0,0,0]",
        ),
        (
            format!("UPDATE recipient SET views = views + 1, viewed_at = 8 WHERE id = {ann}"),
            "[2,1,1,0,1,2,1,1,0]",
        ),
        // She wants no more: her mail is not sent.
        (
            format!(
                "INSERT INTO suppression VALUES ({}, zeroblob(32), 9)",
                id(1)
            ),
            "[2,0,1,1,1,2,1,1,1]",
        ),
        (
            format!("DELETE FROM recipient WHERE id = {ben}"),
            "[1,0,0,1,0,0,1,1,1]",
        ),
    ] {
        conn.execute_batch(&change).unwrap();
        assert_eq!(count(), counted, "{change}");
    }
    let first = "SELECT first_opened_at FROM card_count WHERE first_opened_at IS NOT NULL";
    assert_eq!(number(&conn, first), 7, "it stays");
    let again = format!(
        "INSERT INTO recipient (workspace_id, id, card_id, revision, email, email_digest, name, merge_tags, status, created_at)
         SELECT workspace_id, {FRESH}, card_id, revision, email, email_digest, name, merge_tags, 'link', 1
           FROM recipient WHERE id = {ann}"
    );
    refused(&conn, &again, "unsubscribed");
    assert_eq!(
        number(&conn, "SELECT count(*) FROM mail WHERE due_at IS NULL"),
        1
    );
    conn.execute_batch("DELETE FROM card").unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM recipient"), 0);
    assert_eq!(number(&conn, "SELECT count(*) FROM gone_recipient"), 3);
    assert_eq!(number(&conn, "SELECT count(*) FROM cover"), 0);
}

#[test]
fn a_counter_that_is_wrong_is_seen_by_the_doctor() {
    for (sql, told) in [
        (
            "UPDATE workspace_count SET tasks = tasks + 1",
            "workspace counters",
        ),
        (
            "UPDATE project SET tasks_done = tasks_done + 1",
            "task counters of project",
        ),
        (
            "UPDATE workspace_count SET cards = cards + 1",
            "workspace counters",
        ),
        (
            "UPDATE card_count SET queued = queued + 1",
            "recipient counters of card",
        ),
        ("DELETE FROM card_count", "recipient counters of card"),
        (
            "DELETE FROM mail",
            "recipient and mail with different states",
        ),
        (
            "INSERT INTO cover (workspace_id, id, media_type, bytes, created_at)
             SELECT id, randomblob(16), 'image/png', x'00', 1 FROM workspace LIMIT 1",
            "cover that no card shows",
        ),
        (
            "DELETE FROM search WHERE rowid = 8",
            "task missing from search",
        ),
        (
            "UPDATE workspace_count SET newest_task_at = newest_task_at - 1",
            "creation time of the newest task of workspace",
        ),
        (
            "DELETE FROM search WHERE rowid = 11",
            "comment missing from search",
        ),
        (
            "INSERT INTO search (rowid, owner) VALUES (4000, 'x')",
            "search entry without a row",
        ),
        (
            "UPDATE task SET comments_total = comments_total + 1",
            "comment counter of task",
        ),
        (
            "DROP TRIGGER label_stays; UPDATE label SET board_id = (SELECT id FROM board WHERE name = 'Other'),
                                                        folded_name = hex(id)",
            "task with a label of another board",
        ),
        (
            "PRAGMA foreign_keys = OFF; DELETE FROM board",
            "refers to a row in board",
        ),
        (
            "UPDATE task SET subtasks_total = subtasks_total + 1 WHERE subtasks_total > 0",
            "subtask counters of task",
        ),
        (
            "UPDATE task SET subtasks_completed = 1 WHERE subtasks_total = 0",
            "subtask counters of task",
        ),
        (
            "UPDATE task SET assignees_total = 2 WHERE assignees_total > 0",
            "assignee counter of task",
        ),
        (
            "UPDATE task_assignee SET created_at = 2",
            "assignee with other dates than the task",
        ),
        (
            "UPDATE task_label SET is_archived = 1",
            "label with other dates than the task",
        ),
        (
            "UPDATE task_assignee SET is_archived = 1",
            "assignee with other dates than the task",
        ),
        (
            "DROP TRIGGER task_count_update; UPDATE task SET archived_at = 1",
            "task counters of project",
        ),
        (
            "PRAGMA foreign_keys = OFF; DELETE FROM journal WHERE workspace_id NOT IN (SELECT workspace_id FROM event)",
            "workspace without a journal: two",
        ),
        (
            "PRAGMA foreign_keys = OFF; DELETE FROM journal WHERE workspace_id IN (SELECT workspace_id FROM event)",
            "refers to a row in journal",
        ),
        (
            "DELETE FROM event WHERE sequence = 2",
            "journal with a gap: one",
        ),
        (
            "DELETE FROM event WHERE sequence = 3",
            "journal with a gap: one",
        ),
        (
            "UPDATE journal SET floor = 4 WHERE workspace_id IN (SELECT workspace_id FROM event)",
            "journal with a gap: one",
        ),
        ("UPDATE event SET data = '{'", "event with invalid JSON"),
        ("UPDATE event SET data = '[]'", "event with invalid JSON"),
        ("UPDATE event SET changes = ''", "event with invalid JSON"),
        ("UPDATE event SET deleted = 'x'", "event with invalid JSON"),
        (
            "UPDATE event SET cleared = '{a:1}'",
            "event with invalid JSON",
        ),
        (
            "UPDATE event SET truncated = '[\"a\",]'",
            "event with invalid JSON",
        ),
    ] {
        let file = File::current();
        file.update_search_index();
        let conn = file.open();
        fill_journal(&conn, 3);
        assert_eq!(problems(&file), Vec::<String>::new());
        conn.execute_batch(sql).unwrap();
        let found = problems(&file);
        assert!(
            found.iter().any(|problem| problem.contains(told)),
            "{sql}: {found:?}"
        );
    }
}

#[test]
fn a_journal_without_its_oldest_events_is_healthy() {
    let file = File::current();
    db::write_once::<_, Error>(&file.path, |_| Ok(())).unwrap();
    let conn = file.open();
    fill_journal(&conn, 3);
    for sequence in 1..=3 {
        conn.execute("DELETE FROM event WHERE sequence = ?1", [sequence])
            .unwrap();
        assert_eq!(problems(&file), Vec::<String>::new(), "{sequence}");
    }
    let latest = "SELECT latest FROM journal_state WHERE latest > 0";
    assert_eq!(number(&conn, latest), 3);
}

/// A statement that adds an event to the journal of workspace One.
fn event(sequence: i64) -> String {
    let one = id(1);
    format!(
        "INSERT INTO event (workspace_id, sequence, id, type, created_at, actor_kind, data)
         VALUES ({one}, {sequence}, {FRESH}, 'task.created', 1, 'system', '{{}}')"
    )
}

/// Adds events to the journal of workspace One until it has that many.
fn fill_journal(conn: &Connection, events: i64) {
    let one = id(1);
    let latest = format!("SELECT latest FROM journal_state WHERE workspace_id = {one}");
    for sequence in number(conn, &latest) + 1..=events {
        conn.execute_batch(&event(sequence)).unwrap();
    }
}

/// What `doctor` finds wrong with the rows.
fn problems(file: &File) -> Vec<String> {
    let steps = std::cell::RefCell::new(Vec::new());
    let show = |done, all| steps.borrow_mut().push((done, all));
    let problems = db::read_once(&file.path, |conn| doctor::rows(conn, &show)).unwrap();
    // The progress goes from the first step to the last one.
    let steps = steps.into_inner();
    let all = steps.len() as u64;
    assert!(steps.into_iter().eq((0..all).map(|done| (done, all))));
    problems
}
