//! `/v1/members`

use super::auth::{Admin, Auth, Read, Reader};
use super::body::Valid;
use super::call::Call;
use super::params::{Id, Query};
use super::response::JsonResponse;
use crate::app;
use crate::error::Result;
use crate::model::ids::UserId;
use crate::model::members::MemberUpdate;
use crate::model::page::{PageQuery, PageRequest};
use crate::store::members;

pub(super) async fn list(
    reader: Reader<Read>,
    query: Query<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = PageRequest::from_query(&query)?;
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
    let updated = call.write_as(auth, move |tx, caller, ctx| {
        app::members::update(tx, caller, ctx, id, body.value)
    });
    JsonResponse::object(&updated.await?)
}

pub(super) async fn delete(
    auth: Auth<Admin>,
    Id(id): Id<UserId>,
    call: Call,
) -> Result<JsonResponse> {
    call.write_as(auth, move |tx, caller, ctx| {
        app::members::delete(tx, caller, ctx, id)
    })
    .await?;
    Ok(JsonResponse::deleted(&id))
}
