//! `/v1/comments`, and a task's comments

use super::auth::{Auth, Delete, Read, Reader, Write};
use super::body::Valid;
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::{JsonResponse, one};
use crate::app;
use crate::error::Result;
use crate::model::comments::{CommentCreate, CommentUpdate};
use crate::model::ids::{CommentId, TaskId};
use crate::model::page::{PageQuery, PageRequest};
use crate::store::comments;

pub(super) async fn list(
    reader: Reader<Read>,
    Id(task): Id<TaskId>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    call.list(reader, page, move |conn, workspace, page| {
        app::comments::list(conn, workspace, task, page)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Write>,
    Id(task): Id<TaskId>,
    body: Valid<CommentCreate>,
    call: Call,
) -> Result<JsonResponse> {
    call.create(auth, body, move |tx, ctx, new| {
        app::comments::create(tx, ctx, task, new)
    })
    .await
}

pub(super) async fn update(
    auth: Auth<Write>,
    Id(id): Id<CommentId>,
    body: Valid<CommentUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    let precondition = call.precondition(&auth, id, comments::get, comments::get)?;
    let changed = call.change_as(auth, precondition, move |tx, caller, ctx| {
        app::comments::update(tx, caller, ctx, id, body.value.clone())
    });
    Ok(JsonResponse::tagged(one(&changed.await?)?))
}

pub(super) async fn delete(
    auth: Auth<Delete>,
    Id(id): Id<CommentId>,
    call: Call,
) -> Result<JsonResponse> {
    let precondition = call.precondition(&auth, id, comments::get, comments::get)?;
    let deleted = call.change_as(auth, precondition, move |tx, caller, ctx| {
        app::comments::delete(tx, caller, ctx, id)
    });
    deleted.await?;
    Ok(JsonResponse::deleted(&id))
}
