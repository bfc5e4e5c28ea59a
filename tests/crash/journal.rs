//! kill -9 between changes of every kind: each response that a client got has its event, and each event has its change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;

use serde_json::{Value, json};

use crate::program::{Client, Folder, Server, description};
use crate::replay::{Event, Replay};

const CLIENTS: usize = 16;

/// What a client asked for: the event that it leaves, with the name that it writes or the id that it deletes.
type Wish = String;

/// What the clients of one cycle were told.
#[derive(Default)]
struct Told {
    /// Changes with a response, and the ids of the objects.
    answered: BTreeMap<Wish, String>,
    /// Changes without one.
    unanswered: BTreeSet<Wish>,
}

/// A client that makes one change after the other, each with a name that no other change has.
struct Worker {
    client: Client,
    name: String,
    calls: std::cell::Cell<usize>,
    /// A board that all clients change.
    board: String,
    /// A project on that board.
    project: String,
    tell: mpsc::Sender<(Wish, Option<String>)>,
}

fn path_of(noun: &str) -> String {
    format!("/v1/{noun}s")
}

/// The field with the name of an object.
fn name_field(noun: &str) -> &'static str {
    match noun {
        "task" | "subtask" => "label",
        "card" => "title",
        _ => "name",
    }
}

impl Worker {
    fn next_name(&self) -> String {
        self.calls.set(self.calls.get() + 1);
        format!("{}-{}", self.name, self.calls.get())
    }

    /// Asks for a change and notes what came of it; the id of the object, or `None` once the server is gone.
    fn ask(&self, wish: Wish, method: &str, path: &str, body: Option<&Value>) -> Option<String> {
        let answer = self.client.call(method, path, None, body);
        let id = answer.map(|(status, body)| {
            assert!((200..300).contains(&status), "{wish}: {status} {body}");
            let object = match body.as_object().unwrap().values().next() {
                Some(object) if object.is_object() => object,
                _ => &body,
            };
            object["id"].as_str().unwrap().to_owned()
        });
        self.tell.send((wish, id.clone())).unwrap();
        id
    }

    fn create(&self, noun: &str, path: &str, mut body: Value) -> Option<String> {
        let name = self.next_name();
        body[name_field(noun)] = json!(name);
        if noun == "task" {
            body["description"] = json!(description(&name));
        }
        self.ask(format!("{noun}.created {name}"), "POST", path, Some(&body))
    }

    fn change(&self, kind: &str, id: &str, mut body: Value) -> Option<String> {
        let (noun, _) = kind.split_once('.').unwrap();
        let (name, path) = (self.next_name(), format!("{}/{id}", path_of(noun)));
        body[name_field(noun)] = json!(name);
        self.ask(format!("{kind} {name}"), "PATCH", &path, Some(&body))
    }

    fn delete(&self, noun: &str, id: &str) -> Option<String> {
        let path = format!("{}/{id}", path_of(noun));
        self.ask(format!("{noun}.deleted {id}"), "DELETE", &path, None)
    }

    /// Makes changes until the server is gone.
    fn run(&self) {
        let mut round = 0;
        while self.round(round).is_some() {
            round += 1;
        }
    }

    /// A life of every kind of object. Each second board is deleted with everything on it.
    fn round(&self, round: usize) -> Option<()> {
        let board = self.create("board", "/v1/boards", json!({}))?;
        let project = self.create("project", "/v1/projects", json!({ "boardId": board }))?;
        let lane = self.create("lane", &format!("/v1/boards/{board}/lanes"), json!({}))?;
        let task = self.create("task", "/v1/tasks", json!({ "projectId": self.project }))?;
        let other = self.create("task", "/v1/tasks", json!({ "projectId": project }))?;
        let to_lane = json!({ "projectId": project, "workflowLaneId": lane });
        for id in [&task, &other] {
            self.change("task.updated", id, to_lane.clone())?;
        }
        self.change(
            "task.updated",
            &task,
            json!({ "position": { "after": other } }),
        )?;
        let subtasks = format!("/v1/tasks/{task}/subtasks");
        let first = self.create("subtask", &subtasks, json!({}))?;
        let second = self.create("subtask", &subtasks, json!({ "isCompleted": true }))?;
        self.change("subtask.updated", &second, json!({ "position": "first" }))?;
        self.change("subtask.updated", &first, json!({ "isCompleted": true }))?;
        self.change("task.completed", &task, json!({ "status": 2 }))?;
        let back = json!({ "projectId": self.project, "position": "first", "status": 0 });
        self.change("task.updated", &task, back)?;
        self.delete("subtask", &second)?;
        self.change("board.updated", &board, json!({ "accentColor": "#aabbcc" }))?;
        self.change("lane.updated", &lane, json!({ "position": "last" }))?;
        if round.is_multiple_of(2) {
            let elsewhere = json!({ "boardId": self.board, "position": "first" });
            self.change("project.updated", &project, elsewhere)?;
            self.delete("lane", &lane)?;
        }
        let card = self.create("card", "/v1/cards", json!({ "message": "Hello" }))?;
        self.change("card.updated", &card, json!({ "message": "Bye" }))?;
        self.delete("board", &board)?;
        self.delete("card", &card)?;
        self.delete("task", &task)?;
        if round.is_multiple_of(2) {
            self.delete("project", &project)?;
        }
        Some(())
    }
}

