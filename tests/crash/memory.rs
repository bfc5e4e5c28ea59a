//! Clients that ask for a long list and do not read it: memory stays flat, and everything is free when they are gone.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt as _;

use serde_json::json;
use tackboard::app;
use tackboard::model::context::Ctx;
use tackboard::model::tasks::TaskCreate;

use crate::program::{Folder, Server, wait_until};

const CLIENTS: usize = 12;
const TASKS: usize = 1_100;
/// A list of 65 MB.
const DESCRIPTION: usize = 60_000;
/// What the lists may take together, in KiB: two threads read, each a page of 500 tasks at a time. Held as a whole, the
/// lists would take 780 MB.
const MOST: u64 = 100 * 1024;

/// The resident memory of a server, in KiB.
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The inodes and sizes of the temporary files that a server has open.
fn temporary_files(server: &Server) -> Vec<(u64, u64)> {
    let folder = format!("/proc/{}/fd", server.id());
    let files = std::fs::read_dir(folder).unwrap().filter_map(Result::ok);
    let is_temporary = |path: &std::path::PathBuf| {
        let target = std::fs::read_link(path).unwrap_or_default();
        let target = target.to_string_lossy();
        target.contains("response-") && target.ends_with("(deleted)")
    };
    let paths = files.map(|file| file.path()).filter(is_temporary);
    paths
        .filter_map(|path| path.metadata().ok())
        .map(|file| (file.ino(), file.len()))
        .collect()
}

#[test]
fn clients_that_do_not_read_a_long_list_take_no_memory() {
    let folder = Folder::new();
    let server = folder.start();
    let token = folder.first_token();
    let project = server.client(&token).project();
    let workspace = folder
        .sqlite()
        .query_row("SELECT lower(hex(id)) FROM workspace", (), |row| {
            row.get::<_, String>(0)
        });
    let workspace = uuid::Uuid::try_parse(&workspace.unwrap())
        .unwrap()
        .to_string();
    folder.write(|tx| {
        let text = "x".repeat(DESCRIPTION);
        let task =
            json!({ "projectId": project, "label": "Long", "description": text, "status": 0 });
        for _ in 0..TASKS {
            let new: TaskCreate = serde_json::from_value(task.clone()).unwrap();
            app::tasks::create(tx, &Ctx::command(workspace.parse().unwrap()), new)?;
        }
        Ok(())
    });
    let path = format!("/v1/projects/{project}/tasks");
    let before = memory(&server);
    let address = server.origin.trim_start_matches("http://");
    let stalled: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            let head =
                format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    // Some of a list is in the buffers of its connection.
    let most = (TASKS * DESCRIPTION) as u64 / 8;
    // On a busy machine, the first clients are cut before the last ones have so much.
    let (mut highest, mut stored) = (0, BTreeSet::new());
    wait_until(|| {
        highest = highest.max(memory(&server));
        let large = temporary_files(&server)
            .into_iter()
            .filter(|(_, size)| *size > most);
        stored.extend(large.map(|(inode, _)| inode));
        stored.len() >= CLIENTS
    });
    highest = highest.max(memory(&server));
    assert!(
        highest < before + MOST,
        "{before} KiB before, {highest} KiB with the clients"
    );
    // Others are served meanwhile.
    assert_eq!(server.client(&token).get("/v1/boards").unwrap().0, 200);
    drop(stalled);
    wait_until(|| temporary_files(&server).is_empty());
    server.stop();
}
