//! The live event stream.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tackboard::app;
use tackboard::model::context::Ctx;
use tackboard::model::scopes::{Role, Scope};
use tackboard::model::tasks::TaskCreate;
use tackboard::model::time::Timestamp;

use crate::harness::{App, Client, Workspace, text, wait_for};
use crate::operations::Ids;
use crate::sse::Events;

impl Client {
    /// Opens a stream, and fails unless it begins.
    #[track_caller]
    fn follow(&self, query: &str) -> Events {
        self.follow_with(query, &[])
    }

    #[track_caller]
    fn follow_with(&self, query: &str, headers: &[(&str, &str)]) -> Events {
        let mut events = self.try_follow(query, headers);
        assert_eq!(events.status(), 200, "{}", events.head);
        let opening = events.message().unwrap();
        assert_eq!(opening.comment.as_deref(), Some("connected"));
        assert_eq!(opening.retry.as_deref(), Some("2000"));
        events
    }

    fn try_follow(&self, query: &str, headers: &[(&str, &str)]) -> Events {
        let path = format!("/v1/events/stream{query}");
        Events::open(&self.origin, self.token.as_ref().unwrap(), &path, headers).unwrap()
    }
}

/// Reads events up to and including this sequence.
fn read_until(events: &mut Events, last: i64) -> Vec<Value> {
    let mut read = Vec::new();
    while read
        .last()
        .is_none_or(|event: &Value| event["sequence"] != last)
    {
        let message = events.event().unwrap();
        let event = message.data.unwrap();
        assert_eq!(json!(message.id), event["sequence"]);
        assert_eq!(json!(message.event), event["type"]);
        read.push(event);
    }
    read
}

/// Creates tasks in one transaction, as another process would.
fn create_tasks(app: &App, workspace: &Workspace, project: &str, count: usize, text: &str) {
    let task = json!({ "projectId": project, "label": "Task", "description": text, "status": 0 });
    app.write(|tx| {
        for _ in 0..count {
            let new: TaskCreate = serde_json::from_value(task.clone()).unwrap();
            app::tasks::create(tx, &workspace.command(), new)?;
        }
        Ok(())
    });
}

#[test]
fn a_stream_begins_at_once_and_then_sends_each_event_as_it_is_listed() {
    let app = App::start();
    let client = app.client();
    let before = client.latest();
    let mut events = client.try_follow("", &[]);
    for header in [
        "content-type: text/event-stream",
        "x-accel-buffering: no",
        "cache-control: no-store",
        "transfer-encoding: chunked",
        "connection: close",
        "x-ratelimit-remaining: ",
    ] {
        assert!(
            events.head.contains(&format!("\r\n{header}")),
            "{header}: {}",
            events.head
        );
    }
    let opening = events.message().unwrap();
    assert_eq!(opening.id, Some(before));
    assert!(opening.comment.is_some() && opening.data.is_none());
    let ids = Ids::new(&client);
    client
        .patch(
            &format!("/v1/tasks/{}", ids.get("task")),
            json!({ "status": 2 }),
        )
        .expect(200);
    let latest = client.latest();
    assert_eq!(read_until(&mut events, latest), client.events_after(before));
    assert!(events.is_silent_for(Duration::from_millis(100)));
    let metrics = app.client_with(None).get("/metrics").text;
    let sent = format!("tackboard_event_streams_sent_total {}", latest - before);
    assert!(
        metrics.contains("tackboard_event_streams 1\n") && metrics.contains(&sent),
        "{metrics}"
    );
}

#[test]
fn what_was_missed_comes_first_without_a_gap_and_without_a_repeat() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project();
    create_tasks(&app, &workspace, &project.id, 300, "Missed");
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers = [(); 2].map(|()| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    client.new_task(&project.id, "Live");
                }
            })
        });
        let readers: Vec<_> = (0..12)
            .map(|n| {
                let client = &client;
                scope.spawn(move || {
                    let latest = client.latest();
                    let since = latest * n / 12;
                    let mut events = client.follow(&format!("?since={since}"));
                    let last = latest + 100;
                    let read = read_until(&mut events, last);
                    let sequences: Vec<_> = read
                        .iter()
                        .map(|one| one["sequence"].as_i64().unwrap())
                        .collect();
                    assert_eq!(sequences, (since + 1..=last).collect::<Vec<_>>());
                })
            })
            .collect();
        let results: Vec<_> = readers.into_iter().map(|reader| reader.join()).collect();
        is_over.store(true, Ordering::Relaxed);
        writers
            .into_iter()
            .for_each(|writer| writer.join().unwrap());
        assert!(results.iter().all(Result::is_ok));
    });
}

