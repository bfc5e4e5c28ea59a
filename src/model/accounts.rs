//! The account of a user, as the user sees and changes it.

use serde::{Deserialize, Serialize};

use super::ids::UserId;
use super::passwords::Password;

/// A user, as the user sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Account {
    /// The id.
    pub id: UserId,
    /// The name.
    pub name: String,
    /// The email address, trimmed and lowercase.
    pub email: String,
    /// Whether the user can sign in with a password.
    pub has_password: bool,
}

/// What a user changes about their own account.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new email address, not yet normalized.
    pub email: Option<String>,
    /// The new password.
    pub password: Option<Password>,
    /// The current password, required for a new address or password if there is one.
    pub current_password: Option<Password>,
}
