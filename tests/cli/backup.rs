//! `tackboard backup FILE`

use std::os::unix::fs::PermissionsExt as _;

use rusqlite::Connection;

use crate::harness::Folder;

#[test]
fn a_copy_is_whole_private_and_has_everything() {
    let folder = Folder::with_demo();
    let file = folder.path().join("copy.db");
    let text = folder.run(&format!("backup {}", file.display())).ok();
    assert!(
        text.contains("copy.db") && text.contains("verified"),
        "{text}"
    );
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let copy = Connection::open(&file).unwrap();
    let verdict: String = copy
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    let users: i64 = copy
        .query_row("SELECT count(*) FROM user", (), |row| row.get(0))
        .unwrap();
    assert_eq!(users, 1);
    drop(copy);

    let second = Folder::empty();
    std::fs::copy(&file, second.database()).unwrap();
    assert_eq!(second.json("workspace list"), folder.json("workspace list"));
}

#[test]
fn json_tells_where_and_how_large() {
    let folder = Folder::new();
    let file = folder.path().join("copy.db");
    let made = folder.json(&format!("backup {}", file.display()));
    assert_eq!(made["path"], file.to_str().unwrap());
    assert_eq!(made["bytes"], file.metadata().unwrap().len());
}

#[test]
fn a_file_that_exists_is_left_alone() {
    let folder = Folder::new();
    let file = folder.path().join("copy.db");
    std::fs::write(&file, "precious").unwrap();
    let why = folder.run(&format!("backup {}", file.display())).refused();
    assert!(why.contains("exists; choose a new file"), "{why}");
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
    folder.run("backup /nowhere/at/all.db").refused();
}

#[test]
fn a_missing_folder_is_named() {
    let folder = Folder::new();
    let missing = folder.path().join("missing");
    let file = missing.join("copy.db");
    let why = folder.run(&format!("backup {}", file.display())).refused();
    let expected = format!("the folder {} does not exist", missing.display());
    assert!(why.contains(&expected) && !why.contains("partial"), "{why}");
    let below = folder.database().join("copy.db");
    let why = folder.run(&format!("backup {}", below.display())).refused();
    assert!(
        why.contains("the folder ") && !why.contains("partial"),
        "{why}"
    );
}

#[test]
fn a_folder_keeps_the_newest_copies() {
    let folder = Folder::with_demo();
    let copies = folder.path().join("copies");
    std::fs::create_dir(&copies).unwrap();
    std::fs::write(copies.join("tackboard-notes.db"), "mine").unwrap();
    let line = format!("backup --keep 2 {}", copies.display());
    let made: Vec<_> = (0..4).map(|_| folder.json(&line)["path"].clone()).collect();
    let mut left: Vec<_> = std::fs::read_dir(&copies)
        .unwrap()
        .map(|entry| entry.unwrap().path().to_str().unwrap().to_owned())
        .collect();
    left.sort();
    let expected = [&made[2], &made[3]].map(|path| path.as_str().unwrap().to_owned());
    assert_eq!(left[..2], expected);
    assert!(left[2].ends_with("tackboard-notes.db") && left.len() == 3);
    folder.run("backup --keep 0 x").misused();
    folder.run("backup --keep 1 /nowhere/at/all").refused();
}
