//! Answers requests. A call of a tool is prepared here and run by the transport, because it needs the database.

use serde_json::{Map, Value, json};

use super::calls::{Agent, Step};
use super::definitions::{self, Definition};
use super::protocol::{Refusal, Request, WITH_HANDSHAKE, server_info, supported};
use super::results;
use super::tools::{Selection, TOOLS, Tool};
use crate::error::{Error, Result};
use crate::model::credentials::Digest;
use crate::model::scopes::Scopes;
use crate::store::Conn;

/// How long clients may keep a list of tools, in milliseconds.
const TOOLS_TTL: u32 = 300_000;
/// How long clients may keep what the server is, in milliseconds.
const SERVER_TTL: u32 = 3_600_000;

const INSTRUCTIONS: &str = "Kanban boards (board > projects > tasks; lanes and labels are per board) and digital cards of one \
workspace. board, project, lane, labels, assignees, task and card take an id or a name; if a name is ambiguous, the error lists \
the ids. status is 0 open, 1 in progress, 2 done. Dates are YYYY-MM-DD. Start with get_board (without board it lists all \
boards), find or list_tasks. Change many tasks with one call: each call is all or none. Errors say which field is wrong.";

/// What a request gets.
pub enum Answer {
    /// A result.
    Result(Map<String, Value>),
    /// The result of a tool.
    Call(ToolCall),
}

/// A call of a tool.
#[derive(Clone)]
pub struct ToolCall {
    /// The tool.
    pub tool: &'static Tool,
    definition: &'static Definition,
    arguments: Value,
}

/// Answers a request of a client that wants these tools and has these scopes.
///
/// # Errors
/// What the client gets instead of a result.
pub fn answer(
    request: &Request,
    selection: &Selection,
    scopes: Scopes,
) -> Result<Result<Answer, Refusal>> {
    let result = match (request.method.as_str(), request.is_stateless) {
        ("server/discover", true) => discover(),
        ("initialize", false) => initialize(&request.params),
        ("ping", false) => json!({}),
        ("tools/list", _) => list(request, selection, scopes)?,
        ("tools/call", _) => {
            return call(&request.params, selection).map(|call| call.map(Answer::Call));
        }
        (method, _) => return Ok(Err(Refusal::no_such_method(method))),
    };
    let members = result.as_object().cloned().unwrap_or_default();
    Ok(Ok(Answer::Result(members)))
}

fn discover() -> Value {
    json!({
        "supportedVersions": supported(),
        "capabilities": { "tools": {} },
        "instructions": INSTRUCTIONS,
        "ttlMs": SERVER_TTL,
        "cacheScope": "public",
    })
}

/// Agrees on a revision: the client's, if the server has it.
fn initialize(params: &Map<String, Value>) -> Value {
    let wanted = params.get("protocolVersion").and_then(Value::as_str);
    let known = wanted.filter(|version| WITH_HANDSHAKE.contains(version));
    json!({
        "protocolVersion": known.unwrap_or(WITH_HANDSHAKE[0]),
        "capabilities": { "tools": {} },
        "serverInfo": server_info(),
        "instructions": INSTRUCTIONS,
    })
}

fn list(request: &Request, selection: &Selection, scopes: Scopes) -> Result<Value> {
    let shown = TOOLS
        .iter()
        .filter(|tool| tool.allows(scopes) && selection.has(tool));
    let shown = shown.map(|tool| Ok(&definitions::of(tool.name)?.shown));
    let tools = shown.collect::<Result<Vec<_>>>()?;
    let mut result = json!({ "tools": tools });
    if request.is_stateless {
        result["ttlMs"] = json!(TOOLS_TTL);
        result["cacheScope"] = json!("private");
    }
    Ok(result)
}

fn call(params: &Map<String, Value>, selection: &Selection) -> Result<Result<ToolCall, Refusal>> {
    let Some(name) = params.get("name").and_then(Value::as_str) else {
        return Ok(Err(Refusal::invalid_params(
            "Invalid params: name must be a string",
        )));
    };
    let mut known = TOOLS.iter();
    let Some(tool) = known.find(|tool| tool.name == name && selection.has(tool)) else {
        let shown: String = name.chars().take(100).collect();
        return Ok(Err(Refusal::invalid_params(format!(
            "Unknown tool: {shown}"
        ))));
    };
    let arguments = match params.get("arguments") {
        None => json!({}),
        Some(arguments @ Value::Object(_)) => arguments.clone(),
        Some(_) => {
            return Ok(Err(Refusal::invalid_params(
                "Invalid params: arguments must be an object",
            )));
        }
    };
    Ok(Ok(ToolCall {
        tool,
        definition: definitions::of(tool.name)?,
        arguments,
    }))
}

impl ToolCall {
    /// Checks the scope and the arguments.
    ///
    /// # Errors
    /// `insufficient_scope`, `invalid_request`.
    pub fn check(&mut self, scopes: Scopes) -> Result<()> {
        if !self.tool.allows(scopes) {
            return Err(Error::InsufficientScope {
                required: self.tool.scope(),
                provided: scopes,
            });
        }
        let input = &self.definition.input;
        Ok(input.check(&mut self.arguments)?)
    }

    /// Whether it needs an index of all changes.
    pub fn searches(&self) -> bool {
        self.tool.searches(&self.arguments)
    }

    /// Whether it may read for long.
    pub fn is_slow(&self) -> bool {
        self.tool.is_slow(&self.arguments)
    }

    /// The digest of what is called. Two calls that say the same have the same one.
    pub fn digest(&self) -> Digest {
        Digest::of(format!("{} {}", self.tool.name, self.arguments).as_bytes())
    }

    /// Runs the tool as far as it only reads.
    ///
    /// # Errors
    /// Those of the tool.
    pub fn run(&self, agent: &Agent, conn: &Conn) -> Result<Step> {
        (self.tool.run)(agent, conn, self.arguments.clone())
    }

    /// The result for the client.
    pub fn result(&self, outcome: Result<Value>, request_id: Option<&str>) -> Map<String, Value> {
        match outcome {
            Ok(mut content) => {
                self.definition.project(&mut content);
                results::success(content)
            }
            Err(error) => results::failure(&error, request_id),
        }
    }
}
