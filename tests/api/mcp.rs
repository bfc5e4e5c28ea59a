//! The Model Context Protocol: messages, revisions, headers, credentials, and the list of tools.

use serde_json::{Map, Value, json};
use tackboard::model::scopes::Scope;

use crate::harness::{App, Client, Reply, at_once};

const STATELESS: &str = "2026-07-28";

/// Parameters with what the revision 2026-07-28 requires in each request.
fn with_meta(mut params: Value, version: &str) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {}
    });
    params
}

fn message(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params })
}

/// Sends a request of the revision 2026-07-28 with its headers.
fn send(client: &Client, method: &str, params: Value) -> Reply {
    let name = params["name"].as_str().unwrap_or_default().to_owned();
    let mut headers = vec![("mcp-protocol-version", STATELESS), ("mcp-method", method)];
    if method == "tools/call" {
        headers.push(("mcp-name", &name));
    }
    let body = message(method, with_meta(params, STATELESS));
    client.json("POST", "/mcp", &headers, body)
}

/// Sends a request of an earlier revision.
fn send_earlier(client: &Client, path: &str, method: &str, params: Value) -> Reply {
    client.post(path, message(method, params))
}

/// The names of the tools that a client sees.
fn tools(client: &Client, path: &str) -> Vec<String> {
    let reply = send_earlier(client, path, "tools/list", json!({})).expect(200);
    let tools = reply.json()["result"]["tools"].as_array().unwrap().clone();
    let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
    tools.iter().map(name).collect()
}

#[track_caller]
fn expect_refusal(reply: &Reply, status: u16, code: i32) {
    let json = reply.json();
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(json["error"]["code"], code, "{}", reply.text);
    assert_eq!(json["jsonrpc"], "2.0");
    assert!(json["error"]["message"].is_string());
}

#[test]
fn every_request_stands_alone_since_2026_07_28() {
    let client = App::shared().client();
    let reply = send(&client, "server/discover", json!({})).expect(200);
    let json = reply.json();
    assert_eq!(json["id"], 7);
    let result = &json["result"];
    assert_eq!(result["resultType"], "complete");
    let versions = json!([STATELESS, "2025-11-25", "2025-06-18"]);
    assert_eq!(result["supportedVersions"], versions);
    assert_eq!(result["capabilities"], json!({ "tools": {} }));
    assert_eq!(result["cacheScope"], "public");
    assert!(result["ttlMs"].is_u64() && result["instructions"].is_string());
    let info = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
    assert_eq!(info["name"], "tackboard");
    let list = send(&client, "tools/list", json!({})).expect(200).json();
    assert_eq!(list["result"]["cacheScope"], "private");
    assert!(list["result"]["ttlMs"].is_u64());
    let call = json!({ "name": "get_board", "arguments": {} });
    let result = &send(&client, "tools/call", call).expect(200).json()["result"];
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["structuredContent"], json!({ "boards": [] }));
    assert_eq!(result["content"][0]["text"], "{\"boards\":[]}");
    assert_eq!(result["isError"], false);
    // A handshake and what came with it are gone.
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/list",
        "x",
    ] {
        expect_refusal(&send(&client, method, json!({})), 404, -32601);
    }
}

#[test]
fn earlier_revisions_begin_with_a_handshake() {
    let client = App::shared().client();
    for (wanted, agreed) in [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2024-11-05", "2025-11-25"),
        ("1900-01-01", "2025-11-25"),
    ] {
        let info = json!({ "name": "test", "version": "1" });
        let params = json!({ "protocolVersion": wanted, "capabilities": {}, "clientInfo": info });
        let reply = send_earlier(&client, "/mcp", "initialize", params).expect(200);
        let result = reply.json()["result"].clone();
        assert_eq!(result["protocolVersion"], agreed, "{wanted}");
        assert_eq!(result["serverInfo"]["name"], "tackboard");
        assert_eq!(reply.header("mcp-session-id"), "");
        let members: Vec<_> = result.as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            [
                "capabilities",
                "instructions",
                "protocolVersion",
                "serverInfo"
            ]
        );
    }
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let header = [("mcp-protocol-version", "2025-11-25")];
    let reply = client.json("POST", "/mcp", &header, ready);
    assert_eq!((reply.status, reply.text.as_str()), (202, ""));
    let pong = client.json("POST", "/mcp", &header, message("ping", json!({})));
    assert_eq!(pong.expect(200).json()["result"], json!({}));
    let list = client.json("POST", "/mcp", &header, message("tools/list", json!({})));
    let members = list.expect(200).json()["result"].as_object().unwrap().len();
    assert_eq!(members, 1, "only the tools");
    expect_refusal(
        &send_earlier(&client, "/mcp", "server/discover", json!({})),
        404,
        -32601,
    );
    let unknown = [("mcp-protocol-version", "1900-01-01")];
    let refused = client.json("POST", "/mcp", &unknown, message("ping", json!({})));
    expect_refusal(&refused, 400, -32022);
    let data = refused.json()["error"]["data"].clone();
    assert_eq!(data["requested"], "1900-01-01");
    assert_eq!(data["supported"][0], STATELESS);
}

