//! Typed ids: UUIDs with a type per kind of object, so that a task's id cannot be passed as a project's.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a hyphenated UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAUuid;

/// Parses the hyphenated form only, in either case. Braces, `urn:` and plain hex are refused.
fn parse_hyphenated(text: &str) -> Result<Uuid, NotAUuid> {
    if text.len() != 36 {
        return Err(NotAUuid);
    }
    Uuid::try_parse(text).map_err(|_| NotAUuid)
}

/// Whether a text is a hyphenated UUID.
pub fn is_uuid(text: &str) -> bool {
    parse_hyphenated(text).is_ok()
}

/// Returns a UUID of version 4.
///
/// # Errors
/// If the operating system cannot provide random bytes.
pub fn random_uuid() -> Result<Uuid, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])* $id:ident, $resource:ident, $param:literal, $member:literal;)*) => {
        /// The kinds of objects that have an id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Resource {
            $($(#[doc = $doc])* $resource,)*
        }

        impl Resource {
            /// The name of the id in `error.details`, for example `task_id`.
            pub const fn id_name(self) -> &'static str {
                match self { $(Resource::$resource => $member,)* }
            }
        }

        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $id(Uuid);

            impl $id {
                /// The name of the path parameter.
                pub const PARAM: &'static str = $param;
                /// The kind of object.
                pub const RESOURCE: Resource = Resource::$resource;

                /// Creates an id that sorts after those created before it.
                #[expect(clippy::new_without_default, reason = "two calls never give the same id")]
                pub fn new() -> Self {
                    Self(time_ordered())
                }

                /// Creates a random id that cannot be guessed and contains no time.
                ///
                /// # Errors
                /// If the operating system cannot provide random bytes.
                pub fn random() -> Result<Self, getrandom::Error> {
                    random_uuid().map(Self)
                }

                /// Creates an id from its stored UUID.
                pub const fn from_uuid(uuid: Uuid) -> Self {
                    Self(uuid)
                }

                /// The UUID.
                pub const fn uuid(self) -> Uuid {
                    self.0
                }
            }

            impl fmt::Display for $id {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.hyphenated().fmt(f)
                }
            }

            impl FromStr for $id {
                type Err = NotAUuid;

                fn from_str(text: &str) -> Result<Self, NotAUuid> {
                    parse_hyphenated(text).map(Self)
                }
            }
        )*
    };
}

ids! {
    /// A workspace: the boundary of access, limits and quotas.
    WorkspaceId, Workspace, "workspaceId", "workspace_id";
    /// A board.
    BoardId, Board, "boardId", "board_id";
    /// A project on a board.
    ProjectId, Project, "projectId", "project_id";
    /// A label of a board.
    LabelId, Label, "labelId", "label_id";
    /// A workflow lane of a board.
    LaneId, Lane, "laneId", "lane_id";
    /// A task of a project.
    TaskId, Task, "taskId", "task_id";
    /// A subtask of a task.
    SubtaskId, Subtask, "subtaskId", "subtask_id";
    /// A comment on a task.
    CommentId, Comment, "commentId", "comment_id";
    /// An API token.
    TokenId, Token, "tokenId", "token_id";
    /// A digital card.
    CardId, Card, "cardId", "card_id";
    /// A card's uploaded cover image.
    CoverId, Cover, "coverId", "cover_id";
    /// A recipient of a card.
    RecipientId, Recipient, "recipientId", "recipient_id";
    /// An address that cards can be sent from.
    EmailAccountId, EmailAccount, "emailAccountId", "email_account_id";
    /// A webhook.
    WebhookId, Webhook, "webhookId", "webhook_id";
    /// A delivery of an event to a webhook.
    DeliveryId, Delivery, "deliveryId", "delivery_id";
    /// An integration configuration.
    IntegrationId, Integration, "integrationId", "integration_id";
    /// A user, who as a member of a workspace can be missing there.
    UserId, Member, "userId", "member_id";
    /// A session of a user.
    SessionId, Session, "sessionId", "session_id";
    /// An import of a file.
    ImportId, Import, "importId", "import_id";
    /// An invitation to a workspace.
    InvitationId, Invitation, "invitationId", "invitation_id";
}

/// A new UUID, later in order than those made before it.
pub fn time_ordered() -> Uuid {
    time_ordered_at(SystemTime::now())
}

/// `Uuid::now_v7` panics if the clock is before 1970.
fn time_ordered_at(clock: SystemTime) -> Uuid {
    match clock < SystemTime::UNIX_EPOCH {
        true => Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, 0, 0)),
        false => Uuid::now_v7(),
    }
}

#[cfg(test)]
mod tests {
    use super::{NotAUuid, TaskId};

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        let plain = "0190f3a1-7c1e-7d3a-9b2f-1c2d3e4f5a6b";
        let id: TaskId = plain
            .to_uppercase()
            .parse()
            .unwrap_or_else(|_| unreachable!());
        assert_eq!(id.to_string(), plain);
        let bare = plain.replace('-', "");
        for bad in [
            "",
            "123",
            bare.as_str(),
            &format!("{{{plain}}}"),
            &format!("urn:uuid:{plain}"),
        ] {
            assert_eq!(bad.parse::<TaskId>(), Err(NotAUuid), "{bad:?}");
        }
    }
}
