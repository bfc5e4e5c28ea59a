//! Addresses that a workspace's cards can come from.

use serde::{Deserialize, Serialize};

use super::ids::EmailAccountId;
use super::time::Timestamp;

/// A sender's address.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EmailAccount {
    /// Its id.
    pub id: EmailAccountId,
    /// The address, trimmed and lower-cased.
    pub address: String,
    /// Name shown with the address.
    pub name: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a new account is made of.
#[derive(Clone, Debug, Deserialize)]
pub struct EmailAccountCreate {
    /// The address, in any form.
    pub address: String,
    /// Name shown with the address.
    pub name: Option<String>,
}
