//! `/v1/tasks/batch`

use super::auth::{Auth, Write};
use super::body::CheckedBody;
use super::call::Call;
use super::response::JsonResponse;
use crate::app;
use crate::app::idempotency::PostResponse;
use crate::error::Result;
use crate::model::batch::{Batch, BatchOutline, BatchResult};
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::store::Tx;

pub(super) async fn run(
    auth: Auth<Write>,
    body: CheckedBody<Batch>,
    call: Call,
) -> Result<JsonResponse> {
    let check = |outline: BatchOutline<'_>| {
        let (db, workspace) = (&call.state().db, auth.workspace());
        db.read(|conn| app::batch::check(conn, workspace, outline))
    };
    let body = body.valid_or(|body| check(BatchOutline::of_json(body)))?;
    check(BatchOutline::from(&body.value))?;
    let render = |result: BatchResult| PostResponse::of(200, &result.response());
    let run = |tx: &Tx<'_>, caller: &Caller, ctx: &Ctx, batch| {
        app::batch::run(tx, caller.scopes, ctx, batch)
    };
    let response = call.post(auth, body, run, render).await?;
    Ok(JsonResponse::from_post(response, false))
}
