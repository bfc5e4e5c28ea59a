//! `/v1/subtasks`, and a task's subtasks

use super::auth::{Auth, Delete, Read, Reader, Write};
use super::body::{CheckedBody, Valid};
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::JsonResponse;
use crate::app;
use crate::error::Result;
use crate::model::ids::{SubtaskId, TaskId};
use crate::model::page::{PageQuery, PageRequest};
use crate::model::subtasks::{SubtaskCreate, SubtaskUpdate};
use crate::store::{Conn, subtasks};

pub(super) async fn list(
    reader: Reader<Read>,
    Id(task): Id<TaskId>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    call.list(reader, page, move |conn, workspace, page| {
        app::subtasks::list(conn, workspace, task, page)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Write>,
    Id(task): Id<TaskId>,
    body: Valid<SubtaskCreate>,
    call: Call,
) -> Result<JsonResponse> {
    call.create(auth, body, move |tx, ctx, new| {
        app::subtasks::create(tx, ctx, task, new)
    })
    .await
}

pub(super) async fn update(
    auth: Auth<Write>,
    Id(id): Id<SubtaskId>,
    body: CheckedBody<SubtaskUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    let position = |conn: &Conn, workspace, id| Ok(subtasks::get(conn, workspace, id)?.position);
    let body = call.valid_update(&auth, id, body, position)?;
    call.change(auth, id, body, subtasks::get, app::subtasks::update)
        .await
}

pub(super) async fn delete(
    auth: Auth<Delete>,
    Id(id): Id<SubtaskId>,
    call: Call,
) -> Result<JsonResponse> {
    call.delete(auth, id, subtasks::get, app::subtasks::delete)
        .await
}
