//! Keys of the card integration API.

use serde::Serialize;
use uuid::Uuid;

use super::ids::{UserId, WorkspaceId};
use super::time::Timestamp;

/// An integration key, without its secret.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct IntegrationKey {
    /// The id.
    pub id: Uuid,
    /// The user that it acts for.
    pub user_id: UserId,
    /// The workspace whose quota its calls count against.
    pub workspace_id: WorkspaceId,
    /// The creation time.
    pub created_at: Timestamp,
}
