//! The response of an event stream.

use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::stream;

use crate::error::{Error, Result};
use crate::http::response::streaming;
use crate::outbound::streams::EventStream;

const LAST_EVENT_ID: &str = "last-event-id";
/// Tells nginx to pass the stream on without buffering.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Returns the sequence in `Last-Event-ID`, which browsers send when they connect again.
///
/// # Errors
/// `invalid_request` if it is not a sequence.
pub(super) fn last_event_id(request: &HttpRequest) -> Result<Option<i64>> {
    let Some(id) = request.headers().get(LAST_EVENT_ID) else {
        return Ok(None);
    };
    let id = id.to_str().unwrap_or("?").trim();
    if id.is_empty() {
        return Ok(None);
    }
    let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
    let sequence = id.parse().ok().filter(|_| is_number);
    sequence.map(Some).ok_or_else(|| {
        Error::field(
            "Last-Event-ID",
            "Last-Event-ID must be the id of an event of this stream",
        )
    })
}

/// The response to a GET.
pub(super) fn respond(request: &HttpRequest, stream: EventStream) -> HttpResponse {
    let body = stream::unfold(stream, async |mut stream| {
        let bytes = stream.next().await?;
        Some((Ok::<_, Error>(bytes), stream))
    });
    streaming(request, head(), body)
}

/// The response to a HEAD.
pub(super) fn respond_without_body(request: &HttpRequest) -> HttpResponse {
    streaming(request, head(), stream::empty::<Result<Bytes>>())
}

fn head() -> HttpResponseBuilder {
    let mut head = HttpResponse::Ok();
    head.content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_ACCEL_BUFFERING, "no"))
        .force_close();
    head
}
