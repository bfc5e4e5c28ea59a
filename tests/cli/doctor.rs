//! `tackboard doctor`

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;

use crate::harness::{Folder, Run};

fn doctor(folder: &Folder) -> Run {
    folder.run("doctor")
}

/// Checks that all problems are on standard output, and the first one on standard error.
#[track_caller]
fn finds(folder: &Folder, check: &str, problem: &str) {
    let run = doctor(folder);
    assert_eq!(run.status, Some(1), "{run:?}");
    let wrong = run.out.lines().filter(|line| line.starts_with("WRONG"));
    assert!(wrong.clone().all(|line| line.contains(check)), "{run:?}");
    assert!(wrong.clone().any(|line| line.contains(problem)), "{run:?}");
    assert!(run.one_line().starts_with(&format!("{check}: ")), "{run:?}");
    let report = folder.run("doctor --json");
    assert_eq!(report.status, Some(1));
    let report: serde_json::Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!(report["ok"], false);
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|found| found["id"] == check).unwrap();
    assert_eq!(found["ok"], false);
    assert!(
        found["problems"]
            .to_string()
            .contains(&json!(problem).to_string().replace('"', "")),
        "{report}"
    );
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_healthy_folder_is_well() {
    let folder = Folder::with_demo();
    let out = doctor(&folder).ok();
    assert_eq!(out.lines().count(), 12, "{out}");
    assert!(out.lines().all(|line| line.starts_with("ok ")), "{out}");
    assert!(out.contains(env!("CARGO_PKG_VERSION")), "{out}");
    let report = folder.json("doctor");
    assert_eq!(
        (&report["ok"], &report["version"]),
        (&json!(true), &json!(env!("CARGO_PKG_VERSION")))
    );
    let checks = report["checks"].as_array().unwrap();
    assert!(
        checks
            .iter()
            .all(|check| check["ok"] == true && check["problems"] == json!([])),
        "{report}"
    );
}

#[test]
fn a_broken_counter_is_found() {
    let folder = Folder::with_demo();
    folder
        .open()
        .execute("UPDATE workspace_count SET tasks = 7", ())
        .unwrap();
    finds(&folder, "rows", "workspace counters: demo");
}

#[test]
fn a_task_that_is_out_of_order_is_found() {
    let folder = Folder::with_demo();
    let conn = folder.open();
    // The second task is older than the first one.
    conn.execute_batch(
        "INSERT INTO board (workspace_id, id, name, icon, accent_color, background_color, layout_preference,
                            created_at, updated_at)
         SELECT id, randomblob(16), 'Board', 'x', '#000000', '#ffffff', 'kanban', 9, 9 FROM workspace;
         INSERT INTO project (workspace_id, id, board_id, name, position, created_at, updated_at)
         SELECT workspace_id, randomblob(16), id, 'Project', 'aaa', 9, 9 FROM board;
         INSERT INTO task (workspace_id, id, project_id, label, status, position, created_at, updated_at)
         SELECT workspace_id, randomblob(16), project.id, 'Task', 0, value, value, value
           FROM project, json_each('[9,8]');",
    )
    .unwrap();
    let sql = "SELECT lower(hex(id)) FROM task ORDER BY seq DESC LIMIT 1";
    let late: String = conn.query_row(sql, (), |row| row.get(0)).unwrap();
    drop(conn);
    let problem = format!("task that is not marked as backdated: {late}");
    finds(&folder, "rows", &problem);
}

#[test]
fn a_reference_to_nothing_is_found() {
    let folder = Folder::with_demo();
    let conn = folder.open();
    conn.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM user;")
        .unwrap();
    drop(conn);
    finds(
        &folder,
        "rows",
        "a row in member refers to a row in user that does not exist",
    );
}

#[test]
fn a_damaged_page_is_found() {
    let folder = Folder::with_demo();
    let conn = folder.open();
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))
        .unwrap();
    let page: u64 = conn
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'member_user'",
            (),
            |row| row.get(0),
        )
        .unwrap();
    let size: u64 = conn
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .unwrap();
    drop(conn);
    let mut bytes = std::fs::read(folder.database()).unwrap();
    let start = usize::try_from((page - 1) * size).unwrap();
    bytes[start..start + 100].fill(0xff);
    std::fs::write(folder.database(), bytes).unwrap();
    let run = doctor(&folder);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(
        run.out
            .lines()
            .any(|line| line.starts_with("WRONG  integrity")),
        "{run:?}"
    );
}

#[test]
fn a_file_that_is_no_database_is_found() {
    let folder = Folder::empty();
    std::fs::write(folder.database(), "this is no database. ".repeat(500)).unwrap();
    chmod(&folder.database(), 0o600);
    finds(&folder, "database", "restore a backup");
    let why = folder.run("workspace list").refused();
    assert!(
        why.contains(folder.database().to_str().unwrap()) && why.contains("restore a backup"),
        "{why}"
    );
    assert!(!why.contains("Error code"), "{why}");
}

