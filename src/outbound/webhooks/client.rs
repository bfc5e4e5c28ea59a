//! The HTTP client: one POST to an endpoint, over a connection that is kept for the next one. It follows no redirects,
//! uses no proxy, and reads only the beginning of a response.

use std::error::Error as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use hyper::{Request, Response, Uri};
use url::{Position, Url};

use super::connector::{Connection, Connector};
use crate::model::clean;
use crate::model::time::Timestamp;

/// How long a whole attempt may take, from resolving the name to the response.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the body of a response may take. Its status has been read by then.
const BODY_TIMEOUT: Duration = Duration::from_secs(2);
/// Maximum bytes of a response that are kept.
const MAX_EXCERPT: usize = 1_024;
/// Maximum bytes of a response that are read so that its connection can be used again.
const MAX_READ: usize = 64 * 1_024;
/// How long a connection is kept without a request. Shorter than the 5 s of common servers, so that they rarely close it
/// at the very moment of the next request.
const MAX_IDLE: Duration = Duration::from_secs(4);
/// How long a connection is used, so that a change of the host's address takes effect.
const MAX_AGE: Duration = Duration::from_secs(300);
/// The longest delay that a response can ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3_600);

/// What came back from an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Received {
    /// The status code.
    pub(super) status: u16,
    /// When the endpoint wants the next attempt.
    pub(super) retry_after: Option<Duration>,
    /// The beginning of the body.
    pub(super) excerpt: String,
}

/// The connections to one endpoint that wait for the next request.
#[derive(Default)]
pub(super) struct KeptConnections(Mutex<Vec<Kept>>);

struct Kept {
    connection: Connection,
    opened: Instant,
    since: Instant,
}

impl KeptConnections {
    /// Takes the connection that was used last, so that those which are not needed get old and are closed.
    fn take(&self) -> Option<(Connection, Instant)> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(last) = kept.pop() {
            if last.since.elapsed() < MAX_IDLE && last.connection.requests.is_ready() {
                return Some((last.connection, last.opened));
            }
        }
        None
    }

    fn keep(&self, connection: Connection, opened: Instant) {
        if opened.elapsed() < MAX_AGE && !connection.requests.is_closed() {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(Kept {
                connection,
                opened,
                since: Instant::now(),
            });
        }
    }

    /// Closes connections that have not been used for a while, and returns whether some are left.
    pub(super) fn close_idle(&self) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| one.since.elapsed() < MAX_IDLE);
        !kept.is_empty()
    }
}

