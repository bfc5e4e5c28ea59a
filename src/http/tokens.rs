//! `/v1/tokens`

use serde::Serialize;

use super::auth::{Admin, Auth, Reader};
use super::body::CheckedBody;
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::{JsonResponse, ResponseObject, one};
use crate::app;
use crate::app::idempotency::PostResponse;
use crate::error::Result;
use crate::model::ids::TokenId;
use crate::model::page::{PageQuery, PageRequest};
use crate::model::tokens::{Token, TokenCreate};
use crate::store::tokens;

/// A new token with its secret.
#[derive(Serialize)]
struct NewTokenResponse<'t> {
    #[serde(flatten)]
    token: &'t Token,
    secret: &'t str,
}

pub(super) async fn list(
    reader: Reader<Admin>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    call.list(reader, page, move |conn, workspace, page| {
        tokens::list(conn, workspace, page)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Admin>,
    body: CheckedBody<TokenCreate>,
    call: Call,
) -> Result<JsonResponse> {
    let body = body.valid_or(|body| app::tokens::check_expiry(&auth.caller, body))?;
    let response = call.post(auth, body, app::tokens::create, |(token, secret)| {
        let shown = NewTokenResponse {
            token: &token,
            secret: secret.expose(),
        };
        let body = serde_json::json!({ Token::NAME: shown })
            .to_string()
            .into_bytes();
        Ok(PostResponse {
            status: 201,
            body,
            without_secret: Some(one(&token)?),
            replayed: false,
        })
    });
    Ok(JsonResponse::from_post(response.await?, true))
}

pub(super) async fn delete(
    auth: Auth<Admin>,
    Id(id): Id<TokenId>,
    call: Call,
) -> Result<JsonResponse> {
    call.delete(auth, id, tokens::get, app::tokens::delete)
        .await
}
