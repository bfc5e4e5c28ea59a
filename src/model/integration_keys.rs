//! Keys of the card integration API.

use serde::Serialize;
use uuid::Uuid;

use super::ids::{UserId, WorkspaceId};
use super::time::Timestamp;

/// An integration key, without its secret.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct IntegrationKey {
    /// Its id.
    pub id: Uuid,
    /// The user it acts for.
    pub user_id: UserId,
    /// The workspace that its calls count against.
    pub workspace_id: WorkspaceId,
    /// When it was made.
    pub created_at: Timestamp,
}
