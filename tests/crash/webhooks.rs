//! kill -9 while events are delivered: none is lost, and one that arrives twice has the same id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::program::{Folder, Server, task, wait_until};
use crate::sink::{Reaction, Sink};

const CLIENTS: usize = 4;

/// How often the program is killed.
fn kills() -> usize {
    match std::env::var_os("TACKBOARD_LONG_TESTS") {
        Some(_) => 100,
        None => 4,
    }
}

fn start(folder: &Folder) -> Server {
    let mut command = folder.command();
    command.args(["--webhook-allow", "127.0.0.1"]);
    Server::run(command)
}

/// Creates tasks on many connections and kills the server after so many responses. Adds the ids of the tasks.
fn create_until_killed(
    server: Server,
    token: &str,
    project: &str,
    answers: usize,
    created: &Mutex<BTreeSet<String>>,
) {
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for n in 0..CLIENTS {
            let (client, count) = (server.client(token), &count);
            scope.spawn(move || {
                for call in 0.. {
                    let body = task(project, &format!("{n}-{call}"));
                    let Some((status, body)) = client.post("/v1/tasks", None, &body) else {
                        return;
                    };
                    assert_eq!(status, 201, "{body}");
                    let id = body["task"]["id"].as_str().unwrap().to_owned();
                    created.lock().unwrap().insert(id);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        wait_until(|| count.load(Ordering::Relaxed) >= answers);
        server.kill();
    });
}

#[test]
fn no_event_of_an_answered_change_is_lost_by_a_kill() {
    let folder = Folder::new();
    // Only what arrives for the first time fails: the second retry would be five minutes later.
    let seen = Mutex::new(BTreeSet::new());
    let sink = Sink::start(move |delivery, nth| {
        let id = delivery.header("webhook-id").to_owned();
        match (nth % 20, seen.lock().unwrap().insert(id)) {
            (7, true) => Reaction::Status(500),
            (13, true) => Reaction::Slow(Duration::from_millis(30)),
            (17, true) => Reaction::Close,
            _ => Reaction::Status(200),
        }
    });
    let server = start(&folder);
    let token = folder.first_token();
    let plan = "UPDATE plan SET tasks = NULL, api_calls = NULL, webhook_deliveries = NULL";
    folder.sqlite().execute_batch(plan).unwrap();
    let client = server.client(&token);
    let project = client.project();
    let hook = json!({ "name": "Kill", "url": sink.url("/hook"), "events": ["task.created"] });
    let (status, body) = client.post("/v1/webhooks", None, &hook).unwrap();
    assert_eq!(status, 201, "{body}");
    let created = Mutex::new(BTreeSet::new());
    let mut server = Some(server);
    for cycle in 0..kills() {
        let running = server.take().unwrap_or_else(|| start(&folder));
        let answers = [1, 40, 13, 90][cycle % 4];
        create_until_killed(running, &token, &project, answers, &created);
    }
    let server = start(&folder);
    let created = created.into_inner().unwrap();
    let waiting = "SELECT count(*) FROM webhook_delivery WHERE status <> 'delivered'";
    let behind =
        "SELECT latest - cursor FROM journal_state JOIN webhook_progress USING (workspace_id)";
    wait_until(|| folder.number(behind) == 0 && folder.number(waiting) == 0);

    let mut tasks = BTreeMap::new();
    let mut bodies = BTreeMap::new();
    for delivery in sink.deliveries("/hook") {
        let id = delivery.header("webhook-id").to_owned();
        let task = delivery.json()["data"]["id"].as_str().unwrap().to_owned();
        assert_eq!(*tasks.entry(task).or_insert_with(|| id.clone()), id);
        let first = bodies.entry(id).or_insert_with(|| delivery.body.clone());
        assert_eq!(*first, delivery.body, "a repeated delivery is the same");
    }
    let missing: Vec<_> = created
        .iter()
        .filter(|id| !tasks.contains_key(*id))
        .collect();
    assert!(
        missing.is_empty(),
        "{} of {} are lost",
        missing.len(),
        created.len()
    );
    let rows = folder.number("SELECT count(*) FROM webhook_delivery");
    let events = folder.number("SELECT count(DISTINCT event_id) FROM webhook_delivery");
    assert_eq!(rows, events, "one row per event");
    server.stop();
    folder.assert_healthy();
}
