//! `tackboard export [FILE]`

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::harness::{Folder, Server};

#[test]
fn an_export_goes_to_standard_output_or_into_a_private_file() {
    let folder = Folder::with_demo();
    let shown: Value = serde_json::from_str(&folder.run("export").ok()).unwrap();
    assert_eq!(
        (&shown["format"], &shown["workspace"]["slug"]),
        (&"tackboard-export".into(), &"demo".into())
    );
    let file = folder.path().join("all.json");
    std::fs::write(&file, "old").unwrap();
    let made = folder.json(&format!("export --workspace demo {}", file.display()));
    assert_eq!(made["id"], folder.json("workspace list")[0]["id"]);
    assert_eq!(made["bytes"], file.metadata().unwrap().len());
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let mut written: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    written["exported_at"] = shown["exported_at"].clone();
    assert_eq!(written, shown);
    let left = std::fs::read_dir(folder.path()).unwrap();
    let partial = left.filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("partial")
    });
    assert_eq!(partial.count(), 0);
}

#[test]
fn a_file_that_cannot_be_written_is_refused() {
    let folder = Folder::with_demo();
    folder.run("export /nowhere/at/all.json").refused();
    folder.run("export --workspace nobody").refused();
    folder.run("workspace create --name Other").ok();
    let why = folder.run("export").refused();
    assert!(why.contains("--workspace"), "{why}");
}

#[test]
fn the_command_and_the_server_export_the_same() {
    let folder = Folder::with_demo();
    let token = folder
        .run("token create --workspace demo --user ann@example.org --name t --scopes admin")
        .ok();
    let server = Server::start(&folder);
    let text = server
        .get("/v1/export", token.trim())
        .into_body()
        .read_to_string()
        .unwrap();
    let mut served: Value = serde_json::from_str(&text).unwrap();
    let shown: Value = serde_json::from_str(&folder.run("export").ok()).unwrap();
    served["exported_at"] = shown["exported_at"].clone();
    assert_eq!(served, shown);
}
