//! Commands while a server runs: it sees their changes on its next request, and they do not block each other.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rusqlite::Connection;
use serde_json::json;

use crate::harness::{Folder, Server};

const CREATE: &str =
    "token create --workspace demo --user ann@example.org --name CI --scopes admin";

#[test]
fn a_token_opens_the_api_until_it_is_revoked() {
    let folder = Folder::with_demo();
    let server = Server::start(&folder);
    let token = folder.json(CREATE);
    let secret = token["token"].as_str().unwrap();
    assert_eq!(server.get("/v1/boards", secret).status(), 200);
    folder
        .run(&format!("token revoke {}", token["id"].as_str().unwrap()))
        .ok();
    assert_eq!(server.get("/v1/boards", secret).status(), 401);
    server.stop();
}

#[test]
fn plans_and_top_ups_hold_from_the_next_request() {
    let folder = Folder::with_demo();
    let server = Server::start(&folder);
    let token = folder.run(CREATE).ok();
    let limit = || {
        let answer = server.get("/v1/boards", token.trim());
        answer
            .headers()
            .get("X-RateLimit-Limit")
            .map(|limit| limit.to_str().unwrap().to_owned())
    };
    assert_eq!(limit().as_deref(), Some("12000"));
    folder.run("workspace top-up demo --calls 10000").ok();
    assert_eq!(limit().as_deref(), Some("22000"));
    folder.run("workspace set-plan demo teams").ok();
    assert_eq!(limit().as_deref(), Some("70000"));
    folder.run("plan set teams --api-calls none").ok();
    assert_eq!(limit(), None);
    folder.run("workspace delete demo --yes").ok();
    assert_eq!(server.get("/v1/boards", token.trim()).status(), 401);
    server.stop();
    assert_eq!(folder.run("doctor").status, Some(0));
}

#[test]
fn the_lines_that_the_first_start_shows_work_when_pasted() {
    let folder = Folder::empty();
    let data = folder.path().to_str().unwrap();
    let server = Server::with(&["--data", data, "--listen", "127.0.0.1:0"], &[]);
    let text = std::fs::read_to_string(folder.path().join("first-credentials")).unwrap();
    let lines: Vec<_> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("curl "))
        .collect();
    let answers: Vec<String> = lines.iter().map(|line| pasted(line, &server)).collect();
    assert_eq!(answers.len(), 2, "{text}");
    assert!(answers[0].contains("Getting started"), "{}", answers[0]);
    assert!(answers[1].contains("Welcome, {{name}}!"), "{}", answers[1]);
    let link = text
        .lines()
        .find_map(|line| line.trim().strip_prefix(server.origin()));
    let session = server.open(link.unwrap(), &json!({}));
    assert_eq!(
        session["session"]["workspaces"][0]["role"], "owner",
        "{session}"
    );
    // The card has a configuration, so it can be sent.
    let key = text
        .split(char::is_whitespace)
        .find(|word| word.len() == 36);
    let cards = server.get("/api/integration/workflow-cards", key.unwrap());
    let cards = cards.into_body().read_to_string().unwrap();
    let cards: serde_json::Value = serde_json::from_str(&cards).unwrap();
    assert_eq!(cards["data"][0]["mergeTags"], json!(["name", "company"]));
    assert!(cards["data"][0]["integrationId"].is_string(), "{cards}");
    server.stop();
    assert_eq!(folder.run("doctor").status, Some(0));
}

/// Runs a shown curl command, and returns its output.
fn pasted(line: &str, server: &Server) -> String {
    let words: Vec<_> = line.split('\'').collect();
    let token = words.iter().find_map(|word| word.split_once("Bearer "));
    let url = line
        .split([' ', '\''])
        .find_map(|word| word.strip_prefix(server.origin()));
    let (url, token) = (url.unwrap(), token.unwrap().1);
    let answer = match line.starts_with("-X POST ") {
        true => server.post_nothing(url, token),
        false => server.get(url, token),
    };
    answer.into_body().read_to_string().unwrap()
}

#[test]
fn flags_before_and_behind_serve_count_and_win_over_the_environment() {
    let folder = Folder::new();
    let data = folder.path().to_str().unwrap();
    let env = [
        ("TACKBOARD_LISTEN", "not an address"),
        ("TACKBOARD_LOG", "error"),
    ];
    Server::with(&["--listen", "127.0.0.1:0", "serve", "--data", data], &env).stop();
    Server::with(&["serve", "--data", data, "--listen", "127.0.0.1:0"], &env).stop();
    let both = [
        "--listen",
        "256.0.0.1:0",
        "--data",
        data,
        "serve",
        "--listen",
        "127.0.0.1:0",
    ];
    Server::with(&both, &[]).stop();
    Server::with(
        &["serve", "--data", data],
        &[("TACKBOARD_LISTEN", "127.0.0.1:0")],
    )
    .stop();
}

