//! The messages of the protocol: JSON-RPC 2.0, in the revisions 2026-07-28 (without a handshake), 2025-11-25 and
//! 2025-06-18 (with one).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

/// The revision in which every request names its revision.
pub const STATELESS: &str = "2026-07-28";
/// The revisions that begin with `initialize`, newest first.
pub const WITH_HANDSHAKE: [&str; 2] = ["2025-11-25", "2025-06-18"];

const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
const SERVER_KEY: &str = "io.modelcontextprotocol/serverInfo";
/// Methods whose `Mcp-Name` header repeats a parameter.
const NAMED: [(&str, &str); 3] = [
    ("tools/call", "name"),
    ("prompts/get", "name"),
    ("resources/read", "uri"),
];

/// What a transport repeats of a message in its headers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headers<'h> {
    /// `MCP-Protocol-Version`
    pub version: Option<&'h str>,
    /// `Mcp-Method`
    pub method: Option<&'h str>,
    /// `Mcp-Name`
    pub name: Option<&'h str>,
}

/// A request of a client.
#[derive(Clone, Debug)]
pub struct Request {
    /// The id, a string or an integer.
    pub id: Value,
    /// The method.
    pub method: String,
    /// The parameters.
    pub params: Map<String, Value>,
    /// Whether it is of the revision without a handshake.
    pub is_stateless: bool,
}

/// A message of a client.
#[derive(Clone, Debug)]
pub enum Message {
    /// It gets a response.
    Request(Request),
    /// It gets none.
    Notification,
}

/// A JSON-RPC error, and the HTTP status that goes with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The id of the request, if it could be read.
    id: Option<Value>,
    /// The HTTP status.
    pub status: u16,
    code: i32,
    message: String,
    data: Option<Value>,
}

impl Refusal {
    fn new(status: u16, code: i32, message: impl Into<String>) -> Self {
        Self {
            id: None,
            status,
            code,
            message: message.into(),
            data: None,
        }
    }

    /// The error of a request with this id.
    pub fn of(self, id: &Value) -> Self {
        let id = Some(id.clone());
        Self { id, ..self }
    }

    /// The text is not JSON.
    pub fn not_json(why: &str) -> Self {
        Self::new(400, -32700, format!("Parse error: {why}"))
    }

    fn not_a_message(why: &str) -> Self {
        Self::new(400, -32600, format!("Invalid request: {why}"))
    }

    /// The server does not have the method.
    pub fn no_such_method(method: &str) -> Self {
        let shown: String = method.chars().take(100).collect();
        Self::new(404, -32601, format!("Method not found: {shown}"))
    }

    /// A parameter is missing or wrong.
    pub fn invalid_params(why: impl Into<String>) -> Self {
        Self::new(200, -32602, why)
    }

    /// The server failed.
    pub fn internal(why: &str) -> Self {
        Self::new(500, -32603, why)
    }

    fn header_mismatch(why: &str) -> Self {
        Self::new(400, -32020, format!("Header mismatch: {why}"))
    }

    fn unsupported(requested: &str) -> Self {
        let requested: String = requested.chars().take(100).collect();
        let data = json!({ "supported": supported(), "requested": requested });
        Self {
            data: Some(data),
            ..Self::new(400, -32022, "Unsupported protocol version")
        }
    }

    /// The error as a message. Without an id if that could not be read.
    pub fn message(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(data) = &self.data {
            error["data"] = data.clone();
        }
        let mut message = json!({ "jsonrpc": "2.0", "error": error });
        if let Some(id) = &self.id {
            message["id"] = id.clone();
        }
        message
    }
}

/// All supported revisions, newest first.
pub fn supported() -> Vec<&'static str> {
    [STATELESS].into_iter().chain(WITH_HANDSHAKE).collect()
}

/// The name and version of this server.
pub fn server_info() -> Value {
    json!({ "name": "tackboard", "title": "Tackboard", "version": env!("CARGO_PKG_VERSION") })
}

