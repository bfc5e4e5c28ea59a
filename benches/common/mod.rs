//! What the benchmarks share: a database with a task, a minimal handler as the baseline, and a client with one open
//! connection.

#![allow(dead_code, reason = "each benchmark uses its part")]

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use actix_web::dev::Server as Running;
use actix_web::{App, HttpResponse, HttpServer, web};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rustix::process::{Pid, Signal};
use serde::Serialize;
use tackboard::app;
use tackboard::error::Error;
use tackboard::model::boards::BoardCreate;
use tackboard::model::context::Ctx;
use tackboard::model::ids::{ProjectId, TaskId, WorkspaceId};
use tackboard::model::plans::Plan;
use tackboard::model::projects::ProjectCreate;
use tackboard::model::scopes::{Role, Scopes};
use tackboard::model::tasks::{Task, TaskCreate};
use tackboard::model::time::Timestamp;
use tackboard::store::{self, db, migrate};

/// A workspace without limits, with one task.
pub struct Sample {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// A token with all scopes.
    pub token: String,
    /// A project for new tasks.
    pub project: ProjectId,
    /// The task.
    pub task: TaskId,
}

impl Sample {
    /// Creates a workspace, and the database if it does not exist. `calls` is the plan's limit of calls per month.
    pub fn create(database: &Path, name: &str, calls: Option<u64>) -> Self {
        migrate::migrate(database).unwrap();
        let made = db::write_once::<_, Error>(database, |tx| {
            store::plans::put(
                tx,
                &Plan {
                    api_calls: calls,
                    ..Plan::unlimited(name)
                },
            )?;
            let workspace = app::workspaces::create(tx, name, None, name)?.id;
            let ctx = &Ctx::command(workspace);
            let owner = app::users::create(tx, &format!("{name}@example.org"), "Owner")?;
            app::members::join(tx, ctx, &owner, Role::Owner)?;
            let ends = Timestamp::now().plus_days(1);
            let (_, secret) =
                app::tokens::issue(tx, ctx, owner.id, name.to_owned(), Scopes::ALL, ends)?;
            let project = project(tx, ctx)?;
            let new = TaskCreate {
                description: Some(DESCRIPTION.to_owned()),
                ..TaskCreate::new(project, LABEL)
            };
            let task = app::tasks::create(tx, ctx, new)?.id;
            Ok(Self {
                workspace,
                token: secret.expose().to_owned(),
                project,
                task,
            })
        });
        made.unwrap()
    }

    /// Creates another project, so that lists do not grow too long.
    pub fn new_project(&self, database: &Path) -> ProjectId {
        db::write_once(database, |tx| project(tx, &Ctx::command(self.workspace))).unwrap()
    }

    /// Reads the task from the database.
    pub fn task(database: &Path, workspace: WorkspaceId, task: TaskId) -> Task {
        db::read_once(database, |conn| store::tasks::get(conn, workspace, task)).unwrap()
    }

    /// Returns a request for the task.
    pub fn read_request(&self) -> Vec<u8> {
        format!(
            "GET /v1/tasks/{} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\r\n",
            self.task, self.token
        )
        .into_bytes()
    }

    /// Returns a request for a new task.
    pub fn create_request(&self) -> Vec<u8> {
        let body = create_body(self.project);
        format!(
            "POST /v1/tasks HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
        .into_bytes()
    }
}

const LABEL: &str = "Measure how long a task takes";
const DESCRIPTION: &str =
    "A line or two, as people write them: what is to be done, and how to see that it is.";

/// Returns the request body of a new task.
pub fn create_body(project: ProjectId) -> String {
    serde_json::json!({ "projectId": project, "label": LABEL, "description": DESCRIPTION, "status": 1 }).to_string()
}

fn project(tx: &store::Tx<'_>, ctx: &Ctx) -> tackboard::error::Result<ProjectId> {
    let board = BoardCreate {
        name: "Board".to_owned(),
        description: None,
        icon: None,
        accent_color: None,
        background_color: None,
        layout_preference: None,
    };
    let board_id = app::boards::create(tx, ctx, board)?.id;
    let project = ProjectCreate {
        board_id,
        name: "Project".to_owned(),
        description: None,
    };
    Ok(app::projects::create(tx, ctx, project)?.id)
}

/// A server with the least that actix needs for the same responses: a typed value to JSON for a read, JSON to a typed
/// value and back for a creation. No credential, contract, database or middleware.
pub fn bare(task: Task, workers: usize) -> (SocketAddr, Running) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(task.clone()))
            .route("/v1/tasks/{id}", web::get().to(bare_read))
            .route("/v1/tasks", web::post().to(bare_create))
    });
    let server = server.workers(workers).disable_signals();
    (address, server.listen(listener).unwrap().run())
}

