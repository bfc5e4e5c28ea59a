//! Recipients of cards: the list for the card's owner, and the public pages for the recipients. A page needs only the
//! recipient's id.

mod pages;

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use self::pages::RecipientPage;
use super::auth::{Auth, Read};
use super::call::{Call, SHORT};
use super::pages::KEPT_BY_NOBODY;
use super::params::{CheckedQuery, Id};
use super::response::JsonResponse;
use super::state::State;
use crate::app;
use crate::error::Result;
use crate::model::ids::{CardId, RecipientId, WorkspaceId};
use crate::model::letters::Letter;
use crate::model::page::{PageQuery, PageRequest};
use crate::model::recipients::{Subscription, Totals};
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, recipients};

/// A transparent GIF of one pixel, 43 bytes.
const PIXEL: &[u8; 43] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x21\xf9\x04\x01\x00\x00\x00\x00\
                           \x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b";

/// Headers that announce a prefetch or a preview: the current one, then those of older clients.
const PURPOSES: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// A card's recipients, and their totals.
#[derive(Serialize)]
struct Recipients<R> {
    recipients: R,
    totals: Totals,
    /// Present only in paged responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Option<String>>,
}

pub(super) async fn list(
    auth: Auth<Read>,
    Id(card): Id<CardId>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let (page, workspace) = (query.parse(PageRequest::from_query)?, auth.workspace());
    let limit = page.limit;
    let get = move |conn: &Conn| {
        let totals = recipients::totals(conn, workspace, card)?;
        let slice = recipients::list(conn, workspace, card, &page)?;
        Ok(Recipients {
            recipients: slice.rows,
            totals,
            next_cursor: Some(slice.next_cursor),
        })
    };
    match limit {
        Some(rows) if rows <= SHORT => JsonResponse::of(&call.state().db.read(get)?),
        Some(_) => call.read_slowly(get).await,
        None => list_all(workspace, card, &call).await,
    }
}

async fn list_all(workspace: WorkspaceId, card: CardId, call: &Call) -> Result<JsonResponse> {
    call.write_slowly(move |conn, sink| {
        let totals = recipients::totals(conn, workspace, card)?;
        let list = |page: &_| recipients::list(conn, workspace, card, page);
        sink.json(&Recipients {
            recipients: sink.rows(|each| PageRequest::for_each(list, each)),
            totals,
            next_cursor: None,
        })
    })
    .await
}

/// Responds with a recipient's card.
pub(super) async fn view(
    id: Result<Id<RecipientId>>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let page = find(&state, id).and_then(|letter| {
        if is_view(&request) {
            let now = Timestamp::now();
            state
                .tally
                .note(letter.recipient_id, |reads| reads.view(now));
        }
        pages::card(&letter)
    });
    respond(&request, page)
}

/// Responds with the tracking pixel. The response is the same for every id, so it does not reveal which recipients
/// exist.
pub(super) async fn pixel(
    id: Result<Id<RecipientId>>,
    request: HttpRequest,
    state: web::Data<State>,
) -> HttpResponse {
    if let Ok(Id(id)) = id
        && is_view(&request)
    {
        match state.db.read(|conn| recipients::exists(conn, id)) {
            Ok(true) => state.tally.note(id, |reads| reads.open(Timestamp::now())),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "failed to count an open"),
        }
    }
    HttpResponse::Ok()
        .content_type("image/gif")
        .insert_header((header::CACHE_CONTROL, KEPT_BY_NOBODY))
        .body(PIXEL.as_slice())
}

/// Responds with a page that asks for confirmation to unsubscribe, even if the recipient was deleted. It changes
/// nothing, because mail scanners follow every link.
pub(super) async fn confirm_unsubscribe(
    id: Result<Id<RecipientId>>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let found = subscription(&state, id);
    respond(&request, found.and_then(|found| pages::unsubscribe(&found)))
}

/// Unsubscribes a recipient: for the button of [`confirm_unsubscribe`] and for the one-click form of RFC 8058. The body is ignored.
pub(super) async fn unsubscribe(
    id: Result<Id<RecipientId>>,
    request: HttpRequest,
    call: Call,
) -> Result<HttpResponse> {
    let done = change(id, call, app::recipients::unsubscribe).await;
    respond(&request, done.and_then(|found| pages::unsubscribe(&found)))
}

/// Responds with a page that asks whether to subscribe again. It changes nothing, as [`confirm_unsubscribe`].
pub(super) async fn confirm_subscribe(
    id: Result<Id<RecipientId>>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let found = subscription(&state, id);
    respond(&request, found.and_then(|found| pages::subscribe(&found)))
}

/// Reverts [`unsubscribe`]. The body is ignored.
pub(super) async fn subscribe(
    id: Result<Id<RecipientId>>,
    request: HttpRequest,
    call: Call,
) -> Result<HttpResponse> {
    let done = change(id, call, app::recipients::resubscribe).await;
    respond(&request, done.and_then(|found| pages::subscribe(&found)))
}

/// Runs a change by a recipient.
async fn change(
    id: Result<Id<RecipientId>>,
    call: Call,
    work: fn(&Tx<'_>, RecipientId, Option<String>) -> Result<Subscription>,
) -> Result<Subscription> {
    let Id(id) = id?;
    let request_id = call.request_id();
    call.write(move |tx| work(tx, id, request_id.clone())).await
}

/// Whether a person looks at the page now: not a HEAD request and not a prefetch.
fn is_view(request: &HttpRequest) -> bool {
    let is_ahead = |name: &&str| {
        let purpose = request.headers().get(*name).map(HeaderValue::as_bytes);
        let purpose = purpose.unwrap_or_default().to_ascii_lowercase();
        purpose.starts_with(b"prefetch") || purpose.starts_with(b"preview")
    };
    request.method() == Method::GET && !PURPOSES.iter().any(is_ahead)
}

fn find(state: &State, id: Result<Id<RecipientId>>) -> Result<Letter> {
    let Id(id) = id?;
    state.db.read(|conn| app::recipients::letter(conn, id))
}

fn subscription(state: &State, id: Result<Id<RecipientId>>) -> Result<Subscription> {
    let Id(id) = id?;
    state.db.read(|conn| recipients::subscription(conn, id))
}

/// Responds with the page, or with an error page. Programs get the error as JSON. Neither is cached.
fn respond(request: &HttpRequest, page: Result<RecipientPage>) -> Result<HttpResponse> {
    let error = match page {
        Ok(page) => return Ok(page.respond()),
        Err(error) => error,
    };
    let mut response = match pages::missing(request, &error) {
        Some(page) => page?.respond(),
        None => HttpResponse::from_error(error),
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    headers.insert(header::CACHE_CONTROL, KEPT_BY_NOBODY);
    Ok(response)
}
