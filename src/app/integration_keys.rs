//! Keys of the card integration API.

use uuid::Uuid;

use crate::error::Result;
use crate::model::credentials::Digest;
use crate::model::ids::{UserId, WorkspaceId, unguessable};
use crate::model::time::Timestamp;
use crate::store::{Tx, integration_keys};

/// Gives a user a new integration key and ends the old one.
///
/// # Errors
/// Only the database's own.
pub fn create(tx: &Tx<'_>, home: WorkspaceId, user: UserId) -> Result<Uuid> {
    // Version 4: all random, because the key is a secret. A version 7 tells when it was made.
    let key = unguessable()?;
    let digest = Digest::of(key.hyphenated().to_string().as_bytes());
    integration_keys::replace(tx, home, user, Uuid::now_v7(), &digest, Timestamp::now())?;
    Ok(key)
}
