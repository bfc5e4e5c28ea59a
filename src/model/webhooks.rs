//! Webhooks: where events are sent, which ones, and how they are signed.

mod keys;
mod payloads;

use serde::{Deserialize, Serialize};

pub use self::keys::{SigningKey, SigningKeys, WebhookSecret};
pub use self::payloads::{Payload, body, sample};
use super::clean;
use super::events::EventType;
use super::ids::{BoardId, WebhookId, WorkspaceId};
use super::patch::nullable;
use super::time::Timestamp;
use crate::error::Error;

/// How long the previous secret signs deliveries after a rotation, in milliseconds: 24 hours.
pub const OLD_KEY_LIFE: i64 = 24 * 3_600_000;

/// Maximum characters of a name in a mail.
const MAX_SHOWN: usize = 100;

/// A webhook, without its secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Webhook {
    /// The id.
    pub id: WebhookId,
    /// The name.
    pub name: String,
    /// Where events are sent.
    pub url: String,
    /// Which events are sent: types, `noun.*` and `*`.
    pub events: Vec<String>,
    /// The only board whose events are sent.
    pub board_id: Option<BoardId>,
    /// How much of an event is sent.
    pub payload: Payload,
    /// Whether events are sent.
    pub is_active: bool,
    /// Why the server switched it off.
    pub disabled_reason: Option<String>,
    /// When the server switched it off.
    pub disabled_at: Option<Timestamp>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

impl Webhook {
    /// The first type that it is told about.
    pub fn first_type(&self) -> &'static str {
        let names = |pattern: &String| {
            EventType::ALL
                .iter()
                .map(|kind| kind.as_str())
                .find(|kind| matches_pattern(pattern, kind))
        };
        let first = self.events.iter().find_map(names);
        first.unwrap_or(EventType::TaskCreated.as_str())
    }

    /// Whether it is to be told about an event.
    pub fn wants(&self, event: &EventHead) -> bool {
        let is_here = |board| event.board_id == Some(board) || event.from_board_id == Some(board);
        self.board_id.is_none_or(is_here)
            && self
                .events
                .iter()
                .any(|pattern| matches_pattern(pattern, &event.kind))
    }
}

impl Webhook {
    /// Returns the subject and the text of the mail that says why it was switched off. The URL is left out: it may
    /// contain a secret of the receiver.
    pub fn notice(&self, workspace: &str) -> (String, String) {
        let [name, workspace] = [&self.name, workspace].map(|name| clean::line(name, MAX_SHOWN));
        let reason = self.disabled_reason.as_deref().unwrap_or_default();
        let id = self.id;
        let since = self.disabled_at.map(|at| at.to_string());
        let since = since.unwrap_or_default();
        let text = format!(
            "Tackboard has switched off the webhook \"{name}\" of the workspace \"{workspace}\".\n\n\
             Reason: {reason}\n\n\
             No events are sent to it now. When the receiver works again, switch the webhook on:\n\n    \
             tackboard webhook enable {id}\n\n\
             Then send the events that it missed:\n\n    \
             tackboard webhook recover {id} --since {since}\n\n\
             The API can do the same: PATCH /v1/webhooks/{id} and POST /v1/webhooks/{id}/recover.\n"
        );
        (format!("Webhook \"{name}\" was switched off"), text)
    }
}

fn matches_pattern(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => kind == pattern,
    }
}

/// What decides whether a webhook is told about an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventHead {
    /// The position in the workspace's journal.
    pub sequence: i64,
    /// The event's id.
    pub id: uuid::Uuid,
    /// What happened.
    pub kind: String,
    /// The board on which it happened.
    pub board_id: Option<BoardId>,
    /// The board that the object came from.
    pub from_board_id: Option<BoardId>,
}

/// The fields of a new webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookCreate {
    /// The name.
    pub name: String,
    /// Where events are sent.
    pub url: String,
    /// Which events are sent.
    pub events: Vec<String>,
    /// The secret; one is generated without it.
    pub secret: Option<WebhookSecret>,
    /// The only board whose events are sent.
    pub board_id: Option<BoardId>,
    /// How much of an event is sent.
    #[serde(default)]
    pub payload: Payload,
    /// Whether events are sent; by default they are.
    pub is_active: Option<bool>,
}

