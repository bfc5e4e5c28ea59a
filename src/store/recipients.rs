//! Recipients of cards.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::{Error, Result};
use crate::model::credentials::Digest;
use crate::model::ids::{CardId, RecipientId, WorkspaceId};
use crate::model::merge_tags::Values;
use crate::model::page::{PageRequest, PageRows};
use crate::model::recipients::{
    Address, Delivery, Reads, Recipient, RecipientEntry, Subscription, Totals,
};
use crate::model::time::Timestamp;

/// Rows deleted per transaction, so that housekeeping does not block other writes.
const BATCH: i64 = 500;

/// Returns what an unsubscribe link refers to, even if the recipient was deleted: other cards to the address may be
/// queued.
///
/// # Errors
/// `recipient_not_found`.
pub fn subscription(conn: &Conn, id: RecipientId) -> Result<Subscription> {
    let mut statement = conn.prepare_cached(
        "SELECT w.name, r.email, e.accent_color,
                EXISTS (SELECT 1 FROM suppression s
                         WHERE s.workspace_id = r.workspace_id AND s.email_digest = r.email_digest)
           FROM recipient r JOIN workspace w ON w.id = r.workspace_id
                JOIN edition e ON e.workspace_id = r.workspace_id AND e.card_id = r.card_id AND e.revision = r.revision
          WHERE r.id = ?1
         UNION ALL
         SELECT w.name, NULL, NULL,
                EXISTS (SELECT 1 FROM suppression s
                         WHERE s.workspace_id = g.workspace_id AND s.email_digest = g.email_digest)
           FROM gone_recipient g JOIN workspace w ON w.id = g.workspace_id
          WHERE g.id = ?1",
    )?;
    let subscription = statement.query_row([id], |row| {
        Ok(Subscription {
            recipient_id: id,
            workspace: row.get(0)?,
            email: row.get(1)?,
            accent_color: row.get(2)?,
            is_ended: row.get(3)?,
        })
    });
    subscription.optional()?.ok_or_else(|| id.missing())
}

/// The columns that [`entry`] reads.
pub(super) const ENTRY: &str =
    "workspace_id, id, card_id, status, sent_at, opened_at, viewed_at, unsubscribed_at";

/// A recipient as events show it, from the columns of [`ENTRY`].
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<RecipientEntry> {
    Ok(RecipientEntry {
        workspace_id: row.get(0)?,
        recipient_id: row.get(1)?,
        card_id: row.get(2)?,
        status: row.get(3)?,
        sent_at: row.get(4)?,
        opened_at: row.get(5)?,
        viewed_at: row.get(6)?,
        unsubscribed_at: row.get(7)?,
    })
}

/// Returns the workspace of a recipient and the digest of the address, even if the recipient was deleted.
///
/// # Errors
/// `recipient_not_found`.
pub fn address_of(conn: &Conn, id: RecipientId) -> Result<(WorkspaceId, Digest)> {
    let mut statement = conn.prepare_cached(
        "SELECT workspace_id, email_digest FROM recipient WHERE id = ?1
         UNION ALL
         SELECT workspace_id, email_digest FROM gone_recipient WHERE id = ?1",
    )?;
    let found = statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)));
    found.optional()?.ok_or_else(|| id.missing())
}

/// Sets what a recipient did elsewhere before it was imported.
///
/// # Errors
/// Database errors only.
pub fn set_history(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    id: RecipientId,
    sent_at: Option<Timestamp>,
    opened_at: Option<Timestamp>,
    viewed_at: Option<Timestamp>,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE recipient SET sent_at = ?3, opened_at = ?4, opens = (?4 IS NOT NULL), viewed_at = ?5,
                              views = (?5 IS NOT NULL)
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement.execute(params![workspace, id, sent_at, opened_at, viewed_at])?;
    Ok(())
}

/// Returns a recipient; `None` if it does not exist.
///
/// # Errors
/// Database errors only.
pub fn find(
    conn: &Conn,
    workspace: WorkspaceId,
    id: RecipientId,
) -> Result<Option<RecipientEntry>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {ENTRY} FROM recipient WHERE workspace_id = ?1 AND id = ?2"
    ))?;
    let found = statement.query_row(params![workspace, id], entry);
    Ok(found.optional()?)
}

