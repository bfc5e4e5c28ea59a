//! Records the results of deliveries.

use uuid::Uuid;

use super::recipients::record;
use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::events::EventType;
use crate::model::ids::{RecipientId, WorkspaceId};
use crate::model::mails::reply_line;
use crate::model::recipients::RecipientEntry;
use crate::model::time::Timestamp;
use crate::store::{Tx, mails, recipients};

/// Records that a mail was accepted. Does nothing if the recipient no longer waits for it.
///
/// # Errors
/// Database errors only.
pub fn sent(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    recipient: RecipientId,
    now: Timestamp,
) -> Result<()> {
    let recipient = mails::sent(tx, workspace, recipient, now)?;
    record_result(tx, workspace, EventType::CardSent, recipient)
}

fn record_result(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    kind: EventType,
    recipient: Option<RecipientEntry>,
) -> Result<()> {
    match recipient {
        Some(recipient) => record(tx, &Ctx::system(workspace), kind, &recipient),
        None => Ok(()),
    }
}

/// Records that mails were accepted before the process that sent them died. Recipients that were erased since are
/// skipped.
///
/// # Errors
/// Database errors only.
pub fn all_sent(tx: &Tx<'_>, recipients: &[RecipientId], now: Timestamp) -> Result<()> {
    for recipient in recipients {
        if let Some(workspace) = recipients::workspace(tx, *recipient)? {
            sent(tx, workspace, *recipient, now)?;
        }
    }
    Ok(())
}

/// Records that a mail failed permanently, and why. Does nothing if the recipient no longer waits for it.
///
/// # Errors
/// Database errors only.
pub fn failed(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    recipient: RecipientId,
    reply: &str,
) -> Result<()> {
    let recipient = mails::failed(tx, workspace, recipient, &reply_line(reply))?;
    record_result(tx, workspace, EventType::CardFailed, recipient)
}

/// Records that a mail was not accepted, why, and when it is retried. Does nothing if the recipient no longer waits for
/// it.
///
/// # Errors
/// Database errors only.
pub fn retry_later(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    recipient: RecipientId,
    due_at: Timestamp,
    reply: &str,
) -> Result<()> {
    mails::retry_later(tx, workspace, recipient, due_at, &reply_line(reply))
}

/// Records that a notice was accepted or will never be. Nobody sees it, so there is no event.
///
/// # Errors
/// Database errors only.
pub fn end_notice(tx: &Tx<'_>, workspace: WorkspaceId, notice: Uuid, now: Timestamp) -> Result<()> {
    mails::end_notice(tx, workspace, notice, now)
}

/// Records when a notice is retried.
///
/// # Errors
/// Database errors only.
pub fn retry_notice(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    notice: Uuid,
    due_at: Timestamp,
) -> Result<()> {
    mails::retry_notice(tx, workspace, notice, due_at)
}
