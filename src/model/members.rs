//! Members of a workspace.

use serde::{Deserialize, Serialize};

use super::ids::UserId;
use super::scopes::Role;

/// A user as a member of a workspace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Member {
    /// The user's id.
    pub id: UserId,
    /// The user's name.
    pub name: String,
    /// The role in the workspace.
    pub role: Role,
}

/// A change of a member.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct MemberUpdate {
    /// The new role.
    pub role: Role,
}
