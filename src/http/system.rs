//! Endpoints without a credential: the contract, health, metrics.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::state::State;
use super::{client, etag};
use crate::contract;
use crate::error::{Error, Result};

pub(super) async fn openapi(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let text = match state.openapi.get() {
        Some(text) => text,
        None => {
            let text = contract::text(&state.origin).map_err(Error::bug)?;
            state.openapi.get_or_init(|| text)
        }
    };
    Ok(cached(&request, "application/json", text))
}

pub(super) async fn health() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(r#"{"status":"ok"}"#)
}

pub(super) async fn readiness(state: web::Data<State>) -> Result<HttpResponse> {
    state.db.read(crate::store::ping)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(r#"{"status":"ready"}"#))
}

pub(super) async fn metrics(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let peer = request.peer_addr().map(|peer| peer.ip());
    if !client::may_read_metrics(&state.settings, peer, request.headers()) {
        return Err(Error::NotFound {
            method: request.method().to_string(),
            path: request.path().to_owned(),
        });
    }
    let text = state
        .metrics
        .text(&state.db)
        .map_err(|cause| Error::internal("the metrics have no text", cause))?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(text))
}

/// Responds with a text that clients may cache and revalidate.
fn cached(request: &HttpRequest, kind: &str, text: &str) -> HttpResponse {
    let tag = etag::of(text.as_bytes());
    let known = etag::is_known(request, &tag);
    let mut response = if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, "no-cache"));
    if known {
        response.finish()
    } else {
        response.content_type(kind).body(text.to_owned())
    }
}