#[test]
fn filters_and_scopes_select_the_same_events_live_and_afterwards() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let admin = app.client_of(&workspace);
    let reader = app.client_with(Some(&app.token(&workspace, &[Scope::Read])));
    let (here, there) = (admin.new_project(), admin.new_project());
    let task = admin.new_task(&here.id, "Task");
    let card = admin.new_card();
    let filters = [
        String::new(),
        "types=task.*,card.updated".to_owned(),
        "types=token.*".to_owned(),
        format!("board={}", here.board),
        format!("board={}", there.board),
        format!("project={}", here.id),
        format!("project={}", there.id),
        format!("task={task}"),
        format!("card={card}"),
        format!("actor={}", workspace.owner),
        format!("actor={}", task),
    ];
    let before = admin.latest();
    let mut open = Vec::new();
    for filter in &filters {
        for client in [&admin, &reader] {
            open.push((client, filter, client.follow(&format!("?{filter}"))));
        }
    }
    admin
        .patch(
            &format!("/v1/tasks/{task}"),
            json!({ "projectId": there.id }),
        )
        .expect(200);
    admin
        .patch(
            &format!("/v1/projects/{}", there.id),
            json!({ "boardId": here.board }),
        )
        .expect(200);
    admin
        .patch(&format!("/v1/cards/{card}"), json!({ "title": "New" }))
        .expect(200);
    app.token(&workspace, &[Scope::Read]);
    admin.new_subtask(&task, "Subtask");
    // Every filter matches one of these, except those that match nothing.
    for (client, filter, mut live) in open {
        let list = client
            .get(&format!("/v1/events?since={before}&{filter}"))
            .expect(200)
            .json();
        let listed = list["events"].as_array().unwrap();
        let mut missed = client.follow(&format!("?since={before}&{filter}"));
        match listed.last() {
            Some(last) => {
                let last = last["sequence"].as_i64().unwrap();
                assert_eq!(read_until(&mut live, last), *listed, "{filter}");
                assert_eq!(read_until(&mut missed, last), *listed, "{filter}");
            }
            None => assert!(
                filter.starts_with("types=token") || filter.ends_with(&task),
                "{filter}"
            ),
        }
        assert!(live.is_silent_for(Duration::from_millis(20)), "{filter}");
        assert!(missed.is_silent_for(Duration::from_millis(20)), "{filter}");
    }
}

#[test]
fn the_last_event_id_wins_over_since() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    client.new_task(&project.id, "Task");
    let latest = client.latest();
    let id = (latest - 1).to_string();
    let mut events = client.follow_with("?since=0", &[("last-event-id", &id)]);
    assert_eq!(events.event().unwrap().id, Some(latest));
    let mut events = client.follow_with("?since=0", &[("last-event-id", "")]);
    assert_eq!(events.event().unwrap().id, Some(1));
    for bad in ["x", "-1", "+1", "1.0", "99999999999999999999"] {
        let headers = [("last-event-id", bad)];
        let reply = client.call("GET", "/v1/events/stream", &headers, None);
        let reply = reply.expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), ["Last-Event-ID"], "{bad}");
    }
    for (query, field) in [
        ("since=-1", "since"),
        ("types=x", "types"),
        ("limit=1", "limit"),
    ] {
        let reply = client.get(&format!("/v1/events/stream?{query}"));
        let reply = reply.expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [field]);
    }
}

