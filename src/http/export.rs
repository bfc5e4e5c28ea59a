//! `/v1/export`: everything in the workspace.

use super::auth::{Admin, Auth};
use super::call::Call;
use super::params::Query;
use super::response::JsonResponse;
use crate::error::Result;
use crate::model::export::ExportQuery;
use crate::store::export::Export;

pub(super) async fn get(
    auth: Auth<Admin>,
    query: Query<ExportQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let (with_recipients, workspace) = (query.with_recipients(), auth.workspace());
    call.export(move |conn, sink| {
        let export = Export::new(conn, workspace, with_recipients, &|_| {});
        sink.json(&export)
            .map_err(|error| export.failure().unwrap_or(error))
    })
    .await
}
