//! `/v1/boards`

use serde::Deserialize;

use super::auth::{Auth, Delete, Read, Reader, Write};
use super::body::Valid;
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::JsonResponse;
use crate::app;
use crate::error::Result;
use crate::model::boards::{BoardCreate, BoardUpdate};
use crate::model::ids::BoardId;
use crate::model::page::{PageQuery, PageRequest};
use crate::store::boards;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Include {
    Projects,
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    include: Option<Include>,
    #[serde(flatten)]
    page: PageQuery,
}

pub(super) async fn list(
    reader: Reader<Read>,
    query: CheckedQuery<ListQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let (page, include) =
        query.parse(|query| Ok((PageRequest::from_query(&query.page)?, query.include)))?;
    match include {
        // A board can have many projects, so even a short list can take long.
        Some(Include::Projects) => {
            call.list_slowly(reader.end(), page, move |conn, workspace, page| {
                app::boards::list_with_projects(conn, workspace, page)
            })
            .await
        }
        None => {
            call.list(reader, page, move |conn, workspace, page| {
                boards::list(conn, workspace, page)
            })
            .await
        }
    }
}

pub(super) async fn create(
    auth: Auth<Write>,
    body: Valid<BoardCreate>,
    call: Call,
) -> Result<JsonResponse> {
    call.create(auth, body, app::boards::create).await
}

pub(super) async fn get(
    reader: Reader<Read>,
    Id(id): Id<BoardId>,
    call: Call,
) -> Result<JsonResponse> {
    call.show(reader, |conn, workspace| boards::get(conn, workspace, id))
}

pub(super) async fn update(
    auth: Auth<Write>,
    Id(id): Id<BoardId>,
    body: Valid<BoardUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    call.change(auth, id, body.value, boards::get, app::boards::update)
        .await
}

pub(super) async fn delete(
    auth: Auth<Delete>,
    Id(id): Id<BoardId>,
    call: Call,
) -> Result<JsonResponse> {
    call.delete(auth, id, boards::get, app::boards::delete)
        .await
}
