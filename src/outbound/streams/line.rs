//! What listeners receive: events in the format of Server-Sent Events.

use bytes::Bytes;
use serde_json::json;

use crate::error::{Error, Result};
use crate::model::events::{Event, Journal};

/// Milliseconds after which a client should connect again.
const RETRY: u32 = 2_000;

/// A message for a listener.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The sequence that the listener knows after it.
    pub(super) sequence: i64,
    /// Whether it has an event.
    pub(super) is_event: bool,
    /// The text. Copies share it.
    pub(super) text: Bytes,
}

impl Line {
    /// An event.
    ///
    /// # Errors
    /// Never in practice.
    pub(super) fn event(event: &Event) -> Result<Self> {
        let mut text =
            format!("id: {}\nevent: {}\ndata: ", event.sequence, event.kind).into_bytes();
        serde_json::to_writer(&mut text, event)
            .map_err(|cause| Error::internal("an event could not be serialized", cause))?;
        text.extend_from_slice(b"\n\n");
        Ok(Self {
            sequence: event.sequence,
            is_event: true,
            text: text.into(),
        })
    }

    /// An id without an event, so that a listener whose filter matches little does not fall behind.
    pub(super) fn heartbeat(latest: i64) -> Self {
        Self {
            sequence: latest,
            is_event: false,
            text: format!("id: {latest}\n\n").into(),
        }
    }

    /// The first bytes of every stream. A client that starts now gets the id of its start, so that it misses nothing if it
    /// has to connect again before the first event.
    pub(super) fn opening(start: Option<i64>) -> Bytes {
        let id = start.map_or_else(String::new, |start| format!("id: {start}\n"));
        format!(": connected\nretry: {RETRY}\n{id}\n").into()
    }

    /// Tells the client that events are missing: it must read the objects again.
    pub(super) fn reset(journal: &Journal, latest: i64) -> Self {
        let data = json!({ "journal": journal.id, "latest": latest });
        Self {
            sequence: latest,
            is_event: false,
            text: format!("id: {latest}\nevent: reset\ndata: {data}\n\n").into(),
        }
    }
}