#[test]
fn headers_say_the_same_as_the_message() {
    let client = App::shared().client();
    let call = || {
        let params = json!({ "name": "get_usage", "arguments": {} });
        message("tools/call", with_meta(params, STATELESS))
    };
    let version = ("mcp-protocol-version", STATELESS);
    let (method, name) = (("mcp-method", "tools/call"), ("mcp-name", "get_usage"));
    let encoded = ("mcp-name", "=?base64?Z2V0X3VzYWdl?=");
    for headers in [[version, method, name], [version, method, encoded]] {
        client.json("POST", "/mcp", &headers, call()).expect(200);
    }
    for headers in [
        vec![method, name],
        vec![version, name],
        vec![version, method],
        vec![version, ("mcp-method", "tools/list"), name],
        vec![version, ("mcp-method", "Tools/Call"), name],
        vec![version, method, ("mcp-name", "get_board")],
        vec![version, method, name, ("mcp-name", "get_board")],
        vec![version, method, ("mcp-name", "=?base64?%%%?=")],
        vec![("mcp-protocol-version", "2025-11-25"), method, name],
    ] {
        let reply = client.json("POST", "/mcp", &headers, call());
        expect_refusal(&reply, 400, -32020);
        assert_eq!(reply.json()["id"], 7, "{headers:?}");
    }
    let body = message("tools/list", with_meta(json!({}), "1900-01-01"));
    let old = [
        ("mcp-protocol-version", "1900-01-01"),
        ("mcp-method", "tools/list"),
    ];
    expect_refusal(&client.json("POST", "/mcp", &old, body), 400, -32022);
    let headers = [version, ("mcp-method", "tools/list")];
    for meta in [
        json!({}),
        json!({ "_meta": {} }),
        json!({ "_meta": 1 }),
        json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": STATELESS } }),
        json!({ "_meta": { "io.modelcontextprotocol/clientCapabilities": {} } }),
    ] {
        let reply = client.json("POST", "/mcp", &headers, message("tools/list", meta));
        expect_refusal(&reply, 400, -32602);
    }
}

#[test]
fn what_is_no_message_is_refused() {
    let client = App::shared().client();
    let post = |body: &str| {
        let kind = [("content-type", "application/json")];
        client.call("POST", "/mcp", &kind, Some(body.as_bytes().to_vec()))
    };
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}{}}}"#,
        r#"{"a":"#.repeat(10_000) + "1",
        "}".repeat(10_000)
    );
    for text in ["", "{", "\u{0}", &deep, r#"{"a":1,"a":2}"#] {
        expect_refusal(&post(text), 400, -32700);
    }
    for text in [
        "[]",
        "1",
        r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
        r#"{"id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#,
    ] {
        expect_refusal(&post(text), 400, -32600);
    }
    for params in [
        json!({}),
        json!({ "name": 1 }),
        json!({ "name": "no_such_tool" }),
        json!({ "name": "get_board", "arguments": [] }),
    ] {
        let reply = send_earlier(&client, "/mcp", "tools/call", params);
        expect_refusal(&reply, 200, -32602);
    }
    let plain = [("content-type", "text/plain")];
    client
        .call("POST", "/mcp", &plain, Some(b"{}".to_vec()))
        .expect_error(415, "unsupported_media_type");
    let large = vec![b' '; 10 << 20];
    let kind = [("content-type", "application/json")];
    client
        .call("POST", "/mcp", &kind, Some(large))
        .expect_error(413, "payload_too_large");
    for method in ["GET", "DELETE", "PUT"] {
        let reply = client.call(method, "/mcp", &[("accept", "text/event-stream")], None);
        assert_eq!(reply.header("allow"), "POST");
        reply.expect_error(405, "method_not_allowed");
    }
}

