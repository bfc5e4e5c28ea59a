//! The people that cards are made out to.

use crate::error::Result;
use crate::model::ids::{RecipientId, WorkspaceId};
use crate::model::letters::Letter;
use crate::model::recipients::{Address, Subscription};
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, letters, recipients, workspaces};

/// The letter of a recipient, whose id alone opens it.
///
/// # Errors
/// `recipient_not_found`, `card_expired`.
pub fn letter(conn: &Conn, id: RecipientId) -> Result<Letter> {
    match letters::find(conn, id)? {
        Some(letter) => Ok(letter),
        None => Err(recipients::why_missing(conn, id)?),
    }
}

/// Sends a recipient's address no more cards of the workspace, also if the recipient is gone. Doing it again changes
/// nothing.
///
/// # Errors
/// `recipient_not_found`.
pub fn unsubscribe(tx: &Tx<'_>, id: RecipientId) -> Result<Subscription> {
    recipients::suppress(tx, id, Timestamp::now())?;
    recipients::subscription(tx, id)
}

/// Takes away all that is kept of a person, in one workspace or in all: recipients, their values and mails. How many
/// recipients they were. Of the address its digest alone stays: where it wants no cards, and for the links that can still
/// say so.
///
/// # Errors
/// Only the database's own.
pub fn erase(tx: &Tx<'_>, workspace: Option<WorkspaceId>, email: &Address) -> Result<usize> {
    let mut erased = 0;
    for workspace in one_or_all(tx, workspace)? {
        erased += recipients::erase(tx, workspace, email)?;
    }
    Ok(erased)
}

/// How many recipients [`erase`] would take away.
///
/// # Errors
/// Only the database's own.
pub fn with_address(conn: &Conn, workspace: Option<WorkspaceId>, email: &Address) -> Result<usize> {
    let mut found = 0;
    for workspace in one_or_all(conn, workspace)? {
        found += recipients::with_address(conn, workspace, email)?;
    }
    Ok(found)
}

fn one_or_all(conn: &Conn, workspace: Option<WorkspaceId>) -> Result<Vec<WorkspaceId>> {
    match workspace {
        Some(workspace) => Ok(vec![workspace]),
        None => Ok(workspaces::list(conn)?
            .into_iter()
            .map(|one| one.id)
            .collect()),
    }
}