#[test]
fn a_start_that_cannot_be_continued_is_reset_to_now() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project();
    client.new_task(&project.id, "Task");
    let reset = |since: i64| {
        let (latest, mut events) = (client.latest(), client.follow(&format!("?since={since}")));
        let message = events.event().unwrap();
        assert_eq!(
            (message.event.as_deref(), message.id),
            (Some("reset"), Some(latest))
        );
        let list = client.get("/v1/events?limit=1").json();
        let data = json!({ "journal": list["journal"], "latest": latest });
        assert_eq!(message.data, Some(data));
        let task = client.new_task(&project.id, "Next");
        let next = events.event().unwrap();
        assert_eq!(next.id, Some(latest + 1));
        assert_eq!(next.data.unwrap()["task_id"], task);
    };
    reset(client.latest() + 1);
    reset(i64::MAX);
    app.sql("DELETE FROM event WHERE sequence <= 2");
    reset(0);
    reset(1);
    assert_eq!(client.follow("?since=2").event().unwrap().id, Some(3));
    app.sql(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10001)
         INSERT INTO event (workspace_id, sequence, id, type, created_at, actor_kind, data)
         SELECT workspace_id, latest + n, randomblob(16), 'board.updated', 1, 'system', '{}'
           FROM journal_state, n;",
    );
    let latest = client.latest();
    reset(latest - 10_001);
    let latest = client.latest();
    let mut events = client.follow(&format!("?since={}", latest - 10_000));
    assert_eq!(events.event().unwrap().id, Some(latest - 9_999));
    assert_eq!(read_until(&mut events, latest).len(), 9_999);
}

#[test]
fn a_stream_counts_as_one_call() {
    let app = App::shared();
    let client = app.client();
    let used = || client.get("/v1/usage").json()["usage"]["api_calls"]["used"].clone();
    let before = used().as_i64().unwrap();
    let mut events = client.follow("?since=0");
    client.new_board();
    let last = client.latest();
    read_until(&mut events, last);
    assert_eq!(used(), before + 3);
}

#[test]
fn a_stream_ends_soon_after_its_credential() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let admin = app.client_of(&workspace);
    let ends = |what: &str, mut events: Events, change: &dyn Fn()| {
        change();
        let started = Instant::now();
        while events.message().is_some() {}
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "{what}: {:?}",
            started.elapsed()
        );
    };
    let token = json!({ "name": "T", "scopes": ["read"], "expiresInDays": 1 });
    let made = admin.post("/v1/tokens", token).expect(201);
    let client = app.client_with(Some(&text(&made.object(), "secret")));
    let id = made.id();
    ends("revoked", client.follow(""), &|| {
        admin.delete(&format!("/v1/tokens/{id}")).expect(200);
    });
    let hex = workspace.id.replace('-', "");
    let client = app.client_of(&workspace);
    ends("revoked by another process", client.follow(""), &|| {
        app.sql(&format!(
            "DELETE FROM token WHERE workspace_id = x'{hex}' AND rowid = (SELECT max(rowid) FROM token)"
        ));
    });
    let soon = Timestamp::now().plus_millis(1_500);
    let client = app.client_with(Some(&app.token_until(&workspace, &Scope::ALL, soon)));
    let events = client.follow("");
    ends("expired", events, &|| {
        wait_for("the expiry", || (Timestamp::now() >= soon).then_some(()));
    });
    // A change from owner to admin allows the same, but it is a change. The last owner keeps the role.
    app.member(&workspace, Role::Owner);
    let owner = workspace.owner.replace('-', "");
    let client = app.client_of(&workspace);
    ends("another role", client.follow(""), &|| {
        app.sql(&format!(
            "UPDATE member SET role = 'admin' WHERE user_id = x'{owner}'"
        ));
    });
    // What is about others ends nothing.
    let client = app.client_of(&workspace);
    let mut events = client.follow("");
    app.write(|tx| {
        let ctx = Ctx::command(workspace.id.parse().unwrap());
        let user = app::users::create(tx, "other@example.org", "Other")?;
        app::members::join(tx, &ctx, &user, Role::Viewer)?;
        app::members::set_role(tx, &ctx, user.id, Role::Member)?;
        Ok(())
    });
    assert_eq!(
        events.event().unwrap().event.as_deref(),
        Some("member.added")
    );
    let updated = events.event().unwrap();
    assert_eq!(updated.event.as_deref(), Some("member.updated"));
    let data = updated.data.unwrap()["data"].clone();
    assert_eq!(
        data,
        json!({ "id": text(&data, "id"), "name": "Other", "role": "member" })
    );
    assert!(events.is_silent_for(Duration::from_millis(1_200)));
    ends("the workspace is deleted", events, &|| {
        app.sql(&format!("DELETE FROM workspace WHERE id = x'{hex}'"));
    });
}

