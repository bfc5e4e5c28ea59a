//! The deliveries of a webhook: `/v1/webhooks/{webhookId}/deliveries`

use serde::Deserialize;

use super::auth::{Admin, Auth};
use super::body::Valid;
use super::call::Call;
use super::params::{Id, Query};
use super::response::{JsonResponse, one};
use crate::app;
use crate::app::idempotency::PostResponse;
use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::model::deliveries::DeliveryQuery;
use crate::model::ids::{DeliveryId, WebhookId};
use crate::model::page::PageRequest;
use crate::store::Tx;

/// A body without fields.
#[derive(Clone, Deserialize)]
pub(super) struct NoFields {}

pub(super) async fn list(
    auth: Auth<Admin>,
    Id(webhook): Id<WebhookId>,
    query: Query<DeliveryQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let (filter, page) = (query.filter(), PageRequest::from_query(&query.page())?);
    call.list(page.limit, move |conn| {
        app::deliveries::list(conn, auth.workspace(), webhook, filter, &page)
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
