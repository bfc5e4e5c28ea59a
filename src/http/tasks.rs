//! `/v1/tasks`, and a project's tasks

use serde::{Deserialize, Serialize};

use super::auth::{Auth, Delete, Read, Reader, Write};
use super::body::CheckedBody;
use super::call::{Call, SHORT};
use super::etag::CheckedPrecondition;
use super::params::{CheckedQuery, Id};
use super::response::{JsonResponse, one};
use crate::app;
use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::ids::{ProjectId, TaskId};
use crate::model::page::{PageQuery, PageRequest};
use crate::model::position::check_new;
use crate::model::task_list::{TaskFilter, TaskListEntry, TaskQuery, TaskRead};
use crate::model::tasks::{TaskCreate, TaskUpdate};
use crate::store::{Conn, Tx, subtasks, task_list, tasks};

#[derive(Deserialize)]
pub(super) struct ListQuery {
    #[serde(flatten)]
    filter: TaskFilter,
    #[serde(flatten)]
    page: PageQuery,
}

pub(super) async fn list(
    reader: Reader<Read>,
    Id(project): Id<ProjectId>,
    query: CheckedQuery<ListQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let (page, filter) =
        query.parse(|query| Ok((PageRequest::from_query(&query.page)?, query.filter.clone())))?;
    // A filter may skip many rows before it fills a page.
    let is_filtered = filter.reads_rows();
    let list = move |conn: &_, workspace, page: &_| {
        app::tasks::list(conn, workspace, project, &filter, page)
    };
    match is_filtered {
        false => call.list(reader, page, list).await,
        true => call.list_slowly(reader.end(), page, list).await,
    }
}

/// The response to `GET /v1/tasks`.
#[derive(Serialize)]
struct TaskPage {
    tasks: Vec<TaskListEntry>,
    next_cursor: Option<String>,
}

/// The response to `GET /v1/tasks?ids=`.
#[derive(Serialize)]
struct TasksById {
    tasks: Vec<TaskListEntry>,
    missing: Vec<TaskId>,
}

pub(super) async fn list_all(
    auth: Auth<Read>,
    query: CheckedQuery<TaskQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let workspace = auth.workspace();
    match query.parse(|query| query.read(auth.caller.user_id))? {
        TaskRead::List(list) => {
            if list.filter.q.is_some() {
                call.update_search_index().await;
            }
            let read = move |conn: &Conn| {
                let page = task_list::of_workspace(conn, workspace, &list)?;
                Ok(TaskPage {
                    tasks: page.rows,
                    next_cursor: page.next_cursor,
                })
            };
            call.read_slowly(read).await
        }
        TaskRead::Ids(ids) => {
            let read = |conn: &Conn| {
                let (tasks, missing) = task_list::of_ids(conn, workspace, &ids)?;
                Ok(TasksById { tasks, missing })
            };
            JsonResponse::of(&call.state().db.read(read)?)
        }
    }
}

pub(super) async fn create(
    auth: Auth<Write>,
    body: CheckedBody<TaskCreate>,
    call: Call,
) -> Result<JsonResponse> {
    let body = body.valid_or(check_new)?;
    call.create(auth, body, app::tasks::create).await
}

pub(super) async fn get(
    reader: Reader<Read>,
    Id(id): Id<TaskId>,
    call: Call,
) -> Result<JsonResponse> {
    let workspace = reader.workspace();
    match reader.read(|conn| tasks::get_if_short(conn, workspace, id, SHORT))? {
        Some(task) => Ok(JsonResponse::tagged(one(&task)?)),
        None => {
            call.show_slowly(move |conn| tasks::get(conn, workspace, id))
                .await
        }
    }
}

pub(super) async fn update(
    auth: Auth<Write>,
    Id(id): Id<TaskId>,
    body: CheckedBody<TaskUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    let workspace = auth.workspace();
    let body = call.valid_update(&auth, id, body, tasks::position_of)?;
    let precondition = precondition(&call, &auth, id).await?;
    let change = move |tx: &Tx<'_>, ctx: &Ctx| app::tasks::update(tx, ctx, id, body.clone());
    let mut task = call.change_if(auth, precondition, change).await?;
    let count = task.counts.subtasks_total;
    if count == 0 {
        return Ok(JsonResponse::tagged(one(&task)?));
    }
    // Read here and not with the change: there may be very many, and the writer has other work.
    let with_subtasks = move |conn: &Conn| {
        task.subtasks = subtasks::summaries(conn, workspace, id)?;
        Ok(task)
    };
    match count {
        few if few <= u64::from(SHORT) => {
            let task = call.state().db.read(with_subtasks)?;
            Ok(JsonResponse::tagged(one(&task)?))
        }
        _ => call.show_slowly(with_subtasks).await,
    }
}

pub(super) async fn delete(
    auth: Auth<Delete>,
    Id(id): Id<TaskId>,
    call: Call,
) -> Result<JsonResponse> {
    let precondition = precondition(&call, &auth, id).await?;
    let delete = move |tx: &Tx<'_>, ctx: &Ctx| app::tasks::delete(tx, ctx, id);
    call.change_if(auth, precondition, delete).await?;
    Ok(JsonResponse::deleted(&id))
}

/// What `If-Match` demands. A task with many subtasks is read off the workers.
async fn precondition<A>(
    call: &Call,
    auth: &Auth<A>,
    id: TaskId,
) -> Result<Option<CheckedPrecondition>> {
    if !call.has_precondition() {
        return Ok(None);
    }
    let (db, workspace) = (&call.state().db, auth.workspace());
    let task = db.read(|conn| tasks::get_bare(conn, workspace, id))?;
    match task.counts.subtasks_total <= u64::from(SHORT) {
        true => call.precondition(auth, id, tasks::get, tasks::state),
        false => {
            call.precondition_slowly(auth, id, tasks::get, tasks::state)
                .await
        }
    }
}
