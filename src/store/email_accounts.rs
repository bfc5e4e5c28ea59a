//! Addresses that a workspace's cards can be sent from.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::{Error, Fields, Result};
use crate::model::email_accounts::EmailAccount;
use crate::model::ids::{EmailAccountId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};

/// Returns all of a workspace's accounts, oldest first.
///
/// # Errors
/// Database errors only.
pub fn all(conn: &Conn, workspace: WorkspaceId) -> Result<Vec<EmailAccount>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, address, name, created_at, updated_at FROM email_account
          WHERE workspace_id = ?1 ORDER BY created_at, id",
    )?;
    let rows = statement.query_map([workspace], account)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns a page of a workspace's accounts, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    page: &PageRequest<i64>,
) -> Result<PageRows<EmailAccount>> {
    let (since, after) = page.after.unwrap_or((i64::MIN, Uuid::nil()));
    let mut statement = conn.prepare_cached(
        "SELECT id, address, name, created_at, updated_at FROM email_account
          WHERE workspace_id = ?1 AND (created_at, id) > (?2, ?3) ORDER BY created_at, id LIMIT ?4",
    )?;
    let rows = statement.query_map(params![workspace, since, after, page.fetch()], account)?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |account| {
        (account.created_at.millis(), account.id.uuid())
    }))
}

/// Returns an account.
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

/// Adds an account.
///
/// # Errors
/// `conflict` if the workspace already has the address.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, account: &EmailAccount) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO email_account (workspace_id, id, address, name, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let inserted = statement.execute(params![
        workspace,
        account.id,
        account.address,
        account.name,
        account.created_at,
        account.updated_at
    ]);
    match inserted {
        Ok(_) => Ok(()),
        Err(cause) if sqlite_error::is_unique(&cause) => {
            Err(taken(tx, workspace, &account.address)?)
        }
        Err(cause) => Err(cause.into()),
    }
}

/// The error for an address that is already taken.
fn taken(conn: &Conn, workspace: WorkspaceId, address: &str) -> Result<Error> {
    let mut statement = conn
        .prepare_cached("SELECT id FROM email_account WHERE workspace_id = ?1 AND address = ?2")?;
    let id: EmailAccountId = statement.query_row(params![workspace, address], |row| row.get(0))?;
    Ok(Error::Conflict {
        message: format!("An email account with the address {address} already exists"),
        fields: Fields::from([
            ("address".to_owned(), address.to_owned()),
            ("email_account_id".to_owned(), id.to_string()),
        ]),
    })
}

/// Deletes an account.
///
/// # Errors
/// `email_account_not_found`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: EmailAccountId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM email_account WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.execute(params![workspace, id])? == 0 {
        Err(id.missing())
    } else {
        Ok(())
    }
}

/// Returns the workspace of an account, for commands that get only the account's id.
///
/// # Errors
/// `email_account_not_found`.
pub fn workspace_of(conn: &Conn, id: EmailAccountId) -> Result<WorkspaceId> {
    let mut statement =
        conn.prepare_cached("SELECT workspace_id FROM email_account WHERE id = ?1")?;
    statement
        .query_row([id], |row| row.get(0))
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
