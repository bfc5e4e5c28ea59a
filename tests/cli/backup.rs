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
fn the_commands_of_the_readme_restore_a_backup() {
    let readme = include_str!("../../README.md");
    let (_, steps) = readme.split_once("To restore a backup").unwrap();
    let (_, steps) = steps.split_once("```sh\n").unwrap();
    let (commands, _) = steps.split_once("```").unwrap();
    let commands = commands.replace("/backups/tackboard-2026-01-31.db", "copy.db");
    let folder = Folder::with_demo();
    let home = folder.path().join("home");
    let data = home.join("tackboard-data");
    std::fs::create_dir_all(&data).unwrap();
    folder
        .run(&format!("backup {}", home.join("copy.db").display()))
        .ok();
    // The first time, all files exist and must be moved away. The second time, some are missing.
    for end in ["", "-wal", "-shm"] {
        std::fs::write(data.join(format!("tackboard.db{end}")), "old").unwrap();
    }
    for _ in 0..2 {
        let restored = std::process::Command::new("sh")
            .args(["-ec", &commands])
            .current_dir(&home)
            .output()
            .unwrap();
        assert!(restored.status.success(), "{restored:?}");
        assert!(restored.stderr.is_empty(), "{restored:?}");
        let list = [
            "workspace",
            "list",
            "--json",
            "--data",
            data.to_str().unwrap(),
        ];
        let list = crate::harness::run(&list, &[]).json();
        assert_eq!(list, folder.json("workspace list"));
    }
}
