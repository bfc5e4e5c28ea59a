//! Keys of the card integration API.

use uuid::Uuid;

use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::credentials::Digest;
use crate::model::events::{EventType, NewEvent};
use crate::model::ids::{UserId, random_uuid};
use crate::model::integration_keys::IntegrationKey;
use crate::model::time::Timestamp;
use crate::store::{Tx, integration_keys};

/// Creates a user's integration key, which replaces the previous one. Its calls count against the workspace of the
/// context.
///
/// # Errors
/// Database errors only.
pub fn create(tx: &Tx<'_>, ctx: &Ctx, user: UserId) -> Result<Uuid> {
    // The key is a secret, so all of it is random (version 4). A version 7 UUID contains the time.
    let key = random_uuid()?;
    let digest = Digest::of(key.hyphenated().to_string().as_bytes());
    if let Some(old) = integration_keys::of_user(tx, user)? {
        record_end(tx, ctx, &old)?;
    }
    let new = IntegrationKey {
        id: crate::model::ids::time_ordered(),
        user_id: user,
        workspace_id: ctx.workspace,
        created_at: Timestamp::now(),
    };
    integration_keys::replace(tx, &new, &digest)?;
    tx.record(ctx, &NewEvent::new(EventType::KeyCreated, &new)?)?;
    Ok(key)
}

/// Revokes a key immediately.
///
/// # Errors
/// Database errors only.
pub fn revoke(tx: &Tx<'_>, ctx: &Ctx, key: &IntegrationKey) -> Result<()> {
    integration_keys::delete(tx, key.user_id)?;
    record_end(tx, ctx, key)
}

/// Records that a key ended, in the workspace that its calls counted against.
fn record_end(tx: &Tx<'_>, ctx: &Ctx, key: &IntegrationKey) -> Result<()> {
    let event = NewEvent::new(EventType::KeyRevoked, key)?;
    tx.record(&ctx.in_workspace(key.workspace_id), &event)
}
