//! Logs that cannot be written: lines are lost, and nothing else.

use std::fs::{File, OpenOptions};
use std::process::{Command, Stdio};

use crate::program::{Folder, Server};

/// Makes the server log refusals, and checks that it still works.
fn refuse_and_stop(folder: &Folder, server: Server) {
    for _ in 0..3 {
        let stranger = server.client("km_nobody");
        assert_eq!(stranger.get("/v1/boards").unwrap().0, 401);
    }
    let client = server.client(&folder.first_token());
    assert_eq!(client.get("/v1/boards").unwrap().0, 200);
    server.stop();
    folder.assert_healthy();
}

#[test]
fn a_full_disk_behind_the_log_ends_nothing() {
    for format in ["text", "json"] {
        let folder = Folder::new();
        folder.start().stop();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tackboard"));
        command.args(folder.flags_with_log("debug", format));
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let server = Server::run_with_log(command, Stdio::from(full));
        refuse_and_stop(&folder, server);
    }
}

#[test]
fn a_log_file_that_may_grow_no_further_ends_nothing() {
    let folder = Folder::new();
    folder.start().stop();
    // The log is at the limit already; the database's files are far below it.
    let path = folder.path().join("log");
    let log = File::create(&path).unwrap();
    log.set_len(64 << 20).unwrap();
    let log = OpenOptions::new().append(true).open(&path).unwrap();
    let script = "ulimit -S -f 32768; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_tackboard")]);
    command.args(folder.flags_with_log("debug", "text"));
    refuse_and_stop(&folder, Server::run_with_log(command, Stdio::from(log)));
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 64 << 20);
}
