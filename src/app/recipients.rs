//! Recipients of cards.

use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::credentials::Digest;
use crate::model::events::{EventType, NewEvent};
use crate::model::ids::{RecipientId, WorkspaceId};
use crate::model::letters::Letter;
use crate::model::recipients::{Address, Reads, RecipientEntry, Subscription};
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, deliveries, letters, recipients, suppressions, workspaces};

/// Returns the letter of a recipient, whose id is enough to read it.
///
/// # Errors
/// `recipient_not_found`, `card_expired`.
pub fn letter(conn: &Conn, id: RecipientId) -> Result<Letter> {
    match letters::find(conn, id)? {
        Some(letter) => Ok(letter),
        None => Err(recipients::why_missing(conn, id)?),
    }
}

/// Stops further cards from the workspace to a recipient's address, even if the recipient was deleted. Repeating it
/// changes nothing.
///
/// # Errors
/// `recipient_not_found`.
pub fn unsubscribe(
    tx: &Tx<'_>,
    id: RecipientId,
    request_id: Option<String>,
) -> Result<Subscription> {
    let (ctx, digest) = by_recipient(tx, id, request_id)?;
    let before = recipients::with_digest(tx, ctx.workspace, &digest)?;
    if suppressions::add(tx, ctx.workspace, &digest, Timestamp::now())? {
        let after = recipients::with_digest(tx, ctx.workspace, &digest)?;
        record_unsubscribed(tx, &ctx, id, &before, &after)?;
    }
    recipients::subscription(tx, id)
}

/// Stops cards to an address that had unsubscribed before it was imported.
///
/// # Errors
/// Database errors only.
pub(super) fn suppress(tx: &Tx<'_>, ctx: &Ctx, digest: &Digest, at: Timestamp) -> Result<()> {
    let before = recipients::with_digest(tx, ctx.workspace, digest)?;
    if suppressions::add(tx, ctx.workspace, digest, at)? {
        let after = recipients::with_digest(tx, ctx.workspace, digest)?;
        for (old, new) in before.iter().zip(&after) {
            record_suppressed(tx, ctx, old, new)?;
        }
    }
    Ok(())
}

/// Returns the context of a change by a recipient, and the digest of the recipient's address.
fn by_recipient(tx: &Tx<'_>, id: RecipientId, request_id: Option<String>) -> Result<(Ctx, Digest)> {
    let (workspace, digest) = recipients::address_of(tx, id)?;
    let ctx = Ctx {
        request_id,
        ..Ctx::recipient(workspace)
    };
    Ok((ctx, digest))
}

/// Records one event per recipient with the address, and one per canceled mail.
fn record_unsubscribed(
    tx: &Tx<'_>,
    ctx: &Ctx,
    id: RecipientId,
    before: &[RecipientEntry],
    after: &[RecipientEntry],
) -> Result<()> {
    if !after.iter().any(|recipient| recipient.recipient_id == id) {
        let gone = RecipientEntry::gone(id, ctx.workspace);
        record(tx, ctx, EventType::CardUnsubscribed, &gone)?;
    }
    let mut both = before.iter().zip(after);
    both.try_for_each(|(old, new)| record_suppressed(tx, ctx, old, new))
}

fn record_suppressed(
    tx: &Tx<'_>,
    ctx: &Ctx,
    old: &RecipientEntry,
    new: &RecipientEntry,
) -> Result<()> {
    record(tx, ctx, EventType::CardUnsubscribed, new)?;
    match old.status == new.status {
        true => Ok(()),
        false => record(tx, ctx, EventType::CardFailed, new),
    }
}

/// Deletes a recipient, as the undo of its import.
///
/// # Errors
/// Database errors only.
pub(super) fn delete(tx: &Tx<'_>, ctx: &Ctx, id: RecipientId) -> Result<()> {
    recipients::delete(tx, ctx.workspace, id)?;
    record_erased(tx, ctx, &[RecipientEntry::gone(id, ctx.workspace)])
}

