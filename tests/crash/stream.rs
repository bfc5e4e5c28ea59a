//! kill -9 under a live stream: a client that continues with `Last-Event-ID` misses nothing and repeats nothing.

use std::sync::mpsc;

use serde_json::Value;

use crate::program::{Folder, Server, task};
use crate::sse::Events;

const WRITERS: usize = 4;

/// What a client of the stream has received in all of its connections.
#[derive(Default)]
struct Received {
    events: Vec<Value>,
    last_id: Option<i64>,
}

/// Follows the stream while others create tasks, and kills the server when so many events were received.
fn follow_until_killed(
    server: Server,
    token: &str,
    project: &str,
    received: &mut Received,
    count: usize,
) {
    let (send, messages) = mpsc::channel();
    let id = received.last_id.map(|id| id.to_string());
    let headers: Vec<_> = id.iter().map(|id| ("last-event-id", id.as_str())).collect();
    let path = "/v1/events/stream?since=0";
    let mut stream = Events::open(&server.origin, token, path, &headers).unwrap();
    let clients: Vec<_> = (0..WRITERS).map(|_| server.client(token)).collect();
    std::thread::scope(|scope| {
        for client in clients {
            scope.spawn(move || {
                while client
                    .post("/v1/tasks", None, &task(project, "Task"))
                    .is_some()
                {}
            });
        }
        scope.spawn(move || {
            while let Some(message) = stream.message() {
                send.send(message).unwrap();
            }
        });
        let (mut server, enough) = (Some(server), received.events.len() + count);
        for message in messages {
            assert_ne!(message.event.as_deref(), Some("reset"));
            received.last_id = message.id.or(received.last_id);
            received.events.extend(message.data);
            if received.events.len() >= enough
                && let Some(server) = server.take()
            {
                assert_eq!(server.kill(), "");
            }
        }
    });
}

#[test]
fn a_client_that_connects_again_after_a_kill_misses_and_repeats_nothing() {
    let folder = Folder::new();
    let mut server = folder.start();
    let token = folder.first_token();
    let project = server.client(&token).project();
    let mut received = Received::default();
    for count in [1, 150, 7, 400, 60] {
        follow_until_killed(server, &token, &project, &mut received, count);
        server = folder.start();
    }
    // The last connection gets what was committed before the last kill.
    let latest = folder.number("SELECT latest FROM journal_state");
    let id = received.last_id.unwrap().to_string();
    let headers = [("last-event-id", id.as_str())];
    let mut stream = Events::open(&server.origin, &token, "/v1/events/stream", &headers).unwrap();
    while received.last_id < Some(latest) {
        let message = stream.event().unwrap();
        received.last_id = message.id;
        received.events.extend(message.data);
    }
    server.stop();
    let sequences: Vec<_> = received
        .events
        .iter()
        .map(|event| event["sequence"].as_i64())
        .collect();
    assert_eq!(sequences, (1..=latest).map(Some).collect::<Vec<_>>());
    let created = received
        .events
        .iter()
        .filter(|event| event["data"]["label"] == "Task");
    let tasks = folder.number("SELECT count(*) FROM task WHERE label = 'Task'");
    assert_eq!(created.count() as i64, tasks);
    folder.assert_healthy();
}
