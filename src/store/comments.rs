//! Comments on tasks.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::connection::{Conn, Tx};
use super::sqlite_error;
use crate::error::Result;
use crate::model::comments::Comment;
use crate::model::ids::{CommentId, TaskId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::plans::{COMMENTS_PER_TASK, Limited};
use crate::model::users::Person;

/// Returns a task's comments, oldest first.
///
/// # Errors
/// Database errors only.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    task: TaskId,
    page: &PageRequest<i64>,
) -> Result<PageRows<Comment>> {
    let (since, after) = page.after.unwrap_or((i64::MIN, Uuid::nil()));
    let mut statement = conn.prepare_cached(
        "SELECT c.id, c.task_id, c.text, c.author_id, u.name, c.created_at, c.updated_at, c.edited_at, c.imported_author
           FROM comment c LEFT JOIN user u ON u.id = c.author_id
          WHERE c.workspace_id = ?1 AND c.task_id = ?2 AND (c.created_at, c.id) > (?3, ?4)
          ORDER BY c.created_at, c.id LIMIT ?5",
    )?;
    let rows = statement.query_map(
        params![workspace, task, since, after, page.fetch()],
        comment,
    )?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |comment| {
        (comment.created_at.millis(), comment.id.uuid())
    }))
}

/// Returns the latest comments of a task, oldest first.
///
/// # Errors
/// Database errors only.
pub fn latest(
    conn: &Conn,
    workspace: WorkspaceId,
    task: TaskId,
    most: u32,
) -> Result<Vec<Comment>> {
    let mut statement = conn.prepare_cached(
        "SELECT c.id, c.task_id, c.text, c.author_id, u.name, c.created_at, c.updated_at, c.edited_at, c.imported_author
           FROM comment c LEFT JOIN user u ON u.id = c.author_id
          WHERE c.workspace_id = ?1 AND c.task_id = ?2 ORDER BY c.created_at DESC, c.id DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(params![workspace, task, most], comment)?;
    let mut latest = rows.collect::<Result<Vec<_>, _>>()?;
    latest.reverse();
    Ok(latest)
}

/// Returns a comment.
///
/// # Errors
/// `comment_not_found`.
pub fn get(conn: &Conn, workspace: WorkspaceId, id: CommentId) -> Result<Comment> {
    let mut statement = conn.prepare_cached(
        "SELECT c.id, c.task_id, c.text, c.author_id, u.name, c.created_at, c.updated_at, c.edited_at, c.imported_author
           FROM comment c LEFT JOIN user u ON u.id = c.author_id
          WHERE c.workspace_id = ?1 AND c.id = ?2",
    )?;
    statement
        .query_row(params![workspace, id], comment)
        .optional()?
        .ok_or_else(|| id.missing())
}

/// Adds a comment.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn insert(tx: &Tx<'_>, workspace: WorkspaceId, comment: &Comment) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO comment (workspace_id, id, task_id, author_id, text, created_at, updated_at, edited_at,
                              imported_author)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let inserted = statement.execute(params![
        workspace,
        comment.id,
        comment.task_id,
        comment.author.as_ref().map(|author| author.id),
        comment.text,
        comment.created_at,
        comment.updated_at,
        comment.edited_at,
        comment.imported_author
    ]);
    let current = || {
        Ok(super::tasks::parents(tx, workspace, comment.task_id)?
            .counts
            .comments_total)
    };
    inserted.map(drop).map_err(|cause| {
        sqlite_error::of_fixed_limit(cause, Limited::Comments, COMMENTS_PER_TASK, current)
    })
}

/// Updates a comment.
///
/// # Errors
/// Database errors only.
pub fn update(tx: &Tx<'_>, workspace: WorkspaceId, comment: &Comment) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE comment SET text = ?3, updated_at = ?4, edited_at = ?5 WHERE workspace_id = ?1 AND id = ?2",
    )?;
    statement.execute(params![
        workspace,
        comment.id,
        comment.text,
        comment.updated_at,
        comment.edited_at
    ])?;
    Ok(())
}

/// Deletes a comment.
///
/// # Errors
/// `comment_not_found`.
pub fn delete(tx: &Tx<'_>, workspace: WorkspaceId, id: CommentId) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM comment WHERE workspace_id = ?1 AND id = ?2")?;
    if statement.execute(params![workspace, id])? == 0 {
        Err(id.missing())
    } else {
        Ok(())
    }
}

fn comment(row: &Row<'_>) -> rusqlite::Result<Comment> {
    let (author, name) = (row.get(3)?, row.get(4)?);
    let author = Option::zip(author, name);
    Ok(Comment {
        id: row.get(0)?,
        task_id: row.get(1)?,
        text: row.get(2)?,
        author: author.map(|(id, name)| Person { id, name }),
        created_at: row.get(5)?,
        updated_at: row.get(6)?,
        edited_at: row.get(7)?,
        imported_author: row.get(8)?,
    })
}
