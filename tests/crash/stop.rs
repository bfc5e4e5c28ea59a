//! SIGTERM: what runs is answered, nothing is half-done, and the counts are exact. And one server a folder.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc;

use crate::program::{Folder, description, task};

const CLIENTS: usize = 6;

/// A request whose body the server waits for: it is running, as the interim answer shows.
struct Begun {
    stream: BufReader<TcpStream>,
    body: String,
}

impl Begun {
    fn new(origin: &str, token: &str, body: String) -> Self {
        let address = origin.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST /v1/tasks HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
            body.len()
        )
        .unwrap();
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
        stream.read_line(&mut line).unwrap();
        Self { stream, body }
    }

    /// Sends the body; the status line and everything after it.
    fn finish(mut self) -> (String, String) {
        self.stream
            .get_mut()
            .write_all(self.body.as_bytes())
            .unwrap();
        let (mut line, mut rest) = (String::new(), String::new());
        self.stream.read_line(&mut line).unwrap();
        self.stream.read_to_string(&mut rest).unwrap();
        (line, rest)
    }
}

#[test]
fn a_stop_answers_what_runs_and_counts_exactly() {
    let folder = Folder::new();
    let server = folder.start();
    let token = folder.first_token();
    let project = server.client(&token).project();
    let begun = Begun::new(&server.origin, &token, task(&project, "begun").to_string());
    let clients: Vec<_> = (0..CLIENTS).map(|_| server.client(&token)).collect();
    let (tell, told) = mpsc::channel();
    let mut created = 0;
    std::thread::scope(|scope| {
        for (n, client) in clients.into_iter().enumerate() {
            let (tell, project) = (tell.clone(), &project);
            scope.spawn(move || {
                for call in 0.. {
                    let body = task(project, &format!("{n}-{call}"));
                    let answer = client.post("/v1/tasks", None, &body);
                    let goes_on = matches!(answer, Some((201, _)));
                    tell.send(answer).unwrap();
                    if !goes_on {
                        return;
                    }
                }
            });
        }
        drop(tell);
        for answer in told {
            match answer {
                Some((201, _)) => created += 1,
                // The connection is closed, or still answers and says why not.
                None => {}
                Some((503, body)) => {
                    assert_eq!(body["error"]["details"]["reason"], "shutting_down");
                }
                Some((status, body)) => panic!("{status}: {body}"),
            }
            if created == 100 {
                server.terminate();
                created += 1_000_000;
            }
        }
    });
    let created = created - 1_000_000;
    // Every client has seen that the server stops. The one request that was begun before is answered.
    let (line, answer) = begun.finish();
    assert_eq!(line, "HTTP/1.1 201 Created\r\n", "{answer}");
    assert!(answer.contains(&description("begun")));
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");

    // The look for the project, the one that was begun, and each that was answered.
    let tasks = folder.number("SELECT count(*) FROM task WHERE description LIKE label || ', %'");
    assert_eq!(tasks, created + 1, "only what was answered was done");
    assert_eq!(folder.calls(), created + 2);
    folder.assert_healthy();
    let again = folder.start();
    assert_eq!(folder.calls(), created + 2);
    let (_, usage) = again.client(&token).get("/v1/usage").unwrap();
    assert_eq!(usage["usage"]["api_calls"]["used"], created + 2);
    again.stop();
    assert_eq!(folder.calls(), created + 2);
}

#[test]
fn a_stop_leaves_one_file() {
    let folder = Folder::new();
    let server = folder.start();
    let client = server.client(&folder.first_token());
    let project = client.project();
    for n in 0..20 {
        let answer = client.post("/v1/tasks", None, &task(&project, &n.to_string()));
        assert_eq!(answer.unwrap().0, 201);
    }
    drop(client);
    server.stop();
    let log = folder.path().join("tackboard.db-wal");
    assert!(log.metadata().map_or(0, |file| file.len()) == 0);
    // The file alone is the whole database.
    let copy = Folder::new();
    std::fs::copy(folder.database(), copy.database()).unwrap();
    assert_eq!(copy.number("SELECT count(*) FROM task"), 28);
}

#[test]
fn a_second_server_on_the_folder_is_refused() {
    let folder = Folder::new();
    let first = folder.start();
    let token = folder.first_token();
    let second = folder.command().output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(second.stdout.is_empty(), "it must not say that it is ready");
    let why = String::from_utf8(second.stderr).unwrap();
    assert!(
        why.contains("another server is using the data folder")
            && why.contains(folder.path().to_str().unwrap())
            && why.lines().count() == 1,
        "{why}"
    );
    assert_eq!(first.client(&token).get("/v1/boards").unwrap().0, 200);
    // The lock goes with its holder, however that ends.
    first.kill();
    let third = folder.start();
    assert_eq!(third.client(&token).get("/v1/boards").unwrap().0, 200);
    third.stop();
}
