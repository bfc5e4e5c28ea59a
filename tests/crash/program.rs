//! Runs the program on a data folder, and calls it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tackboard::error::Result;
use tackboard::store::{Conn, Tx, db, doctor};
use tempfile::TempDir;
use ureq::http::Request;

/// A data folder that outlives the servers on it.
pub struct Folder {
    dir: TempDir,
}

impl Folder {
    pub fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
        }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn database(&self) -> PathBuf {
        self.path().join("tackboard.db")
    }

    /// The program with its usual flags, on a port of its own.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tackboard"));
        command.args(self.flags());
        command
    }

    pub fn flags(&self) -> Vec<String> {
        self.flags_with_log("error", "text")
    }

    pub fn flags_with_log(&self, level: &str, format: &str) -> Vec<String> {
        let data = self.path().to_str().unwrap();
        let flags = ["--data", data, "--listen", "127.0.0.1:0", "--workers", "2"];
        let logs = ["--log", level, "--log-format", format];
        flags.into_iter().chain(logs).map(str::to_owned).collect()
    }

    /// A server that accepts connections.
    pub fn start(&self) -> Server {
        Server::run(self.command())
    }

    /// The API token that the first start has left.
    pub fn first_token(&self) -> String {
        let text = std::fs::read_to_string(self.path().join("first-credentials")).unwrap();
        let start = text.find("km_").unwrap();
        text[start..start + 35].to_owned()
    }

    /// The database as another program sees it.
    pub fn sqlite(&self) -> rusqlite::Connection {
        let conn = rusqlite::Connection::open(self.database()).unwrap();
        conn.busy_timeout(std::time::Duration::from_secs(10))
            .unwrap();
        conn
    }

    pub fn read<T>(&self, work: impl FnOnce(&Conn) -> Result<T>) -> T {
        db::read_once(&self.database(), work).unwrap()
    }

    pub fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> T {
        db::write_once(&self.database(), work).unwrap()
    }

    pub fn number(&self, sql: &str) -> i64 {
        let conn = self.sqlite();
        conn.query_row(sql, (), |row| row.get(0)).unwrap()
    }

    /// Calls of the only workspace, as they stand on disk.
    pub fn calls(&self) -> i64 {
        self.number("SELECT coalesce(sum(used), 0) FROM quota_usage WHERE metric = 'api_calls'")
    }

    /// Fails unless the file is whole, and its rows and counters agree.
    #[track_caller]
    pub fn assert_healthy(&self) {
        let (file, rows) = self.read(|conn| {
            Ok((
                doctor::integrity(conn, &|_, _| {})?,
                doctor::rows(conn, &|_, _| {})?,
            ))
        });
        assert_eq!((file, rows), (vec![], vec![]));
    }
}

/// A running server; dropping it kills it.
pub struct Server {
    child: Child,
    pub origin: String,
    log: Option<JoinHandle<String>>,
}

impl Server {
    pub fn run(command: Command) -> Self {
        Self::run_with_log(command, Stdio::piped())
    }

    /// A server that logs to a file of the test's.
    pub fn run_with_log(mut command: Command, log: Stdio) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let log = child.stderr.take();
        let log = std::thread::spawn(move || log.map(collect).unwrap_or_default());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let mut server = Self {
            child,
            origin: String::new(),
            log: Some(log),
        };
        match line.trim().strip_prefix("tackboard ready at ") {
            Some(origin) => server.origin = origin.to_owned(),
            None => panic!("no ready line but {line:?}: {}", server.kill()),
        }
        server
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut of the process would; what it has logged.
    pub fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.take().unwrap().join().unwrap()
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end; how it ended and what it has logged.
    pub fn wait(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        (status, self.log.take().unwrap().join().unwrap())
    }

    /// Stops it and fails unless it ends well.
    #[track_caller]
    pub fn stop(self) {
        self.terminate();
        let (status, log) = self.wait();
        assert_eq!((status.code(), log.as_str()), (Some(0), ""));
    }

    pub fn client(&self, token: &str) -> Client {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Client {
            origin: self.origin.clone(),
            token: token.to_owned(),
            agent: config.into(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut log: ChildStderr) -> String {
    let mut text = String::new();
    log.read_to_string(&mut text).unwrap();
    text
}

/// Somebody who calls the server, over one connection that is kept.
pub struct Client {
    pub origin: String,
    token: String,
    agent: ureq::Agent,
}

/// A status and a body; `None` where the connection ended before the whole answer was there.
pub type Answer = Option<(u16, Value)>;

impl Client {
    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None, None)
    }

    pub fn post(&self, path: &str, key: Option<&str>, body: &Value) -> Answer {
        self.call("POST", path, key, Some(body))
    }

    pub fn call(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header("authorization", format!("Bearer {}", self.token));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = match body {
            Some(body) => {
                let request = request.header("content-type", "application/json");
                self.agent.run(request.body(body.to_string()).unwrap())
            }
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut answer = answer.ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), serde_json::from_str(&text).ok()?))
    }

    /// The first project of the first board: the sample's.
    pub fn project(&self) -> String {
        let (_, boards) = self.get("/v1/boards?include=projects").unwrap();
        let id = &boards["boards"][0]["projects"][0]["id"];
        id.as_str().expect("the sample's project").to_owned()
    }
}

/// A new task's body. Its description is made from its label, so that half a task would be seen.
pub fn task(project: &str, label: &str) -> Value {
    json!({ "projectId": project, "label": label, "description": description(label) })
}

pub fn description(label: &str) -> String {
    format!("{label}, ").repeat(100)
}

/// Waits until something that another thread or process does has happened.
#[track_caller]
pub fn wait_until(mut has_happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(180);
    while !has_happened() {
        assert!(Instant::now() < deadline, "it has not happened in time");
        // Short, so that a kill comes close to the moment it is meant for.
        std::thread::sleep(Duration::from_micros(200));
    }
}