/// Reverts [`unsubscribe`]: the recipient's address receives cards from the workspace again, even if the recipient was
/// deleted. Canceled mails are not sent. Repeating it changes nothing.
///
/// # Errors
/// `recipient_not_found`.
pub fn resubscribe(
    tx: &Tx<'_>,
    id: RecipientId,
    request_id: Option<String>,
) -> Result<Subscription> {
    let (ctx, digest) = by_recipient(tx, id, request_id)?;
    if let Some(changed) = suppressions::remove(tx, ctx.workspace, &digest)? {
        let is_gone = !changed.iter().any(|one| one.recipient_id == id);
        record_resubscribed(tx, &ctx, is_gone.then_some(id), &changed)?;
    }
    recipients::subscription(tx, id)
}

/// Removes an address from the suppressions of a workspace. Returns `false` if the address was not suppressed.
///
/// # Errors
/// Database errors only.
pub fn allow(tx: &Tx<'_>, workspace: WorkspaceId, email: &Address) -> Result<bool> {
    let digest = email.digest();
    let Some(changed) = suppressions::remove(tx, workspace, &digest)? else {
        return Ok(false);
    };
    let gone = match changed.is_empty() {
        true => suppressions::last_gone(tx, workspace, &digest)?,
        false => None,
    };
    record_resubscribed(tx, &Ctx::command(workspace), gone, &changed)?;
    Ok(true)
}

/// Records one event per recipient with the address, and one for the deleted recipient, if there is one.
fn record_resubscribed(
    tx: &Tx<'_>,
    ctx: &Ctx,
    gone: Option<RecipientId>,
    changed: &[RecipientEntry],
) -> Result<()> {
    let gone = gone.map(|id| RecipientEntry::gone(id, ctx.workspace));
    gone.iter()
        .chain(changed)
        .try_for_each(|recipient| record(tx, ctx, EventType::CardResubscribed, recipient))
}

/// Adds to the opens and views of recipients. Only the first open and the first view record an event.
///
/// # Errors
/// Database errors only.
pub fn count(tx: &Tx<'_>, reads: &[(RecipientId, Reads)]) -> Result<()> {
    for (id, reads) in reads {
        let Some(counted) = recipients::count(tx, *id, reads)? else {
            continue;
        };
        let recipient = &counted.recipient;
        let ctx = Ctx::recipient(recipient.workspace_id);
        if counted.is_first_open {
            record(tx, &ctx, EventType::CardOpened, recipient)?;
        }
        if counted.is_first_view {
            record(tx, &ctx, EventType::CardViewed, recipient)?;
        }
    }
    Ok(())
}

/// Records an event about a recipient.
pub(super) fn record(
    tx: &Tx<'_>,
    ctx: &Ctx,
    kind: EventType,
    recipient: &RecipientEntry,
) -> Result<()> {
    let event = NewEvent::new(kind, recipient)?;
    tx.record(
        ctx,
        &match recipient.card_id {
            Some(card) => event.of_card(card),
            None => event,
        },
    )
}

/// Deletes the data of a person in one workspace or in all: recipients, their values and mails. Returns the number of
/// recipients. Only the digest of the address stays, for suppressions and for unsubscribe links that are still in use.
///
/// # Errors
/// Database errors only.
pub fn erase(tx: &Tx<'_>, workspace: Option<WorkspaceId>, email: &Address) -> Result<usize> {
    let mut erased = 0;
    for workspace in one_or_all(tx, workspace)? {
        let gone = recipients::erase(tx, workspace, email)?;
        erased += gone.len();
        if !gone.is_empty() {
            deliveries::clear_responses(tx, workspace)?;
        }
        record_erased(tx, &Ctx::command(workspace), &gone)?;
    }
    Ok(erased)
}

/// Deletes some of the recipients that were created before a time, and returns how many were deleted.
///
/// # Errors
/// Database errors only.
pub fn delete_old(tx: &Tx<'_>, before: Timestamp) -> Result<usize> {
    let gone = recipients::delete_old(tx, before)?;
    for recipient in &gone {
        let ctx = Ctx::system(recipient.workspace_id);
        record_erased(tx, &ctx, std::slice::from_ref(recipient))?;
    }
    Ok(gone.len())
}

fn record_erased(tx: &Tx<'_>, ctx: &Ctx, gone: &[RecipientEntry]) -> Result<()> {
    gone.iter()
        .try_for_each(|recipient| record(tx, ctx, EventType::RecipientErased, recipient))
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
