//! Digital cards.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::connection::{Conn, Tx};
use super::letters::cover;
use super::sqlite_error;
use crate::error::Result;
use crate::model::cards::{Card, CardSummary, Cover};
use crate::model::ids::{CardId, CoverId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};

/// Returns the workspace's cards, oldest first. URLs of uploaded covers begin with this origin.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    page: &PageRequest<i64>,
    origin: &str,
) -> Result<PageRows<CardSummary>> {
    let (since, after) = page.after.unwrap_or((i64::MIN, Uuid::nil()));
    let mut statement = conn.prepare_cached(
        "SELECT id, title, cover_url, cover_id, accent_color, created_at, updated_at FROM card
          WHERE workspace_id = ?1 AND (created_at, id) > (?2, ?3) ORDER BY created_at, id LIMIT ?4",
    )?;
    let rows = statement.query_map(params![workspace, since, after, page.fetch()], |row| {
        Ok(CardSummary {
            id: row.get(0)?,
            title: row.get(1)?,
            cover_url: cover(row, 2)?.map(|cover| cover.url(origin)),
            accent_color: row.get(4)?,
            created_at: row.get(5)?,
            updated_at: row.get(6)?,
        })
    })?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |card| {
        (card.created_at.millis(), card.id.uuid())
    }))
}

/// Returns a card.
///
/// # Errors
/// `card_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: CardId) -> Result<Card> {
    let mut statement = conn.prepare_cached(
        "SELECT id, revision, title, message, cover_url, cover_id, accent_color, subject, sender_name, created_at,
                updated_at
           FROM card WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement
        .query_row(params![workspace, id], card)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Adds a card.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, card: &Card) -> Result<()> {
    let (url, uploaded) = columns(card.cover.as_ref());
    let mut statement = tx.prepare_cached(
        "INSERT INTO card (workspace_id, id, revision, title, message, cover_url, cover_id, accent_color, subject,
                           sender_name, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    let inserted = statement.execute(params![
        workspace,
        card.id,
        card.revision,
        card.title,
        card.message,
        url,
        uploaded,
        card.accent_color,
        card.subject,
        card.sender_name,
        card.created_at,
        card.updated_at
    ]);
    inserted
        .map(drop)
        .map_err(|cause| sqlite_error::of_insert(tx, workspace, cause))
}

/// Updates a card.
///
/// # Errors
/// Database errors only.
pub fn update(tx: &Tx<'_>, workspace: WorkspaceId, card: &Card) -> Result<()> {
    let (url, uploaded) = columns(card.cover.as_ref());
    let mut statement = tx.prepare_cached(
        "UPDATE card SET revision = ?3, title = ?4, message = ?5, cover_url = ?6, cover_id = ?7, accent_color = ?8,
                         subject = ?9, sender_name = ?10, updated_at = ?11
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement.execute(params![
        workspace,
        card.id,
        card.revision,
        card.title,
        card.message,
        url,
        uploaded,
        card.accent_color,
        card.subject,
        card.sender_name,
        card.updated_at
    ])?;
    Ok(())
}

/// Deletes a card with its cover, editions, recipients, queued mails and configuration.
///
/// # Errors
/// `card_not_found`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: CardId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM card WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.execute(params![workspace, id])? == 0 {
        Err(id.missing())
    } else {
        Ok(())
    }
}

fn card(row: &Row<'_>) -> rusqlite::Result<Card> {
    Ok(Card {
        id: row.get(0)?,
        revision: row.get(1)?,
        title: row.get(2)?,
        message: row.get(3)?,
        cover: cover(row, 4)?,
        accent_color: row.get(6)?,
        subject: row.get(7)?,
        sender_name: row.get(8)?,
        created_at: row.get(9)?,
        updated_at: row.get(10)?,
    })
}

/// The two columns of a cover.
fn columns(cover: Option<&Cover>) -> (Option<&str>, Option<CoverId>) {
    match cover {
        Some(Cover::Elsewhere(url)) => (Some(url), None),
        Some(Cover::Uploaded(id)) => (None, Some(*id)),
        None => (None, None),
    }
}
