//! The pages of the documentation: rendered from the contract, the error catalogue, the plans and the settings, so that
//! they cannot disagree with the server.

mod answers;
mod assets;
mod code_samples;
mod facts;
mod guides;
mod highlight;
mod json;
mod markdown;
mod page;
mod reference;
mod schema;
mod search_index;
mod site;

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use self::facts::Facts;
use self::site::Site;
use super::pages::prefers_html;
use super::state::State;
use crate::error::{Error, Result};
use crate::store;

/// The pages, made when somebody first asks for one.
#[derive(Default)]
pub(super) struct Docs(Mutex<Option<Arc<Site>>>);

impl Docs {
    /// The pages as they are now: an operator may change the plans while the server runs. A database that does not answer
    /// leaves them as they were.
    fn site(&self, state: &State) -> Result<Arc<Site>> {
        let plans = state.db.read(store::plans::list).ok();
        let mut site = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(site) = &*site
            && plans.as_ref().is_none_or(|plans| *plans == site.plans)
        {
            return Ok(Arc::clone(site));
        }
        let facts = Facts::gather(&state.origin, &state.settings, plans.unwrap_or_default());
        let made = facts.and_then(Site::new).map_err(Error::bug)?;
        Ok(Arc::clone(site.insert(Arc::new(made))))
    }
}

/// Answers with the page or the file of the request's path.
pub(super) async fn page(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let site = state.docs.site(&state)?;
    match site.pages.get(request.path()) {
        Some(page) => Ok(page.answer(&request, StatusCode::OK)),
        None => Err(Error::NotFound {
            method: request.method().to_string(),
            path: request.path().to_owned(),
        }),
    }
}

/// Sends people who leave the end of an address out to where it leads.
pub(super) async fn front() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header(("location", "/"))
        .finish()
}

/// The page that tells a person that there is none, where a browser asks outside the APIs.
pub(super) fn missing(request: &HttpRequest, state: &State) -> Option<HttpResponse> {
    let path = request.path();
    let is_api = ["/v1", "/api"].iter().any(|api| {
        path.strip_prefix(api)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if is_api || !prefers_html(request) {
        return None;
    }
    let site = state.docs.site(state).ok()?;
    Some(site.missing.answer(request, StatusCode::NOT_FOUND))
}
