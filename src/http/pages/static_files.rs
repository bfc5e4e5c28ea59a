//! Responses with pages and files that are the same for everybody.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, AcceptEncoding, Encoding, Header as _};
use actix_web::{HttpRequest, HttpResponse};

use crate::docs::{Compressed, Page};
use crate::http::etag;

/// Responds with 304, or with the text, compressed if the client accepts that.
pub(in crate::http) fn respond(
    page: &Page,
    request: &HttpRequest,
    status: StatusCode,
    policy: &'static str,
) -> HttpResponse {
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
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
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
