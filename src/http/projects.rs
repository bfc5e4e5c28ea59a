//! `/v1/projects`, and a board's projects

use super::auth::{Auth, Delete, Read, Reader, Write};
use super::body::{CheckedBody, Valid};
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::JsonResponse;
use crate::app;
use crate::error::Result;
use crate::model::ids::{BoardId, ProjectId};
use crate::model::page::{PageQuery, PageRequest};
use crate::model::projects::{ProjectCreate, ProjectUpdate};
use crate::store::{Conn, projects};

pub(super) async fn list(
    reader: Reader<Read>,
    Id(board): Id<BoardId>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    call.list(reader, page, move |conn, workspace, page| {
        app::projects::list(conn, workspace, board, page)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Write>,
    body: Valid<ProjectCreate>,
    call: Call,
) -> Result<JsonResponse> {
    call.create(auth, body, app::projects::create).await
}

pub(super) async fn get(
    reader: Reader<Read>,
    Id(id): Id<ProjectId>,
    call: Call,
) -> Result<JsonResponse> {
    call.show(reader, |conn, workspace| projects::get(conn, workspace, id))
}

pub(super) async fn update(
    auth: Auth<Write>,
    Id(id): Id<ProjectId>,
    body: CheckedBody<ProjectUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    let position = |conn: &Conn, workspace, id| Ok(projects::get(conn, workspace, id)?.position);
    let body = call.valid_update(&auth, id, body, position)?;
    call.change(auth, id, body, projects::get, app::projects::update)
        .await
}

pub(super) async fn delete(
    auth: Auth<Delete>,
    Id(id): Id<ProjectId>,
    call: Call,
) -> Result<JsonResponse> {
    call.delete(auth, id, projects::get, app::projects::delete)
        .await
}
