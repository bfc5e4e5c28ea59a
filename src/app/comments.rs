//! Comments on tasks.

use crate::error::{Error, Result};
use crate::model::comments::{Comment, CommentCreate, CommentEntry, CommentUpdate};
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::{CommentId, TaskId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::scopes::Scope;
use crate::model::subtasks::SubtaskCounts;
use crate::model::time::Timestamp;
use crate::store::tasks::TaskParents;
use crate::store::{Conn, Tx, comments, tasks};

/// Returns a task's comments.
///
/// # Errors
/// `task_not_found`.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    task: TaskId,
    page: &PageRequest<i64>,
) -> Result<PageRows<Comment>> {
    tasks::must_exist(conn, workspace, task)?;
    comments::list(conn, workspace, task, page)
}

/// Creates a comment by the user who makes the change.
///
/// # Errors
/// `task_not_found`, `resource_limit_exceeded`.
pub fn create(tx: &Tx<'_>, ctx: &Ctx, task_id: TaskId, new: CommentCreate) -> Result<Comment> {
    let task = tasks::parents(tx, ctx.workspace, task_id)?;
    let now = Timestamp::now();
    let comment = Comment {
        id: CommentId::new(),
        task_id,
        text: new.text,
        author: ctx.actor.person(),
        imported_author: None,
        created_at: now,
        updated_at: now,
        edited_at: None,
    };
    add(tx, ctx, &task, &comment)?;
    Ok(comment)
}

/// Adds a comment to a task with these parents and counters, and returns the counters after it.
///
/// # Errors
/// `resource_limit_exceeded`.
pub(super) fn add(
    tx: &Tx<'_>,
    ctx: &Ctx,
    task: &TaskParents,
    comment: &Comment,
) -> Result<SubtaskCounts> {
    comments::insert(tx, ctx.workspace, comment)?;
    let counts = task.counts.with_comments(1);
    let event = event(EventType::CommentCreated, task, comment, counts)?;
    tx.record(ctx, &event)?;
    Ok(counts)
}

/// Updates a comment whoever its author is.
///
/// # Errors
/// Database errors only.
pub(super) fn store_change(tx: &Tx<'_>, ctx: &Ctx, old: &Comment, comment: &Comment) -> Result<()> {
    comments::update(tx, ctx.workspace, comment)?;
    let task = tasks::parents(tx, ctx.workspace, old.task_id)?;
    let event = event(EventType::CommentUpdated, &task, comment, task.counts)?;
    tx.record(ctx, &event.with_changes(Changes::between(old, comment)?))
}

/// Updates a comment of the caller's user.
///
/// # Errors
/// `comment_not_found`; `insufficient_scope` if another user is the author.
pub fn update(
    tx: &Tx<'_>,
    caller: &Caller,
    ctx: &Ctx,
    id: CommentId,
    change: CommentUpdate,
) -> Result<Comment> {
    let old = comments::get(tx, ctx.workspace, id)?;
    if !is_author(caller, &old) {
        return Err(Error::NotTheAuthor {
            provided: caller.scopes,
        });
    }
    let mut comment = Comment {
        text: change.text.unwrap_or_else(|| old.text.clone()),
        ..old.clone()
    };
    if comment != old {
        comment.updated_at = Timestamp::now();
        comment.edited_at = Some(comment.updated_at);
        store_change(tx, ctx, &old, &comment)?;
    }
    Ok(comment)
}

/// Deletes a comment of the caller's user, or of anyone with the scope `admin`.
///
/// # Errors
/// `comment_not_found`, `insufficient_scope`.
pub fn delete(tx: &Tx<'_>, caller: &Caller, ctx: &Ctx, id: CommentId) -> Result<()> {
    let comment = comments::get(tx, ctx.workspace, id)?;
    if !is_author(caller, &comment) && !caller.scopes.allow(Scope::Admin) {
        return Err(Error::InsufficientScope {
            required: Scope::Admin,
            provided: caller.scopes,
        });
    }
    remove(tx, ctx, &comment)
}

/// Deletes a comment whoever its author is.
///
/// # Errors
/// `comment_not_found`.
pub(super) fn remove(tx: &Tx<'_>, ctx: &Ctx, comment: &Comment) -> Result<()> {
    let task = tasks::parents(tx, ctx.workspace, comment.task_id)?;
    comments::delete(tx, ctx.workspace, comment.id)?;
    let counts = task.counts.with_comments(-1);
    tx.record(
        ctx,
        &event(EventType::CommentDeleted, &task, comment, counts)?,
    )
}

fn is_author(caller: &Caller, comment: &Comment) -> bool {
    let author = comment.author.as_ref();
    author.is_some_and(|author| author.id == caller.user_id)
}

fn event(
    kind: EventType,
    task: &TaskParents,
    comment: &Comment,
    counts: SubtaskCounts,
) -> Result<NewEvent> {
    let event = NewEvent::new(kind, &CommentEntry { comment, counts })?;
    Ok(event
        .on_board(task.board_id)
        .in_project(task.project_id)
        .of_task(comment.task_id))
}
