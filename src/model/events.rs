//! Events: what the journal keeps of each change.

mod query;

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub use self::query::{EventFilter, EventPage, EventQuery, EventRequest, Journal, Start};
use super::context::Actor;
use super::ids::{BoardId, CardId, ProjectId, TaskId};
use super::time::Timestamp;
use crate::error::{Error, Result};

/// Characters that a text in `data` has at most; longer ones are cut.
const LONGEST_TEXT: usize = 4096;
/// Characters that a text in `changes` has at most; of longer ones only the lengths are kept.
const LONGEST_CHANGE: usize = 1024;
/// Members that `changes` never names: when a row changed, and what is counted or derived from other rows.
const DERIVED: [&str; 11] = [
    "updated_at",
    "updatedAt",
    "progress",
    "num_tasks_open",
    "num_tasks_in_progress",
    "num_tasks_done",
    "num_tasks_total",
    "subtasks_total",
    "subtasks_completed",
    "comments_total",
    "merge_tags",
];

macro_rules! event_types {
    ($($variant:ident = $name:literal $(, $admin:ident)?;)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventType {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl EventType {
            /// Every type.
            pub const ALL: &[EventType] = &[$(EventType::$variant,)*];

            /// The type's name, as stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $(EventType::$variant => $name,)* }
            }

            /// Whether only the scope `admin` sees it.
            pub const fn needs_admin(self) -> bool {
                match self { $(EventType::$variant => event_types!(@admin $($admin)?),)* }
            }
        }
    };
    (@admin admin) => { true };
    (@admin) => { false };
}

event_types! {
    BoardCreated = "board.created";
    BoardUpdated = "board.updated";
    BoardDeleted = "board.deleted";
    BoardReordered = "board.reordered";
    ProjectCreated = "project.created";
    ProjectUpdated = "project.updated";
    ProjectDeleted = "project.deleted";
    ProjectReordered = "project.reordered";
    LaneCreated = "lane.created";
    LaneUpdated = "lane.updated";
    LaneDeleted = "lane.deleted";
    TaskCreated = "task.created";
    TaskUpdated = "task.updated";
    TaskCompleted = "task.completed";
    TaskDeleted = "task.deleted";
    TaskReordered = "task.reordered";
    SubtaskCreated = "subtask.created";
    SubtaskUpdated = "subtask.updated";
    SubtaskDeleted = "subtask.deleted";
    CardCreated = "card.created";
    CardUpdated = "card.updated";
    CardDeleted = "card.deleted";
    CardQueued = "card.queued";
    CardSent = "card.sent";
    CardFailed = "card.failed";
    CardLinkCreated = "card.link_created";
    CardOpened = "card.opened";
    CardViewed = "card.viewed";
    CardUnsubscribed = "card.unsubscribed";
    RecipientErased = "recipient.erased";
    IntegrationCreated = "integration.created";
    IntegrationDeleted = "integration.deleted";
    EmailAccountCreated = "email_account.created", admin;
    EmailAccountDeleted = "email_account.deleted", admin;
    MemberAdded = "member.added";
    MemberUpdated = "member.updated";
    TokenCreated = "token.created", admin;
    TokenRevoked = "token.revoked", admin;
    KeyCreated = "key.created", admin;
    KeyRevoked = "key.revoked", admin;
    WorkspaceUpdated = "workspace.updated";
}

impl EventType {
    /// The type of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// What it happened to, such as `task` of `task.created`.
    pub fn noun(self) -> &'static str {
        self.as_str().split('.').next().unwrap_or_default()
    }
}

/// Members of an object that changed, by name, each with its old and its new value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes(Map<String, Value>);

impl Changes {
    /// What differs between two states of an object in its response form.
    ///
    /// # Errors
    /// An internal error for what is no JSON object.
    pub fn between(old: &impl Serialize, new: &impl Serialize) -> Result<Self> {
        let (mut old, new) = (object(old)?, object(new)?);
        let mut changes = Map::new();
        for (name, to) in new {
            let from = old.remove(&name).unwrap_or(Value::Null);
            if from != to && !DERIVED.contains(&name.as_str()) {
                changes.insert(name, change(from, to));
            }
        }
        Ok(Self(changes))
    }

    /// Adds a member that is not part of the response form.
    pub fn add(&mut self, name: &str, from: impl Serialize, to: impl Serialize) {
        self.0
            .insert(name.to_owned(), json!({ "from": from, "to": to }));
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn change(from: Value, to: Value) -> Value {
    let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let (from_length, to_length) = (length(&from), length(&to));
    if from_length.max(to_length) > LONGEST_CHANGE {
        return json!({ "from_length": from_length, "to_length": to_length });
    }
    json!({ "from": from, "to": to })
}

fn object(value: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(value) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Error::bug("an event about something that is no object")),
        Err(cause) => Err(unserializable(cause)),
    }
}

fn unserializable(cause: serde_json::Error) -> Error {
    Error::internal("an event could not be serialized", cause)
}

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
        self.changes = Some(Value::Object(changes.0).to_string());
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

#[cfg(test)]
mod tests;
