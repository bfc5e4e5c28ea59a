//! The context of a change: who makes it, in which workspace and in which request.

use serde::Serialize;

use super::ids::{UserId, WorkspaceId};
use super::users::Person;

/// What kind of caller made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// An API token.
    Token,
    /// An integration key.
    Key,
    /// A person who is signed in.
    Session,
    /// A command of the program.
    Command,
    /// The recipient of a card.
    Recipient,
    /// The server itself.
    System,
    /// An import, whoever has started it.
    Import,
}

impl ActorKind {
    const ALL: [ActorKind; 7] = [
        ActorKind::Token,
        ActorKind::Key,
        ActorKind::Session,
        ActorKind::Command,
        ActorKind::Recipient,
        ActorKind::System,
        ActorKind::Import,
    ];

    /// The kind's name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            ActorKind::Token => "token",
            ActorKind::Key => "key",
            ActorKind::Session => "session",
            ActorKind::Command => "command",
            ActorKind::Recipient => "recipient",
            ActorKind::System => "system",
            ActorKind::Import => "import",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Who made a change, as events show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// With which kind of credential.
    pub kind: ActorKind,
    /// The user, if there is one.
    pub user_id: Option<UserId>,
    /// The user's name at that time.
    pub name: Option<String>,
    /// The name of the token.
    pub credential: Option<String>,
}

impl Actor {
    const fn nobody(kind: ActorKind) -> Self {
        Self {
            kind,
            user_id: None,
            name: None,
            credential: None,
        }
    }

    /// The user, if there is one.
    pub fn person(&self) -> Option<Person> {
        Some(Person {
            id: self.user_id?,
            name: self.name.clone()?,
        })
    }
}

/// The context of a change. Every function of `app` that changes data takes one.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// Who makes the change.
    pub actor: Actor,
    /// The workspace that the change is made in.
    pub workspace: WorkspaceId,
    /// The request id; `None` outside HTTP.
    pub request_id: Option<String>,
}

impl Ctx {
    /// The context of a change made by a command of the program.
    pub const fn command(workspace: WorkspaceId) -> Self {
        Self::of(ActorKind::Command, workspace)
    }

    /// The context of a change made by the server itself.
    pub const fn system(workspace: WorkspaceId) -> Self {
        Self::of(ActorKind::System, workspace)
    }

    /// The context of a change made by the recipient of a card.
    pub const fn recipient(workspace: WorkspaceId) -> Self {
        Self::of(ActorKind::Recipient, workspace)
    }

    /// The same person, as an import.
    pub fn as_import(&self) -> Self {
        let actor = Actor {
            kind: ActorKind::Import,
            ..self.actor.clone()
        };
        Self {
            actor,
            ..self.clone()
        }
    }

    /// The same context in another workspace.
    pub fn in_workspace(&self, workspace: WorkspaceId) -> Self {
        Self {
            workspace,
            ..self.clone()
        }
    }

    const fn of(kind: ActorKind, workspace: WorkspaceId) -> Self {
        Self {
            actor: Actor::nobody(kind),
            workspace,
            request_id: None,
        }
    }
}