#[test]
fn only_a_token_gives_access() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let ping = || message("ping", json!({}));
    let refused = app.client_with(None).post("/mcp", ping());
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    refused.expect_error(401, "invalid_token");
    let browser = app.browser_of(&workspace);
    browser
        .post("/mcp", ping())
        .expect_error(401, "invalid_token");
    let key = app.key(&workspace);
    let with_key = app.client_with(Some(&key));
    with_key
        .post("/mcp", ping())
        .expect_error(401, "invalid_token");
    let client = app.client_of(&workspace);
    client.post("/mcp", ping()).expect(200);
    let unknown = client.post("/mcp?colour=1", ping());
    unknown.expect_error(400, "invalid_request");
}

#[test]
fn pages_of_other_sites_are_refused() {
    let app = App::shared();
    let client = app.client();
    let ping = || message("ping", json!({}));
    let from = |origin: &str| client.json("POST", "/mcp", &[("origin", origin)], ping());
    from(&app.origin).expect(200);
    for origin in [
        "http://evil.example.com",
        "https://127.0.0.1",
        "http://localhost:6274",
        "null",
        "x",
    ] {
        from(origin).expect_error(403, "cross_origin_refused");
    }
    // A name that leads to this server is not enough.
    let host = [
        ("origin", "http://evil.example.com"),
        ("host", "evil.example.com"),
    ];
    let rebound = client.json("POST", "/mcp", &host, ping());
    rebound.expect_error(403, "cross_origin_refused");
    let open = App::with(|settings| settings.cors_origins = vec!["https://a.example".to_owned()]);
    let from = |origin| {
        open.client()
            .json("POST", "/mcp", &[("origin", origin)], ping())
    };
    from("https://a.example").expect(200);
    from("https://b.example").expect_error(403, "cross_origin_refused");
}

#[test]
fn agents_see_what_their_scopes_allow() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let seen = |scopes: &[Scope], path: &str| {
        tools(&app.client_with(Some(&app.token(&workspace, scopes))), path)
    };
    let all = seen(&[Scope::Admin], "/mcp");
    let order = [
        "find",
        "get_board",
        "get_task",
        "list_tasks",
        "create_tasks",
        "update_tasks",
        "delete_tasks",
        "add_comment",
        "manage_board",
        "list_cards",
        "get_card",
        "write_card",
        "send_card",
        "get_activity",
        "get_usage",
    ];
    assert_eq!(all, order);
    let reads = seen(&[Scope::Read], "/mcp");
    assert_eq!(reads.len(), 8);
    assert_eq!(seen(&[Scope::Admin], "/mcp?readonly=1"), reads);
    assert_eq!(
        seen(&[Scope::Delete], "/mcp"),
        ["delete_tasks", "manage_board"]
    );
    let both = seen(&[Scope::Read, Scope::Write], "/mcp");
    assert!(!both.contains(&"delete_tasks".to_owned()) && both.len() == 14);
    let cards = seen(&[Scope::Admin], "/mcp?tools=cards");
    assert!(cards.contains(&"send_card".to_owned()) && !cards.contains(&"get_task".to_owned()));
    assert_eq!(seen(&[Scope::Admin], "/mcp?tools=board,cards"), order);
    let some = seen(&[Scope::Admin], "/mcp?tools=get_task,cards&readonly=1");
    assert!(some.contains(&"get_task".to_owned()) && !some.contains(&"write_card".to_owned()));
    let client = app.client_of(&workspace);
    for path in ["/mcp?tools=board,nothing", "/mcp?readonly=maybe"] {
        let refused = send_earlier(&client, path, "tools/list", json!({}));
        refused.expect_error(400, "invalid_request");
    }
    // What is hidden cannot be called.
    let call = json!({ "name": "write_card", "arguments": { "title": "x" } });
    let hidden = send_earlier(&client, "/mcp?readonly=1", "tools/call", call);
    expect_refusal(&hidden, 200, -32602);
}

