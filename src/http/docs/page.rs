//! One page or file, ready to send.

use std::io::Write as _;
use std::sync::OnceLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, AcceptEncoding, Encoding, Header as _};
use actix_web::{HttpRequest, HttpResponse};
use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::http::etag;

/// Everything comes from this server, and nothing runs or is styled but by its own two files.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Brotli's quality: the next one takes ten times as long.
const QUALITY: u32 = 9;
/// Brotli's window, in powers of two: larger than any page.
const WINDOW: u32 = 20;
const BUFFER: usize = 4096;

/// A text with its media type.
pub(super) struct Page {
    kind: &'static str,
    text: String,
    etag: String,
    /// Whether its address changes with its text, so that it may be kept for ever.
    is_hashed: bool,
    gzip: OnceLock<Vec<u8>>,
    brotli: OnceLock<Vec<u8>>,
}

/// How a text is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Gzip,
    Brotli,
}

impl Form {
    /// The smallest form that a client can read.
    fn of(request: &HttpRequest) -> Self {
        let accepted = AcceptEncoding::parse(request).ok();
        let takes = |encoding: Encoding| {
            let offered = [Encoding::identity(), encoding.clone()];
            let chosen = accepted
                .as_ref()
                .and_then(|accepted| accepted.negotiate(offered.iter()));
            chosen == Some(encoding)
        };
        match (takes(Encoding::brotli()), takes(Encoding::gzip())) {
            (true, _) => Form::Brotli,
            (false, true) => Form::Gzip,
            (false, false) => Form::Plain,
        }
    }

    /// Its name in `Content-Encoding`, and what sets its tag apart; nothing for the text as it is.
    const fn name(self) -> Option<&'static str> {
        match self {
            Form::Plain => None,
            Form::Gzip => Some("gzip"),
            Form::Brotli => Some("br"),
        }
    }
}

impl Page {
    /// A text that changes under its address.
    pub(super) fn new(kind: &'static str, text: String) -> Self {
        Self {
            kind,
            etag: etag::of(text.as_bytes()),
            text,
            is_hashed: false,
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
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
        let form = Form::of(request);
        // Two forms of a text are two things, and a strong tag tells them apart.
        let etag = match form.name() {
            Some(name) => self.etag.replacen('"', &format!("\"{name}-"), 1),
            None => self.etag.clone(),
        };
        let is_known = status == StatusCode::OK && etag::is_known(request, &etag);
        let mut response = match is_known {
            true => HttpResponse::NotModified(),
            false => HttpResponse::build(status),
        };
        response
            .insert_header((header::CACHE_CONTROL, self.cache_control()))
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((header::VARY, "Accept-Encoding"));
        match status {
            StatusCode::OK => response.insert_header((header::ETAG, etag)),
            // Who would rather have JSON gets that instead of the page.
            _ => response.append_header((header::VARY, "Accept")),
        };
        if is_known {
            return response.finish();
        }
        response.content_type(self.kind);
        if let Some(name) = form.name() {
            response.insert_header((header::CONTENT_ENCODING, name));
        }
        response.body(self.bytes(form).to_vec())
    }

    fn cache_control(&self) -> &'static str {
        match self.is_hashed {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        }
    }

    /// The text in a form, which is made once. Writing to memory does not fail.
    fn bytes(&self, form: Form) -> &[u8] {
        let text = self.text.as_bytes();
        match form {
            Form::Plain => text,
            Form::Gzip => self.gzip.get_or_init(|| {
                let mut packed = GzEncoder::new(Vec::new(), Compression::best());
                let _ = packed.write_all(text);
                packed.finish().unwrap_or_default()
            }),
            Form::Brotli => self.brotli.get_or_init(|| {
                let mut packed = CompressorWriter::new(Vec::new(), BUFFER, QUALITY, WINDOW);
                let _ = packed.write_all(text);
                packed.into_inner()
            }),
        }
    }
}
