//! What all HTML pages share.

pub(super) mod connection;
pub(super) mod error_pages;
pub(super) mod form;
pub(super) mod static_files;
pub(super) mod templates;

use actix_web::http::header::{
    Accept, CACHE_CONTROL, CONTENT_TYPE, Header as _, HeaderMap, HeaderName, HeaderValue, Quality,
};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::model::credentials::Digest;

/// Personal pages must not be cached.
pub(super) const KEPT_BY_NOBODY: HeaderValue = HeaderValue::from_static("no-store, private");
pub(super) const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

const ICON: &str = include_str!("../../static/docs/icon.svg");

/// Responds with the icon, which browsers request even for pages that name none.
pub(super) async fn icon() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((CACHE_CONTROL, "public, max-age=86400"))
        .body(ICON)
}

/// Whether the client prefers HTML to JSON. Browsers name `text/html`; a client that accepts anything (`*/*`) gets
/// JSON.
pub(super) fn prefers_html(request: &HttpRequest) -> bool {
    let Ok(Accept(items)) = Accept::parse(request) else {
        return false;
    };
    let quality = |wanted: &str| {
        let named = items
            .iter()
            .find(|item| item.item.essence_str() == wanted)
            .map(|item| item.quality);
        let any = || items.iter().find(|item| item.item.essence_str() == "*/*");
        named.or_else(|| any().map(|item| item.quality))
    };
    let html = quality("text/html");
    html > Some(Quality::ZERO) && html > quality("application/json")
}

/// Whether the headers are those of an HTML page.
pub(super) fn is_html(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// A style sheet as a source in a Content-Security-Policy: its digest.
pub(super) fn style_source(style: &str) -> String {
    let digest = BASE64_STANDARD.encode(Digest::of(style.as_bytes()).as_bytes());
    format!("'sha256-{digest}'")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::prefers_html;

    #[test]
    fn a_browser_gets_html_and_a_program_json() {
        let prefers = |accept: &str| {
            let request = TestRequest::default().insert_header(("accept", accept));
            prefers_html(&request.to_http_request())
        };
        for html in [
            "text/html",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/json;q=0.5, text/html",
        ] {
            assert!(prefers(html), "{html}");
        }
        for json in [
            "",
            "*/*",
            "application/json",
            "application/json, text/html",
            "text/html;q=0, */*",
            "text/html;q=0",
            "text/html;q=0.0, image/png",
            "*/*;q=0",
            "nonsense",
        ] {
            assert!(!prefers(json), "{json}");
        }
        assert!(!prefers_html(&TestRequest::default().to_http_request()));
    }
}
