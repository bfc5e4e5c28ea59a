//! The rows of an export. Objects name their parents by id, and counters are left out.

use serde::{Deserialize, Serialize};

use super::date::Date;
use super::ids::{
    CardId, CommentId, LabelId, LaneId, ProjectId, RecipientId, SubtaskId, TaskId, UserId,
    WorkspaceId,
};
use super::recipients::Delivery;
use super::scopes::Role;
use super::tasks::Status;
use super::time::Timestamp;

/// The value of `format` in an export.
pub const FORMAT: &str = "tackboard-export";
/// The value of `version` in an export.
pub const VERSION: u64 = 1;

/// The query parameters of an export.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct ExportQuery {
    with_recipients: Option<Choice>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    True,
    False,
}

impl ExportQuery {
    /// Whether the export contains the recipients of cards.
    pub fn with_recipients(&self) -> bool {
        self.with_recipients == Some(Choice::True)
    }
}

/// The workspace.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedWorkspace {
    /// The id.
    pub id: WorkspaceId,
    /// The name.
    pub name: String,
    /// The unique short name for commands.
    pub slug: String,
    /// The plan.
    pub plan: String,
    /// The creation time.
    pub created_at: Timestamp,
}

/// A member. The address identifies the same person in another workspace.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedMember {
    /// The user's id.
    pub id: UserId,
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
}

/// A project, without its counters.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedProject {
    /// The id.
    pub id: ProjectId,
    /// The board.
    pub board_id: super::ids::BoardId,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The position on the board.
    pub position: String,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// A task, without its counters.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedTask {
    /// The id.
    pub id: TaskId,
    /// The project.
    pub project_id: ProjectId,
    /// The lane.
    pub workflow_lane_id: Option<LaneId>,
    /// The label: what is to be done.
    pub label: String,
    /// The description.
    pub description: Option<String>,
    /// The status.
    pub status: Status,
    /// The position in the project.
    pub position: String,
    /// The labels, sorted by id.
    pub label_ids: Vec<LabelId>,
    /// The assignees, sorted by id.
    pub assignee_ids: Vec<UserId>,
    /// The due date.
    pub due_on: Option<Date>,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
    /// The user who created it.
    pub created_by_id: Option<UserId>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// A subtask.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedSubtask {
    /// The id.
    pub id: SubtaskId,
    /// The task.
    pub task_id: TaskId,
    /// The label: what is to be done.
    pub label: String,
    /// Whether it is completed.
    pub is_completed: bool,
    /// The position in the task.
    pub position: String,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// A comment.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedComment {
    /// The id.
    pub id: CommentId,
    /// The task.
    pub task_id: TaskId,
    /// The text.
    pub text: String,
    /// The author; `None` if the user was deleted, or has never been a user here.
    pub author_id: Option<UserId>,
    /// The author's name; of an imported comment, as the file gave it.
    pub author_name: Option<String>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// When the text was last changed.
    pub edited_at: Option<Timestamp>,
}

/// A card with its cover image.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedCard {
    /// The id.
    pub id: CardId,
    /// The title.
    pub title: String,
    /// Markdown with merge tags.
    pub message: String,
    /// The URL of an external cover.
    pub cover_url: Option<String>,
    /// An uploaded cover.
    pub cover: Option<ExportedCover>,
    /// `#rrggbb`.
    pub accent_color: String,
    /// The mail's subject.
    pub subject: Option<String>,
    /// The sender's name.
    pub sender_name: Option<String>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// An uploaded cover image.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedCover {
    /// The media type.
    pub media_type: &'static str,
    /// The file in base64.
    pub data: String,
}

/// A configuration: which automation may send a card.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedConfiguration {
    /// The id.
    pub id: super::ids::IntegrationId,
    /// The card.
    pub card_id: CardId,
    /// The user.
    pub user_id: UserId,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// A recipient of a card.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedRecipient {
    /// The id.
    pub id: RecipientId,
    /// The card.
    pub card_id: CardId,
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The values of merge tags.
    pub merge_tags: Box<serde_json::value::RawValue>,
    /// The delivery status.
    pub status: Delivery,
    /// When the mail server accepted the mail.
    pub sent_at: Option<Timestamp>,
    /// When the mail was first opened.
    pub opened_at: Option<Timestamp>,
    /// When the page was first viewed.
    pub viewed_at: Option<Timestamp>,
    /// When the recipient unsubscribed.
    pub unsubscribed_at: Option<Timestamp>,
    /// The creation time.
    pub created_at: Timestamp,
}
