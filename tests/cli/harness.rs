//! A separate data folder per test, the program run on it, and a server if the test needs one.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tackboard");

/// A data folder with an empty database.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        use std::io::Write as _;
        let folder = Self::empty();
        let mut file = std::fs::OpenOptions::new();
        let file = file.write(true).create_new(true).mode(0o600);
        let mut file = file.open(folder.database()).unwrap();
        file.write_all(empty_database()).unwrap();
        folder
    }

    /// Creates a folder without a database.
    pub fn empty() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Creates a folder with a workspace `demo` on plan `pro`, owned by ann@example.org. The plan does not limit members.
    pub fn with_demo() -> Self {
        let folder = Self::new();
        // A workspace on plan `pro` has one member, but many tests need more.
        let no_limit = "UPDATE plan SET members = NULL WHERE name = 'pro'";
        folder.open().execute(no_limit, ()).unwrap();
        folder.run("workspace create --name Demo --plan pro").ok();
        folder
            .run("user create --email ann@example.org --name Ann --workspace demo")
            .ok();
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn database(&self) -> PathBuf {
        self.path().join("tackboard.db")
    }

    /// Opens the database directly.
    pub fn open(&self) -> Connection {
        Connection::open(self.database()).unwrap()
    }

    /// Runs a command line, split at its spaces.
    pub fn run(&self, line: &str) -> Run {
        self.run_args(&line.split_whitespace().collect::<Vec<_>>())
    }

    pub fn run_args(&self, args: &[&str]) -> Run {
        let data = self.path().to_str().unwrap();
        run(&[&["--data", data], args].concat(), &[])
    }

    /// Runs a command line with this text on standard input.
    pub fn run_with(&self, line: &str, input: &str) -> Run {
        let data = self.path().to_str().unwrap();
        let words: Vec<_> = line.split_whitespace().collect();
        run_with(&[&["--data", data], &words[..]].concat(), &[], input)
    }

    /// Returns the output with `--json`.
    pub fn json(&self, line: &str) -> Value {
        self.run(&format!("{line} --json")).json()
    }
}

/// Runs the program with only this environment.
pub fn run(args: &[&str], env: &[(&str, &str)]) -> Run {
    run_with(args, env, "")
}

fn run_with(args: &[&str], env: &[(&str, &str)], input: &str) -> Run {
    let mut command = assert_cmd::Command::new(PROGRAM);
    let command = command.env_clear().envs(env.iter().copied()).args(args);
    let command = command.write_stdin(input);
    let output = command.timeout(Duration::from_secs(60)).output().unwrap();
    Run {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The result of a run.
#[derive(Debug)]
pub struct Run {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Checks that it succeeded without messages, and returns its output.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!((self.status, self.err.as_str()), (Some(0), ""), "{self:?}");
        self.out
    }

    /// Checks that it succeeded, and returns its output of one JSON line.
    #[track_caller]
    pub fn json(self) -> Value {
        let out = self.ok();
        assert_eq!(out.lines().count(), 1, "{out}");
        serde_json::from_str(&out).unwrap()
    }

    /// Checks that it was refused with one line on standard error and nothing on standard output, and returns the line.
    #[track_caller]
    pub fn refused(self) -> String {
        assert_eq!((self.status, self.out.as_str()), (Some(1), ""), "{self:?}");
        self.one_line()
    }

    /// Returns the only line on standard error.
    #[track_caller]
    pub fn one_line(&self) -> String {
        let line = self.err.strip_suffix('\n').unwrap();
        assert!(!line.contains('\n'), "{self:?}");
        line.strip_prefix("tackboard: ").unwrap().to_owned()
    }

    /// Checks that the usage was wrong, and returns clap's message.
    #[track_caller]
    pub fn misused(self) -> String {
        assert_eq!((self.status, self.out.as_str()), (Some(2), ""), "{self:?}");
        self.err
    }
}

/// A running server.
pub struct Server {
    child: Child,
    pub origin: String,
}

impl Server {
    /// Starts a server with a folder, on a free port.
    pub fn start(folder: &Folder) -> Self {
        let data = folder.path().to_str().unwrap();
        let args = ["--data", data, "--listen", "127.0.0.1:0", "--no-sample"];
        Self::with(&args, &[])
    }

    pub fn with(args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::logging_to(Stdio::null(), args, env)
    }

    /// Starts a server until it is ready, stops it, and returns its log.
    pub fn log_of_start(folder: &Folder, args: &[&str], env: &[(&str, &str)]) -> String {
        let log = folder.path().join("log");
        let data = folder.path().to_str().unwrap();
        let file = std::fs::File::create(&log).unwrap();
        Self::logging_to(file.into(), &[&["--data", data], args].concat(), env).stop();
        std::fs::read_to_string(log).unwrap()
    }

    /// Starts a server that writes everything that it can log to a file, and returns the path of the file.
    pub fn logging_all(folder: &Folder) -> (Self, PathBuf) {
        let log = folder.path().join("log");
        let data = folder.path().to_str().unwrap();
        let args = ["--data", data, "--listen", "127.0.0.1:0", "--log", "trace"];
        let file = std::fs::File::create(&log).unwrap();
        (Self::logging_to(file.into(), &args, &[]), log)
    }

    fn logging_to(log: Stdio, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut command = std::process::Command::new(PROGRAM);
        command.env_clear().envs(env.iter().copied()).args(args);
        command.stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        let origin = ready.trim_end().strip_prefix("tackboard ready at ");
        let origin = origin
            .unwrap_or_else(|| panic!("not ready: {ready:?}"))
            .to_owned();
        Self { child, origin }
    }

    /// Stops the server with a signal, and checks that it ends successfully.
    pub fn stop(mut self) {
        let kill = format!("kill -TERM {}", self.child.id());
        let sent = std::process::Command::new("sh")
            .args(["-c", &kill])
            .status();
        assert!(sent.unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }

    /// Sends a GET request.
    pub fn get(&self, path: &str, token: &str) -> ureq::http::Response<ureq::Body> {
        let request = agent().get(format!("{}{path}", self.origin));
        request
            .header("Authorization", format!("Bearer {token}"))
            .call()
            .unwrap()
    }

    /// The origin of its URLs.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Sends JSON as a page of the server does, and returns the response.
    pub fn open(&self, path: &str, body: &Value) -> Value {
        let request = agent().post(format!("{}{path}", self.origin));
        let request = request.header("Origin", &self.origin);
        let request = request.header("Content-Type", "application/json");
        let mut answer = request.send(body.to_string()).unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    /// Sends JSON with these headers, and returns the response.
    pub fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> ureq::http::Response<ureq::Body> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header("Content-Type", "application/json");
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        agent()
            .run(request.body(body.to_string()).unwrap())
            .unwrap()
    }

    pub fn post_nothing(&self, path: &str, token: &str) -> ureq::http::Response<ureq::Body> {
        let request = agent().post(format!("{}{path}", self.origin));
        let request = request.header("Authorization", format!("Bearer {token}"));
        request.send_empty().unwrap()
    }

    pub fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let request = agent().post(format!("{}{path}", self.origin));
        let request = request.header("Authorization", format!("Bearer {token}"));
        let request = request.header("Content-Type", "application/json");
        let mut answer = request.send(body.to_string()).unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    config
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
}

/// The database that `serve --no-sample` creates.
fn empty_database() -> &'static [u8] {
    static DATABASE: OnceLock<Vec<u8>> = OnceLock::new();
    DATABASE.get_or_init(|| {
        let folder = Folder::empty();
        Server::start(&folder).stop();
        std::fs::read(folder.database()).unwrap()
    })
}
