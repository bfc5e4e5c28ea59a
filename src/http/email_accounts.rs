//! `/v1/email-accounts`

use super::auth::{Admin, Auth, Reader};
use super::body::Valid;
use super::call::Call;
use super::params::{Id, Query};
use super::response::JsonResponse;
use crate::app;
use crate::error::Result;
use crate::model::email_accounts::EmailAccountCreate;
use crate::model::ids::EmailAccountId;
use crate::model::page::{PageQuery, PageRequest};
use crate::store::email_accounts;

pub(super) async fn list(
    reader: Reader<Admin>,
    query: Query<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = PageRequest::from_query(&query)?;
    call.list(reader, page, move |conn, workspace, page| {
        email_accounts::list(conn, workspace, page)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Admin>,
    body: Valid<EmailAccountCreate>,
    call: Call,
) -> Result<JsonResponse> {
    call.create(auth, body, app::email_accounts::create).await
}

pub(super) async fn delete(
    auth: Auth<Admin>,
    Id(id): Id<EmailAccountId>,
    call: Call,
) -> Result<JsonResponse> {
    call.change_if(auth, None, move |tx, ctx| {
        app::email_accounts::delete(tx, ctx, id)
    })
    .await?;
    Ok(JsonResponse::deleted(&id))
}
