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
