//! The pages of people: signing in, accepting an invitation, the own account. They run no scripts, and load nothing from
//! other hosts.

use std::sync::LazyLock;

use actix_web::body::BoxBody;
use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::{Environment, Value, context};

use super::connection::Connection;
use super::{KEPT_BY_NOBODY, ROBOTS, style_source};
use crate::error::{Error, Result};

const STYLE: &str = concat!(
    include_str!("../../../static/base.css"),
    include_str!("../../../static/account/account.css")
);
const TEMPLATES: [(&str, &str); 10] = [
    (
        "base.html",
        include_str!("../../../static/account/base.html"),
    ),
    (
        "fields.html",
        include_str!("../../../static/account/fields.html"),
    ),
    (
        "sign-in.html",
        include_str!("../../../static/account/sign-in.html"),
    ),
    (
        "link-requested.html",
        include_str!("../../../static/account/link-requested.html"),
    ),
    (
        "sign-in-link.html",
        include_str!("../../../static/account/sign-in-link.html"),
    ),
    (
        "new-password.html",
        include_str!("../../../static/account/new-password.html"),
    ),
    (
        "invitation.html",
        include_str!("../../../static/account/invitation.html"),
    ),
    (
        "welcome.html",
        include_str!("../../../static/account/welcome.html"),
    ),
    (
        "account.html",
        include_str!("../../../static/account/account.html"),
    ),
    (
        "failed.html",
        include_str!("../../../static/account/failed.html"),
    ),
];

/// The templates. A template that does not parse is missing here; a test renders all of them.
static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    for (name, source) in TEMPLATES {
        if let Err(error) = pages.add_template(name, source) {
            tracing::error!(%error, name, "failed to load a page template");
        }
    }
    pages
});

/// Only the page's own style applies, and forms are sent only to this server.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; style-src {}; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        style_source(STYLE)
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// Responds with a page.
pub(in crate::http) fn page(
    request: &HttpRequest,
    status: StatusCode,
    name: &str,
    values: Value,
) -> Result<HttpResponse> {
    fill(HttpResponse::new(status), request, name, values)
}

/// Responds to an error with a page. The error keeps its status and headers, and is logged as any other.
pub(in crate::http) fn error_page(
    request: &HttpRequest,
    error: Error,
    name: &str,
    values: Value,
) -> Result<HttpResponse> {
    let mut response = fill(HttpResponse::from_error(error), request, name, values)?;
    dress_error(response.headers_mut());
    Ok(response)
}

/// Puts a page into a response.
fn fill(
    response: HttpResponse,
    request: &HttpRequest,
    name: &str,
    values: Value,
) -> Result<HttpResponse> {
    let html = render(request, name, values)?;
    let mut response = response.set_body(BoxBody::new(html));
    dress(response.headers_mut());
    Ok(response)
}

/// Renders a page.
pub(super) fn render(request: &HttpRequest, name: &str, values: Value) -> Result<String> {
    let connection = Connection::of(request);
    let shared = context! {
        style => STYLE,
        is_private => connection.is_private,
        secure_url => connection.secure_url,
    };
    let html = PAGES
        .get_template(name)
        .and_then(|template| template.render(context! { ..values, ..shared }));
    html.map_err(|cause| Error::internal("a page could not be rendered", cause))
}

fn dress(headers: &mut HeaderMap) {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(header::CACHE_CONTROL, KEPT_BY_NOBODY);
    headers.insert(ROBOTS, HeaderValue::from_static("noindex, nofollow"));
}

/// Sets the headers of a page that a client gets as JSON if it prefers that.
pub(in crate::http) fn dress_error(headers: &mut HeaderMap) {
    dress(headers);
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
}

/// Redirects a browser after a form to a page of this server.
pub(in crate::http) fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}
