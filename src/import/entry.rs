//! The intermediate form: objects in the order in which they are created, parents first.

use crate::model::covers::CoverImage;
use crate::model::date::Date;
use crate::model::ids::UserId;
use crate::model::imports::Kind;
use crate::model::merge_tags::Values;
use crate::model::recipients::{Address, Delivery};
use crate::model::tasks::Status;
use crate::model::time::Timestamp;
use crate::model::webhooks::Payload;

/// An object of the file.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The id at the source, unique within its kind.
    pub id: String,
    /// Where it is in the file, such as `cards[17]`.
    pub path: String,
    /// The object.
    pub item: Item,
}

impl Entry {
    /// Creates an object of the file.
    pub(super) const fn new(id: String, path: String, item: Item) -> Self {
        Self { id, path, item }
    }
}

/// An object. Parents and references are named by their ids at the source.
#[derive(Clone, Debug)]
pub enum Item {
    /// A board.
    Board(BoardEntry),
    /// A label.
    Label(LabelEntry),
    /// A lane.
    Lane(LaneEntry),
    /// A project.
    Project(ProjectEntry),
    /// A task.
    Task(Box<TaskEntry>),
    /// A subtask.
    Subtask(SubtaskEntry),
    /// A comment.
    Comment(CommentEntry),
    /// A digital card.
    Card(Box<CardEntry>),
    /// An integration configuration.
    Configuration(ConfigurationEntry),
    /// A webhook.
    Webhook(Box<WebhookEntry>),
    /// A recipient of a digital card.
    Recipient(Box<RecipientEntry>),
}

impl Item {
    /// The kind.
    pub fn kind(&self) -> Kind {
        match self {
            Item::Board(_) => Kind::Board,
            Item::Label(_) => Kind::Label,
            Item::Lane(_) => Kind::Lane,
            Item::Project(_) => Kind::Project,
            Item::Task(_) => Kind::Task,
            Item::Subtask(_) => Kind::Subtask,
            Item::Comment(_) => Kind::Comment,
            Item::Card(_) => Kind::Card,
            Item::Configuration(_) => Kind::Configuration,
            Item::Webhook(_) => Kind::Webhook,
            Item::Recipient(_) => Kind::Recipient,
        }
    }
}

/// When an object was created and last changed at the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// `None`: unknown.
    pub created: Option<Timestamp>,
    /// `None`: unknown, or never.
    pub updated: Option<Timestamp>,
}

impl Times {
    pub(super) const fn new(created: Option<Timestamp>, updated: Option<Timestamp>) -> Self {
        Self { created, updated }
    }

    /// The times of an object of which only the creation may be known.
    pub(super) const fn created(created: Option<Timestamp>) -> Self {
        Self::new(created, None)
    }
}

/// A board.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's object")]
pub struct BoardEntry {
    pub name: String,
    pub description: Option<String>,
    pub icon: Option<String>,
    pub accent_color: Option<String>,
    pub background_color: Option<String>,
    pub is_simple: bool,
    pub times: Times,
}

/// A label.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's object")]
pub struct LabelEntry {
    pub board: String,
    pub name: String,
    pub color: String,
    pub times: Times,
}

/// A lane.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's object")]
pub struct LaneEntry {
    pub board: String,
    pub name: String,
    /// `None`: after the lanes before it.
    pub position: Option<String>,
    pub wip_limit: Option<u32>,
    pub color: Option<String>,
    pub times: Times,
}

/// A project.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's object")]
pub struct ProjectEntry {
    pub board: String,
    pub name: String,
    pub description: Option<String>,
    /// `None`: after the projects before it.
    pub position: Option<String>,
    pub times: Times,
}

/// A task.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's object")]
pub struct TaskEntry {
    pub project: String,
    pub lane: Option<String>,
    pub label: String,
    pub description: Option<String>,
    pub status: Status,
    /// `None`: after the tasks before it.
    pub position: Option<String>,
    pub labels: Vec<String>,
    pub assignees: Vec<UserId>,
    pub due_on: Option<Date>,
    pub is_archived: bool,
    /// `None`: unknown, or not archived.
    pub archived_at: Option<Timestamp>,
    pub created_by: Option<UserId>,
    pub times: Times,
}

/// A subtask.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's object")]
pub struct SubtaskEntry {
    pub task: String,
    pub label: String,
    pub is_completed: bool,
    /// `None`: after the subtasks before it.
    pub position: Option<String>,
    pub times: Times,
}

/// A comment.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's object")]
pub struct CommentEntry {
    pub task: String,
    pub text: String,
    /// The author, if a member of the workspace.
    pub author: Option<UserId>,
    /// The author's name in the file.
    pub author_name: Option<String>,
    pub edited_at: Option<Timestamp>,
    pub times: Times,
}

/// A digital card.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's object")]
pub struct CardEntry {
    pub title: String,
    pub message: String,
    pub cover: Option<Cover>,
    pub accent_color: Option<String>,
    pub subject: Option<String>,
    pub sender_name: Option<String>,
    pub times: Times,
}

/// The cover of a digital card.
#[derive(Clone, Debug)]
pub enum Cover {
    /// An external image.
    Url(String),
    /// An image in the file.
    Image(CoverImage),
}

/// An integration configuration.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's object")]
pub struct ConfigurationEntry {
    pub card: String,
    pub user: UserId,
    pub times: Times,
}

/// A webhook. It is imported switched off, with a new secret.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's object")]
pub struct WebhookEntry {
    pub name: String,
    pub url: String,
    pub events: Vec<String>,
    pub board: Option<String>,
    pub payload: Payload,
    pub times: Times,
}

/// A recipient of a digital card. Nothing is sent when it is imported.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the export's object")]
pub struct RecipientEntry {
    pub card: String,
    pub email: Address,
    pub name: String,
    pub values: Values,
    /// Never queued.
    pub status: Delivery,
    pub sent_at: Option<Timestamp>,
    pub opened_at: Option<Timestamp>,
    pub viewed_at: Option<Timestamp>,
    pub unsubscribed_at: Option<Timestamp>,
    pub times: Times,
}
