//! The error for an unknown id.

use super::Error;
use crate::model::ids::{
    BoardId, CardId, CommentId, CoverId, DeliveryId, EmailAccountId, ImportId, IntegrationId,
    InvitationId, LabelId, LaneId, ProjectId, RecipientId, SessionId, SubtaskId, TaskId, TokenId,
    UserId, WebhookId, WorkspaceId,
};

macro_rules! missing {
    ($($id:ident),*) => {$(
        impl $id {
            /// The error for an id that does not exist in the caller's workspace.
            pub fn missing(self) -> Error {
                Error::Missing { resource: Self::RESOURCE, id: self.to_string() }
            }
        }
    )*};
}

missing!(
    WorkspaceId,
    BoardId,
    ProjectId,
    LabelId,
    LaneId,
    TaskId,
    SubtaskId,
    CommentId,
    TokenId,
    CardId,
    CoverId,
    RecipientId,
    EmailAccountId,
    DeliveryId,
    ImportId,
    IntegrationId,
    InvitationId,
    SessionId,
    UserId,
    WebhookId
);
