//! What clients ask of the journal, and what they get.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::record::Event;
use super::types::EventType;
use crate::error::{Error, Result};
use crate::model::ids::{BoardId, CardId, ProjectId, TaskId, UserId};

/// Events per page where the client does not say how many.
const DEFAULT_LIMIT: u32 = 100;

/// The state of a workspace's journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Journal {
    /// Another one after a backup was restored.
    pub id: Uuid,
    /// The sequence of the newest event; 0 before the first.
    pub latest: i64,
    /// The sequence of the oldest event that is kept; `latest + 1` where none is.
    pub oldest: i64,
}

/// Which events a client wants to see. Members without a value let every event through.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Only these types.
    pub types: Option<Vec<EventType>>,
    /// Only what happened on this board, or to something that came from it.
    pub board: Option<BoardId>,
    /// Only what happened in this project, or to something that came from it.
    pub project: Option<ProjectId>,
    /// Only what happened to this task.
    pub task: Option<TaskId>,
    /// Only what happened to this card.
    pub card: Option<CardId>,
    /// Only what this user did.
    pub actor: Option<UserId>,
}

impl EventFilter {
    /// Whether an index leads to the events, so that a read needs no bound.
    pub const fn is_indexed(&self) -> bool {
        self.task.is_some() || self.card.is_some()
    }
}

/// The query parameters of `GET /v1/events`.
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
    /// After this sequence, the oldest first.
    After(i64),
    /// With the newest, the newest first.
    Newest,
    /// Before this sequence, the newest first.
    Before(i64),
}

/// What a client asks for.
#[derive(Clone, Debug)]
pub struct EventRequest {
    /// Where to start.
    pub start: Start,
    /// Events at most.
    pub limit: u32,
    /// Which of them.
    pub filter: EventFilter,
}

impl EventQuery {
    /// What these parameters ask for. Without the scope `admin`, some types are left out.
    ///
    /// # Errors
    /// `invalid_request` for a type that does not exist, a cursor of another list, and a cursor beside `since`.
    pub fn request(&self, is_admin: bool) -> Result<EventRequest> {
        let start = match (self.since, self.cursor.as_deref()) {
            (Some(_), Some(_)) => {
                let message = "Cursor cannot be combined with since";
                return Err(Error::field("cursor", message));
            }
            (Some(since), None) => Start::After(since),
            (None, None) => Start::Newest,
            (None, Some(cursor)) => Start::Before(
                decode(cursor)
                    .ok_or_else(|| Error::field("cursor", "Cursor is not one of this list"))?,
            ),
        };
        let mut types = self.types.as_deref().map(parse_types).transpose()?;
        if !is_admin {
            let all = || EventType::ALL.to_vec();
            types
                .get_or_insert_with(all)
                .retain(|kind| !kind.needs_admin());
        }
        Ok(EventRequest {
            start,
            limit: self.limit.unwrap_or(DEFAULT_LIMIT),
            filter: EventFilter {
                types,
                board: self.board,
                project: self.project,
                task: self.task,
                card: self.card,
                actor: self.actor,
            },
        })
    }
}

/// The types that a list such as `task.*,card.sent` names.
fn parse_types(list: &str) -> Result<Vec<EventType>> {
    let mut types = Vec::new();
    for (index, name) in list.split(',').map(str::trim).enumerate() {
        let named = EventType::ALL
            .iter()
            .filter(|kind| match name.strip_suffix(".*") {
                Some(noun) => kind.noun() == noun,
                None => kind.as_str() == name,
            });
        let before = types.len();
        types.extend(named.copied());
        if types.len() == before {
            let message =
                format!("Types[{index}] must be an event type such as task.created, or task.*");
            return Err(Error::field("types", message));
        }
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
    /// Events after a sequence, and the last one that was examined.
    pub fn oldest_first(journal: &Journal, events: Vec<Event>, examined: i64) -> Self {
        Self {
            events,
            journal: journal.id,
            latest: journal.latest,
            next_since: Some(examined),
            next_cursor: None,
        }
    }

    /// The newest events, and the sequence before which the next page starts.
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

/// What a cursor of this list begins with, so that one of another list is recognized.
const CURSOR_START: &str = "event.";

fn encode(sequence: i64) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{CURSOR_START}{sequence}"))
}

fn decode(cursor: &str) -> Option<i64> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let sequence: i64 = text.strip_prefix(CURSOR_START)?.parse().ok()?;
    (sequence > 0).then_some(sequence)
}
