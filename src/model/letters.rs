//! A card made out to one recipient: an edition of the card, and that recipient's values.

use super::cards::Edition;
use super::ids::{RecipientId, WorkspaceId};
use super::merge_tags::Values;
use super::recipients::Delivery;
use super::time::Timestamp;

/// What one recipient gets, as a mail and as a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The recipient.
    pub recipient_id: RecipientId,
    /// The workspace that it comes from.
    pub workspace_id: WorkspaceId,
    /// The recipient's address.
    pub email: String,
    /// The recipient's name.
    pub name: String,
    /// The recipient's values, `name` and `email` among them.
    pub values: Values,
    /// The card as it was sent.
    pub edition: Edition,
    /// How far its mail has come.
    pub status: Delivery,
    /// When the address unsubscribed from the workspace's cards.
    pub unsubscribed_at: Option<Timestamp>,
}
