//! A disk that takes no more: writes are refused and say so, reads go on, and it is over when there is space again.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::program::{Client, Folder, Server};

/// Room on the small disk.
const SIZE: &str = "size=6m";

/// Runs the program on a disk of its own: a tmpfs in a mount namespace that ends with it. `None` where neither root nor
/// an unprivileged user may have one.
fn on_small_disk(folder: &Folder) -> Option<Server> {
    let program = env!("CARGO_BIN_EXE_tackboard");
    let script = format!("mount -t tmpfs -o {SIZE} tmpfs \"$1\" && shift && exec \"$@\"");
    let ways: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
    let way = ways.into_iter().find(|way| {
        let mut probe = Command::new("unshare");
        probe.args(*way).args(["sh", "-c", &script, "sh"]);
        let tried = probe.arg(folder.path()).arg("true").output();
        tried.is_ok_and(|probe| probe.status.success())
    })?;
    let mut command = Command::new("unshare");
    command.args(way).args(["sh", "-c", &script, "sh"]);
    command.arg(folder.path()).arg(program).args(folder.flags());
    Some(Server::run(command))
}

/// The data folder as the server sees it.
fn inside(server: &Server, folder: &Folder) -> PathBuf {
    let root = PathBuf::from(format!("/proc/{}/root", server.id()));
    root.join(folder.path().strip_prefix("/").unwrap())
}

/// Takes all the space there is; deleting the file gives it back.
fn fill(path: &Path) {
    let mut ballast = File::create(path).unwrap();
    for size in [1 << 16, 1 << 10, 1] {
        while ballast.write_all(&vec![0; size]).is_ok() {}
    }
}

fn large(project: &str, label: &str) -> Value {
    json!({ "projectId": project, "label": label, "description": "x".repeat(60_000) })
}

/// Creates large tasks until one is refused: how many there are, and the refusal.
fn create_until_refused(client: &Client, project: &str, first: i64) -> (i64, u16, Value) {
    for n in first.. {
        let body = large(project, &format!("large {n}"));
        let (status, body) = client.post("/v1/tasks", None, &body).expect("an answer");
        if status != 201 {
            return (n, status, body);
        }
        assert!(n < 1000, "the disk is never full");
    }
    unreachable!()
}

/// How many of the large tasks the server shows.
fn shown(client: &Client, project: &str) -> i64 {
    let (status, project) = client.get(&format!("/v1/projects/{project}")).unwrap();
    assert_eq!(status, 200, "reads go on: {project}");
    project["project"]["num_tasks_total"].as_i64().unwrap() - 5
}

#[test]
fn a_full_disk_refuses_writes_and_nothing_else() {
    let folder = Folder::new();
    let Some(server) = on_small_disk(&folder) else {
        // The next test has a disk that fails wherever it runs.
        return eprintln!("no small disk can be had here: neither root nor user namespaces");
    };
    let disk = inside(&server, &folder);
    let text = std::fs::read_to_string(disk.join("first-credentials")).unwrap();
    let token = &text[text.find("km_").unwrap()..][..35];
    let client = server.client(token);
    let project = client.project();
    let mut there = 0;
    for round in 0..3 {
        fill(&disk.join("ballast"));
        let (made, status, refusal) = create_until_refused(&client, &project, there);
        assert_eq!(
            (status, &refusal["error"]["details"]["reason"]),
            (503, &json!("storage_full")),
            "{refusal}"
        );
        // Uploads are stored in files of their own.
        let upload = json!({ "text": "x".repeat(600_000) });
        let (status, refusal) = client.post("/v1/imports", None, &upload).unwrap();
        assert_eq!(
            (status, &refusal["error"]["details"]["reason"]),
            (503, &json!("storage_full")),
            "{refusal}"
        );
        for n in 0..10 {
            let (status, _) = client
                .post("/v1/tasks", None, &large(&project, &format!("no {n}")))
                .unwrap();
            assert_eq!(status, 503);
            assert_eq!(shown(&client, &project), made);
            assert_eq!(client.get("/v1/search?q=large").unwrap().0, 200);
        }
        std::fs::remove_file(disk.join("ballast")).unwrap();
        let (status, body) = client
            .post("/v1/tasks", None, &large(&project, "after"))
            .unwrap();
        assert_eq!(status, 201, "round {round}, with space again: {body}");
        there = made + 1;
        assert_eq!(shown(&client, &project), there);
    }
    // On to a disk that stays, as if it were cut off now.
    for name in ["tackboard.db", "tackboard.db-wal"] {
        std::fs::copy(disk.join(name), folder.path().join(name)).unwrap();
    }
    server.terminate();
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("database or disk is full"), "{log}");
    folder.assert_healthy();
    assert_eq!(
        folder.number("SELECT count(*) FROM task WHERE label LIKE 'no %'"),
        0
    );
    assert_eq!(
        folder.number("SELECT count(*) FROM task WHERE length(description) = 60000"),
        there
    );
}

#[test]
fn a_disk_that_fails_refuses_writes_and_nothing_else() {
    let folder = Folder::new();
    // The schema and the sample, before files may grow no further: a limit on their size in blocks of 512 or 1024 bytes.
    folder.start().stop();
    let script = "ulimit -S -f 1500; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_tackboard")]);
    command.args(folder.flags());
    let server = Server::run(command);
    let client = server.client(&folder.first_token());
    let project = client.project();
    let (made, status, refusal) = create_until_refused(&client, &project, 0);
    assert_eq!(
        (status, &refusal["error"]["details"]["reason"]),
        (503, &json!("storage_full")),
        "{refusal}"
    );
    for n in 0..10 {
        let (status, _) = client
            .post("/v1/tasks", None, &large(&project, &format!("no {n}")))
            .unwrap();
        assert_eq!(status, 503);
        assert_eq!(shown(&client, &project), made);
    }
    assert_ne!(server.kill(), "", "the log says what is wrong");
    let server = folder.start();
    let client = server.client(&folder.first_token());
    assert_eq!(shown(&client, &project), made);
    let (status, _) = client
        .post("/v1/tasks", None, &large(&project, "after"))
        .unwrap();
    assert_eq!(status, 201);
    server.stop();
    folder.assert_healthy();
    assert_eq!(
        folder.number("SELECT count(*) FROM task WHERE label LIKE 'no %'"),
        0
    );
}