/// Deletes a recipient. Its id still unsubscribes.
///
/// # Errors
/// Database errors only.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: RecipientId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM recipient WHERE workspace_id = ?1 AND id = ?2")?;
    statement.execute(params![workspace, id])?;
    Ok(())
}

/// Returns all recipients with an address, by its digest.
///
/// # Errors
/// Database errors only.
pub fn with_digest(
    conn: &Conn,
    workspace: WorkspaceId,
    digest: &Digest,
) -> Result<Vec<RecipientEntry>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {ENTRY} FROM recipient WHERE workspace_id = ?1 AND email_digest = ?2 ORDER BY seq"
    ))?;
    let rows = statement.query_map(params![workspace, digest], entry)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A new recipient.
#[derive(Clone, Debug)]
pub struct NewRecipient<'r> {
    /// The id.
    pub id: RecipientId,
    /// The card.
    pub card: CardId,
    /// The card's revision that was sent.
    pub revision: i64,
    /// The address.
    pub email: &'r Address,
    /// The name.
    pub name: &'r str,
    /// The values of the merge tags.
    pub values: &'r Values,
    /// The delivery status.
    pub status: Delivery,
    /// The current time.
    pub created_at: Timestamp,
}

impl NewRecipient<'_> {
    /// The recipient as events show it.
    pub fn entry(&self, workspace: WorkspaceId) -> RecipientEntry {
        RecipientEntry {
            card_id: Some(self.card),
            status: Some(self.status),
            ..RecipientEntry::gone(self.id, workspace)
        }
    }
}

/// Adds a recipient. A trigger refuses addresses that have unsubscribed.
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

/// Returns a card's recipients, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    card: CardId,
    page: &PageRequest<i64>,
) -> Result<PageRows<Recipient>> {
    let (since, after) = page.after.unwrap_or((i64::MIN, Uuid::nil()));
    let mut statement = conn.prepare_cached(
        "SELECT id, email, name, status, reply, sent_at, opens, opened_at, views, viewed_at, unsubscribed_at, created_at
           FROM recipient WHERE workspace_id = ?1 AND card_id = ?2 AND (created_at, id) > (?3, ?4)
          ORDER BY created_at, id LIMIT ?5",
    )?;
    let rows = statement.query_map(
        params![workspace, card, since, after, page.fetch()],
        recipient,
    )?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |recipient| {
        (recipient.created_at.millis(), recipient.id.uuid())
    }))
}

/// Returns the totals of a card's recipients.
///
/// # Errors
/// `card_not_found`.
pub fn totals(conn: &Conn, workspace: WorkspaceId, card: CardId) -> Result<Totals> {
    let mut statement = conn.prepare_cached(
        "SELECT recipients, queued, sent, failed, opened, opens, viewed, views, unsubscribed, first_opened_at,
                first_viewed_at
           FROM card_count WHERE workspace_id = ?1 AND card_id = ?2",
    )?;
    let totals = statement.query_row(params![workspace, card], |row| {
        Ok(Totals {
            recipients: row.get(0)?,
            queued: row.get(1)?,
            sent: row.get(2)?,
            failed: row.get(3)?,
            opened: row.get(4)?,
            opens: row.get(5)?,
            viewed: row.get(6)?,
            views: row.get(7)?,
            unsubscribed: row.get(8)?,
            first_opened_at: row.get(9)?,
            first_viewed_at: row.get(10)?,
        })
    });
    totals.optional()?.ok_or_else(|| card.missing())
}

/// Whether the recipient exists.
///
/// # Errors
/// Database errors only.
pub fn exists(conn: &Conn, id: RecipientId) -> Result<bool> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM recipient WHERE id = ?1")?;
    Ok(statement.exists([id])?)
}

