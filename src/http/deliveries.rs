//! The deliveries of a webhook: `/v1/webhooks/{webhookId}/deliveries`

use serde::Deserialize;
use serde_json::Value;

use super::auth::{Admin, Auth, Reader};
use super::body::Valid;
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::{JsonResponse, one};
use crate::app;
use crate::app::idempotency::PostResponse;
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::model::deliveries::DeliveryQuery;
use crate::model::ids::{DeliveryId, WebhookId, WorkspaceId};
use crate::model::page::PageRequest;
use crate::store::{Tx, deliveries};

/// A body without fields.
#[derive(Clone, Deserialize)]
pub(super) struct NoFields {}

/// The body of a test.
#[derive(Clone, Deserialize)]
pub(super) struct TestRequest {
    event: Option<String>,
}

pub(super) async fn test(
    auth: Auth<Admin>,
    Id(webhook): Id<WebhookId>,
    body: Valid<TestRequest>,
    call: Call,
) -> Result<JsonResponse> {
    let contract = Contract::get().map_err(Error::bug)?;
    let workspace = auth.workspace();
    let start = move |tx: &Tx<'_>, _: &Caller, ctx: &Ctx, wanted: TestRequest| {
        let event = wanted.event.as_deref();
        let example = |event: &str| contract.webhook_example(event);
        app::deliveries::start_test(tx, ctx, webhook, event, example)
    };
    let render = |delivery| PostResponse::new(200, one(&delivery)?);
    let response = call.post(auth, body, start, render).await?;
    finish_test(&call, workspace, webhook, response).await
}

/// Attempts the delivery in the response, unless the response is a replay, and responds with the result.
async fn finish_test(
    call: &Call,
    workspace: WorkspaceId,
    webhook: WebhookId,
    response: PostResponse,
) -> Result<JsonResponse> {
    let (state, id) = (call.state(), delivery_in(&response)?);
    if !response.replayed
        && let Err(error) = state.webhook_sender.attempt(workspace, id).await
    {
        // Still a success, because the delivery is stored and will be attempted.
        tracing::debug!(%error, "a test is attempted later");
    }
    let shown = state
        .db
        .read(|conn| deliveries::get(conn, workspace, webhook, id));
    let body = shown.and_then(|delivery| one(&delivery));
    let body = body.unwrap_or(response.body);
    let response = PostResponse { body, ..response };
    Ok(JsonResponse::from_post(response, false))
}

fn delivery_in(response: &PostResponse) -> Result<DeliveryId> {
    let body: Value = serde_json::from_slice(&response.body)
        .map_err(|cause| Error::internal("a response cannot be read", cause))?;
    let id = body["delivery"]["id"].as_str();
    id.and_then(|id| id.parse().ok())
        .ok_or_else(|| Error::bug("a response without a delivery"))
}

pub(super) async fn list(
    reader: Reader<Admin>,
    Id(webhook): Id<WebhookId>,
    query: CheckedQuery<DeliveryQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let (filter, page) =
        query.parse(|query| Ok((query.filter(), PageRequest::from_query(&query.page())?)))?;
    call.list(reader, page, move |conn, workspace, page| {
        app::deliveries::list(conn, workspace, webhook, filter, page)
    })
    .await
}

pub(super) async fn redeliver(
    auth: Auth<Admin>,
    Id(webhook): Id<WebhookId>,
    Id(id): Id<DeliveryId>,
    body: Valid<NoFields>,
    call: Call,
) -> Result<JsonResponse> {
    let redeliver = move |tx: &Tx<'_>, _: &Caller, ctx: &Ctx, NoFields {}| {
        app::deliveries::redeliver(tx, ctx, webhook, id)
    };
    let response = call.post(auth, body, redeliver, |delivery| {
        PostResponse::new(200, one(&delivery)?)
    });
    Ok(JsonResponse::from_post(response.await?, false))
}
