//! Requests for events, and their responses.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::filter::EventFilter;
use super::record::Event;
use super::types::EventType;
use crate::error::{Error, Result, both};
use crate::model::ids::{BoardId, CardId, ProjectId, TaskId, UserId};

/// Events per page if the client gives no limit.
const DEFAULT_LIMIT: u32 = 100;

/// The state of a workspace's journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The id. It changes when a backup is restored.
    pub id: Uuid,
    /// The sequence of the newest event; 0 before the first.
    pub latest: i64,
    /// The sequence of the oldest event that is kept; `latest + 1` if there is none.
    pub oldest: i64,
}

impl Journal {
    /// Whether a client that knows everything up to a sequence can get the rest.
    pub const fn has_all_after(&self, since: i64) -> bool {
        since >= self.oldest - 1 && since <= self.latest
    }
}

/// The query parameters of `GET /v1/events` and `GET /v1/events/stream`. The latter has no `limit` and no `cursor`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct EventQuery {
    since: Option<i64>,
    limit: Option<u32>,
    cursor: Option<String>,
    types: Option<String>,
    board: Option<BoardId>,
    project: Option<ProjectId>,
    task: Option<TaskId>,
    card: Option<CardId>,
    actor: Option<UserId>,
}

/// Where to start reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// After this sequence, oldest first.
    After(i64),
    /// With the newest event, newest first.
    Newest,
    /// Before this sequence, newest first.
    Before(i64),
}

/// A parsed request for events.
#[derive(Clone, Debug)]
pub struct EventRequest {
    /// Where to start.
    pub start: Start,
    /// Maximum number of events.
    pub limit: u32,
    /// The filter.
    pub filter: EventFilter,
}

impl EventQuery {
    /// Parses the parameters. Without the scope `admin`, some types are left out.
    ///
    /// # Errors
    /// `invalid_request` for an unknown type, a cursor of another list, or a cursor together with `since`.
    pub fn request(&self, is_admin: bool) -> Result<EventRequest> {
        let (start, filter) = both(self.start(), self.filter(is_admin))?;
        Ok(EventRequest {
            start,
            limit: self.limit.unwrap_or(DEFAULT_LIMIT),
            filter,
        })
    }

    fn start(&self) -> Result<Start> {
        match (self.since, self.cursor.as_deref()) {
            (Some(_), Some(_)) => {
                let message = "Cursor cannot be combined with since";
                Err(Error::field("cursor", message))
            }
            (Some(since), None) => Ok(Start::After(since)),
            (None, None) => Ok(Start::Newest),
            (None, Some(cursor)) => decode(cursor)
                .map(Start::Before)
                .ok_or_else(|| Error::field("cursor", "Cursor is not one of this list")),
        }
    }

    /// The sequence after which to start.
    pub const fn since(&self) -> Option<i64> {
        self.since
    }

    /// Parses the filter. Without the scope `admin`, some types are left out.
    ///
    /// # Errors
    /// `invalid_request` for an unknown type.
    pub fn filter(&self, is_admin: bool) -> Result<EventFilter> {
        let mut types = self.types.as_deref().map(parse_types).transpose()?;
        if !is_admin {
            let all = || EventType::ALL.to_vec();
            types
                .get_or_insert_with(all)
                .retain(|kind| !kind.needs_admin());
        }
        Ok(EventFilter {
            types,
            board: self.board,
            project: self.project,
            task: self.task,
            card: self.card,
            actor: self.actor,
        })
    }
}

/// Parses a list of types such as `task.*,card.sent`.
fn parse_types(list: &str) -> Result<Vec<EventType>> {
    let mut types = Vec::new();
    for (index, name) in list.split(',').map(str::trim).enumerate() {
        let named = EventType::matching(name);
        if named.is_empty() {
            let message =
                format!("Types[{index}] must be an event type such as task.created, or task.*");
            return Err(Error::field("types", message));
        }
        types.extend(named);
    }
    Ok(types)
}

/// A page of events.
#[derive(Debug, Serialize)]
pub struct EventPage {
    events: Vec<Event>,
    journal: Uuid,
    latest: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_since: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Option<String>>,
}

impl EventPage {
    /// Creates a page of events after a sequence. `examined` is the last sequence that was read.
    pub fn oldest_first(journal: &Journal, events: Vec<Event>, examined: i64) -> Self {
        Self {
            events,
            journal: journal.id,
            latest: journal.latest,
            next_since: Some(examined),
            next_cursor: None,
        }
    }

    /// Creates a page of the newest events. The next page starts before the sequence `next`.
    pub fn newest_first(journal: &Journal, events: Vec<Event>, next: Option<i64>) -> Self {
        Self {
            events,
            journal: journal.id,
            latest: journal.latest,
            next_since: None,
            next_cursor: Some(next.map(encode)),
        }
    }
}

/// The prefix of this list's cursors, so that a cursor of another list is recognized.
const CURSOR_START: &str = "event.";

fn encode(sequence: i64) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{CURSOR_START}{sequence}"))
}

fn decode(cursor: &str) -> Option<i64> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let sequence: i64 = text.strip_prefix(CURSOR_START)?.parse().ok()?;
    (sequence > 0).then_some(sequence)
}
