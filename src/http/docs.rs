//! Serves the pages of the documentation site.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, AcceptEncoding, Encoding, Header as _};
use actix_web::{HttpRequest, HttpResponse, web};

use super::etag;
use super::pages::prefers_html;
use super::state::State;
use crate::docs::{Compressed, Page, Site};
use crate::error::{Error, Result};
use crate::store;

/// Everything is loaded from this server. Only the site's own files run or style anything.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Responds with the page or file at the request's path.
pub(super) async fn page(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let site = site(&state)?;
    match site.pages.get(request.path()) {
        Some(page) => Ok(respond(page, &request, StatusCode::OK)),
        None => Err(Error::NotFound {
            method: request.method().to_string(),
            path: request.path().to_owned(),
        }),
    }
}

/// Redirects `/docs` to the first page.
pub(super) async fn front() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header(("location", "/"))
        .finish()
}

/// Returns the "not found" page for browsers outside the API paths.
pub(super) fn missing(request: &HttpRequest, state: &State) -> Option<HttpResponse> {
    let path = request.path();
    let is_api = ["/v1", "/api"].iter().any(|api| {
        path.strip_prefix(api)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if is_api || !prefers_html(request) {
        return None;
    }
    match site(state) {
        Ok(site) => Some(respond(&site.missing, request, StatusCode::NOT_FOUND)),
        Err(error) => {
            tracing::error!(%error, "the documentation cannot be rendered");
            None
        }
    }
}

fn site(state: &State) -> Result<Arc<Site>> {
    let plans = state.db.read(store::plans::list).ok();
    let site = state.docs.site(&state.origin, &state.settings, plans);
    site.map_err(Error::bug)
}

/// Responds with 304, or with the text, compressed if the client accepts that.
fn respond(page: &Page, request: &HttpRequest, status: StatusCode) -> HttpResponse {
    let compressed = compressed(page, request);
    // A compressed text is another representation, so it needs another strong ETag.
    let etag = match compressed {
        Some((name, _)) => format!("\"{name}-{}\"", page.hash()),
        None => format!("\"{}\"", page.hash()),
    };
    let is_known = status == StatusCode::OK && etag::is_known(request, &etag);
    let mut response = match is_known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::build(status),
    };
    let cache_control = match page.is_immutable() {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    response
        .insert_header((header::CACHE_CONTROL, cache_control))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::VARY, "Accept-Encoding"));
    match status {
        StatusCode::OK => response.insert_header((header::ETAG, etag)),
        // A client that prefers JSON gets that instead of the page.
        _ => response.append_header((header::VARY, "Accept")),
    };
    if is_known {
        return response.finish();
    }
    response.content_type(page.content_type());
    match compressed {
        Some((name, bytes)) => response
            .insert_header((header::CONTENT_ENCODING, name))
            .body(bytes.to_vec()),
        None => response.body(page.text().to_owned()),
    }
}

/// The smallest compressed form that the client accepts, and its name in `Content-Encoding`.
fn compressed<'p>(page: &'p Page, request: &HttpRequest) -> Option<(&'static str, &'p [u8])> {
    let accepted = AcceptEncoding::parse(request).ok()?;
    let forms = [
        (Encoding::brotli(), "br", Compressed::Brotli),
        (Encoding::gzip(), "gzip", Compressed::Gzip),
    ];
    forms.into_iter().find_map(|(encoding, name, form)| {
        let offered = [Encoding::identity(), encoding.clone()];
        let is_accepted = accepted.negotiate(offered.iter()) == Some(encoding);
        let bytes = is_accepted.then(|| page.compressed(form))??;
        Some((name, bytes))
    })
}
