//! `tackboard restore FILE`

use crate::harness::{Folder, Server};

/// A backup of a folder.
fn backup(folder: &Folder) -> std::path::PathBuf {
    let file = folder.path().join("copy.db");
    folder.run(&format!("backup {}", file.display())).ok();
    file
}

#[test]
fn a_backup_replaces_the_database_which_is_kept() {
    let folder = Folder::with_demo();
    let file = backup(&folder);
    let before = folder.json("workspace list");
    let journal = || -> Vec<u8> {
        let conn = folder.open();
        conn.query_row("SELECT journal_id FROM journal", (), |row| row.get(0))
            .unwrap()
    };
    let old = journal();
    folder.run("workspace create --name Later").ok();
    let restored = folder.json(&format!("restore {}", file.display()));
    assert_eq!(folder.json("workspace list"), before);
    assert_ne!(journal(), old);
    let kept = rusqlite::Connection::open(restored["kept"].as_str().unwrap()).unwrap();
    let count = |conn: &rusqlite::Connection| -> i64 {
        conn.query_row("SELECT count(*) FROM workspace", (), |row| row.get(0))
            .unwrap()
    };
    assert_eq!((count(&kept), count(&folder.open())), (2, 1));
    folder.run("doctor");
    Server::start(&folder).stop();
    assert_eq!(folder.json("workspace list"), before);
    let empty = Folder::empty();
    let text = empty.run(&format!("restore {}", file.display())).ok();
    assert!(
        text.starts_with("Restored ") && !text.contains("is kept as"),
        "{text}"
    );
    assert_eq!(empty.json("workspace list"), before);
}

#[test]
fn a_bad_file_and_a_running_server_are_refused() {
    let folder = Folder::with_demo();
    let file = backup(&folder);
    let before = std::fs::read(folder.database()).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    let bad = folder.path().join("bad.db");
    let mut holed = bytes.clone();
    holed[8192..20_000].fill(0x55);
    for content in [&b""[..], b"no database", &bytes[..bytes.len() / 2], &holed] {
        std::fs::write(&bad, content).unwrap();
        let why = folder.run(&format!("restore {}", bad.display())).refused();
        assert!(why.starts_with(&*bad.to_string_lossy()), "{why}");
        let is_about_data = why.contains("doctor") || why.contains("--data");
        assert!(why.contains("; choose a") && !is_about_data, "{why}");
    }
    for sql in ["PRAGMA user_version = 9999", "PRAGMA application_id = 7"] {
        std::fs::write(&bad, &bytes).unwrap();
        rusqlite::Connection::open(&bad)
            .unwrap()
            .execute_batch(sql)
            .unwrap();
        folder.run(&format!("restore {}", bad.display())).refused();
    }
    folder.run("restore /nowhere/at/all.db").refused();
    let why = folder.run("restore /dev").refused();
    assert!(why.starts_with("/dev ") && !why.contains("doctor"), "{why}");
    let itself = format!("restore {}", folder.database().display());
    folder.run(&itself).refused();
    assert_eq!(std::fs::read(folder.database()).unwrap(), before);
    let server = Server::start(&folder);
    let why = folder.run(&format!("restore {}", file.display())).refused();
    assert!(why.contains("another server"), "{why}");
    server.stop();
    let left = std::fs::read_dir(folder.path()).unwrap();
    let partial = left.filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("partial")
    });
    assert_eq!(partial.count(), 0);
}
