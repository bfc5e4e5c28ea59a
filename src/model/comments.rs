//! Comments on tasks.

use serde::{Deserialize, Serialize};

use super::ids::{CommentId, TaskId};
use super::subtasks::SubtaskCounts;
use super::time::Timestamp;
use super::users::Person;

/// A comment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comment {
    /// The id.
    pub id: CommentId,
    /// The task.
    pub task_id: TaskId,
    /// The text, in Markdown.
    pub text: String,
    /// Who wrote it; `None` if the user was deleted.
    pub author: Option<Person>,
    /// The author's name in the file, if the comment was imported.
    pub imported_author: Option<String>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
    /// When the text was last changed, if it was.
    pub edited_at: Option<Timestamp>,
}

/// A comment in an event, with the counters of its task after the change.
#[derive(Clone, Debug, Serialize)]
pub struct CommentEntry<'c> {
    /// The comment.
    #[serde(flatten)]
    pub comment: &'c Comment,
    /// The counters of the task.
    #[serde(flatten)]
    pub counts: SubtaskCounts,
}

/// The fields of a new comment.
#[derive(Clone, Debug, Deserialize)]
pub struct CommentCreate {
    /// The text, in Markdown.
    pub text: String,
}

/// Changes to a comment. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CommentUpdate {
    /// The new text.
    pub text: Option<String>,
}
