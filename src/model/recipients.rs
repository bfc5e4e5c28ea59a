//! The people that cards are made out to.

use serde::{Deserialize, Serialize};

use super::credentials::Digest;

/// How far a recipient's mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// Nothing is mailed: only the card's URL was handed out.
    Link,
    /// The mail waits in the outbox.
    Queued,
    /// The mail server has taken it.
    Sent,
    /// It was given up.
    Failed,
}

impl Delivery {
    const ALL: [Delivery; 4] = [
        Delivery::Link,
        Delivery::Queued,
        Delivery::Sent,
        Delivery::Failed,
    ];

    /// The state's name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Delivery::Link => "link",
            Delivery::Queued => "queued",
            Delivery::Sent => "sent",
            Delivery::Failed => "failed",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// An address in the one form in which addresses are stored and compared: trimmed and lower-cased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The address that this text means.
    pub fn of(text: &str) -> Self {
        Self(text.trim().to_lowercase())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for it where the address itself must not be kept.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}
