//! An event, as it is recorded and as clients see it.

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

/// Characters that a text in `data` has at most; longer ones are cut.
const LONGEST_TEXT: usize = 4096;

/// An event that is about to be recorded.
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
    /// An event with the object as it is after the change or, for a deletion, as it was before.
    ///
    /// # Errors
    /// An internal error for what is no JSON object.
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

    /// An event that names an object and shows nothing of it.
    ///
    /// # Errors
    /// Never in practice.
    pub fn about(kind: EventType, id: impl Serialize) -> Result<Self> {
        Self::new(kind, &json!({ "id": id }))
    }

    /// It happened on this board.
    pub const fn on_board(mut self, id: BoardId) -> Self {
        self.board_id = Some(id);
        self
    }

    /// It happened in this project.
    pub const fn in_project(mut self, id: ProjectId) -> Self {
        self.project_id = Some(id);
        self
    }

    /// It happened to this task or to something of it.
    pub const fn of_task(mut self, id: TaskId) -> Self {
        self.task_id = Some(id);
        self
    }

    /// It happened to this card or to something of it.
    pub const fn of_card(mut self, id: CardId) -> Self {
        self.card_id = Some(id);
        self
    }

    /// The object came from this board.
    pub fn from_board(mut self, id: BoardId) -> Self {
        self.from_board_id = Some(id).filter(|id| self.board_id != Some(*id));
        self
    }

    /// The object came from this project.
    pub fn from_project(mut self, id: ProjectId) -> Self {
        self.from_project_id = Some(id).filter(|id| self.project_id != Some(*id));
        self
    }

    /// These members changed.
    pub fn with_changes(mut self, changes: Changes) -> Self {
        self.changes = Some(Value::from(changes).to_string());
        self
    }

    /// The deletion took these along: how many of each kind.
    pub fn with_deleted(mut self, counts: &[(&str, u64)]) -> Self {
        self.deleted = Some(counted(counts));
        self
    }

    /// So many tasks lost their reference to the object.
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

/// Cuts the texts of an object that are too long for the journal, and names them.
fn cut(data: String) -> Result<(String, Option<String>)> {
    if data.len() <= LONGEST_TEXT {
        return Ok((data, None));
    }
    let mut members: Map<String, Value> = serde_json::from_str(&data).map_err(unserializable)?;
    let mut names = Vec::new();
    for (name, value) in &mut members {
        if let Value::String(text) = value
            && let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT)
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
    /// Its id.
    pub id: Uuid,
    /// Its place in the workspace's journal.
    pub sequence: i64,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    pub timestamp: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// The board that it happened on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub board_id: Option<BoardId>,
    /// The project that it happened in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<ProjectId>,
    /// The task that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// The card that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_id: Option<CardId>,
    /// The members that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Box<RawValue>>,
    /// The object.
    pub data: Box<RawValue>,
    /// What a deletion took along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Box<RawValue>>,
    /// What lost its reference to the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleared: Option<Box<RawValue>>,
    /// The names of texts in `data` that were cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated: Option<Box<RawValue>>,
}

fn unserializable(cause: serde_json::Error) -> Error {
    Error::internal("an event could not be serialized", cause)
}
