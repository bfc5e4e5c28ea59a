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
    let query = *query;
    call.read_slowly(move |conn| {
        let mut snapshot = snapshot::get(conn, auth.workspace(), id, query.has_tasks())?;
        // Tasks cannot be archived yet.
        if query.is_archived()
            && let Some(tasks) = &mut snapshot.tasks
        {
            tasks.clear();
        }
        Ok(snapshot)
    })
    .await
}