/// Returns the workspace of a recipient, if the recipient exists.
///
/// # Errors
/// Database errors only.
pub fn workspace(conn: &Conn, id: RecipientId) -> Result<Option<WorkspaceId>> {
    let mut statement = conn.prepare_cached("SELECT workspace_id FROM recipient WHERE id = ?1")?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?)
}

/// Returns why a recipient does not exist: deleted, or never created.
///
/// # Errors
/// Database errors only.
pub fn why_missing(conn: &Conn, id: RecipientId) -> Result<Error> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM gone_recipient WHERE id = ?1")?;
    Ok(match statement.exists([id])? {
        true => Error::CardExpired,
        false => id.missing(),
    })
}

/// The result of counting a recipient's opens and views.
#[derive(Clone, Debug)]
pub struct CountResult {
    /// The recipient.
    pub recipient: RecipientEntry,
    /// Whether the mail was opened for the first time.
    pub is_first_open: bool,
    /// Whether the page was viewed for the first time.
    pub is_first_view: bool,
}

/// Adds to the opens and views of a recipient; `None` if the recipient was deleted.
///
/// # Errors
/// Database errors only.
pub fn count(tx: &Tx<'_>, id: RecipientId, reads: &Reads) -> Result<Option<CountResult>> {
    let mut statement = tx.prepare_cached(&format!(
        "UPDATE recipient SET opens = opens + ?2, opened_at = coalesce(opened_at, ?3),
                              views = views + ?4, viewed_at = coalesce(viewed_at, ?5)
          WHERE id = ?1 RETURNING {ENTRY}, opens, views"
    ))?;
    let values = params![
        id,
        reads.opens,
        reads.opened_at,
        reads.views,
        reads.viewed_at
    ];
    let counted = statement.query_row(values, |row| {
        let is_first = |total: u32, added| added > 0 && total == added;
        Ok(CountResult {
            recipient: entry(row)?,
            is_first_open: is_first(row.get(8)?, reads.opens),
            is_first_view: is_first(row.get(9)?, reads.views),
        })
    });
    Ok(counted.optional()?)
}

/// Deletes all recipients with an address, and returns them. Only the digest of the address stays, for suppressions and
/// for unsubscribe links that are still in use.
///
/// # Errors
/// Database errors only.
pub fn erase(tx: &Tx<'_>, workspace: WorkspaceId, email: &Address) -> Result<Vec<RecipientEntry>> {
    let mut statement = tx.prepare_cached(&format!(
        "DELETE FROM recipient WHERE workspace_id = ?1 AND email_digest = ?2 RETURNING {ENTRY}"
    ))?;
    let rows = statement.query_map(params![workspace, email.digest()], entry)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes some of the recipients that were created before a time, and returns them. Their ids still unsubscribe.
///
/// # Errors
/// Database errors only.
pub fn delete_old(tx: &Tx<'_>, before: Timestamp) -> Result<Vec<RecipientEntry>> {
    let mut statement = tx.prepare_cached(&format!(
        "DELETE FROM recipient WHERE seq IN (SELECT seq FROM recipient WHERE created_at < ?1 LIMIT ?2) RETURNING {ENTRY}"
    ))?;
    let rows = statement.query_map(params![before, BATCH], entry)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes some of the ids whose recipients were deleted before a time, and returns how many were deleted.
///
/// # Errors
/// Database errors only.
pub fn delete_old_ids(tx: &Tx<'_>, before: Timestamp) -> Result<usize> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM gone_recipient WHERE id IN (SELECT id FROM gone_recipient WHERE gone_at < ?1 LIMIT ?2)",
    )?;
    Ok(statement.execute(params![before, BATCH])?)
}

fn recipient(row: &Row<'_>) -> rusqlite::Result<Recipient> {
    Ok(Recipient {
        id: row.get(0)?,
        email: row.get(1)?,
        name: row.get(2)?,
        status: row.get(3)?,
        reply: row.get(4)?,
        sent_at: row.get(5)?,
        opens: row.get(6)?,
        opened_at: row.get(7)?,
        views: row.get(8)?,
        viewed_at: row.get(9)?,
        unsubscribed_at: row.get(10)?,
        created_at: row.get(11)?,
    })
}
