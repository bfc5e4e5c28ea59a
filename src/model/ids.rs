//! Typed ids: a UUIDv7 under a name, so that a task's id can never be passed where a project's is wanted.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a hyphenated UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAUuid;

/// Reads the hyphenated form alone, in either case: braces, `urn:` and bare hex are refused.
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

/// A UUID of version 4.
///
/// # Errors
/// When the operating system has no random bytes to give.
pub fn unguessable() -> Result<Uuid, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])* $id:ident, $resource:ident, $param:literal, $member:literal;)*) => {
        /// The kinds of things that an id can name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Resource {
            $($(#[doc = $doc])* $resource,)*
        }

        impl Resource {
            /// The name of its id in `error.details`, e.g. `task_id`.
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
                /// The name of the path parameter that carries it.
                pub const PARAM: &'static str = $param;
                /// The kind of thing that it names.
                pub const RESOURCE: Resource = Resource::$resource;

                /// A new id, later in order than those made before it.
                #[expect(clippy::new_without_default, reason = "two calls never give the same id")]
                pub fn new() -> Self {
                    Self(time_ordered())
                }

                /// A new id that nobody can guess: all random, so it tells nothing of when it was made.
                ///
                /// # Errors
                /// When the operating system has no random bytes to give.
                pub fn unguessable() -> Result<Self, getrandom::Error> {
                    unguessable().map(Self)
                }

                /// The id behind stored bytes.
                pub const fn from_uuid(uuid: Uuid) -> Self {
                    Self(uuid)
                }

                /// The bare UUID.
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
    /// A workflow lane of a board.
    LaneId, Lane, "laneId", "lane_id";
    /// A task of a project.
    TaskId, Task, "taskId", "task_id";
    /// A subtask of a task.
    SubtaskId, Subtask, "subtaskId", "subtask_id";
    /// An API token.
    TokenId, Token, "tokenId", "token_id";
    /// A digital card.
    CardId, Card, "cardId", "card_id";
    /// A card's uploaded cover image.
    CoverId, Cover, "coverId", "cover_id";
    /// Somebody a card was made out to.
    RecipientId, Recipient, "recipientId", "recipient_id";
    /// An address that cards can come from.
    EmailAccountId, EmailAccount, "emailAccountId", "email_account_id";
    /// An integration configuration.
    IntegrationId, Integration, "integrationId", "integration_id";
}

/// A user. Users are named by commands only, so there is no error code for a missing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(Uuid);

impl UserId {
    /// A new id, later in order than those made before it.
    #[expect(
        clippy::new_without_default,
        reason = "two calls never give the same id"
    )]
    pub fn new() -> Self {
        Self(time_ordered())
    }

    /// The id behind stored bytes.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The bare UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for UserId {
    type Err = NotAUuid;

    fn from_str(text: &str) -> Result<Self, NotAUuid> {
        parse_hyphenated(text).map(Self)
    }
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