#[test]
fn a_missing_database_and_a_newer_one_are_found() {
    finds(&Folder::empty(), "database", "there is no database in");
    let newer = Folder::new();
    newer
        .open()
        .pragma_update(None, "user_version", 9999)
        .unwrap();
    finds(&newer, "database", "newer Tackboard");
}

#[test]
fn a_missing_folder_is_found() {
    let run = crate::harness::run(&["doctor", "--data", "/nowhere/at/all"], &[]);
    assert_eq!(run.status, Some(1));
    assert!(
        run.one_line()
            .contains("choose the data folder with --data"),
        "{run:?}"
    );
    assert_eq!(run.out.lines().count(), 1, "{run:?}");
}

#[test]
fn what_is_open_to_others_is_found() {
    let folder = Folder::with_demo();
    chmod(folder.path(), 0o777);
    finds(&folder, "permissions", "chmod 700");
    chmod(folder.path(), 0o755);
    doctor(&folder).ok();
    chmod(&folder.database(), 0o644);
    finds(&folder, "permissions", "chmod 600");
}

#[test]
fn a_broken_settings_file_is_found() {
    let folder = Folder::new();
    let file = folder.path().join("tackboard.toml");
    std::fs::write(&file, "listen = '127.0.0.1:9'").unwrap();
    doctor(&folder).ok();
    std::fs::write(&file, "lissten = '127.0.0.1:9'").unwrap();
    finds(&folder, "settings", "lissten");
    std::fs::write(&file, "log = 'tackboard=loud'").unwrap();
    finds(&folder, "settings", "tackboard=loud");
}

#[test]
fn mail_settings_that_cannot_work_are_found() {
    let folder = Folder::with_demo();
    let file = folder.path().join("tackboard.toml");
    std::fs::write(&file, "smtp_url = 'smtp://u:hunter2@mail.example'").unwrap();
    finds(&folder, "settings", "--mail-from");
    let from = "mail_from = 'a@b'";
    std::fs::write(
        &file,
        format!("smtp_url = 'smtp://u:hunter2@mail.example'\n{from}"),
    )
    .unwrap();
    finds(&folder, "mail", "is sent unencrypted");
    assert!(!doctor(&folder).out.contains("hunter2"));
    std::fs::write(
        &file,
        format!("smtp_url = 'smtps://u:hunter2@mail.example'\n{from}"),
    )
    .unwrap();
    let out = doctor(&folder).ok();
    assert!(
        out.contains("to mail.example, port 465, encrypted"),
        "{out}"
    );
    std::fs::remove_file(&file).unwrap();

    let outbox = folder.path().join("outbox");
    std::fs::create_dir(&outbox).unwrap();
    chmod(&outbox, 0o755);
    finds(&folder, "mail", "accessible to every user");
    std::fs::remove_dir(&outbox).unwrap();
    std::fs::write(&outbox, "").unwrap();
    chmod(&outbox, 0o644);
    finds(&folder, "mail", "is not a folder; move it away");
    assert!(!doctor(&folder).out.contains("chmod"));
}

#[test]
fn flags_and_environment_count_as_for_serve() {
    let folder = Folder::with_demo();
    let data = folder.path().to_str().unwrap();
    let run = |args: &[&str], env: &[(&str, &str)]| {
        let out = crate::harness::run(&[&["--data", data], args].concat(), env).ok();
        assert!(
            out.contains("to mail.example, port 465, encrypted"),
            "{out}"
        );
    };
    let flags = [
        "--smtp-url",
        "smtps://mail.example",
        "--mail-from",
        "a@b.example",
    ];
    let from = ("TACKBOARD_MAIL_FROM", "a@b.example");
    run(
        &["doctor"],
        &[("TACKBOARD_SMTP_URL", "smtps://mail.example"), from],
    );
    run(&[&["doctor"], &flags[..]].concat(), &[]);
    let other = ("TACKBOARD_SMTP_URL", "smtps://other.example");
    run(&[&flags[..], &["doctor"]].concat(), &[other]);
    run(&[&["doctor"], &flags[..]].concat(), &[other]);
    let out = doctor(&folder).ok();
    assert!(out.contains("no mail server is set"), "{out}");
    assert!(
        out.contains("a running server may have been started with others"),
        "{out}"
    );
}

#[test]
fn who_can_read_the_metrics_is_reported() {
    let folder = Folder::with_demo();
    let out = folder.run("doctor --metrics-allow 10.0.0.0/8").ok();
    assert!(
        out.contains("open to this machine and 10.0.0.0/8; a proxy"),
        "{out}"
    );
}
