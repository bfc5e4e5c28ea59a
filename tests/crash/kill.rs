//! kill -9: what was answered is there, what was not is there as a whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::sync::mpsc;

use rusqlite::{Connection, OpenFlags};

use crate::program::{Client, Folder, Server, description, task, wait_until};

const CLIENTS: usize = 8;

/// What a stream of creations came to.
#[derive(Default)]
struct Told {
    /// Labels that were answered with 201, with the ids.
    answered: BTreeMap<String, String>,
    /// Labels of calls that had no answer.
    unanswered: BTreeSet<String>,
}

/// Creates tasks on many connections until the server is gone; it is killed after so many answers.
fn create_until_killed(
    server: Server,
    token: &str,
    project: &str,
    cycle: usize,
    answers: usize,
) -> Told {
    let (tell, told) = mpsc::channel();
    let clients: Vec<Client> = (0..CLIENTS).map(|_| server.client(token)).collect();
    std::thread::scope(|scope| {
        for (n, client) in clients.into_iter().enumerate() {
            let tell = tell.clone();
            scope.spawn(move || {
                for call in 0.. {
                    let label = format!("{cycle}-{n}-{call}");
                    let answer = client.post("/v1/tasks", Some(&label), &task(project, &label));
                    let goes_on = answer.is_some();
                    tell.send((label, answer)).unwrap();
                    if !goes_on {
                        return;
                    }
                }
            });
        }
        drop(tell);
        let mut server = Some(server);
        let mut result = Told::default();
        for (label, answer) in told {
            match answer {
                Some((status, body)) => {
                    assert_eq!(status, 201, "{body}");
                    let id = body["task"]["id"].as_str().unwrap().to_owned();
                    result.answered.insert(label, id);
                }
                None => {
                    result.unanswered.insert(label);
                }
            }
            if result.answered.len() >= answers
                && let Some(server) = server.take()
            {
                assert_eq!(server.kill(), "");
            }
        }
        result
    })
}

/// The labels of a cycle's tasks with their ids, as they stand on disk. Each must be whole.
fn on_disk(folder: &Folder, cycle: usize) -> BTreeMap<String, String> {
    let conn = folder.sqlite();
    let mut statement = conn
        .prepare("SELECT label, lower(hex(id)), description, status FROM task WHERE label GLOB ?1 || '-*'")
        .unwrap();
    let rows = statement
        .query_map([cycle], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    let rows: Vec<(String, String, String, i64)> = rows.collect::<Result<_, _>>().unwrap();
    let count = rows.len();
    let tasks: BTreeMap<_, _> = rows
        .into_iter()
        .map(|(label, id, text, status)| {
            assert_eq!((text, status), (description(&label), 0), "half of {label}");
            (label, id)
        })
        .collect();
    assert_eq!(tasks.len(), count, "a task stands twice");
    tasks
}

#[test]
fn what_was_answered_survives_a_kill() {
    let folder = Folder::new();
    let mut server = folder.start();
    let token = folder.first_token();
    let project = server.client(&token).project();
    let mut asked_before = 1_i64;
    let mut used_before = 0_i64;
    for (cycle, answers) in [1, 23, 150, 77, 260, 8].into_iter().enumerate() {
        let told = create_until_killed(server, &token, &project, cycle, answers);
        assert!(told.answered.len() >= answers && told.unanswered.len() == CLIENTS);

        // The month's figure: every answered call, and at most a block beyond those that were made.
        let used = folder.calls() - used_before;
        let answered = told.answered.len() as i64 + asked_before;
        let made = answered + told.unanswered.len() as i64;
        assert!(
            (answered..=made + 100).contains(&used),
            "{used} calls on the books, {answered} answered, {made} made"
        );

        server = folder.start();
        used_before = folder.calls();
        folder.assert_healthy();
        let there = on_disk(&folder, cycle);
        for (label, id) in &told.answered {
            assert_eq!(there.get(label), Some(&id.replace('-', "")), "{label}");
        }
        for label in there.keys() {
            assert!(told.answered.contains_key(label) || told.unanswered.contains(label));
        }
        // Whoever had no answer asks again under the same key, and there is one of each.
        let client = server.client(&token);
        for label in &told.unanswered {
            let (status, body) = client
                .post("/v1/tasks", Some(label), &task(&project, label))
                .unwrap();
            assert_eq!(status, 201, "{body}");
            let id = body["task"]["id"].as_str().unwrap().replace('-', "");
            assert!(there.get(label).is_none_or(|there| *there == id), "{label}");
        }
        asked_before = told.unanswered.len() as i64;
        let expected = told.answered.keys().chain(&told.unanswered);
        assert!(
            on_disk(&folder, cycle)
                .keys()
                .eq(expected.collect::<BTreeSet<_>>())
        );
    }
    server.stop();
    folder.assert_healthy();
}

/// Whether a step of the start can be seen in the folder.
type Seen = fn(&Folder) -> bool;

/// What a first start brings about, in its order: it is killed as soon as that is seen.
const STEPS: [(&str, Seen); 7] = [
    ("the folder is locked", |folder| {
        has(folder, "tackboard.lock")
    }),
    ("the file is there", |folder| has(folder, "tackboard.db")),
    ("the log is there", |folder| has(folder, "tackboard.db-wal")),
    ("the schema is there", |folder| {
        is(folder, "PRAGMA user_version")
    }),
    ("the token is there", |folder| {
        is(folder, "SELECT count(*) FROM token")
    }),
    ("the credentials are there", |folder| {
        has(folder, "first-credentials")
    }),
    ("the credentials are written", |folder| {
        let text = std::fs::read_to_string(folder.path().join("first-credentials"));
        text.is_ok_and(|text| !text.is_empty())
    }),
];

fn has(folder: &Folder, name: &str) -> bool {
    folder.path().join(name).exists()
}

/// Whether a number in the database is above zero.
fn is(folder: &Folder, sql: &str) -> bool {
    let conn = Connection::open_with_flags(folder.database(), OpenFlags::SQLITE_OPEN_READ_WRITE);
    conn.and_then(|conn| conn.query_row(sql, (), |row| row.get(0)))
        .is_ok_and(|number: i64| number > 0)
}

#[test]
fn a_first_start_that_was_killed_can_be_made_again() {
    for (step, is_reached) in STEPS {
        let folder = Folder::new();
        let mut first = folder
            .command()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until(|| {
            assert_eq!(first.try_wait().unwrap(), None, "before {step}");
            is_reached(&folder)
        });
        first.kill().unwrap();
        first.wait().unwrap();

        let server = folder.start();
        folder.assert_healthy();
        // Neither without a workspace nor with two, and its token is not lost.
        let workspaces = folder.number("SELECT count(*) FROM workspace");
        assert_eq!(workspaces, 1, "killed when {step}");
        assert!(has(&folder, "first-credentials"), "killed when {step}");
        let client = server.client(&folder.first_token());
        let (status, boards) = client.get("/v1/boards").unwrap();
        assert_eq!(status, 200, "killed when {step}: {boards}");
        server.stop();
    }
}
