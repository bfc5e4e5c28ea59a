//! The bodies of deliveries.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::events::Event;
use crate::model::ids::WorkspaceId;
use crate::model::time::Timestamp;

/// How much of an event is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Payload {
    /// The event with its data.
    #[default]
    Full,
    /// Only ids, and the names of changed fields.
    Thin,
}

impl Payload {
    /// The name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Payload::Full => "full",
            Payload::Thin => "thin",
        }
    }

    /// The payload of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Payload::Full, Payload::Thin]
            .into_iter()
            .find(|payload| payload.as_str() == name)
    }
}

/// The body of a delivery. `event` and `type` are the same: receivers expect either.
#[derive(Serialize)]
struct Body<'e> {
    event: &'e str,
    workspace_id: WorkspaceId,
    #[serde(flatten)]
    rest: &'e Event,
}

/// Returns the body for an event of the journal. It is the same at each attempt.
///
/// # Errors
/// An internal error if the event is no JSON object.
pub fn body(event: &Event, workspace_id: WorkspaceId, payload: Payload) -> Result<String> {
    let body = Body {
        event: &event.kind,
        workspace_id,
        rest: event,
    };
    match payload {
        Payload::Full => serde_json::to_string(&body).map_err(unserializable),
        Payload::Thin => {
            let body = serde_json::to_value(&body).map_err(unserializable)?;
            Ok(thin(body).to_string())
        }
    }
}

/// Returns the body of a test: an example with the ids and the time of this one. Its sequence is 0, because it is not in
/// the journal.
pub fn sample(
    mut example: Value,
    id: Uuid,
    workspace_id: WorkspaceId,
    now: Timestamp,
    payload: Payload,
) -> String {
    example["id"] = json!(id);
    example["sequence"] = json!(0);
    example["timestamp"] = json!(now);
    example["workspace_id"] = json!(workspace_id);
    match payload {
        Payload::Full => example.to_string(),
        Payload::Thin => thin(example).to_string(),
    }
}

/// Leaves the ids of `data` and the names in `changes`.
fn thin(mut body: Value) -> Value {
    if let Some(Value::Object(data)) = body.get_mut("data") {
        data.retain(|name, _| name == "id" || name.ends_with("_id") || name.ends_with("_ids"));
    }
    if let Some(Value::Object(changes)) = body.get_mut("changes") {
        for value in changes.values_mut() {
            *value = Value::Object(Map::new());
        }
    }
    body
}

fn unserializable(cause: serde_json::Error) -> Error {
    Error::internal("an event could not be serialized", cause)
}
