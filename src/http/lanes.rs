//! `/v1/lanes`, and a board's lanes

use super::auth::{Auth, Delete, Read, Reader, Write};
use super::body::{CheckedBody, Valid};
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::JsonResponse;
use crate::app;
use crate::error::Result;
use crate::model::ids::{BoardId, LaneId};
use crate::model::lanes::{LaneCreate, LaneUpdate};
use crate::model::page::{PageQuery, PageRequest};
use crate::store::{Conn, lanes};

pub(super) async fn list(
    reader: Reader<Read>,
    Id(board): Id<BoardId>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    call.list(reader, page, move |conn, workspace, page| {
        app::lanes::list(conn, workspace, board, page)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Write>,
    Id(board): Id<BoardId>,
    body: Valid<LaneCreate>,
    call: Call,
) -> Result<JsonResponse> {
    call.create(auth, body, move |tx, ctx, new| {
        app::lanes::create(tx, ctx, board, new)
    })
    .await
}

pub(super) async fn update(
    auth: Auth<Write>,
    Id(id): Id<LaneId>,
    body: CheckedBody<LaneUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    let position = |conn: &Conn, workspace, id| Ok(lanes::get(conn, workspace, id)?.position);
    let body = call.valid_update(&auth, id, body, position)?;
    call.change(auth, id, body, lanes::get, app::lanes::update)
        .await
}

pub(super) async fn delete(
    auth: Auth<Delete>,
    Id(id): Id<LaneId>,
    call: Call,
) -> Result<JsonResponse> {
    call.delete(auth, id, lanes::get, app::lanes::delete).await
}
