//! Invitations to a workspace.

use serde::{Deserialize, Serialize};

use super::ids::InvitationId;
use super::passwords::Password;
use super::scopes::Role;
use super::time::Timestamp;

/// Days until an invitation expires.
pub const LIFE_DAYS: i64 = 7;

/// An invitation in its response form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Invitation {
    /// The id.
    pub id: InvitationId,
    /// The email address of the invited person, trimmed and lowercase.
    pub email: String,
    /// The role in the workspace.
    pub role: Role,
    /// The creation time.
    pub created_at: Timestamp,
    /// When the link stops working.
    pub expires_at: Timestamp,
}

/// The fields of a new invitation.
#[derive(Clone, Debug, Deserialize)]
pub struct InvitationCreate {
    /// The email address, not yet normalized.
    pub email: String,
    /// The role in the workspace.
    pub role: Role,
}

/// What a person who accepts an invitation sends.
#[derive(Debug, Deserialize)]
pub struct InvitationAccept {
    /// The name; required for a new user.
    pub name: Option<String>,
    /// The password of a new user, if the person wants one.
    pub password: Option<Password>,
}

/// What an invitation's link shows to the person who opens it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InvitationOffer {
    /// The name of the workspace.
    pub workspace: String,
    /// The email address of the invited person.
    pub email: String,
    /// The role in the workspace.
    pub role: Role,
    /// When the link stops working.
    pub expires_at: Timestamp,
    /// Whether a user with this address exists. Then that user must be signed in to accept.
    pub has_account: bool,
}
