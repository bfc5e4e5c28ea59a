//! `/v1/boards/{boardId}/snapshot`: everything on a board.

use super::auth::{Auth, Read};
use super::call::Call;
use super::params::{Id, Query};
use super::response::JsonResponse;
use crate::error::Result;
use crate::model::ids::BoardId;
use crate::model::snapshot::SnapshotQuery;
use crate::store::snapshot;

pub(super) async fn get(
    auth: Auth<Read>,
    Id(id): Id<BoardId>,
    query: Query<SnapshotQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let (query, workspace) = (*query, auth.workspace());
    call.write_slowly(move |conn, sink| {
        let archived = query.tasks();
        let tasks = archived.map(|archived| {
            sink.rows(move |each| snapshot::each_task(conn, workspace, id, archived, each))
        });
        sink.json(&snapshot::get(conn, workspace, id, tasks)?)
    })
    .await
}