#[test]
fn definitions_are_small_and_complete() {
    let client = App::shared().client();
    let reply = send(&client, "tools/list", json!({})).expect(200);
    let tools = reply.json()["result"]["tools"].as_array().unwrap().clone();
    assert!(tools.len() <= 16);
    // With spaces, as some clients serialize it.
    let spaces = |text: String| text.len() + text.matches(['{', ',', ':']).count();
    let size = spaces(Value::from(tools.clone()).to_string());
    assert!(size <= 16_000, "{size} characters are {} tokens", size / 4);
    for tool in &tools {
        let name = &tool["name"];
        assert!(tool["description"].as_str().unwrap().len() > 20, "{name}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{name}");
        assert_eq!(tool["outputSchema"]["type"], "object", "{name}");
        only_names_and_types(&tool["outputSchema"]);
        let changes = tool["annotations"]["readOnlyHint"] != true;
        let hints = tool["annotations"].as_object().unwrap();
        let complete = ["destructiveHint", "idempotentHint"]
            .iter()
            .all(|hint| hints.contains_key(*hint));
        assert_eq!(changes, complete, "{name}");
        for schema in ["inputSchema", "outputSchema"] {
            let compiled = jsonschema::draft202012::new(&tool[schema]);
            assert!(compiled.is_ok(), "{name} {schema}");
        }
    }
    let reads: Vec<_> = tools
        .iter()
        .filter(|tool| tool["annotations"]["readOnlyHint"] == true)
        .collect();
    assert_eq!(reads.len(), 8);
}

fn only_names_and_types(schema: &Value) {
    for (keyword, value) in schema.as_object().unwrap_or(&Map::new()) {
        match keyword.as_str() {
            "type" => {}
            "items" => only_names_and_types(value),
            "properties" => value
                .as_object()
                .unwrap()
                .values()
                .for_each(only_names_and_types),
            other => panic!("{other} in {schema}"),
        }
    }
}

#[test]
fn only_calls_of_tools_count() {
    let app = App::shared();
    app.sql("INSERT OR IGNORE INTO plan (name, api_calls) VALUES ('three', 3)");
    let client = app.client_of(&app.workspace("three"));
    let call = |name: &str| {
        send(
            &client,
            "tools/call",
            json!({ "name": name, "arguments": {} }),
        )
    };
    for _ in 0..5 {
        let list = send(&client, "tools/list", json!({})).expect(200);
        assert_eq!(list.header("x-ratelimit-remaining"), "");
        send(&client, "server/discover", json!({})).expect(200);
    }
    assert_eq!(call("get_board").header("x-ratelimit-remaining"), "2");
    assert_eq!(call("list_cards").header("x-ratelimit-remaining"), "1");
    let used = call("get_usage").json()["result"]["structuredContent"]["api_calls"].clone();
    assert_eq!((&used["used"], &used["limit"]), (&json!(2), &json!(3)));
    call("get_board").expect(200);
    let refused = call("get_board").expect(200);
    assert!(refused.header("retry-after").parse::<u64>().is_ok());
    let refused = refused.json()["result"].clone();
    assert_eq!(refused["isError"], true);
    let error = &refused["structuredContent"]["error"];
    assert_eq!(error["code"], "quota_exceeded");
    assert!(
        refused["content"][0]["text"]
            .as_str()
            .unwrap()
            .contains("quota_exceeded")
    );
    let usage = call("get_usage").expect(200).json()["result"].clone();
    assert_eq!(usage["isError"], false, "reading the usage does not count");
}

#[test]
fn the_burst_limit_holds() {
    let app = App::with(|settings| settings.burst_per_second = Some(2));
    let client = app.client();
    let statuses = at_once(20, |_| send(&client, "tools/list", json!({})).status);
    assert!(
        statuses.contains(&429) && statuses.contains(&200),
        "{statuses:?}"
    );
}

#[test]
fn many_agents_at_once_get_what_they_ask_for() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project();
    let statuses = at_once(50, |n| {
        let mut made = 0;
        for at in 0..20 {
            let task = json!({ "project": project.id, "label": format!("{n} {at}") });
            let call = json!({ "name": "create_tasks", "arguments": { "tasks": [task] } });
            let reply = send(&client, "tools/call", call).expect(200);
            made += u32::from(reply.json()["result"]["isError"] == false);
        }
        made
    });
    assert_eq!(statuses.iter().sum::<u32>(), 1_000);
    let list = client.show(&format!("/v1/projects/{}", project.id));
    assert_eq!(list["num_tasks_total"], 1_000);
}
