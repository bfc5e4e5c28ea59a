//! Addresses that a workspace's cards can be sent from.

use serde::{Deserialize, Serialize};

use super::ids::EmailAccountId;
use super::time::Timestamp;

/// An address that cards can be sent from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EmailAccount {
    /// The id.
    pub id: EmailAccountId,
    /// The address, trimmed and lowercase.
    pub address: String,
    /// The name shown with the address.
    pub name: Option<String>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// The fields of a new account.
#[derive(Clone, Debug, Deserialize)]
pub struct EmailAccountCreate {
    /// The address, not yet normalized.
    pub address: String,
    /// The name shown with the address.
    pub name: Option<String>,
}
