//! `/v1/subtasks`, and a task's subtasks

use super::auth::{Auth, Delete, Read, Reader, Write};
use super::body::Valid;
use super::call::Call;
use super::params::{Id, Query};
use super::response::JsonResponse;
use crate::app;
use crate::error::Result;
use crate::model::ids::{SubtaskId, TaskId};
use crate::model::page::{PageQuery, PageRequest};
use crate::model::subtasks::{SubtaskCreate, SubtaskUpdate};
use crate::store::subtasks;

pub(super) async fn list(
    reader: Reader<Read>,
    Id(task): Id<TaskId>,
    query: Query<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = PageRequest::from_query(&query)?;
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
    body: Valid<SubtaskUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    call.change(auth, id, body.value, subtasks::get, app::subtasks::update)
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
