//! The outbox: one row per mail. The result of a card's delivery is written to the recipient; a trigger closes the mail's
//! row.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::connection::{Conn, Effects, Tx};
use super::recipients::{ENTRY, entry};
use crate::error::Result;
use crate::model::ids::{RecipientId, WorkspaceId};
use crate::model::mails::{Mail, MailContent, Notice};
use crate::model::recipients::{Delivery, RecipientEntry};
use crate::model::time::Timestamp;

/// The columns that [`mail`] reads.
const COLUMNS: &str = "seq, workspace_id, from_address, from_name, attempts, created_at, request_id, recipient_id, \
                       notice_id, notice_to, notice_name, notice_subject, notice_text";

/// Queues the mail of a recipient, due immediately. Without an address it is sent from the server's default sender.
///
/// # Errors
/// Database errors only.
pub fn insert(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    recipient: RecipientId,
    from_address: Option<&str>,
    from_name: Option<&str>,
    request_id: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO mail (workspace_id, recipient_id, from_address, from_name, request_id, due_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
    )?;
    statement.execute(params![
        workspace,
        recipient,
        from_address,
        from_name,
        request_id,
        now
    ])?;
    tx.note(Effects {
        mail: true,
        ..Effects::default()
    });
    Ok(())
}

/// Queues a notice to each owner of a workspace, due immediately.
///
/// # Errors
/// Database errors only.
pub fn notify_owners(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    subject: &str,
    text: &str,
    now: Timestamp,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO mail (workspace_id, notice_id, notice_to, notice_name, notice_subject, notice_text, due_at, created_at)
         SELECT m.workspace_id, randomblob(16), u.email, u.name, ?2, ?3, ?4, ?4
           FROM member m JOIN user u ON u.id = m.user_id WHERE m.workspace_id = ?1 AND m.role = 'owner'",
    )?;
    statement.execute(params![workspace, subject, text, now])?;
    tx.note(Effects {
        mail: true,
        ..Effects::default()
    });
    Ok(())
}

/// Returns mails of all workspaces that are due between two times, longest due first.
///
/// # Errors
/// Database errors only.
pub fn due(conn: &Conn, from: Timestamp, to: Timestamp, limit: usize) -> Result<Vec<Mail>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM mail WHERE due_at BETWEEN ?1 AND ?2 ORDER BY due_at LIMIT ?3"
    ))?;
    let rows = statement.query_map(params![from, to, limit], mail)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns due mails, from at most `limit` workspaces and at most `limit` per workspace, starting with the workspace
/// after `last`. Within a workspace, the longest due come first.
///
/// # Errors
/// Database errors only.
pub fn due_by_workspace(
    conn: &Conn,
    last: Option<WorkspaceId>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Mail>> {
    let start = WorkspaceId::from_uuid(Uuid::nil());
    let end = WorkspaceId::from_uuid(Uuid::max());
    let last = last.unwrap_or(start);
    let (mut due, mut found) = (Vec::new(), 0);
    for (mut after, until) in [(last, end), (start, last)] {
        while found < limit
            && let Some((workspace, first_due)) = next_open(conn, after, until)?
        {
            if first_due <= now {
                due.extend(due_of(conn, workspace, now, limit)?);
                found += 1;
            }
            after = workspace;
        }
    }
    Ok(due)
}

/// The next workspace with open mails, in the order of ids, and when its first mail is due.
fn next_open(
    conn: &Conn,
    after: WorkspaceId,
    until: WorkspaceId,
) -> Result<Option<(WorkspaceId, Timestamp)>> {
    let mut statement = conn.prepare_cached(
        "SELECT workspace_id, due_at FROM mail
          WHERE due_at IS NOT NULL AND workspace_id > ?1 AND workspace_id <= ?2
          ORDER BY workspace_id, due_at LIMIT 1",
    )?;
    let found = statement.query_row([after, until], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}

fn due_of(conn: &Conn, workspace: WorkspaceId, now: Timestamp, limit: usize) -> Result<Vec<Mail>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM mail WHERE workspace_id = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT ?3"
    ))?;
    let rows = statement.query_map(params![workspace, now, limit], mail)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn mail(row: &Row<'_>) -> rusqlite::Result<Mail> {
    Ok(Mail {
        seq: row.get(0)?,
        workspace_id: row.get(1)?,
        from_address: row.get(2)?,
        from_name: row.get(3)?,
        attempts: row.get(4)?,
        created_at: row.get(5)?,
        request_id: row.get(6)?,
        content: content(row)?,
    })
}

fn content(row: &Row<'_>) -> rusqlite::Result<MailContent> {
    if let Some(recipient) = row.get(7)? {
        return Ok(MailContent::Card(recipient));
    }
    Ok(MailContent::Notice(Notice {
        id: row.get(8)?,
        to: row.get(9)?,
        name: row.get(10)?,
        subject: row.get(11)?,
        text: row.get(12)?,
    }))
}

