//! An agent that calls tools. Every result is checked against the tool's `outputSchema`.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::harness::{App, Client, Workspace};

/// An agent with a token.
pub struct Agent {
    pub client: Client,
    calls: AtomicUsize,
}

/// The result of a call that failed.
#[derive(Debug)]
pub struct Failed {
    pub code: String,
    pub error: Value,
    pub text: String,
}

impl Agent {
    pub fn new(client: Client) -> Self {
        Self {
            client,
            calls: AtomicUsize::new(0),
        }
    }

    pub fn of(app: &App, workspace: &Workspace) -> Self {
        Self::new(app.client_of(workspace))
    }

    /// How many calls it has made.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Calls a tool and returns the structured content.
    #[track_caller]
    pub fn call(&self, tool: &str, arguments: Value) -> Value {
        let result = self.result(tool, &arguments, &[]);
        assert_eq!(result["isError"], false, "{tool} {arguments}: {result:#}");
        result["structuredContent"].clone()
    }

    /// Calls a tool, which must fail.
    #[track_caller]
    pub fn fail(&self, tool: &str, arguments: Value) -> Failed {
        let result = self.result(tool, &arguments, &[]);
        assert_eq!(result["isError"], true, "{tool} {arguments}: {result:#}");
        let error = result["structuredContent"]["error"].clone();
        let text = result["content"][0]["text"].as_str().unwrap().to_owned();
        let code = error["code"].as_str().unwrap().to_owned();
        assert!(text.starts_with(&code), "{text}");
        for message in error["details"]["fields"].as_object().into_iter().flatten() {
            let (field, message) = (message.0, message.1.as_str().unwrap());
            assert!(text.contains(field) && text.contains(message), "{text}");
        }
        Failed { code, error, text }
    }

    /// Calls a tool and returns the whole result.
    #[track_caller]
    pub fn result(&self, tool: &str, arguments: &Value, headers: &[(&str, &str)]) -> Value {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let params = json!({ "name": tool, "arguments": arguments });
        let message =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let reply = self
            .client
            .json("POST", "/mcp", headers, message)
            .expect(200);
        let result = reply.json()["result"].clone();
        assert!(result.is_object(), "{tool} {arguments}: {}", reply.text);
        let content = &result["structuredContent"];
        if result["isError"] == false {
            self.check(tool, content);
            let copy: Value =
                serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
            assert_eq!(copy, *content, "the text is a copy");
        }
        result
    }

    fn check(&self, tool: &str, content: &Value) {
        static KNOWN: OnceLock<BTreeMap<String, Validator>> = OnceLock::new();
        let known = KNOWN.get_or_init(|| {
            let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
            let list = self.client.post("/mcp", list).expect(200).json();
            let tools = list["result"]["tools"].as_array().unwrap().iter();
            let compiled = tools.map(|tool| {
                let mut schema = tool["outputSchema"].clone();
                close(&mut schema);
                let validator = jsonschema::draft202012::new(&schema).unwrap();
                (tool["name"].as_str().unwrap().to_owned(), validator)
            });
            compiled.collect()
        });
        let errors: Vec<_> = known[tool]
            .iter_errors(content)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{tool}: {errors:?}\n{content:#}");
    }
}

/// Makes a schema refuse fields that it does not name.
fn close(schema: &mut Value) {
    if schema["properties"].is_object() {
        schema["additionalProperties"] = json!(false);
        let properties = schema["properties"].as_object_mut().unwrap();
        properties.values_mut().for_each(close);
    }
    if schema["items"].is_object() {
        close(&mut schema["items"]);
    }
}
