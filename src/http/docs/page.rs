//! One page or file, ready to send.

use std::io::Write as _;
use std::sync::OnceLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, AcceptEncoding, Encoding, Header as _};
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::http::etag;

/// Everything comes from this server, and nothing runs or is styled but by its own two files.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A text with its media type.
pub(super) struct Page {
    kind: &'static str,
    text: String,
    etag: String,
    /// Whether its address changes with its text, so that it may be kept for ever.
    is_hashed: bool,
    gzipped: OnceLock<Vec<u8>>,
}

impl Page {
    /// A text that changes under its address.
    pub(super) fn new(kind: &'static str, text: String) -> Self {
        Self {
            kind,
            etag: etag::of(text.as_bytes()),
            text,
            is_hashed: false,
            gzipped: OnceLock::new(),
        }
    }

    /// A text whose address has its hash in it.
    pub(super) fn hashed(kind: &'static str, text: String) -> Self {
        Self {
            is_hashed: true,
            ..Self::new(kind, text)
        }
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The answer to a request: not modified, or the text, compressed where the client can read that.
    pub(super) fn answer(&self, request: &HttpRequest, status: StatusCode) -> HttpResponse {
        let gzip = takes_gzip(request);
        // Two forms of a text are two things, and a strong tag tells them apart.
        let etag = match gzip {
            true => self.etag.replacen('"', "\"gz-", 1),
            false => self.etag.clone(),
        };
        let is_known = status == StatusCode::OK && etag::is_known(request, &etag);
        let mut response = match is_known {
            true => HttpResponse::NotModified(),
            false => HttpResponse::build(status),
        };
        response
            .insert_header((header::CACHE_CONTROL, self.cache_control()))
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((header::VARY, "Accept, Accept-Encoding"));
        if status == StatusCode::OK {
            response.insert_header((header::ETAG, etag));
        }
        if is_known {
            return response.finish();
        }
        response.content_type(self.kind);
        match gzip {
            true => response
                .insert_header((header::CONTENT_ENCODING, "gzip"))
                .body(self.gzipped().to_vec()),
            false => response.body(self.text.clone()),
        }
    }

    fn cache_control(&self) -> &'static str {
        match self.is_hashed {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        }
    }

    fn gzipped(&self) -> &[u8] {
        self.gzipped.get_or_init(|| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            // Writing to memory does not fail.
            let _ = gzip.write_all(self.text.as_bytes());
            gzip.finish().unwrap_or_default()
        })
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let offered = [Encoding::identity(), Encoding::gzip()];
    AcceptEncoding::parse(request)
        .ok()
        .and_then(|accept| accept.negotiate(offered.iter()))
        .is_some_and(|chosen| chosen == Encoding::gzip())
}
