//! The people that cards are made out to.

use rusqlite::params;

use super::connection::Tx;
use super::sqlite_error;
use crate::error::{Error, Result};
use crate::model::credentials::Digest;
use crate::model::ids::{CardId, RecipientId, WorkspaceId};
use crate::model::merge_tags::Values;
use crate::model::recipients::{Address, Delivery};
use crate::model::time::Timestamp;

/// Notes that an address wants no more cards from a workspace; what waits for it is given up.
///
/// # Errors
/// Only the database's own.
pub fn suppress(tx: &Tx<'_>, workspace: WorkspaceId, email: &Digest, now: Timestamp) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO suppression (workspace_id, email_digest, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    statement.execute(params![workspace, email, now])?;
    Ok(())
}

/// A new recipient.
#[derive(Clone, Debug)]
pub struct NewRecipient<'r> {
    /// Its id.
    pub id: RecipientId,
    /// The card.
    pub card: CardId,
    /// Which edition of it.
    pub revision: i64,
    /// The address.
    pub email: &'r Address,
    /// The name.
    pub name: &'r str,
    /// The values of merge tags.
    pub values: &'r Values,
    /// Whether a mail is to go out.
    pub status: Delivery,
    /// Now.
    pub created_at: Timestamp,
}

/// Makes a card out to somebody. Whether the address wants cards is the database's to decide.
///
/// # Errors
/// `recipient_unsubscribed`.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, new: &NewRecipient<'_>) -> Result<()> {
    let values = serde_json::to_string(new.values)
        .map_err(|cause| Error::internal("values of merge tags are no JSON", cause))?;
    let mut statement = tx.prepare_cached(
        "INSERT INTO recipient (workspace_id, id, card_id, revision, email, email_digest, name, merge_tags, status,
                                created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let inserted = statement.execute(params![
        workspace,
        new.id,
        new.card,
        new.revision,
        new.email.as_str(),
        new.email.digest(),
        new.name,
        values,
        new.status,
        new.created_at
    ]);
    match inserted {
        Ok(_) => Ok(()),
        Err(cause) if sqlite_error::raised(&cause, "", "unsubscribed") => {
            Err(Error::RecipientUnsubscribed {
                email: new.email.as_str().to_owned(),
            })
        }
        Err(cause) => Err(cause.into()),
    }
}