#[derive(Serialize)]
struct One<'t> {
    task: &'t Task,
}

async fn bare_read(task: web::Data<Task>) -> HttpResponse {
    HttpResponse::Ok().json(One { task: &task })
}

async fn bare_create(task: web::Data<Task>, new: web::Json<TaskCreate>) -> HttpResponse {
    std::hint::black_box(&*new);
    HttpResponse::Created().json(One { task: &task })
}

/// A plain SQLite connection. Its only setting is the one without which SQLite would compile cached statements again on
/// each use.
pub fn bare_connection(database: &Path) -> Connection {
    let conn = Connection::open(database).unwrap();
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .unwrap();
    conn
}

/// SQLite only: writes rows of the size of a task, each in its own durable transaction.
pub struct RawRows {
    conn: Connection,
    next: u128,
}

impl RawRows {
    /// Creates a new file in this folder.
    pub fn create(folder: &Path) -> Self {
        let path: PathBuf = folder.join("raw.db");
        let conn = bare_connection(&path);
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE IF NOT EXISTS row (id BLOB PRIMARY KEY, label TEXT, description TEXT) STRICT;
             DELETE FROM row;",
        )
        .unwrap();
        Self { conn, next: 0 }
    }

    /// Adds a row durably.
    pub fn add(&mut self) {
        self.next += 1;
        let mut insert = self
            .conn
            .prepare_cached("INSERT INTO row VALUES (?1, ?2, ?3)")
            .unwrap();
        insert
            .execute((self.next.to_be_bytes(), LABEL, DESCRIPTION))
            .unwrap();
    }

    /// Returns the rows per second.
    pub fn rate(&mut self, time: Duration) -> f64 {
        let (started, first) = (Instant::now(), self.next);
        while started.elapsed() < time {
            self.add();
        }
        (self.next - first) as f64 / started.elapsed().as_secs_f64()
    }
}

/// The running program.
pub struct Program {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Program {
    /// Starts a server with a folder that has a database.
    pub fn start(folder: &Path, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tackboard"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            let line = line.ok()?;
            let (_, rest) = line.split_once("http://")?;
            rest.split([' ', '/']).next()?.parse().ok()
        });
        std::thread::spawn(move || lines.count());
        Self {
            child,
            address: address.unwrap(),
        }
    }

    /// Stops the program for a while, so that it takes no time from another one.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a paused program go on.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        rustix::process::kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The most memory that it has used, in MiB. Only Linux reports it.
    pub fn peak_memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) / 1024.0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client with one open connection. It sends one request at a time.
pub struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    /// Connects to a server.
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        Self {
            stream,
            received: Vec::new(),
        }
    }

    /// Creates a task and returns its id.
    pub fn create(&mut self, sample: &Sample) -> String {
        self.call(&sample.create_request(), 201);
        let response = String::from_utf8_lossy(&self.received);
        let (_, rest) = response.split_once("\"id\":\"").unwrap();
        rest[..36].to_owned()
    }

    /// Sends a request and reads the whole response. Panics if it has another status.
    pub fn call(&mut self, request: &[u8], status: u16) {
        let got = self.send(request);
        assert_eq!(got, status, "{}", String::from_utf8_lossy(&self.received));
    }

    /// Sends a request, reads the whole response and returns its status.
    pub fn send(&mut self, request: &[u8]) -> u16 {
        self.stream.write_all(request).unwrap();
        self.received.clear();
        let mut chunk = [0; 16 << 10];
        let mut whole = usize::MAX;
        while self.received.len() < whole {
            let read = self.stream.read(&mut chunk).unwrap();
            assert_ne!(read, 0, "the server hung up");
            self.received.extend_from_slice(&chunk[..read]);
            if let Some(head) = self.received.windows(4).position(|end| end == b"\r\n\r\n") {
                whole = head + 4 + content_length(&self.received[..head]);
            }
        }
        let digits = self.received.get(9..12).unwrap_or_default();
        String::from_utf8_lossy(digits).parse().unwrap()
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_lowercase();
    let (_, rest) = head
        .split_once("content-length:")
        .expect("an answer says how long it is");
    rest.lines().next().unwrap().trim().parse().unwrap()
}
