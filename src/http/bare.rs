//! Responses without a handler: for refused connections, and for bytes that are not a valid request.

use actix_web::http::StatusCode;

use super::observe::new_request_id;
use super::response::envelope;
use crate::error::Error;

/// The responses of the HTTP library to invalid requests: headers without a body.
const UNPARSED: [(&[u8], StatusCode); 3] = [
    (b"HTTP/1.1 400 ", StatusCode::BAD_REQUEST),
    (b"HTTP/1.1 408 ", StatusCode::REQUEST_TIMEOUT),
    (
        b"HTTP/1.1 431 ",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    ),
];
/// The HTTP library's limits for the headers of a request: bytes, and number of headers.
const MAX_HEAD: (usize, usize) = (128 << 10, 96);

/// Returns the response to a refused connection.
pub(crate) fn refusal(error: &Error) -> Vec<u8> {
    let status = StatusCode::from_u16(error.code().status()).unwrap_or_default();
    let retry = error.retry_after();
    let retry = retry.map_or_else(String::new, |seconds| format!("retry-after: {seconds}\r\n"));
    response(status, error, &retry)
}

/// Adds the error envelope to a response, if it is the HTTP library's response to an invalid request. `head_seconds` is
/// the time limit for a request's headers.
pub(crate) fn with_envelope(response_of_library: &[u8], head_seconds: u64) -> Option<Vec<u8>> {
    let head = response_of_library.strip_suffix(b"\r\n\r\n")?;
    let (_, status) = UNPARSED.iter().find(|(line, _)| head.starts_with(line))?;
    let head = std::str::from_utf8(head).ok()?;
    let lines = || head.split("\r\n").skip(1);
    if !lines().any(|line| line == "content-length: 0") || head.contains("\r\n\r\n") {
        return None;
    }
    let error = match *status {
        StatusCode::REQUEST_TIMEOUT => Error::RequestTimeout {
            timeout_seconds: head_seconds,
        },
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Error::field(
            "request",
            format!(
                "Request must have at most {} headers, and its head at most {} bytes",
                MAX_HEAD.1, MAX_HEAD.0
            ),
        ),
        _ => Error::field("request", "Request is not valid HTTP/1.1"),
    };
    let date = lines().find(|line| line.starts_with("date: "));
    let date = date.map_or_else(String::new, |line| format!("{line}\r\n"));
    Some(response(*status, &error, &date))
}

fn response(status: StatusCode, error: &Error, headers: &str) -> Vec<u8> {
    let id = new_request_id();
    let id = id.to_str().unwrap_or_default();
    let body = envelope(error, id, "");
    let code = error.code().as_str();
    tracing::info!(request_id = id, status = status.as_u16(), code, "refused");
    let mut response = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         x-request-id: {id}\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    response.extend(body);
    response
}
