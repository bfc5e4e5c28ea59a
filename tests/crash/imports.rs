//! kill -9 during an import: all of it is there, or none of it.

use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{Folder, Server, wait_until};

/// How often the server is killed.
const KILLS: u32 = 20;
const CARDS: usize = 150;

/// A Trello board whose ids differ from those of other rounds.
fn board(round: u32) -> Value {
    let card = |number: usize| {
        json!({
            "id": format!("5f{round:06}00000000000{number:05}"), "name": format!("Card {number}"), "idList": format!("list{round}"),
            "pos": number, "desc": "Some text",
        })
    };
    json!({
        "id": format!("5f{round:06}0000000000099999"), "name": format!("Board {round}"),
        "lists": [{ "id": format!("list{round}"), "name": "List", "pos": 1 }], "cards": (0..CARDS).map(card).collect::<Vec<_>>(),
    })
}

/// Imports a board and kills the server after a time. Returns whether the import was acknowledged before.
fn import_and_kill(folder: &Folder, round: u32, after: Duration) -> bool {
    let server = folder.start();
    let client = server.client(&folder.first_token());
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let answer = client.post("/v1/imports", None, &board(round));
            // The receiver is gone once the server is killed.
            let _ = tell.send(answer.is_some_and(|(status, _)| status == 201));
        });
        let answer = told.recv_timeout(after);
        assert_eq!(server.kill(), "");
        answer == Ok(true)
    })
}

/// The numbers of boards, tasks, imports and remembered objects.
fn numbers(folder: &Folder) -> [i64; 4] {
    [
        "SELECT count(*) FROM board",
        "SELECT count(*) FROM task",
        "SELECT count(*) FROM import",
        "SELECT count(*) FROM import_object",
    ]
    .map(|sql| folder.number(sql))
}

fn timed(server: &Server, folder: &Folder) -> Duration {
    let client = server.client(&folder.first_token());
    let began = Instant::now();
    let (status, body) = client.post("/v1/imports", None, &board(0)).unwrap();
    assert_eq!(status, 201, "{body}");
    began.elapsed()
}

/// What was added since the numbers before: nothing, or one whole import.
#[track_caller]
fn added(folder: &Folder, before: &mut [i64; 4], round: u32) -> bool {
    // Board, lane and project are objects too.
    let one = [1, CARDS as i64, 1, CARDS as i64 + 3];
    let now = numbers(folder);
    let added: [i64; 4] = std::array::from_fn(|at| now[at] - before[at]);
    assert!(added == [0; 4] || added == one, "round {round}: {added:?}");
    *before = now;
    added == one
}

#[test]
fn an_import_that_was_killed_is_there_as_a_whole_or_not_at_all() {
    let folder = Folder::new();
    let server = folder.start();
    let whole = timed(&server, &folder);
    server.stop();
    let mut before = numbers(&folder);
    let mut seen = [false; 2];
    for round in 1..=KILLS {
        // From the beginning of the request to a little after its usual end.
        let after = whole * round / (KILLS - 4);
        let is_acknowledged = import_and_kill(&folder, round, after);
        let is_there = added(&folder, &mut before, round);
        assert!(
            !is_acknowledged || is_there,
            "round {round}: acknowledged and lost"
        );
        seen[usize::from(is_there)] = true;
    }
    assert!(seen[0], "no import was cut off");
    folder.start().stop();
    folder.assert_healthy();
}

/// The command that imports a board.
fn command(folder: &Folder, round: u32) -> Command {
    let file = folder.path().join(format!("board-{round}.json"));
    std::fs::write(&file, board(round).to_string()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tackboard"));
    command
        .arg("import")
        .arg(file)
        .arg("--data")
        .arg(folder.path());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Kills a command after a time, unless it has ended.
fn kill_after(running: &mut Child, after: Duration) {
    let began = Instant::now();
    wait_until(|| began.elapsed() >= after || running.try_wait().unwrap().is_some());
    running.kill().unwrap();
}

#[test]
fn a_command_that_was_killed_has_imported_all_or_nothing() {
    let folder = Folder::new();
    let server = folder.start();
    let began = Instant::now();
    assert!(command(&folder, 0).status().unwrap().success());
    let whole = began.elapsed();
    let mut before = numbers(&folder);
    let mut seen = [false; 2];
    for round in 1..=KILLS {
        let mut running = command(&folder, round).spawn().unwrap();
        kill_after(&mut running, whole * round / (KILLS - 4));
        let is_done = running.wait().unwrap().success();
        let is_there = added(&folder, &mut before, round);
        assert!(!is_done || is_there, "round {round}: reported and lost");
        seen[usize::from(is_there)] = true;
    }
    assert!(seen[0], "no import was cut off");
    // The server that ran all the time has noticed nothing.
    let client = server.client(&folder.first_token());
    let (status, body) = client.post("/v1/imports", None, &board(KILLS + 1)).unwrap();
    assert_eq!(status, 201, "{body}");
    server.stop();
    folder.assert_healthy();
}
