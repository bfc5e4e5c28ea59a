//! `tackboard session …`

use serde_json::json;

use crate::harness::{Folder, Server};

/// Signs Ann in, and returns the session's id.
fn sign_in(folder: &Folder, server: &Server) -> String {
    let link = folder.run("user link --user ann@example.org").ok();
    let path = link.trim().strip_prefix(server.origin()).unwrap();
    let session = server.open(path, &json!({}))["session"]["id"].clone();
    session.as_str().unwrap().to_owned()
}

#[test]
fn sessions_are_listed_and_ended() {
    let folder = Folder::with_demo();
    let none = folder.run("session list").ok();
    assert!(none.contains("user link"), "{none}");
    let server = Server::start(&folder);
    let ids = [(); 3].map(|()| sign_in(&folder, &server));
    let listed = folder.json("session list");
    let column: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(column, [&json!(ids[0]), &json!(ids[1]), &json!(ids[2])]);
    assert_eq!(listed[0]["email"], "ann@example.org");
    let table = folder.run("session list").ok();
    assert!(
        table.contains("BROWSER") && table.contains(&ids[0]),
        "{table}"
    );
    let ended = folder.json(&format!("session end {}", ids[0]));
    assert_eq!(
        (&ended["deleted"], &ended["id"]),
        (&json!(true), &json!(ids[0]))
    );
    let why = folder.run(&format!("session end {}", ids[0])).refused();
    assert!(why.contains("session list"), "{why}");
    let told = folder.run("session end --user ann@example.org").ok();
    assert_eq!(told, "Ended 2 sessions of ann@example.org.\n");
    assert_eq!(folder.json("session list"), json!([]));
}

#[test]
fn an_end_needs_to_know_of_what() {
    let folder = Folder::with_demo();
    folder.run("session end").misused();
    folder.run("session end x").misused();
    let id = uuid::Uuid::now_v7();
    folder
        .run(&format!("session end {id} --user ann@example.org"))
        .misused();
    folder
        .run("session end --user nobody@example.org")
        .refused();
}

#[test]
fn no_password_link_or_cookie_is_logged_or_shown() {
    let folder = Folder::with_demo();
    let (server, log) = Server::logging_all(&folder);
    let password = "correct horse battery";
    folder
        .run_with("user set-password --user ann@example.org", password)
        .ok();
    let path = |line: &str| {
        let link = folder.run(line).ok();
        link.trim()
            .strip_prefix(server.origin())
            .unwrap()
            .to_owned()
    };
    let link = path("user link --user ann@example.org");
    let invitation = path("user invite --email bob@example.org --workspace demo");
    let origin = ("Origin", server.origin());
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let mut cookies = Vec::new();
    for typed in ["not this one, sorry", password] {
        let person = json!({ "email": "ann@example.org", "password": typed });
        let response = server.call("POST", "/v1/session", &[origin], &person);
        if let Some(cookie) = response.headers().get("set-cookie") {
            cookies.push(
                cookie
                    .to_str()
                    .unwrap()
                    .split(';')
                    .next()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
    let cookie = ("Cookie", cookies[0].as_str());
    for (path, body) in [
        (&link, json!({})),
        (
            &invitation,
            json!({ "name": "Bob", "password": "Bob's own password" }),
        ),
    ] {
        server.get(path, "");
        // Once with an error, once with success, once used up.
        for headers in [
            vec![],
            vec![origin],
            vec![origin],
            vec![origin, cookie, form],
        ] {
            server.call("POST", path, &headers, &body);
        }
    }
    let wrong =
        json!({ "password": "Ann's next password", "currentPassword": "not this one, sorry" });
    server.call("PATCH", "/v1/me", &[origin, cookie], &wrong);
    let metrics = server
        .get("/metrics", "")
        .body_mut()
        .read_to_string()
        .unwrap();
    server.stop();
    let shown = [
        std::fs::read_to_string(log).unwrap(),
        metrics,
        folder.run("doctor").out,
        folder.run("user list").out,
        folder.run("session list").out,
    ];
    let code = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let secrets = [
        code(&link),
        code(&invitation),
        cookies[0].split('=').nth(1).unwrap().to_owned(),
        password.to_owned(),
        "not this one".to_owned(),
        "own password".to_owned(),
        "next password".to_owned(),
    ];
    for secret in secrets {
        for text in &shown {
            let found = text.lines().find(|line| line.contains(&secret));
            assert_eq!(found, None, "{secret}");
        }
    }
}
