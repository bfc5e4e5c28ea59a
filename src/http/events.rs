//! `/v1/events`: the journal of the workspace.

use super::auth::{Auth, Read};
use super::call::Call;
use super::params::Query;
use super::response::JsonResponse;
use crate::app::events;
use crate::error::Result;
use crate::model::events::EventQuery;
use crate::model::scopes::Scope;

pub(super) async fn list(
    auth: Auth<Read>,
    query: Query<EventQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let request = query.request(auth.caller.scopes.allow(Scope::Admin))?;
    // A filter may skip many events before it finds one.
    call.read_slowly(move |conn| events::list(conn, auth.workspace(), &request))
        .await
}
