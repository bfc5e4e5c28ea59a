//! `tackboard mcp`

use serde_json::{Value, json};

use crate::harness::{Folder, Server};

fn message(id: u32, method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

fn call(id: u32, tool: &str, arguments: Value) -> String {
    message(
        id,
        "tools/call",
        json!({ "name": tool, "arguments": arguments }),
    )
}

/// Sends messages, one per line, and returns the responses.
fn talk(folder: &Folder, line: &str, messages: &[String]) -> Vec<Value> {
    let run = folder.run_with(line, &format!("{}\n", messages.join("\n")));
    let out = run.ok();
    out.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn new_board() -> Value {
    json!({ "changes": [
        { "action": "create", "type": "board", "name": "Website" },
        { "action": "create", "type": "project", "board": "Website", "name": "Launch" }
    ] })
}

#[test]
fn an_agent_may_only_read_at_first() {
    let folder = Folder::with_demo();
    let info = json!({ "name": "test", "version": "1" });
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info });
    let meta = json!({ "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}
    } });
    let answers = talk(
        &folder,
        "mcp --workspace demo",
        &[
            message(1, "initialize", hello),
            json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string(),
            message(2, "tools/list", json!({})),
            call(3, "get_usage", json!({})),
            call(4, "manage_board", new_board()),
            "nonsense".to_owned(),
            message(5, "nothing", json!({})),
            message(6, "server/discover", meta),
            "x".repeat(2 << 20),
            message(7, "ping", json!({})),
        ],
    );
    assert_eq!(answers.len(), 9);
    assert_eq!(answers[0]["result"]["protocolVersion"], "2025-11-25");
    assert_eq!(answers[1]["result"]["tools"].as_array().unwrap().len(), 8);
    assert_eq!(answers[2]["result"]["structuredContent"]["plan"], "pro");
    let error = &answers[3]["result"]["structuredContent"]["error"];
    assert_eq!(error["code"], "insufficient_scope");
    assert_eq!(answers[4]["error"]["code"], -32700);
    assert_eq!(answers[5]["error"]["code"], -32601);
    assert_eq!(answers[6]["result"]["resultType"], "complete");
    assert_eq!(
        answers[7]["error"]["code"], -32700,
        "a line that is too long"
    );
    assert_eq!(
        answers[8],
        json!({ "jsonrpc": "2.0", "id": 7, "result": {} })
    );
}

#[test]
fn an_agent_works_beside_a_running_server() {
    let folder = Folder::with_demo();
    let _server = Server::start(&folder);
    let new = |label: &str| json!({ "tasks": [{ "project": "Launch", "label": label }] });
    let answers = talk(
        &folder,
        "mcp --scopes read,write,delete",
        &[
            call(1, "manage_board", new_board()),
            call(2, "create_tasks", new("One")),
            call(3, "find", json!({ "query": "one" })),
            call(4, "add_comment", json!({ "task": "one", "text": "Hello" })),
            call(
                5,
                "create_tasks",
                json!({ "tasks": [{ "project": "Lunch", "label": "x" }] }),
            ),
            call(6, "list_tasks", json!({ "assignee": "me" })),
            call(7, "delete_tasks", json!({ "tasks": ["One"] })),
            call(8, "get_activity", json!({ "types": "task.*" })),
        ],
    );
    let failed: Vec<_> = answers
        .iter()
        .map(|answer| answer["result"]["isError"] == true)
        .collect();
    assert_eq!(
        failed,
        [false, false, false, false, true, true, false, false],
        "{answers:#?}"
    );
    let found = &answers[2]["result"]["structuredContent"]["results"];
    assert_eq!(found[0]["title"], "One");
    let events = &answers[7]["result"]["structuredContent"]["events"];
    assert_eq!(events[0]["type"], "task.deleted");
    assert_eq!(events[0]["actor"]["kind"], "command");
}

#[test]
fn a_workspace_must_be_chosen_among_several() {
    let folder = Folder::with_demo();
    folder.run("workspace create --name Other").ok();
    let run = folder.run_with("mcp", "");
    assert!(run.refused().contains("--workspace"));
    let unknown = folder.run_with("mcp --workspace nowhere", "");
    assert!(unknown.refused().contains("nowhere"));
}