#[test]
fn commands_get_through_while_the_server_writes_all_the_time() {
    let folder = Folder::with_demo();
    folder
        .run("plan set pro --tasks none --api-calls none --tokens none")
        .ok();
    let server = Server::start(&folder);
    let token = folder.run(CREATE).ok();
    let token = token.trim();
    let board = server.post("/v1/boards", token, &json!({ "name": "B" }));
    let project = json!({ "boardId": board["board"]["id"], "name": "P" });
    let project = server.post("/v1/projects", token, &project);
    let (stop, written) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let task = json!({ "projectId": project["project"]["id"], "label": "T" });
                    let made = server.post("/v1/tasks", token, &task);
                    assert!(made["task"]["id"].is_string(), "{made}");
                    written.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let done = std::panic::catch_unwind(|| run_everything(&folder));
        stop.store(true, Ordering::Relaxed);
        done.unwrap();
    });
    assert!(written.load(Ordering::Relaxed) > 0);
    server.stop();
    assert_eq!(folder.run("doctor").status, Some(0));
}

/// Runs every kind of command, some of them several times.
fn run_everything(folder: &Folder) {
    for at in 0..10 {
        let id = folder.json(CREATE)["id"].clone();
        folder
            .run(&format!("token revoke {}", id.as_str().unwrap()))
            .ok();
        folder
            .run(&format!("workspace top-up demo --calls {at}"))
            .ok();
        folder.run("key create --user ann@example.org").ok();
    }
    folder.run("workspace create --name Other").ok();
    folder
        .run("user create --email bob@example.org --name Bob --workspace other")
        .ok();
    folder.run("workspace set-plan other teams").ok();
    folder.run("plan set teams --tasks 5").ok();
    folder.run("workspace delete other --yes").ok();
    for list in [
        "workspace list",
        "user list",
        "token list",
        "plan list",
        "doctor",
    ] {
        folder.run(list).ok();
    }
    let file = folder.path().join("copy.db");
    folder.run(&format!("backup {}", file.display())).ok();
    let copy = Connection::open(&file).unwrap();
    let verdict: String = copy
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}

#[test]
fn links_have_the_machine_name_if_the_server_listens_on_all_addresses() {
    let output = std::process::Command::new("uname").arg("-n").output();
    let name = String::from_utf8(output.unwrap().stdout)
        .unwrap()
        .to_lowercase();
    for address in ["0.0.0.0:0", "[::]:0"] {
        let folder = Folder::empty();
        let log = Server::log_of_start(&folder, &["--listen", address], &[]);
        assert!(log.contains("--public-url"), "{log}");
        let shown = std::fs::read_to_string(folder.path().join("first-credentials")).unwrap();
        assert!(
            !shown.contains("0.0.0.0") && !shown.contains("[::]"),
            "{shown}"
        );
        assert!(
            shown.contains(&format!("http://{}:", name.trim())),
            "{shown}"
        );
    }
    let folder = Folder::new();
    let known = [
        "--listen",
        "0.0.0.0:0",
        "--public-url",
        "https://boards.example.org",
    ];
    for args in [&known[..], &["--listen", "127.0.0.1:0"]] {
        let log = Server::log_of_start(&folder, args, &[]);
        assert!(!log.contains("--public-url"), "{log}");
    }
}

#[test]
fn an_incomplete_address_gets_an_example() {
    let folder = Folder::new();
    for (address, example) in [
        ("9000", "127.0.0.1:9000"),
        (":9000", "127.0.0.1:9000"),
        ("localhost", "127.0.0.1:8080"),
    ] {
        let why = folder.run(&format!("serve --listen {address}")).refused();
        assert!(why.contains(&format!("--listen {example}")), "{why}");
    }
}

#[test]
fn a_password_in_plain_text_gets_a_warning() {
    let folder = Folder::new();
    let warning = "sent unencrypted";
    for (url, warned) in [
        ("smtp://u:hunter2@mail.example", true),
        ("smtp://u:hunter2@mail.example?tls=required", false),
        ("smtp://u:hunter2@127.0.0.1", false),
        ("smtp://mail.example", false),
    ] {
        let args = [
            "--listen",
            "127.0.0.1:0",
            "--smtp-url",
            url,
            "--mail-from",
            "a@b.example",
        ];
        let log = Server::log_of_start(&folder, &args, &[]);
        assert_eq!(log.contains(warning), warned, "{url}: {log}");
        assert!(!log.contains("hunter2"), "{log}");
    }
}

#[test]
fn a_start_without_sample_says_what_is_next() {
    let folder = Folder::empty();
    let args = ["--listen", "127.0.0.1:0", "--no-sample"];
    let log = Server::log_of_start(&folder, &args, &[]);
    assert!(log.contains("tackboard workspace create --name"), "{log}");
    let log = Server::log_of_start(&folder, &args, &[]);
    assert!(!log.contains("workspace create"), "{log}");
}
