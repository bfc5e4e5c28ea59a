//! `/v1/cards`

use super::auth::{Auth, Delete, Read, Reader, Write};
use super::body::Valid;
use super::call::Call;
use super::params::{Id, Query};
use super::response::JsonResponse;
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
    query: Query<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = PageRequest::from_query(&query)?;
    let origin = call.state().origin.clone();
    call.list(reader, page, move |conn, workspace, page| {
        cards::list(conn, workspace, page, &origin)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Write>,
    body: Valid<CardCreate>,
    call: Call,
) -> Result<JsonResponse> {
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
    body: Valid<CardUpdate>,
    call: Call,
) -> Result<JsonResponse> {
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

/// Returns a function that reads a card in its response form.
pub(super) fn read_card(
    call: &Call,
) -> impl Fn(&Conn, WorkspaceId, CardId) -> Result<CardResponse> + Clone + Send + 'static {
    let origin = call.state().origin.clone();
    move |conn, workspace, id| Ok(cards::get(conn, workspace, id)?.into_response(&origin))
}
