//! Commands beside a server that writes as fast as it can.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tackboard::app::{members, tokens, users};
use tackboard::model::context::Ctx;
use tackboard::model::scopes::{Role, Scopes};
use tackboard::model::time::Timestamp;
use tackboard::store;

use crate::program::{Folder, task, wait_until};

const CLIENTS: usize = 16;
const LOAD: Duration = Duration::from_secs(2);

#[test]
fn commands_write_beside_a_server_under_full_load() {
    let folder = Folder::new();
    let server = folder.start();
    let token = folder.first_token();
    let project = server.client(&token).project();
    let plan =
        "UPDATE plan SET tasks = NULL, tokens = NULL, api_calls = 1000000 WHERE name = 'teams'";
    folder.sqlite().execute_batch(plan).unwrap();
    let (over, created) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut waits = Vec::new();
    std::thread::scope(|scope| {
        for n in 0..CLIENTS {
            let client = server.client(&token);
            let (over, created, project) = (&over, &created, &project);
            scope.spawn(move || {
                for call in 0.. {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    let answer =
                        client.post("/v1/tasks", None, &task(project, &format!("{n}-{call}")));
                    let (status, body) = answer.expect("an answer");
                    assert_eq!(status, 201, "{body}");
                    created.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        wait_until(|| created.load(Ordering::Relaxed) >= CLIENTS as u64);
        let began = Instant::now();
        while began.elapsed() < LOAD || waits.len() < 10 {
            let before = created.load(Ordering::Relaxed);
            let turn = Instant::now();
            let secret = token_create(&folder);
            waits.push(turn.elapsed());
            // The server knows the new token at once, and goes on in between.
            let (status, _) = server.client(&secret).get("/v1/boards").unwrap();
            assert_eq!(status, 200);
            wait_until(|| created.load(Ordering::Relaxed) != before);
        }
        over.store(true, Ordering::Relaxed);
    });
    let longest = waits.iter().max().unwrap();
    assert!(*longest < Duration::from_secs(1), "{longest:?}");
    assert_eq!(
        folder.number("SELECT count(*) FROM token"),
        1 + waits.len() as i64
    );
    let created = created.into_inner() as i64;
    assert_eq!(folder.number("SELECT count(*) FROM task"), 8 + created);
    server.stop();
    folder.assert_healthy();
    assert_eq!(folder.calls(), 1 + created + waits.len() as i64);
}

/// What `tackboard token create` does; the secret.
fn token_create(folder: &Folder) -> String {
    folder.write(|tx| {
        let workspace = store::workspaces::find(tx, "my-workspace")?.unwrap();
        let email = format!("{}@example.org", uuid::Uuid::now_v7());
        let user = users::create(tx, &email, "Somebody")?;
        let ctx = Ctx::command(workspace.id);
        members::join(tx, &ctx, &user, Role::Member)?;
        let ends = Timestamp::now().plus_days(90);
        let (_, secret) = tokens::issue(tx, &ctx, user.id, "Load".to_owned(), Scopes::ALL, ends)?;
        Ok(secret.expose().to_owned())
    })
}
