//! `/v1/webhooks`

use serde::{Deserialize, Serialize};

use super::auth::{Admin, Auth, Reader};
use super::body::CheckedBody;
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::{JsonResponse, ResponseObject, one};
use crate::app;
use crate::app::idempotency::PostResponse;
use crate::error::{Error, Result};
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::model::ids::WebhookId;
use crate::model::page::{PageQuery, PageRequest};
use crate::model::webhooks::{
    RecoveryResponse, RecoverySince, Webhook, WebhookCreate, WebhookRecover, WebhookSecret,
    WebhookUpdate,
};
use crate::store::{Tx, webhooks};

/// A webhook with its secret.
#[derive(Serialize)]
struct WithSecret<'w> {
    #[serde(flatten)]
    webhook: &'w Webhook,
    secret: &'w str,
}

/// The body of a rotation.
#[derive(Clone, Deserialize)]
pub(super) struct Rotate {
    secret: Option<WebhookSecret>,
}

pub(super) async fn list(
    reader: Reader<Admin>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    call.list(reader, page, move |conn, workspace, page| {
        webhooks::list(conn, workspace, page)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Admin>,
    body: CheckedBody<WebhookCreate>,
    call: Call,
) -> Result<JsonResponse> {
    let allowed = call.state().settings.webhook_allow.clone();
    let body = body.valid_or(|body| app::webhooks::check_fields(body, &allowed))?;
    let create = move |tx: &Tx<'_>, _: &Caller, ctx: &Ctx, new| {
        app::webhooks::create(tx, ctx, new, &allowed)
    };
    let response = call.post(auth, body, create, |made| with_secret(201, made));
    Ok(JsonResponse::from_post(response.await?, true))
}

pub(super) async fn get(
    reader: Reader<Admin>,
    Id(id): Id<WebhookId>,
    call: Call,
) -> Result<JsonResponse> {
    call.show(reader, |conn, workspace| webhooks::get(conn, workspace, id))
}

pub(super) async fn update(
    auth: Auth<Admin>,
    Id(id): Id<WebhookId>,
    body: CheckedBody<WebhookUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    let allowed = call.state().settings.webhook_allow.clone();
    let body = body.valid_or(|body| app::webhooks::check_fields(body, &allowed))?;
    let update = move |tx: &Tx<'_>, ctx: &Ctx, id, change| {
        app::webhooks::update(tx, ctx, id, change, &allowed)
    };
    call.change(auth, id, body.value, webhooks::get, update)
        .await
}

pub(super) async fn delete(
    auth: Auth<Admin>,
    Id(id): Id<WebhookId>,
    call: Call,
) -> Result<JsonResponse> {
    call.delete(auth, id, webhooks::get, app::webhooks::delete)
        .await
}

pub(super) async fn rotate_secret(
    auth: Auth<Admin>,
    Id(id): Id<WebhookId>,
    body: CheckedBody<Rotate>,
    call: Call,
) -> Result<JsonResponse> {
    let allowed = &call.state().settings.webhook_allow;
    let body = body.valid_or(|body| app::webhooks::check_fields(body, allowed))?;
    let rotate = move |tx: &Tx<'_>, _: &Caller, ctx: &Ctx, body: Rotate| {
        app::webhooks::rotate_secret(tx, ctx, id, body.secret)
    };
    let response = call.post(auth, body, rotate, |made| with_secret(200, made));
    Ok(JsonResponse::from_post(response.await?, true))
}

pub(super) async fn recover(
    auth: Auth<Admin>,
    Id(id): Id<WebhookId>,
    body: CheckedBody<WebhookRecover>,
    call: Call,
) -> Result<JsonResponse> {
    let body = body.valid_or(|body| match body["since"].as_str() {
        Some(since) => RecoverySince::of_time(since).map(drop),
        None => Ok(()),
    })?;
    let recover = move |tx: &Tx<'_>, _: &Caller, ctx: &Ctx, wanted: WebhookRecover| {
        app::deliveries::recover(tx, ctx, id, wanted.since()?, wanted.only)
    };
    let response = call.post(auth, body, recover, |recovery| {
        PostResponse::new(200, one(&RecoveryResponse::from(recovery))?)
    });
    Ok(JsonResponse::from_post(response.await?, false))
}

/// The response with a secret, which is stored without it.
fn with_secret(status: u16, (webhook, secret): (Webhook, WebhookSecret)) -> Result<PostResponse> {
    let shown = WithSecret {
        webhook: &webhook,
        secret: secret.expose(),
    };
    let body = serde_json::to_vec(&serde_json::json!({ Webhook::NAME: shown }))
        .map_err(|cause| Error::internal("a webhook could not be serialized", cause))?;
    Ok(PostResponse {
        status,
        body,
        without_secret: Some(one(&webhook)?),
        replayed: false,
    })
}
