//! Serves the pages of the documentation site.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::pages::prefers_html;
use super::pages::static_files::respond;
use super::state::State;
use crate::docs::Site;
use crate::error::{Error, Result};
use crate::store;

/// Everything is loaded from this server. Only the site's own files run or style anything.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Responds with the page or file at the request's path.
pub(super) async fn page(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let site = site(&state)?;
    match site.pages.get(request.path()) {
        Some(page) => Ok(respond(page, &request, StatusCode::OK, POLICY)),
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
        Ok(site) => Some(respond(
            &site.missing,
            request,
            StatusCode::NOT_FOUND,
            POLICY,
        )),
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
