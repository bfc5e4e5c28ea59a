//! What holds for every command: help, wrong usage, the position of `--data` and `--json`, unusable folders.

use std::io::Read as _;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::harness::{Folder, PROGRAM, run};

/// A command line for each command that needs a database.
const NEED_A_DATABASE: &[&str] = &[
    "workspace create --name N",
    "workspace list",
    "workspace set-plan demo pro",
    "workspace top-up demo --calls 1",
    "workspace delete demo",
    "workspace delete demo --yes",
    "user create --email a@b.c --name N --workspace demo",
    "user list",
    "token create --workspace demo --user a@b.c --name N --scopes read",
    "token list",
    "token revoke 0190f3a1-7c1e-7d3a-9b2f-1c2d3e4f5a6b",
    "key create --user a@b.c",
    "plan list",
    "plan set pro --tasks 1",
];

/// The subcommands of a command, as its help lists them.
fn commands_below(command: &[String]) -> Vec<Vec<String>> {
    let mut args: Vec<_> = command.iter().map(String::as_str).collect();
    args.push("--help");
    let help = run(&args, &[]).ok();
    assert!(
        help.contains(&format!("Usage: tackboard {}", command.join(" "))),
        "{help}"
    );
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    names
        .map(|name| [command, &[name.to_owned()]].concat())
        .collect()
}

#[test]
fn every_command_has_help() {
    let mut to_ask = vec![Vec::new()];
    let mut seen = Vec::new();
    while let Some(command) = to_ask.pop() {
        to_ask.extend(commands_below(&command));
        seen.push(command.join(" "));
    }
    let tested = NEED_A_DATABASE
        .iter()
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>());
    for command in tested {
        assert!(
            seen.contains(&command.join(" ")),
            "{command:?} is in no help"
        );
    }
    for command in ["serve", "backup", "doctor", "openapi"] {
        assert!(
            seen.contains(&command.to_owned()),
            "{command} is in no help"
        );
    }
}

#[test]
fn help_tells_defaults() {
    for (line, default) in [
        ("workspace create", "[default: personal]"),
        ("workspace create", "[default: made from the name]"),
        ("user create", "[default: owner]"),
        ("token create", "[default: 90]"),
        ("key create", "[default: the user's oldest]"),
        ("doctor", "[default: ./tackboard-data]"),
    ] {
        let args: Vec<_> = line.split(' ').chain(["--help"]).collect();
        let help = run(&args, &[])
            .ok()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(help.contains(default), "{line}: {help}");
    }
}

#[test]
fn wrong_usage_is_exit_status_2() {
    for line in [
        "frobnicate",
        "workspace",
        "workspace frobnicate",
        "workspace list --frob",
        "backup",
        "plan set",
    ] {
        Folder::empty().run(line).misused();
    }
}

#[test]
fn data_and_json_stand_before_or_behind_a_command() {
    let folder = Folder::new();
    let data = folder.path().to_str().unwrap();
    for args in [
        ["--data", data, "--json", "workspace", "list"],
        ["--json", "workspace", "--data", data, "list"],
        ["workspace", "list", "--json", "--data", data],
    ] {
        assert_eq!(run(&args, &[]).json(), json!([]), "{args:?}");
    }
    assert_eq!(
        run(
            &["workspace", "list", "--json"],
            &[("TACKBOARD_DATA", data)]
        )
        .json(),
        json!([])
    );
}

#[test]
fn settings_of_the_server_before_a_command_do_no_harm() {
    let folder = Folder::new();
    let settings = [
        "--listen",
        "127.0.0.1:1",
        "--durability",
        "normal",
        "--log",
        "debug",
        "--no-sample",
    ];
    let args = [&settings[..], &["workspace", "list", "--json"]].concat();
    assert_eq!(folder.run_args(&args).json(), json!([]));
    let env = [
        ("TACKBOARD_DATA", folder.path().to_str().unwrap()),
        ("TACKBOARD_LISTEN", "127.0.0.1:1"),
    ];
    assert_eq!(
        run(&["workspace", "list", "--json"], &env).json(),
        json!([])
    );
}

#[test]
fn a_folder_without_a_database_is_refused_with_a_hint() {
    let folder = Folder::empty();
    let lines = NEED_A_DATABASE
        .iter()
        .copied()
        .chain(["backup /nowhere/x.db"]);
    for line in lines {
        let why = folder.run(line).refused();
        assert!(
            why.contains("there is no database in ") && why.contains("tackboard serve"),
            "{line}: {why}"
        );
    }
    assert!(!folder.database().exists());
}

#[test]
fn a_newer_database_and_a_foreign_one_are_refused() {
    let newer = Folder::new();
    newer
        .open()
        .pragma_update(None, "user_version", 9999)
        .unwrap();
    let foreign = Folder::empty();
    foreign.open().execute_batch("CREATE TABLE t (x)").unwrap();
    let damaged = Folder::empty();
    std::fs::write(damaged.database(), "this is no database. ".repeat(500)).unwrap();
    let hints = [
        (&newer, "newer"),
        (&foreign, "not a Tackboard database"),
        (&damaged, "restore a backup"),
    ];
    for (folder, hint) in hints {
        for line in NEED_A_DATABASE
            .iter()
            .copied()
            .chain(["backup /nowhere/x.db"])
        {
            let why = folder.run(line).refused();
            assert!(why.contains(hint), "{line}: {why}");
        }
    }
}

#[test]
fn an_older_database_can_only_be_copied() {
    let folder = Folder::new();
    folder
        .open()
        .pragma_update(None, "user_version", 1)
        .unwrap();
    assert!(
        folder
            .run("plan list")
            .refused()
            .contains("start the server once")
    );
    let copy = folder.path().join("copy.db");
    folder.run(&format!("backup {}", copy.display())).ok();
    assert!(copy.exists());
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let mut command = Command::new(PROGRAM);
    command
        .arg("openapi")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0; 1]).unwrap();
    drop(out);
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr), (Some(0), Vec::new()));
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let mut command = Command::new(PROGRAM);
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let ended = command.arg("openapi").stdout(full).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let why = String::from_utf8(ended.stderr).unwrap();
    assert!(
        why.starts_with("tackboard: cannot write to standard output: "),
        "{why}"
    );
}