/// Returns when the next mail is due after a time.
///
/// # Errors
/// Database errors only.
pub fn next_due(conn: &Conn, after: Timestamp) -> Result<Option<Timestamp>> {
    let mut statement =
        conn.prepare_cached("SELECT due_at FROM mail WHERE due_at > ?1 ORDER BY due_at LIMIT 1")?;
    Ok(statement.query_row([after], |row| row.get(0)).optional()?)
}

/// Counts the queued mails of all workspaces.
///
/// # Errors
/// Database errors only.
pub fn queued(conn: &Conn) -> Result<u64> {
    let mut statement = conn.prepare_cached("SELECT count(*) FROM mail WHERE due_at > ?1")?;
    Ok(statement.query_row([i64::MIN], |row| row.get(0))?)
}

/// Stores that the mail was accepted. Returns `None` and changes nothing if the recipient no longer waits for it.
///
/// # Errors
/// Database errors only.
pub fn sent(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    recipient: RecipientId,
    now: Timestamp,
) -> Result<Option<RecipientEntry>> {
    count_attempt(tx, workspace, recipient, None)?;
    set_status(tx, workspace, recipient, Delivery::Sent, Some(now), None)
}

/// Stores that the mail failed, with the reply. Returns `None` and changes nothing if the recipient no longer waits for
/// it.
///
/// # Errors
/// Database errors only.
pub fn failed(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    recipient: RecipientId,
    reply: &str,
) -> Result<Option<RecipientEntry>> {
    count_attempt(tx, workspace, recipient, None)?;
    set_status(
        tx,
        workspace,
        recipient,
        Delivery::Failed,
        None,
        Some(reply),
    )
}

/// Stores that the attempts to send a notice have ended, because it was accepted or will never be.
///
/// # Errors
/// Database errors only.
pub fn end_notice(tx: &Tx<'_>, workspace: WorkspaceId, notice: Uuid, now: Timestamp) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE mail SET attempts = attempts + 1, due_at = NULL, done_at = ?3
          WHERE workspace_id = ?1 AND notice_id = ?2 AND due_at IS NOT NULL",
    )?;
    statement.execute(params![workspace, notice, now])?;
    Ok(())
}

/// Stores when a notice is retried.
///
/// # Errors
/// Database errors only.
pub fn retry_notice(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    notice: Uuid,
    due_at: Timestamp,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE mail SET attempts = attempts + 1, due_at = ?3
          WHERE workspace_id = ?1 AND notice_id = ?2 AND due_at IS NOT NULL",
    )?;
    statement.execute(params![workspace, notice, due_at])?;
    Ok(())
}

/// Deletes the notices to an address, sent or not.
///
/// # Errors
/// Database errors only.
pub fn delete_notices_to(tx: &Tx<'_>, workspace: WorkspaceId, email: &str) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM mail WHERE workspace_id = ?1 AND notice_to = ?2")?;
    statement.execute(params![workspace, email])?;
    Ok(())
}

/// Deletes some of the mails that were closed before a time, and returns how many were deleted.
///
/// # Errors
/// Database errors only.
pub fn delete_old(tx: &Tx<'_>, before: Timestamp) -> Result<usize> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM mail WHERE seq IN (SELECT seq FROM mail WHERE done_at < ?1 LIMIT 500)",
    )?;
    Ok(statement.execute([before])?)
}

/// Stores when the mail is retried. Does nothing if the recipient no longer waits for it.
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
    count_attempt(tx, workspace, recipient, Some(due_at))?;
    set_status(
        tx,
        workspace,
        recipient,
        Delivery::Queued,
        None,
        Some(reply),
    )
    .map(drop)
}

/// Counts an attempt to deliver a mail that is still open.
fn count_attempt(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    recipient: RecipientId,
    due_at: Option<Timestamp>,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE mail SET attempts = attempts + 1, due_at = coalesce(?3, due_at)
          WHERE workspace_id = ?1 AND recipient_id = ?2 AND due_at IS NOT NULL",
    )?;
    statement.execute(params![workspace, recipient, due_at])?;
    Ok(())
}

fn set_status(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    recipient: RecipientId,
    status: Delivery,
    sent_at: Option<Timestamp>,
    reply: Option<&str>,
) -> Result<Option<RecipientEntry>> {
    let mut statement = tx.prepare_cached(&format!(
        "UPDATE recipient SET status = ?3, sent_at = ?4, reply = ?5
          WHERE workspace_id = ?1 AND id = ?2 AND status = 'queued' RETURNING {ENTRY}"
    ))?;
    let values = params![workspace, recipient, status, sent_at, reply];
    Ok(statement.query_row(values, entry).optional()?)
}
