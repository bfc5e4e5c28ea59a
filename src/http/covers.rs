//! Uploaded cover images: `PUT /v1/cards/{cardId}/cover` stores one, `GET /covers/{coverId}` is public.

mod reads;

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use futures_util::future::LocalBoxFuture;

pub(crate) use self::reads::CoverReads;
use super::auth::{Auth, Write};
use super::call::Call;
use super::cards::read_card;
use super::params::Id;
use super::response::JsonResponse;
use super::state::State;
use super::{body, etag};
use crate::app;
use crate::error::{Error, Result};
use crate::model::covers::{CoverImage, MAX_BYTES, MEDIA_TYPES, MediaType};
use crate::model::ids::{CardId, CoverId};
use crate::store::covers;

/// Cached forever, because a changed cover has another id.
const UNCHANGING: &str = "public, max-age=31536000, immutable";
/// If a browser treats the bytes as a page, it loads and runs nothing.
const POLICY: &str = "default-src 'none'; sandbox";
/// Mails and pages of other sites show covers.
const FROM_ANYWHERE: (&str, &str) = ("cross-origin-resource-policy", "cross-origin");

impl FromRequest for CoverImage {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let (kind, given) = body::media_type(&req);
            let media_type = MediaType::parse(&kind).ok_or(Error::UnsupportedMediaType {
                wanted: MEDIA_TYPES,
                content_type: given,
            })?;
            let broken = |_| Error::field("cover", "Cover did not arrive whole");
            let bytes = body::receive(&req, payload, MAX_BYTES, broken).await?;
            CoverImage::new(media_type, bytes.into())
        })
    }
}

pub(super) async fn put(
    auth: Auth<Write>,
    Id(id): Id<CardId>,
    image: CoverImage,
    call: Call,
) -> Result<JsonResponse> {
    let origin = call.state().origin.clone();
    call.change(
        auth,
        id,
        image,
        read_card(&call),
        move |tx, ctx, id, image| {
            let card = app::covers::put(tx, ctx, id, &image, &origin)?;
            Ok(card.into_response(&origin))
        },
    )
    .await
}

pub(super) async fn get(
    Id(id): Id<CoverId>,
    request: HttpRequest,
    state: web::Data<State>,
    reads: web::Data<CoverReads>,
) -> Result<HttpResponse> {
    let tag = format!("\"{id}\"");
    if etag::is_known(&request, &tag) {
        state.db.read(|conn| covers::check(conn, id))?;
        return Ok(with_headers(HttpResponse::NotModified(), tag).finish());
    }
    let db = Arc::clone(&state.db);
    let find = move || db.read_cover(|conn| covers::find(conn, id));
    let image = reads.run(find).await?;
    Ok(with_headers(HttpResponse::Ok(), tag)
        .content_type(image.media_type.as_str())
        .body(image.bytes))
}

fn with_headers(mut response: HttpResponseBuilder, tag: String) -> HttpResponseBuilder {
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, UNCHANGING))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header(FROM_ANYWHERE);
    response
}
