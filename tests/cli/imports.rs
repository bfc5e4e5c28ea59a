//! `tackboard import FILE`

use serde_json::{Value, json};

use crate::harness::{Folder, Server};

const TRELLO: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/trello-export-small.json"
);

#[test]
fn a_file_is_imported_with_a_report() {
    let folder = Folder::with_demo();
    let dry = folder.json(&format!("import {TRELLO} --workspace demo --dry-run"));
    assert_eq!(dry["import"]["dry_run"], true);
    let made = folder.json(&format!("import {TRELLO} --workspace demo"));
    assert_eq!(made["import"]["counts"], dry["import"]["counts"]);
    assert_eq!(made["import"]["file_name"], "trello-export-small.json");
    let text = folder.run(&format!("import {TRELLO}")).ok();
    assert!(
        text.starts_with("Imported trello-export-small.json (trello): 0 created")
            && text.contains("Lost or changed"),
        "{text}"
    );
    folder.run("doctor").ok();
}

#[test]
fn a_bad_file_is_refused_with_its_place() {
    let folder = Folder::with_demo();
    let bad = folder.path().join("bad.json");
    let whole = std::fs::read(TRELLO).unwrap();
    std::fs::write(&bad, &whole[..whole.len() / 2]).unwrap();
    let why = folder.run(&format!("import {}", bad.display())).refused();
    assert!(
        why.contains("nothing was changed") && why.contains("actions: "),
        "{why}"
    );
    folder.run(&format!("import {TRELLO} --map Done")).misused();
    let why = folder
        .run(&format!("import {TRELLO} --map Lab=done --map lab=open"))
        .refused();
    assert!(why.contains("--map maps the list \"lab\" twice"), "{why}");
    folder
        .run(&format!("import {TRELLO} --column x=y"))
        .misused();
    folder.run("import /nowhere/at/all.json").refused();
}

/// An export with so many tasks.
fn large(tasks: usize) -> Value {
    let task = |number: usize| json!({ "id": format!("t{number}"), "project_id": "p", "label": "Task", "status": 0, "position": "aaa" });
    json!({
        "format": "tackboard-export", "version": 1,
        "boards": [{ "id": "b", "name": "Board" }], "projects": [{ "id": "p", "board_id": "b", "name": "Project", "position": "aaa" }],
        "tasks": (0..tasks).map(task).collect::<Vec<_>>(),
    })
}

#[test]
fn a_large_file_needs_a_stopped_server() {
    let folder = Folder::with_demo();
    folder.run("plan set pro --tasks none").ok();
    let file = folder.path().join("large.json");
    std::fs::write(&file, large(10_001).to_string()).unwrap();
    let server = Server::start(&folder);
    let why = folder.run(&format!("import {}", file.display())).refused();
    assert!(why.contains("stop the server"), "{why}");
    server.stop();
    let made = folder.json(&format!("import {}", file.display()));
    assert_eq!(made["import"]["counts"]["created"], 10_003);
    let tasks: i64 = folder
        .open()
        .query_row("SELECT count(*) FROM task", (), |row| row.get(0))
        .unwrap();
    assert_eq!(tasks, 10_001);
}
