//! `/v1/events`: the journal of the workspace.

mod stream;

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};

use super::auth::{Auth, Read};
use super::call::Call;
use super::params::CheckedQuery;
use super::request::disconnect;
use super::response::JsonResponse;
use crate::app::events;
use crate::error::Result;
use crate::model::events::EventQuery;
use crate::model::scopes::Scope;
use crate::outbound::streams::StreamRequest;

pub(super) async fn list(
    auth: Auth<Read>,
    query: CheckedQuery<EventQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let is_admin = auth.caller.scopes.allow(Scope::Admin);
    let request = query.parse(|query| query.request(is_admin))?;
    // A filter may skip many events before it finds one.
    call.read_slowly(move |conn| events::list(conn, auth.workspace(), &request))
        .await
}

pub(super) async fn follow(
    auth: Auth<Read>,
    query: CheckedQuery<EventQuery>,
    request: HttpRequest,
    call: Call,
) -> Result<HttpResponse> {
    let is_admin = auth.caller.scopes.allow(Scope::Admin);
    let (filter, since) = query.parse(|query| Ok((query.filter(is_admin)?, query.since())))?;
    let last = stream::last_event_id(&request)?;
    if *request.method() == Method::HEAD {
        return Ok(stream::respond_without_body(&request));
    }
    let disconnect = disconnect(&request);
    disconnect.with_client();
    let wanted = StreamRequest {
        caller: auth.caller,
        filter,
        since: last.or(since),
        disconnect: Box::new(move || disconnect.now()),
    };
    let state = call.state();
    let events = state.streams.open(&state.db, wanted)?;
    Ok(stream::respond(&request, events))
}