/// Sends a body to an endpoint once and returns what came back.
///
/// # Errors
/// A message for people that says why there is no response.
pub(super) async fn post(
    connector: &Connector,
    kept: &KeptConnections,
    url: &Url,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Received, String> {
    let attempt = send(connector, kept, url, headers, body);
    match tokio::time::timeout(ATTEMPT_TIMEOUT, attempt).await {
        Ok(received) => received,
        Err(_) => {
            let seconds = ATTEMPT_TIMEOUT.as_secs();
            Err(format!("No response within {seconds} seconds"))
        }
    }
}

async fn send(
    connector: &Connector,
    kept: &KeptConnections,
    url: &Url,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Received, String> {
    let request = || request(url, headers, body);
    // A kept connection may just have been closed by the other side. That is no failure of the endpoint.
    if let Some((mut connection, opened)) = kept.take() {
        match connection.requests.send_request(request()?).await {
            Ok(response) => return Ok(receive(response, kept, connection, opened).await),
            Err(cause) if is_closed(&cause) => {}
            Err(cause) => return Err(describe(&cause)),
        }
    }
    let mut connection = connector.connect(url).await?;
    let response = connection.requests.send_request(request()?).await;
    let response = response.map_err(|cause| describe(&cause))?;
    Ok(receive(response, kept, connection, Instant::now()).await)
}

fn request(url: &Url, headers: &HeaderMap, body: &Bytes) -> Result<Request<Full<Bytes>>, String> {
    let unusable = |_| "The URL cannot be used in a request".to_owned();
    let target: Uri = url[Position::BeforePath..Position::AfterQuery]
        .parse()
        .map_err(unusable)?;
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let host = HeaderValue::from_str(host)
        .map_err(|_| "The URL cannot be used in a request".to_owned())?;
    let mut request = Request::new(Full::new(body.clone()));
    *request.method_mut() = hyper::Method::POST;
    *request.uri_mut() = target;
    *request.headers_mut() = headers.clone();
    request.headers_mut().insert(HOST, host);
    Ok(request)
}

/// The headers of a delivery.
///
/// # Errors
/// A message, if a value cannot be a header.
pub(super) fn headers(id: &str, sent_at: Timestamp, signature: &str) -> Result<HeaderMap, String> {
    let seconds = (sent_at.millis() / 1_000).to_string();
    let agent = concat!("Tackboard/", env!("CARGO_PKG_VERSION"));
    let mut headers = HeaderMap::with_capacity(6);
    for (name, value) in [
        (CONTENT_TYPE, "application/json"),
        (USER_AGENT, agent),
        (HeaderName::from_static("webhook-id"), id),
        (HeaderName::from_static("webhook-timestamp"), &seconds),
        (HeaderName::from_static("webhook-signature"), signature),
    ] {
        let value = HeaderValue::from_str(value).map_err(|cause| cause.to_string())?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Reads the beginning of a response, and keeps its connection if it was short.
async fn receive(
    response: Response<Incoming>,
    kept: &KeptConnections,
    connection: Connection,
    opened: Instant,
) -> Received {
    let (head, mut body) = response.into_parts();
    let mut start = Vec::new();
    let read = tokio::time::timeout(BODY_TIMEOUT, read_body(&mut body, &mut start)).await;
    if read == Ok(true) {
        kept.keep(connection, opened);
    }
    Received {
        status: head.status.as_u16(),
        retry_after: retry_after(&head.headers),
        excerpt: excerpt(&start),
    }
}

/// Reads a body and keeps its beginning. Returns whether it was read to its end.
async fn read_body(body: &mut Incoming, start: &mut Vec<u8>) -> bool {
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        let data = frame.data_ref().map(Bytes::as_ref).unwrap_or_default();
        let room = MAX_EXCERPT.saturating_sub(start.len());
        start.extend_from_slice(&data[..data.len().min(room)]);
        length += data.len();
        if length > MAX_READ {
            return false;
        }
    }
    true
}

/// The beginning of a body as text that is safe to store and show.
fn excerpt(start: &[u8]) -> String {
    let mut text = clean::text(&String::from_utf8_lossy(start));
    // Each byte that is not UTF-8 has become three.
    text.truncate(text.floor_char_boundary(MAX_EXCERPT));
    text
}

/// The delay of the header `Retry-After`, in seconds or as a date. None for a date in the past: the clocks may differ.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let delay = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
            let at = Timestamp::from_millis(at.as_millisecond());
            Duration::from_secs(Timestamp::now().seconds_until(at))
        }
    };
    (!delay.is_zero()).then(|| delay.min(MAX_RETRY_AFTER))
}

/// Whether the other side closed a connection before it began a response.
fn is_closed(cause: &hyper::Error) -> bool {
    let is_reset = || {
        let inner = cause.source().and_then(|inner| inner.downcast_ref());
        inner.is_some_and(|inner: &std::io::Error| {
            use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
            matches!(
                inner.kind(),
                BrokenPipe | ConnectionAborted | ConnectionReset
            )
        })
    };
    cause.is_canceled() || cause.is_closed() || cause.is_incomplete_message() || is_reset()
}

fn describe(cause: &hyper::Error) -> String {
    if cause.is_incomplete_message() || cause.is_closed() || cause.is_canceled() {
        return "The connection was closed without a response".to_owned();
    }
    if cause.is_parse() {
        return "The response is not HTTP, or its headers are too large".to_owned();
    }
    match cause.source() {
        Some(inner) => format!("The connection failed: {inner}"),
        None => format!("The request failed: {cause}"),
    }
}

#[cfg(test)]
mod tests;
