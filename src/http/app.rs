//! `/app`: the board in the browser. Every address below it is the same page, which the scripts in `static/app` fill.

mod files;
mod imports;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse};
use form_urlencoded::byte_serialize;

use self::files::Files;
use super::pages::templates::see_other;
use super::pages::{KEPT_BY_NOBODY, ROBOTS, static_files};
use super::session_auth::SessionAuth;
use crate::error::{Error, Result};

/// Everything is loaded from this server. Forms are sent only to it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Responds with the page, or sends a person who is not signed in to the form.
pub(super) async fn page(auth: Result<SessionAuth>, request: HttpRequest) -> Result<HttpResponse> {
    match auth {
        Ok(_) => {}
        Err(Error::SessionExpired) => return Ok(see_other(&sign_in(&request))),
        Err(error) => return Err(error),
    }
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, KEPT_BY_NOBODY))
        .insert_header((ROBOTS, "noindex, nofollow"))
        .body(Files::for_page()?.page().to_owned()))
}

/// The form to sign in with, which leads back to the requested address.
fn sign_in(request: &HttpRequest) -> String {
    let wanted = request
        .uri()
        .path_and_query()
        .map_or("", |path| path.as_str());
    let next: String = byte_serialize(wanted.as_bytes()).collect();
    format!("/sign-in?next={next}")
}

/// Responds with a file of the page.
pub(super) async fn file(request: HttpRequest) -> Result<HttpResponse> {
    match Files::current()?.find(request.path()) {
        Some(file) => Ok(static_files::respond(
            file,
            &request,
            StatusCode::OK,
            POLICY,
        )),
        None => Err(Error::NotFound {
            method: request.method().to_string(),
            path: request.path().to_owned(),
        }),
    }
}