/// Changes to a webhook. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new URL.
    pub url: Option<String>,
    /// The new events.
    pub events: Option<Vec<String>>,
    /// The new board; `Some(None)` sends the events of all boards.
    #[serde(default, deserialize_with = "nullable")]
    pub board_id: Option<Option<BoardId>>,
    /// The new payload.
    pub payload: Option<Payload>,
    /// Whether events are sent.
    pub is_active: Option<bool>,
}

/// Which events are delivered again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RecoveryScope {
    /// Those whose delivery failed, was skipped or never began.
    #[default]
    Failed,
    /// All of them, also those that were delivered.
    All,
}

impl RecoveryScope {
    /// The name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            RecoveryScope::Failed => "failed",
            RecoveryScope::All => "all",
        }
    }

    /// The scope of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [RecoveryScope::Failed, RecoveryScope::All]
            .into_iter()
            .find(|scope| scope.as_str() == name)
    }
}

/// A request to deliver events again.
#[derive(Clone, Debug, Deserialize)]
pub struct WebhookRecover {
    since: SinceField,
    /// Which of them.
    #[serde(default)]
    pub only: RecoveryScope,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum SinceField {
    Sequence(i64),
    Time(String),
}

/// Where in the journal a recovery begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoverySince {
    /// After this sequence.
    Sequence(i64),
    /// At this time.
    Time(Timestamp),
}

impl RecoverySince {
    /// Parses a time.
    ///
    /// # Errors
    /// `invalid_request` for the field `since`.
    pub fn of_time(text: &str) -> Result<Self, Error> {
        let message = "Since must be a sequence or a time such as 2024-01-15T10:30:00Z";
        Timestamp::parse(text)
            .map(RecoverySince::Time)
            .ok_or_else(|| Error::field("since", message))
    }
}

impl WebhookRecover {
    /// Where the recovery begins.
    ///
    /// # Errors
    /// `invalid_request` for a text that is no time.
    pub fn since(&self) -> Result<RecoverySince, Error> {
        match &self.since {
            SinceField::Sequence(sequence) => Ok(RecoverySince::Sequence(*sequence)),
            SinceField::Time(text) => RecoverySince::of_time(text),
        }
    }
}

/// Events that are delivered again: those after `cursor`, up to `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The last sequence that was examined.
    pub cursor: i64,
    /// The last sequence to examine.
    pub until: i64,
    /// Which of them.
    pub only: RecoveryScope,
}

impl Recovery {
    /// A recovery that delivers what either would.
    pub fn and(self, other: Self) -> Self {
        let is_all = self.only == RecoveryScope::All || other.only == RecoveryScope::All;
        Self {
            cursor: self.cursor.min(other.cursor),
            until: self.until.max(other.until),
            only: if is_all {
                RecoveryScope::All
            } else {
                RecoveryScope::Failed
            },
        }
    }
}

/// A recovery, as the response to its request shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RecoveryResponse {
    /// The sequence before the first event.
    pub since: i64,
    /// The sequence of the last event.
    pub until: i64,
    /// Which events.
    pub only: RecoveryScope,
}

impl From<Recovery> for RecoveryResponse {
    fn from(recovery: Recovery) -> Self {
        Self {
            since: recovery.cursor,
            until: recovery.until,
            only: recovery.only,
        }
    }
}

/// How far the deliveries of an active webhook have come.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookProgress {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The webhook.
    pub webhook: Webhook,
    /// The last sequence of the journal that was examined.
    pub cursor: i64,
    /// The newest sequence of the journal.
    pub latest: i64,
    /// The first failure since the last success.
    pub failing_since: Option<Timestamp>,
    /// Events that are delivered again.
    pub recovery: Option<Recovery>,
}

/// Where and how a delivery is sent.
#[derive(Clone, Debug)]
pub struct Target {
    /// The URL.
    pub url: String,
    /// How much of the event is sent.
    pub payload: Payload,
    /// The keys that sign it.
    pub keys: SigningKeys,
}

#[cfg(test)]
mod tests {
    use super::matches_pattern;

    #[test]
    fn patterns_match_types_nouns_and_everything() {
        for (pattern, kind, expected) in [
            ("*", "task.created", true),
            ("task.*", "task.created", true),
            ("task.*", "subtask.created", false),
            ("task.*", "tasks.created", false),
            ("task.created", "task.created", true),
            ("task.created", "task.created_again", false),
        ] {
            assert_eq!(matches_pattern(pattern, kind), expected, "{pattern} {kind}");
        }
    }
}
