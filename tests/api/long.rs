//! Long responses: sent while they are read, from one state, and cut if the rest cannot be read.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tackboard::app;
use tackboard::model::tasks::TaskCreate;

use crate::harness::{App, Client, Workspace, column, wait_for};

/// Creates tasks with long descriptions, as another process would.
fn fill(app: &App, workspace: &Workspace, project: &str, count: usize, length: usize) {
    let text = "x".repeat(length);
    let task = json!({ "projectId": project, "label": "Task", "description": text, "status": 0 });
    app.write(|tx| {
        for _ in 0..count {
            let new: TaskCreate = serde_json::from_value(task.clone()).unwrap();
            app::tasks::create(tx, &workspace.command(), new)?;
        }
        Ok(())
    });
}

/// A request whose response is not read at once.
struct Pending(TcpStream);

impl Pending {
    fn get(client: &Client, path: &str) -> Self {
        let address = client.origin.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let token = client.token.as_ref().unwrap();
        let request = format!("GET {path} HTTP/1.0\r\nauthorization: Bearer {token}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        // The first byte of the response: it is being read.
        stream.peek(&mut [0]).unwrap();
        Self(stream)
    }

    /// The headers and the body, as far as they arrive.
    fn rest(mut self) -> (String, String) {
        let mut bytes = Vec::new();
        // A connection that is cut can end with an error.
        let _ = self.0.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }
}

#[test]
fn a_long_list_is_the_same_as_its_pages() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project();
    let path = format!("/v1/projects/{}/tasks", project.id);
    let short = client.get(&path).expect(200);
    assert_eq!(short.header("content-length"), short.text.len().to_string());
    fill(&app, &workspace, &project.id, 350, 1_000);
    let long = client.get(&path).expect(200);
    assert_eq!(long.header("content-length"), "");
    assert_eq!(long.header("transfer-encoding"), "chunked");
    let mut rows = Vec::new();
    let mut page = client.get(&format!("{path}?limit=150")).expect(200).json();
    loop {
        rows.extend(page["tasks"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        page = client
            .get(&format!("{path}?cursor={cursor}"))
            .expect(200)
            .json();
    }
    assert_eq!(rows.len(), 350);
    assert_eq!(long.json(), json!({ "tasks": rows }));
    let head = client.call("HEAD", &path, &[], None).expect(200);
    assert_eq!(head.header("transfer-encoding"), "chunked");
    let snapshot = client
        .get(&format!("/v1/boards/{}/snapshot", project.board))
        .expect(200);
    assert_eq!(snapshot.header("transfer-encoding"), "chunked");
    let tasks = snapshot.json()["tasks"].as_array().unwrap().clone();
    assert_eq!(column(&tasks, "id"), column(&rows, "id"));
}

#[test]
fn a_long_response_shows_one_state_and_holds_nothing_back() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project();
    fill(&app, &workspace, &project.id, 400, 60_000);
    let list = Pending::get(&client, &format!("/v1/projects/{}/tasks", project.id));
    let path = format!("/v1/boards/{}/snapshot", project.board);
    let before = client.get(&path).expect(200).json();
    let snapshot = Pending::get(&client, &path);
    client
        .delete(&format!("/v1/projects/{}", project.id))
        .expect(200);
    // The reads have ended although their clients have taken nothing: the log can be emptied.
    wait_for("the write-ahead log to be free", || {
        (app.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0).then_some(())
    });
    let folder = std::fs::read_dir(app.data.path()).unwrap();
    let names: Vec<_> = folder
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        !names.iter().any(|name| name.ends_with(".tmp")),
        "{names:?}"
    );
    let (head, body) = list.rest();
    assert!(
        !head.contains("chunked") && !head.contains("content-length"),
        "{head}"
    );
    let listed: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(listed["tasks"].as_array().unwrap().len(), 400);
    assert!(body.len() > 400 * 60_000);
    let shown: Value = serde_json::from_str(&snapshot.rest().1).unwrap();
    assert_eq!(shown, before);
}

#[test]
fn a_snapshot_under_load_is_the_state_of_its_latest_event() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project();
    fill(&app, &workspace, &project.id, 400, 10);
    let path = format!("/v1/boards/{}/snapshot", project.board);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let (created, snapshots) = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut created = Vec::new();
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                created.push(client.new_task(&project.id, "Under load"));
            }
            created
        });
        let snapshots: Vec<_> = (0..20)
            .map(|_| client.get(&path).expect(200).json())
            .collect();
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        (writer.join().unwrap(), snapshots)
    });
    let begin = client.latest() - created.len() as i64;
    for snapshot in snapshots {
        let count = snapshot["latest"].as_i64().unwrap() - begin;
        let ids = column(snapshot["tasks"].as_array().unwrap(), "id");
        assert_eq!(ids[400..], created[..count as usize]);
    }
}

#[test]
fn a_row_that_cannot_be_read_refuses_a_short_list_and_cuts_a_long_one() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project();
    let path = format!("/v1/projects/{}/tasks", project.id);
    let break_last = "PRAGMA ignore_check_constraints = ON;
         UPDATE task SET status = 9 WHERE position = (SELECT max(position) FROM task)";
    fill(&app, &workspace, &project.id, 1, 10);
    app.sql(break_last);
    client.get(&path).expect_error(500, "internal_error");
    app.sql("UPDATE task SET status = 0");
    fill(&app, &workspace, &project.id, 300, 1_000);
    app.sql(break_last);
    let (head, body) = Pending::get(&client, &path).rest();
    assert!(
        head.starts_with("HTTP/1.0 200") || head.starts_with("HTTP/1.1 200"),
        "{head}"
    );
    assert!(serde_json::from_str::<Value>(&body).is_err());
    let address = client.origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let token = client.token.as_ref().unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let (_, body) = Pending(stream).rest();
    assert!(
        !body.ends_with("\r\n0\r\n\r\n"),
        "a truncated body must not look complete"
    );
}
