//! The processor instructions of one request, next to those of a minimal handler: `cargo bench --bench instructions`. It needs
//! `valgrind` (`apt-get install valgrind`).
//!
//! Other work on the machine does not change these figures. Each is the difference of two runs of the program under callgrind
//! with one worker, one of which serves more requests. Callgrind's processor has no instructions for SHA-256, so each digest
//! counts for more than it costs.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    reason = "a benchmark that cannot go on fails"
)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};

use common::{Client, Sample, bare};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Starts the minimal server instead of the measurement; the database follows.
const SERVE_BARE: &str = "--serve-bare";
/// Requests of the two runs. The first ones fill caches.
const RUNS: [u64; 2] = [200, 1_200];
/// The response to a read, and to a creation.
const KINDS: [(&str, u16); 2] = [("GET /v1/tasks/{taskId}", 200), ("POST /v1/tasks", 201)];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, database] = &arguments[..]
        && first == SERVE_BARE
    {
        serve_bare(Path::new(database));
        return ExitCode::SUCCESS;
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("instructions: run it with `cargo bench --bench instructions`");
        return ExitCode::SUCCESS;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("instructions: valgrind is not installed (apt-get install valgrind)");
        return ExitCode::FAILURE;
    }
    println!("instructions per request    bare handler   Tackboard   ratio");
    for (name, status) in KINDS {
        let [least, ours] = [true, false].map(|is_bare| per_request(is_bare, status));
        println!(
            "{name:26} {least:>13} {ours:>11} {:>7.2}",
            ours as f64 / least as f64
        );
    }
    ExitCode::SUCCESS
}

/// The difference of the two runs, per request.
fn per_request(is_bare: bool, status: u16) -> u64 {
    let [few, many] = RUNS.map(|requests| instructions(is_bare, status, requests));
    (many - few) / (RUNS[1] - RUNS[0])
}

/// The instructions of a whole run.
fn instructions(is_bare: bool, status: u16, requests: u64) -> u64 {
    let folder = TempDir::new().unwrap();
    let database = folder.path().join("tackboard.db");
    // Without a limit of calls, as in the other benchmarks.
    let sample = Sample::create(&database, "bench", None);
    let run = Run::start(is_bare, folder.path());
    let request = match status {
        200 => sample.read_request(),
        _ => sample.create_request(),
    };
    let mut client = Client::connect(run.address);
    for _ in 0..requests {
        client.call(&request, status);
    }
    run.end()
}

/// A server under callgrind.
struct Run {
    child: Child,
    address: SocketAddr,
    /// Open until the end: the server may still print something.
    _output: BufReader<ChildStdout>,
}

impl Run {
    fn start(is_bare: bool, folder: &Path) -> Self {
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        match is_bare {
            true => command
                .arg(std::env::current_exe().unwrap())
                .arg(SERVE_BARE)
                .arg(folder.join("tackboard.db")),
            false => command
                .arg(env!("CARGO_BIN_EXE_tackboard"))
                .args([
                    "serve",
                    "--listen",
                    "127.0.0.1:0",
                    "--workers",
                    "1",
                    "--data",
                ])
                .arg(folder),
        };
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "it has started");
            let address = line.split_once("http://").map(|(_, rest)| rest.trim());
            if let Some(address) =
                address.and_then(|text| text.split([' ', '/']).next()?.parse().ok())
            {
                break address;
            }
        };
        Self {
            child,
            address,
            _output: output,
        }
    }

    /// Stops the server and returns what callgrind has counted.
    fn end(mut self) -> u64 {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let mut report = String::new();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut report).unwrap();
        self.child.wait().unwrap();
        let counted = report.lines().find_map(|line| {
            let (_, count) = line.split_once("Collected : ")?;
            count.trim().parse().ok()
        });
        counted.expect("callgrind reports a count")
    }
}

fn serve_bare(database: &Path) {
    let conn = rusqlite::Connection::open(database).unwrap();
    let ids = conn.query_row("SELECT workspace_id, id FROM task", (), |row| {
        Ok((row.get(0)?, row.get(1)?))
    });
    let (workspace, task) = ids.unwrap();
    let task = Sample::task(database, workspace, task);
    actix_web::rt::System::new().block_on(async move {
        let (address, server) = bare(task, 1);
        println!("http://{address}");
        server.await.unwrap();
    });
}