/// Reads a message. `headers` is `None` for a transport without headers.
///
/// # Errors
/// What the client gets instead of a response.
pub fn read(message: Value, headers: Option<Headers<'_>>) -> Result<Message, Refusal> {
    let Value::Object(mut members) = message else {
        return Err(Refusal::not_a_message("it must be one JSON object"));
    };
    let id = members.remove("id");
    let with_id = |refusal: Refusal| Refusal {
        id: id.clone().filter(is_id),
        ..refusal
    };
    if members.get("jsonrpc") != Some(&json!("2.0")) {
        return Err(with_id(Refusal::not_a_message("jsonrpc must be \"2.0\"")));
    }
    let Some(Value::String(method)) = members.remove("method") else {
        return Err(with_id(Refusal::not_a_message("method must be a string")));
    };
    let params = match members.remove("params") {
        None => Map::new(),
        Some(Value::Object(params)) => params,
        Some(_) => return Err(with_id(Refusal::not_a_message("params must be an object"))),
    };
    let Some(id) = id else {
        return Ok(Message::Notification);
    };
    if !is_id(&id) {
        return Err(Refusal::not_a_message("id must be a string or an integer"));
    }
    let is_stateless = check(&method, &params, headers).map_err(|refusal| refusal.of(&id))?;
    Ok(Message::Request(Request {
        id,
        method,
        params,
        is_stateless,
    }))
}

fn is_id(id: &Value) -> bool {
    id.is_string() || id.is_i64() || id.is_u64()
}

/// Checks revision and headers, and returns whether the request is of the revision without a handshake.
fn check(
    method: &str,
    params: &Map<String, Value>,
    headers: Option<Headers<'_>>,
) -> Result<bool, Refusal> {
    let meta = params.get("_meta");
    let named = meta.and_then(|meta| meta.get(VERSION_KEY));
    let in_header = headers.and_then(|headers| headers.version);
    let Some(named) = named else {
        return match in_header {
            // Revisions before 2025-06-18 have no header.
            None => Ok(false),
            Some(version) if WITH_HANDSHAKE.contains(&version) => Ok(false),
            Some(STATELESS) => Err(missing(VERSION_KEY)),
            Some(other) => Err(Refusal::unsupported(other)),
        };
    };
    let Some(named) = named.as_str() else {
        return Err(missing(VERSION_KEY));
    };
    match (headers, in_header) {
        (Some(_), None) => return Err(Refusal::header_mismatch("MCP-Protocol-Version is missing")),
        (Some(_), Some(header)) if header != named => {
            let why = "MCP-Protocol-Version differs from the version in _meta";
            return Err(Refusal::header_mismatch(why));
        }
        _ => {}
    }
    match named {
        STATELESS => {}
        older if WITH_HANDSHAKE.contains(&older) => return Ok(false),
        other => return Err(Refusal::unsupported(other)),
    }
    if !meta.is_some_and(|meta| meta[CAPABILITIES_KEY].is_object()) {
        return Err(missing(CAPABILITIES_KEY));
    }
    headers.map_or(Ok(()), |headers| check_headers(method, params, headers))?;
    Ok(true)
}

fn missing(key: &str) -> Refusal {
    Refusal {
        status: 400,
        ..Refusal::invalid_params(format!("Invalid params: _meta must have {key}"))
    }
}

/// Checks that the headers say the same as the message, because proxies decide by the headers.
fn check_headers(
    method: &str,
    params: &Map<String, Value>,
    headers: Headers<'_>,
) -> Result<(), Refusal> {
    if headers.method != Some(method) {
        let why = "Mcp-Method must be the method of the message";
        return Err(Refusal::header_mismatch(why));
    }
    let Some((_, parameter)) = NAMED.iter().find(|(named, _)| *named == method) else {
        return Ok(());
    };
    let (name, header) = (params.get(*parameter), headers.name.and_then(decode));
    match header {
        Some(header) if name.and_then(Value::as_str) == Some(&header) => Ok(()),
        _ => Err(Refusal::header_mismatch(&format!(
            "Mcp-Name must be the {parameter} of the message"
        ))),
    }
}

/// Decodes the value of a header that may be in Base64.
fn decode(value: &str) -> Option<String> {
    let encoded = value
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    match encoded {
        Some(encoded) => String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok(),
        None => Some(value.to_owned()),
    }
}

/// The response to a request.
pub fn response(request: &Request, mut result: Map<String, Value>) -> Value {
    if request.is_stateless {
        result.insert("resultType".to_owned(), json!("complete"));
        result.insert("_meta".to_owned(), json!({ SERVER_KEY: server_info() }));
    }
    json!({ "jsonrpc": "2.0", "id": request.id, "result": result })
}
