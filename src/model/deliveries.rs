//! Deliveries of events to webhooks.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::{DeliveryId, WebhookId, WorkspaceId};
use super::page::PageQuery;
use super::time::Timestamp;
use super::webhooks::{EventHead, Webhook};

/// Deliveries per page if the client gives no limit.
const DEFAULT_LIMIT: u32 = 100;

macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $variant_doc:literal])* $variant:ident = $word:literal,)* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name {
            $($(#[doc = $variant_doc])* $variant,)*
        }

        impl $name {
            /// The word, as stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// The value with that word.
            pub fn parse(word: &str) -> Option<Self> {
                [$($name::$variant,)*].into_iter().find(|value| value.as_str() == word)
            }
        }
    };
}

words! {
    /// How a delivery stands.
    DeliveryStatus {
        /// It will be attempted, for the first time or again.
        Pending = "pending",
        /// The receiver accepted it.
        Delivered = "delivered",
        /// It is not attempted again.
        Failed = "failed",
        /// It was not attempted, because the month's deliveries are used up.
        Skipped = "skipped",
    }
}

words! {
    /// Why a delivery was made.
    DeliveryCause {
        /// The event happened.
        Event = "event",
        /// Failed and missed events were delivered again.
        Recovery = "recovery",
        /// A client asked for this one again.
        Redelivery = "redelivery",
        /// A client asked for a test.
        Test = "test",
    }
}

/// A delivery with the result of its last attempt, as the log shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delivery {
    /// The id.
    pub id: DeliveryId,
    /// The id of the event.
    pub event_id: Uuid,
    /// The type of the event.
    pub event: String,
    /// How it stands.
    pub status: DeliveryStatus,
    /// How often it was attempted.
    pub attempts: u32,
    /// When it is attempted next.
    pub next_attempt_at: Option<Timestamp>,
    /// The status code of the response.
    pub response_status: Option<u16>,
    /// How long the attempt took, in milliseconds.
    pub duration_ms: Option<u32>,
    /// Why the attempt failed.
    pub error: Option<String>,
    /// The beginning of the response.
    pub response_excerpt: Option<String>,
    /// The creation time.
    pub created_at: Timestamp,
    /// When the receiver accepted it.
    pub delivered_at: Option<Timestamp>,
}

/// A delivery to be added.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// The id.
    pub id: DeliveryId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The id of the event.
    pub event_id: Uuid,
    /// The type of the event.
    pub event: String,
    /// What is sent.
    pub content: Content,
    /// Why it is made.
    pub cause: DeliveryCause,
    /// When it is attempted; `None` skips it.
    pub due_at: Option<Timestamp>,
    /// The creation time.
    pub created_at: Timestamp,
}

/// What a delivery sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The event of the journal with this sequence.
    Event(i64),
    /// This body, of a test.
    Body(String),
}

/// A delivery that is to be attempted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    /// The id.
    pub id: DeliveryId,
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The id of the event.
    pub event_id: Uuid,
    /// The type of the event.
    pub event: String,
    /// What is sent.
    pub content: Content,
    /// Why it is made.
    pub cause: DeliveryCause,
    /// How often it was attempted.
    pub attempts: u32,
    /// When it was due.
    pub due_at: Timestamp,
    /// The creation time.
    pub created_at: Timestamp,
}

/// Events for which deliveries to a webhook are made: those that it wants of a range of the journal.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The webhook, as it was when the events were chosen.
    pub webhook: Webhook,
    /// Why the deliveries are made: [`DeliveryCause::Event`] or [`DeliveryCause::Recovery`].
    pub cause: DeliveryCause,
    /// The last sequence that was examined before.
    pub after: i64,
    /// The last sequence that is examined with this claim.
    pub until: i64,
    /// The events, oldest first, each with the id of its delivery.
    pub events: Vec<(DeliveryId, EventHead)>,
}

/// An attempt that was made.
#[derive(Clone, Debug)]
pub struct Attempted {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// Its result.
    pub result: AttemptResult,
}

/// The result of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptResult {
    /// What follows from it.
    pub outcome: Outcome,
    /// The status code of the response.
    pub response_status: Option<u16>,
    /// How long the attempt took, in milliseconds.
    pub duration_ms: u32,
    /// Why it failed.
    pub error: Option<String>,
    /// The beginning of the response.
    pub response_excerpt: Option<String>,
}

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver accepted the delivery at this time.
    Delivered(Timestamp),
    /// It is attempted again at this time.
    RetryAt(Timestamp),
    /// It is not attempted again.
    Failed,
}

/// The query parameters of the list of deliveries.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct DeliveryQuery {
    status: Option<DeliveryStatus>,
    event_id: Option<Uuid>,
    limit: Option<u32>,
    cursor: Option<String>,
}

impl DeliveryQuery {
    /// Which deliveries are wanted.
    pub const fn filter(&self) -> DeliveryFilter {
        DeliveryFilter {
            status: self.status,
            event_id: self.event_id,
        }
    }

    /// Which page is wanted. There is no whole list: it grows with every event.
    pub fn page(&self) -> PageQuery {
        PageQuery {
            limit: Some(self.limit.unwrap_or(DEFAULT_LIMIT)),
            cursor: self.cursor.clone(),
        }
    }
}

/// Which deliveries a list contains. Fields without a value match every delivery.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeliveryFilter {
    /// Only these.
    pub status: Option<DeliveryStatus>,
    /// Only those of this event.
    pub event_id: Option<Uuid>,
}
