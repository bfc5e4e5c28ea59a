//! `/v1/email-accounts`

use super::auth::{Admin, Auth, Reader};
use super::body::CheckedBody;
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::JsonResponse;
use crate::app;
use crate::error::Result;
use crate::model::email_accounts::EmailAccountCreate;
use crate::model::ids::EmailAccountId;
use crate::model::page::{PageQuery, PageRequest};
use crate::store::email_accounts;

pub(super) async fn list(
    reader: Reader<Admin>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    call.list(reader, page, move |conn, workspace, page| {
        email_accounts::list(conn, workspace, page)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Admin>,
    body: CheckedBody<EmailAccountCreate>,
    call: Call,
) -> Result<JsonResponse> {
    let body = body.valid_or(|body| {
        let address = body["address"].as_str();
        address.map_or(Ok(()), |address| {
            app::email_accounts::sendable(address).map(drop)
        })
    })?;
    call.create(auth, body, app::email_accounts::create).await
}

pub(super) async fn delete(
    auth: Auth<Admin>,
    Id(id): Id<EmailAccountId>,
    call: Call,
) -> Result<JsonResponse> {
    call.delete(auth, id, email_accounts::get, app::email_accounts::delete)
        .await
}
