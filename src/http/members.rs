//! `/v1/members`

use super::auth::{Admin, Auth, Read, Reader};
use super::body::Valid;
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::{JsonResponse, one};
use crate::app;
use crate::error::Result;
use crate::model::ids::UserId;
use crate::model::members::MemberUpdate;
use crate::model::page::{PageQuery, PageRequest};
use crate::store::members;

pub(super) async fn list(
    reader: Reader<Read>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    call.list(reader, page, move |conn, workspace, page| {
        members::list(conn, workspace, page)
    })
    .await
}

pub(super) async fn update(
    auth: Auth<Admin>,
    Id(id): Id<UserId>,
    body: Valid<MemberUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    let precondition = call.precondition(&auth, id, members::get, members::get)?;
    let updated = call.change_as(auth, precondition, move |tx, caller, ctx| {
        app::members::update(tx, caller, ctx, id, body.value)
    });
    Ok(JsonResponse::tagged(one(&updated.await?)?))
}

pub(super) async fn delete(
    auth: Auth<Admin>,
    Id(id): Id<UserId>,
    call: Call,
) -> Result<JsonResponse> {
    let precondition = call.precondition(&auth, id, members::get, members::get)?;
    call.change_as(auth, precondition, move |tx, caller, ctx| {
        app::members::delete(tx, caller, ctx, id)
    })
    .await?;
    Ok(JsonResponse::deleted(&id))
}
