//! `/v1/tasks/batch`

use super::auth::{Auth, Write};
use super::body::Valid;
use super::call::Call;
use super::response::JsonResponse;
use crate::app;
use crate::app::idempotency::PostResponse;
use crate::error::Result;
use crate::model::batch::{Batch, BatchResult};
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::store::Tx;

pub(super) async fn run(auth: Auth<Write>, body: Valid<Batch>, call: Call) -> Result<JsonResponse> {
    body.value.check()?;
    let render = |result: BatchResult| PostResponse::of(200, &result.response());
    let run = |tx: &Tx<'_>, caller: &Caller, ctx: &Ctx, batch| {
        app::batch::run(tx, caller.scopes, ctx, batch)
    };
    let response = call.post(auth, body, run, render).await?;
    Ok(JsonResponse::from_post(response, false))
}
