//! Digital cards, their configurations and recipients, and webhooks without their secrets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::Row;
use serde_json::value::RawValue;

use super::each_row::{Each, each_row};
use crate::error::Result;
use crate::model::covers::MediaType;
use crate::model::export::{ExportedCard, ExportedConfiguration, ExportedCover, ExportedRecipient};
use crate::model::ids::WorkspaceId;
use crate::model::webhooks::Webhook;
use crate::store::connection::Conn;
use crate::store::webhooks::row::{COLUMNS, webhook};

pub(super) fn cards(
    conn: &Conn,
    workspace: WorkspaceId,
    each: &mut Each<'_, ExportedCard>,
) -> Result<()> {
    let sql = "SELECT c.id, c.title, c.message, c.cover_url, v.media_type, v.bytes, c.accent_color, c.subject,
                      c.sender_name, c.created_at, c.updated_at
                 FROM card c LEFT JOIN cover v ON v.workspace_id = c.workspace_id AND v.id = c.cover_id
                WHERE c.workspace_id = ?1 ORDER BY c.created_at, c.id";
    let parse = |row: &Row<'_>| {
        Ok(ExportedCard {
            id: row.get(0)?,
            title: row.get(1)?,
            message: row.get(2)?,
            cover_url: row.get(3)?,
            cover: cover(row, 4)?,
            accent_color: row.get(6)?,
            subject: row.get(7)?,
            sender_name: row.get(8)?,
            created_at: row.get(9)?,
            updated_at: row.get(10)?,
        })
    };
    each_row(conn, sql, [workspace], parse, each)
}

fn cover(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<ExportedCover>> {
    let Some(media_type) = row.get::<_, Option<MediaType>>(first)? else {
        return Ok(None);
    };
    Ok(Some(ExportedCover {
        media_type: media_type.as_str(),
        data: STANDARD.encode(row.get_ref(first + 1)?.as_blob()?),
    }))
}

pub(super) fn configurations(
    conn: &Conn,
    workspace: WorkspaceId,
    each: &mut Each<'_, ExportedConfiguration>,
) -> Result<()> {
    let sql = "SELECT i.id, i.card_id, i.user_id, i.created_at, i.updated_at
                 FROM card c CROSS JOIN integration_config i ON i.workspace_id = c.workspace_id AND i.card_id = c.id
                WHERE c.workspace_id = ?1 ORDER BY c.created_at, c.id";
    let parse = |row: &Row<'_>| {
        Ok(ExportedConfiguration {
            id: row.get(0)?,
            card_id: row.get(1)?,
            user_id: row.get(2)?,
            created_at: row.get(3)?,
            updated_at: row.get(4)?,
        })
    };
    each_row(conn, sql, [workspace], parse, each)
}

pub(super) fn webhooks(
    conn: &Conn,
    workspace: WorkspaceId,
    each: &mut Each<'_, Webhook>,
) -> Result<()> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook w WHERE w.workspace_id = ?1 ORDER BY w.created_at, w.id"
    );
    each_row(conn, &sql, [workspace], webhook, each)
}

pub(super) fn recipients(
    conn: &Conn,
    workspace: WorkspaceId,
    each: &mut Each<'_, ExportedRecipient>,
) -> Result<()> {
    let sql = "SELECT r.id, r.card_id, r.email, r.name, r.merge_tags, r.status, r.sent_at, r.opened_at, r.viewed_at,
                      r.unsubscribed_at, r.created_at
                 FROM card c CROSS JOIN recipient r ON r.workspace_id = c.workspace_id AND r.card_id = c.id
                WHERE c.workspace_id = ?1 ORDER BY c.created_at, c.id, r.created_at, r.seq";
    let parse = |row: &Row<'_>| {
        Ok(ExportedRecipient {
            id: row.get(0)?,
            card_id: row.get(1)?,
            email: row.get(2)?,
            name: row.get(3)?,
            merge_tags: merge_tags(row, 4)?,
            status: row.get(5)?,
            sent_at: row.get(6)?,
            opened_at: row.get(7)?,
            viewed_at: row.get(8)?,
            unsubscribed_at: row.get(9)?,
            created_at: row.get(10)?,
        })
    };
    each_row(conn, sql, [workspace], parse, each)
}

fn merge_tags(row: &Row<'_>, column: usize) -> rusqlite::Result<Box<RawValue>> {
    RawValue::from_string(row.get(column)?).map_err(|cause| {
        let text = rusqlite::types::Type::Text;
        rusqlite::Error::FromSqlConversionFailure(column, text, Box::new(cause))
    })
}
