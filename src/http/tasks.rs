//! `/v1/tasks`, and a project's tasks

use serde::Deserialize;

use super::auth::{Auth, Delete, Read, Write};
use super::body::Valid;
use super::call::Call;
use super::params::{Id, Query};
use super::response::{JsonResponse, one};
use crate::app;
use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::ids::{ProjectId, TaskId};
use crate::model::page::{PageQuery, PageRequest};
use crate::model::tasks::{TaskCreate, TaskFilter, TaskUpdate};
use crate::store::{Tx, subtasks, tasks};

#[derive(Deserialize)]
pub(super) struct ListQuery {
    #[serde(flatten)]
    filter: TaskFilter,
    #[serde(flatten)]
    page: PageQuery,
}

pub(super) async fn list(
    auth: Auth<Read>,
    Id(project): Id<ProjectId>,
    query: Query<ListQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let (page, filter) = (PageRequest::from_query(&query.page)?, query.filter.clone());
    // A filter may skip many rows before it fills a page.
    let limit = page.limit.filter(|_| filter.is_empty());
    let paged = page.is_paged();
    let workspace = auth.workspace();
    let list = move |conn: &_| app::tasks::list(conn, workspace, project, &filter, &page);
    if limit.is_some() {
        call.list(limit, list).await
    } else {
        call.list_slowly(paged, list).await
    }
}

pub(super) async fn create(
    auth: Auth<Write>,
    body: Valid<TaskCreate>,
    call: Call,
) -> Result<JsonResponse> {
    call.create(auth, body, app::tasks::create).await
}

pub(super) async fn get(auth: Auth<Read>, Id(id): Id<TaskId>, call: Call) -> Result<JsonResponse> {
    call.show(|conn| tasks::get(conn, auth.workspace(), id))
}

pub(super) async fn update(
    auth: Auth<Write>,
    Id(id): Id<TaskId>,
    body: Valid<TaskUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    let workspace = auth.workspace();
    let precondition = call.precondition(&auth, id, tasks::get, tasks::state)?;
    let change = move |tx: &Tx<'_>, ctx: &Ctx| app::tasks::update(tx, ctx, id, body.value);
    let mut task = call.change_if(auth, precondition, change).await?;
    // Read outside the transaction: a task can have many subtasks, and the writer is busy.
    if task.counts.subtasks_total > 0 {
        task.subtasks = call
            .read_many(task.counts.subtasks_total, move |conn| {
                subtasks::summaries(conn, workspace, id)
            })
            .await?;
    }
    Ok(JsonResponse::tagged(one(&task)?))
}

pub(super) async fn delete(
    auth: Auth<Delete>,
    Id(id): Id<TaskId>,
    call: Call,
) -> Result<JsonResponse> {
    let precondition = call.precondition(&auth, id, tasks::get, tasks::state)?;
    let delete = move |tx: &Tx<'_>, ctx: &Ctx| app::tasks::delete(tx, ctx, id);
    call.change_if(auth, precondition, delete).await?;
    Ok(JsonResponse::deleted(&id))
}
