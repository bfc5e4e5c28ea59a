//! `/v1/labels`, and a board's labels

use super::auth::{Auth, Delete, Read, Reader, Write};
use super::body::Valid;
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::JsonResponse;
use crate::app;
use crate::error::Result;
use crate::model::ids::{BoardId, LabelId};
use crate::model::labels::{LabelCreate, LabelUpdate};
use crate::model::page::{PageQuery, PageRequest};
use crate::store::labels;

pub(super) async fn list(
    reader: Reader<Read>,
    Id(board): Id<BoardId>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    call.list(reader, page, move |conn, workspace, page| {
        app::labels::list(conn, workspace, board, page)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Write>,
    Id(board): Id<BoardId>,
    body: Valid<LabelCreate>,
    call: Call,
) -> Result<JsonResponse> {
    call.create(auth, body, move |tx, ctx, new| {
        app::labels::create(tx, ctx, board, new)
    })
    .await
}

pub(super) async fn update(
    auth: Auth<Write>,
    Id(id): Id<LabelId>,
    body: Valid<LabelUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    call.change(auth, id, body.value, labels::get, app::labels::update)
        .await
}

pub(super) async fn delete(
    auth: Auth<Delete>,
    Id(id): Id<LabelId>,
    call: Call,
) -> Result<JsonResponse> {
    call.delete(auth, id, labels::get, app::labels::delete)
        .await
}