#[test]
fn a_stop_ends_all_streams_at_once() {
    let app = App::start();
    let client = app.client();
    let mut open: Vec<_> = (0..3).map(|_| client.follow("")).collect();
    let started = Instant::now();
    app.begin_stop();
    for events in &mut open {
        assert_eq!(events.message(), None);
    }
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[test]
fn the_server_and_each_credential_have_a_limit_of_streams() {
    let app = App::with(|settings| settings.max_streams = 103);
    let refused = |client: &Client| {
        let reply = client.get("/v1/events/stream");
        let reply = reply.expect_error(503, "service_unavailable");
        assert_eq!(reply.details(), json!({ "reason": "overloaded" }));
        assert_eq!(reply.header("retry-after"), "1");
    };
    let workspace = app.workspace("teams");
    let (greedy, other) = (app.client_of(&workspace), app.client_of(&workspace));
    let mut open: Vec<_> = (0..100).map(|_| greedy.follow("")).collect();
    refused(&greedy);
    let others: Vec<_> = (0..3).map(|_| other.follow("")).collect();
    refused(&other);
    // A quiet stream whose client is gone makes room at once.
    open.pop();
    drop(others);
    wait_for("room for two more", || {
        let one = (greedy.try_follow("", &[]), other.try_follow("", &[]));
        (one.0.status() == 200 && one.1.status() == 200).then_some(())
    });
}

#[test]
fn events_of_other_processes_arrive_soon() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project();
    let mut events = client.follow("");
    // The machine that runs the tests may be busy for a moment.
    let is_soon = (0..5).any(|_| {
        create_tasks(&app, &workspace, &project.id, 1, "");
        let started = Instant::now();
        let event = events.event().unwrap();
        assert_eq!(event.data.unwrap()["actor"]["kind"], "command");
        started.elapsed() < Duration::from_millis(500)
    });
    assert!(is_soon);
}

#[test]
fn a_burst_is_no_reason_to_drop_a_client_that_reads_but_one_that_does_not_is_dropped() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project();
    let mut healthy = client.follow("");
    let mut stuck = client.follow("");
    let before = client.latest();
    // Each event has 16 KB, so that they do not fit into the buffers of a connection.
    let long = "🂡".repeat(4_000);
    create_tasks(&app, &workspace, &project.id, 1_000, &long);
    let last = client.latest();
    let read = read_until(&mut healthy, last);
    assert_eq!(read.len() as i64, last - before);
    wait_for("the other stream to be dropped", || {
        let metrics = app.client_with(None).get("/metrics").text;
        metrics
            .contains("tackboard_event_streams_dropped_total 1\n")
            .then_some(())
    });
    wait_for("its connection to be closed", || {
        let metrics = app.client_with(None).get("/metrics").text;
        metrics
            .contains("tackboard_event_streams 1\n")
            .then_some(())
    });
    // It continues where it was.
    let mut position = before;
    while let Some(message) = stuck.event() {
        assert_eq!(message.id, Some(position + 1));
        position += 1;
    }
    assert!(position < last);
    let id = position.to_string();
    let mut again = client.follow_with("", &[("last-event-id", &id)]);
    assert_eq!(read_until(&mut again, last).len() as i64, last - position);
}

#[test]
fn a_quiet_stream_is_not_cut() {
    let app = App::with(|settings| settings.send_timeout = Duration::from_millis(200));
    let client = app.client();
    let mut events = client.follow("");
    assert!(events.is_silent_for(Duration::from_millis(800)));
    let board = client.new_board();
    assert_eq!(events.event().unwrap().data.unwrap()["board_id"], board);
}

#[test]
fn clients_of_http_1_0_and_pages_of_other_origins_can_follow() {
    let app = App::with(|settings| settings.cors_origins = vec!["https://boards.example".into()]);
    let client = app.client();
    let headers = [("origin", "https://boards.example")];
    let events = client.follow_with("", &headers);
    let allowed = "\r\naccess-control-allow-origin: https://boards.example\r\n";
    assert!(events.head.contains(allowed), "{}", events.head);
    let address = client.origin.trim_start_matches("http://");
    let mut old = TcpStream::connect(address).unwrap();
    let token = client.token.clone().unwrap();
    let request =
        format!("GET /v1/events/stream?since=0 HTTP/1.0\r\nauthorization: Bearer {token}\r\n\r\n");
    old.write_all(request.as_bytes()).unwrap();
    client.new_board();
    app.begin_stop();
    let mut all = String::new();
    old.read_to_string(&mut all).unwrap();
    let (head, body) = all.split_once("\r\n\r\n").unwrap();
    assert!(
        !head.contains("chunked") && body.starts_with(": connected\n"),
        "{all}"
    );
}
