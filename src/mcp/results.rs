//! Results of tools: structured content, a copy of it as text, and errors.

use serde_json::{Map, Value, json};

use crate::error::Error;

/// How many bytes of the structured content are copied as text.
const MAX_TEXT: usize = 64 << 10;

/// The result of a call that succeeded.
pub(super) fn success(content: Value) -> Map<String, Value> {
    result(&text_of(&content), content, false)
}

/// The result of a call that failed: a text for the agent, and the envelope of the API.
pub(super) fn failure(error: &Error, request_id: Option<&str>) -> Map<String, Value> {
    let details = match error {
        Error::Internal(..) => request_id.map(|id| json!({ "request_id": id })),
        other => other.details(),
    };
    let code = error.code().as_str();
    let mut inner = json!({ "code": code, "message": error.to_string() });
    let mut text = format!("{code}: {error}");
    if let Error::InvalidRequest(fields) = error {
        for (field, message) in fields {
            text.push_str(&format!("\n{field}: {message}"));
        }
    } else if let Some(details) = &details {
        text.push_str(&format!("\n{details}"));
    }
    if let Some(seconds) = error.retry_after() {
        text.push_str(&format!("\nTry again after {seconds} seconds."));
    }
    if let Some(details) = details {
        inner["details"] = details;
    }
    result(&text, json!({ "error": inner }), true)
}

fn result(text: &str, content: Value, is_error: bool) -> Map<String, Value> {
    let mut result = Map::new();
    let text = json!([{ "type": "text", "text": text }]);
    result.insert("content".to_owned(), text);
    result.insert("structuredContent".to_owned(), content);
    result.insert("isError".to_owned(), json!(is_error));
    result
}

/// The content as compact JSON, for clients that show only text.
fn text_of(content: &Value) -> String {
    let mut text = content.to_string();
    if text.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or(0));
        text.push_str(
            "… (cut; the rest is in structuredContent, or use filters and a smaller limit)",
        );
    }
    text
}