/// Makes changes on many connections until the server is gone; it is killed after so many responses.
fn change_until_killed(
    server: Server,
    token: &str,
    (board, project): (&str, &str),
    cycle: usize,
    answers: usize,
) -> Told {
    let (tell, told) = mpsc::channel();
    let workers: Vec<_> = (0..CLIENTS)
        .map(|n| Worker {
            client: server.client(token),
            name: format!("{cycle}-{n}"),
            calls: std::cell::Cell::new(0),
            board: board.to_owned(),
            project: project.to_owned(),
            tell: tell.clone(),
        })
        .collect();
    drop(tell);
    std::thread::scope(|scope| {
        for worker in workers {
            scope.spawn(move || worker.run());
        }
        let mut server = Some(server);
        let mut result = Told::default();
        for (wish, id) in told {
            let is_new = match id {
                Some(id) => result.answered.insert(wish, id).is_none(),
                None => result.unanswered.insert(wish),
            };
            assert!(is_new, "two changes with one name");
            if result.answered.len() >= answers
                && let Some(server) = server.take()
            {
                assert_eq!(server.kill(), "");
            }
        }
        result
    })
}

/// What a client asked for that left this event; `None` for one that another event caused.
fn wish_of(event: &Event) -> Option<Wish> {
    let (noun, what) = event.kind.split_once('.').unwrap();
    let name = name_field(noun);
    let name = match (what, &event.changes) {
        ("reordered", _) => return None,
        ("deleted", _) => &event.data["id"],
        (_, Some(changes)) => &changes[name]["to"],
        (_, None) => &event.data[name],
    };
    Some(format!("{} {}", event.kind, name.as_str().unwrap()))
}

/// Checks that each change with a response has one event, and each event a change that somebody asked for.
fn check(mut told: Told, events: &[Event]) {
    for event in events {
        let Some(wish) = wish_of(event) else {
            continue;
        };
        match told.answered.remove(&wish) {
            Some(id) => assert_eq!(id, event.object_id(), "{wish}"),
            None => assert!(told.unanswered.remove(&wish), "nobody asked for {event:?}"),
        }
        assert_eq!(event.actor_kind, "token", "{event:?}");
    }
    assert!(
        told.answered.is_empty(),
        "without an event: {:?}",
        told.answered
    );
}

#[test]
fn every_change_has_its_event_after_a_kill() {
    let cycles = match std::env::var_os("TACKBOARD_LONG_TESTS") {
        Some(_) => 50,
        None => 4,
    };
    let folder = Folder::new();
    let mut server = folder.start();
    let token = folder.first_token();
    let conn = folder.sqlite();
    conn.execute_batch(
        "UPDATE plan SET boards = NULL, projects = NULL, tasks = NULL, cards = NULL, api_calls = NULL",
    )
    .unwrap();
    let sql = "SELECT workspace_id FROM journal";
    let workspace: Vec<u8> = conn.query_row(sql, (), |row| row.get(0)).unwrap();
    let mut replay = Replay::new(&workspace);
    replay.catch_up(&conn);
    // An open connection would keep the write-ahead log for the next server.
    drop(conn);
    let (board, project) = (first(&replay, "board"), first(&replay, "project"));
    for cycle in 0..cycles {
        let answers = 1 + cycle * 211 % 397;
        let told = change_until_killed(server, &token, (&board, &project), cycle, answers);
        assert!(told.answered.len() >= answers && told.unanswered.len() == CLIENTS);
        server = folder.start();
        folder.assert_healthy();
        check(told, &replay.catch_up(&folder.sqlite()));
    }
    server.stop();
    folder.assert_healthy();
}

/// The id of the first object of a kind: the sample's.
fn first(replay: &Replay, noun: &str) -> String {
    let objects = replay.objects(noun);
    objects[0].0.to_owned()
}
