//! Events, as they are recorded and as clients see them.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::changes::Changes;
use super::types::EventType;
use crate::error::{Error, Result};
use crate::model::context::Actor;
use crate::model::ids::{BoardId, CardId, ProjectId, TaskId};
use crate::model::time::Timestamp;

/// Maximum characters of a text in `data`. Longer texts are cut.
const MAX_TEXT_LENGTH: usize = 4096;

/// An event to be recorded.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub(crate) kind: EventType,
    pub(crate) board_id: Option<BoardId>,
    pub(crate) from_board_id: Option<BoardId>,
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) from_project_id: Option<ProjectId>,
    pub(crate) task_id: Option<TaskId>,
    pub(crate) card_id: Option<CardId>,
    pub(crate) changes: Option<String>,
    pub(crate) data: String,
    pub(crate) deleted: Option<String>,
    pub(crate) cleared: Option<String>,
    pub(crate) truncated: Option<String>,
}

impl NewEvent {
    /// Creates an event with the object as it is after the change or, for a deletion, as it was before.
    ///
    /// # Errors
    /// An internal error if it is not a JSON object.
    pub fn new(kind: EventType, data: &impl Serialize) -> Result<Self> {
        let (data, truncated) = cut(serde_json::to_string(data).map_err(unserializable)?)?;
        Ok(Self {
            kind,
            board_id: None,
            from_board_id: None,
            project_id: None,
            from_project_id: None,
            task_id: None,
            card_id: None,
            changes: None,
            data,
            deleted: None,
            cleared: None,
            truncated,
        })
    }

    /// Creates an event that contains only the id of an object.
    ///
    /// # Errors
    /// Never in practice.
    pub fn about(kind: EventType, id: impl Serialize) -> Result<Self> {
        Self::new(kind, &json!({ "id": id }))
    }

    /// Sets the board on which it happened.
    pub const fn on_board(mut self, id: BoardId) -> Self {
        self.board_id = Some(id);
        self
    }

    /// Sets the project in which it happened.
    pub const fn in_project(mut self, id: ProjectId) -> Self {
        self.project_id = Some(id);
        self
    }

    /// Sets the task that the event is about, or whose part it is about.
    pub const fn of_task(mut self, id: TaskId) -> Self {
        self.task_id = Some(id);
        self
    }

    /// Sets the card that the event is about, or whose part it is about.
    pub const fn of_card(mut self, id: CardId) -> Self {
        self.card_id = Some(id);
        self
    }

    /// Sets the board that the object came from.
    pub fn from_board(mut self, id: BoardId) -> Self {
        self.from_board_id = Some(id).filter(|id| self.board_id != Some(*id));
        self
    }

    /// Sets the project that the object came from.
    pub fn from_project(mut self, id: ProjectId) -> Self {
        self.from_project_id = Some(id).filter(|id| self.project_id != Some(*id));
        self
    }

    /// Sets the changed fields.
    pub fn with_changes(mut self, changes: Changes) -> Self {
        self.changes = Some(Value::from(changes).to_string());
        self
    }

    /// Sets how many objects of each kind were deleted with the object.
    pub fn with_deleted(mut self, counts: &[(&str, u64)]) -> Self {
        self.deleted = Some(counted(counts));
        self
    }

    /// Sets how many tasks lost their reference to the object.
    pub fn with_cleared_tasks(mut self, tasks: u64) -> Self {
        self.cleared = Some(counted(&[("tasks", tasks)]));
        self
    }
}

fn counted(counts: &[(&str, u64)]) -> String {
    let members = counts
        .iter()
        .map(|(name, count)| ((*name).to_owned(), json!(count)));
    Value::Object(members.collect()).to_string()
}

/// Cuts the texts of an object that are too long for the journal, and returns their names.
fn cut(data: String) -> Result<(String, Option<String>)> {
    if data.len() <= MAX_TEXT_LENGTH {
        return Ok((data, None));
    }
    let mut members: Map<String, Value> = serde_json::from_str(&data).map_err(unserializable)?;
    let mut names = Vec::new();
    for (name, value) in &mut members {
        if let Value::String(text) = value
            && let Some((end, _)) = text.char_indices().nth(MAX_TEXT_LENGTH)
        {
            text.truncate(end);
            names.push(name.clone());
        }
    }
    if names.is_empty() {
        return Ok((data, None));
    }
    Ok((
        Value::Object(members).to_string(),
        Some(json!(names).to_string()),
    ))
}

/// An event of the journal, as the API returns it.
#[derive(Debug, Serialize)]
pub struct Event {
    /// The id.
    pub id: Uuid,
    /// The position in the workspace's journal.
    pub sequence: i64,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// The board on which it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub board_id: Option<BoardId>,
    /// The board that the object came from. Filters match it; clients see it in `changes`.
    #[serde(skip)]
    pub from_board_id: Option<BoardId>,
    /// The project in which it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<ProjectId>,
    /// The project that the object came from. Filters match it; clients see it in `changes`.
    #[serde(skip)]
    pub from_project_id: Option<ProjectId>,
    /// The task that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// The card that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_id: Option<CardId>,
    /// The changed fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Box<RawValue>>,
    /// The object.
    pub data: Box<RawValue>,
    /// How many objects were deleted with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Box<RawValue>>,
    /// How many objects lost their reference to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleared: Option<Box<RawValue>>,
    /// The names of texts in `data` that were cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated: Option<Box<RawValue>>,
}

fn unserializable(cause: serde_json::Error) -> Error {
    Error::internal("an event could not be serialized", cause)
}
