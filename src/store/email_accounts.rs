//! Addresses that a workspace's cards can come from.

use rusqlite::{OptionalExtension, Row, params};

use super::connection::Conn;
use crate::error::Result;
use crate::model::email_accounts::EmailAccount;
use crate::model::ids::{EmailAccountId, WorkspaceId};

/// All of a workspace's accounts by age.
///
/// # Errors
/// Only the database's own.
pub fn all(conn: &Conn, workspace: WorkspaceId) -> Result<Vec<EmailAccount>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, address, name, created_at, updated_at FROM email_account
          WHERE workspace_id = ?1 ORDER BY created_at, id",
    )?;
    let rows = statement.query_map([workspace], account)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One account.
///
/// # Errors
/// `email_account_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: EmailAccountId) -> Result<EmailAccount> {
    let mut statement = conn.prepare_cached(
        "SELECT id, address, name, created_at, updated_at FROM email_account
          WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement
        .query_row(params![workspace, id], account)
        .optional()?
        .ok_or_else(|| id.missing())
}

fn account(row: &Row<'_>) -> rusqlite::Result<EmailAccount> {
    Ok(EmailAccount {
        id: row.get(0)?,
        address: row.get(1)?,
        name: row.get(2)?,
        created_at: row.get(3)?,
        updated_at: row.get(4)?,
    })
}
