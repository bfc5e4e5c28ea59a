//! `/v1/cards`

use serde_json::Value;

use super::auth::{Auth, Delete, Read, Reader, Write};
use super::body::{CheckedBody, Valid};
use super::call::Call;
use super::params::{CheckedQuery, Id};
use super::response::JsonResponse;
use super::state::State;
use crate::app;
use crate::error::Result;
use crate::model::cards::{CardCreate, CardResponse, CardUpdate};
use crate::model::context::Ctx;
use crate::model::ids::{CardId, WorkspaceId};
use crate::model::page::{PageQuery, PageRequest};
use crate::store::Tx;
use crate::store::{Conn, cards};

pub(super) async fn list(
    reader: Reader<Read>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    let origin = call.state().origin.clone();
    call.list(reader, page, move |conn, workspace, page| {
        cards::list(conn, workspace, page, &origin)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Write>,
    body: CheckedBody<CardCreate>,
    call: Call,
) -> Result<JsonResponse> {
    let body = with_cover(&call, &auth, body)?;
    let origin = call.state().origin.clone();
    call.create(auth, body, move |tx, ctx, new| {
        let card = app::cards::create(tx, ctx, new, &origin)?;
        Ok(card.into_response(&origin))
    })
    .await
}

pub(super) async fn get(
    reader: Reader<Read>,
    Id(id): Id<CardId>,
    call: Call,
) -> Result<JsonResponse> {
    let read = read_card(&call);
    call.show(reader, |conn, workspace| read(conn, workspace, id))
}

pub(super) async fn update(
    auth: Auth<Write>,
    Id(id): Id<CardId>,
    body: CheckedBody<CardUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    let body = with_cover(&call, &auth, body)?;
    let origin = call.state().origin.clone();
    call.change(
        auth,
        id,
        body.value,
        read_card(&call),
        move |tx, ctx, id, change| {
            let card = app::cards::update(tx, ctx, id, change, &origin)?;
            Ok(card.into_response(&origin))
        },
    )
    .await
}

pub(super) async fn delete(
    auth: Auth<Delete>,
    Id(id): Id<CardId>,
    call: Call,
) -> Result<JsonResponse> {
    let origin = call.state().origin.clone();
    let delete = move |tx: &Tx<'_>, ctx: &Ctx, id| app::cards::delete(tx, ctx, id, &origin);
    call.delete(auth, id, read_card(&call), delete).await
}

/// Returns the body of a card if it satisfies its schema. Otherwise, a wrong URL of its cover is reported too.
fn with_cover<A, T>(call: &Call, auth: &Auth<A>, body: CheckedBody<T>) -> Result<Valid<T>> {
    let State { db, origin, .. } = call.state();
    let check = |body: &Value| {
        db.read(|conn| app::cards::check_cover(conn, auth.workspace(), body, origin))
    };
    body.valid_or(check)
}

/// Returns a function that reads a card in its response form.
pub(super) fn read_card(
    call: &Call,
) -> impl Fn(&Conn, WorkspaceId, CardId) -> Result<CardResponse> + Clone + Send + 'static {
    let origin = call.state().origin.clone();
    move |conn, workspace, id| Ok(cards::get(conn, workspace, id)?.into_response(&origin))
}
