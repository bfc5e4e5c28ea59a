//! Uploaded cover images.

use rusqlite::params;

use super::connection::Conn;
use crate::error::Result;
use crate::model::ids::{CoverId, WorkspaceId};

/// Whether the workspace has this cover.
///
/// # Errors
/// Only the database's own.
pub fn exists(conn: &Conn, workspace: WorkspaceId, id: CoverId) -> Result<bool> {
    let mut statement =
        conn.prepare_cached("SELECT 1 FROM cover WHERE workspace_id = ?1 AND id = ?2")?;
    Ok(statement.exists(params![workspace, id])?)
}
