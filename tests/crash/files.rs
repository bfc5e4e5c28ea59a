//! Open files: every connection is one.

use std::process::Command;

use crate::program::{Folder, Server};

fn start(folder: &Folder, limit: &str, log: &str) -> Server {
    let script = format!("ulimit {limit}; exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_tackboard")]);
    command.args(folder.flags_with_log(log, "text"));
    Server::run(command)
}

#[test]
fn the_server_can_open_as_many_files_as_the_system_allows() {
    let folder = Folder::new();
    let server = start(&folder, "-S -n 200", "error");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let files = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let files: Vec<_> = files.unwrap().split_whitespace().collect();
    assert_eq!(files[0], files[1]);
    assert_ne!(files[0], "200");
    server.stop();
}

#[test]
fn the_limit_of_connections_leaves_files_for_the_database() {
    let folder = Folder::new();
    let server = start(&folder, "-n 200", "warn");
    let idle: Vec<_> = (0..250)
        .map(|_| std::net::TcpStream::connect(server.origin.trim_start_matches("http://")).unwrap())
        .collect();
    drop(idle);
    let client = server.client(&folder.first_token());
    let created = (0..100).find_map(|_| {
        let project = client.get("/v1/boards?include=projects")?;
        (project.0 == 200).then_some(())
    });
    assert!(created.is_some());
    server.terminate();
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("max_connections=104"), "{log}");
}
