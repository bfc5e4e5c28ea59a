//! The outermost layer: gives every request an id, puts every failure into the envelope, and writes down how it went.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{
    CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::pages::{error_pages, is_html, templates};
use super::quota::{Counted, time_header};
use super::request::RequestInfo;
use super::response::envelope;
use super::state::State;
use super::unread::{HoldingBody, SharedPayload};
use super::{admission, client, docs, routes};
use crate::error::{Error, Outage};

/// The request's id, also in the log.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Calls a month.
pub(super) const X_RATELIMIT_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
/// Calls left.
pub(super) const X_RATELIMIT_REMAINING: HeaderName =
    HeaderName::from_static("x-ratelimit-remaining");
/// When the next month begins.
pub(super) const X_RATELIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Answered also while the server stops: they need no database, and that the process lives is true to its end.
const TO_THE_END: [&str; 4] = ["/", "/openapi.json", "/healthz", "/metrics"];
/// The route that a request without one is counted under.
const UNMATCHED: &str = "unmatched";

type Body<B> = EitherBody<B, BoxBody>;

/// What is known of a request before it is handed on.
struct Seen {
    started: Instant,
    id: HeaderValue,
    method: Method,
    path: String,
    state: web::Data<State>,
    unread: Option<SharedPayload>,
}

impl Seen {
    fn id(&self) -> &str {
        self.id.to_str().unwrap_or_default()
    }
}

/// Runs a request and looks after it.
pub(crate) async fn observe<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Body<B>>, actix_web::Error> {
    let Some(state) = request.app_data::<web::Data<State>>().cloned() else {
        return Err(Error::bug("the server is built with its state").into());
    };
    let seen = Seen {
        started: Instant::now(),
        id: request_id(request.headers()),
        method: request.method().clone(),
        path: request.path().to_owned(),
        state,
        unread: SharedPayload::of(&mut request),
    };
    request.extensions_mut().insert(RequestInfo {
        at: seen.started,
        id: seen.id.clone(),
    });
    if seen.state.is_stopping() && !TO_THE_END.contains(&seen.path.as_str()) {
        let (request, _payload) = request.into_parts();
        return Ok(failed(
            request,
            &seen,
            &Error::Unavailable(Outage::ShuttingDown),
        ));
    }
    let (settings, open) = (&seen.state.settings, &seen.state.connections);
    seen.state
        .unknown_proxy
        .note(request.request(), settings, &seen.state.db);
    if let Err(error) = admission::admit_forwarded(&request, settings, open) {
        let (request, _payload) = request.into_parts();
        return Ok(failed(request, &seen, &error));
    }
    // Log lines on the way of a change, also those of the writer, name the request. A read logs nothing on its way.
    let span = match seen.method.is_safe() {
        true => tracing::Span::none(),
        false => tracing::error_span!("request", id = seen.id()),
    };
    let handled = AssertUnwindSafe(next.call(request).instrument(span));
    match handled.catch_unwind().await {
        Ok(Ok(response)) => Ok(finish(response, &seen).await),
        Ok(Err(error)) => Err(lost(&seen, &of_actix(&error, &seen))),
        Err(_panic) => Err(lost(&seen, &Error::bug("a handler panicked"))),
    }
}

/// The client's own id, if it is 1 to 128 letters, digits, dots, hyphens or underscores; else a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let given = headers.get(&X_REQUEST_ID).filter(|id| {
        (1..=128).contains(&id.as_bytes().len()) && id.as_bytes().iter().all(harmless)
    });
    given.cloned().unwrap_or_else(new_request_id)
}

/// An id for a request that brings none.
pub(super) fn new_request_id() -> HeaderValue {
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    let id = crate::model::ids::time_ordered()
        .hyphenated()
        .encode_lower(&mut text);
    HeaderValue::from_str(id).unwrap_or_else(|_| HeaderValue::from_static("-"))
}

async fn finish<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    seen: &Seen,
) -> ServiceResponse<Body<B>> {
    let counted = response.request().extensions().get::<Counted>().cloned();
    let (request, response) = response.into_parts();
    let error = failure_of(&request, &response, seen);
    let mut response = match &error {
        Some(Error::NotFound { .. }) if let Some(page) = docs::missing(&request, &seen.state) => {
            page.map_into_right_body()
        }
        // A form with what is wrong in it.
        Some(_) if is_html(response.headers()) => response.map_into_left_body(),
        Some(error) if let Some(html) = error_pages::html(&request, error, seen.id()) => {
            let mut page = response.map_body(|_, _| EitherBody::right(BoxBody::new(html)));
            templates::dress_error(page.headers_mut());
            page
        }
        Some(error) => enveloped(response, error, seen),
        None => response.map_into_left_body(),
    };
    if let Some(counted) = counted {
        counted.on_the_books().await;
        quota_headers(response.headers_mut(), &counted);
    } else if let Some(Error::QuotaExceeded { limit, reset, .. }) = &error {
        set_quota_headers(response.headers_mut(), *limit, 0, time_header(*reset));
    }
    common_headers(response.headers_mut(), seen);
    write_down(&request, response.status(), error.as_ref(), seen);
    ServiceResponse::new(request, holding(response, seen))
}

/// The error behind a response: ours, actix's own, or that of a middleware that answers in plain text.
fn failure_of<B>(request: &HttpRequest, response: &HttpResponse<B>, seen: &Seen) -> Option<Error> {
    if let Some(error) = response.error() {
        return Some(of_actix(error, seen));
    }
    let status = response.status();
    // JSON in the envelope, or a page for a person; libraries answer in plain text or not at all.
    let json = response.headers().get(CONTENT_TYPE);
    let ours = json.is_some_and(|kind| kind == "application/json") || is_html(response.headers());
    ((status.is_client_error() || status.is_server_error()) && !ours)
        .then(|| by_status(status, request.method(), seen))
}

fn of_actix(error: &actix_web::Error, seen: &Seen) -> Error {
    match error.as_error::<Error>() {
        Some(ours) => ours.clone(),
        None => by_status(error.as_response_error().status_code(), &seen.method, seen),
    }
}

fn by_status(status: StatusCode, method: &Method, seen: &Seen) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::NotFound {
            method: method.to_string(),
            path: seen.path.clone(),
        },
        StatusCode::METHOD_NOT_ALLOWED => Error::MethodNotAllowed {
            allowed: Vec::new(),
        },
        StatusCode::PAYLOAD_TOO_LARGE => Error::PayloadTooLarge {
            limit_bytes: seen.state.settings.body_limit,
        },
        StatusCode::REQUEST_TIMEOUT => Error::RequestTimeout {
            timeout_seconds: seen.state.settings.request_timeout.as_secs(),
        },
        status if status.is_client_error() => {
            Error::field("request", "Request is not one that this server understands")
        }
        _ => Error::bug(format!(
            "an answer of status {status} without an error of ours"
        )),
    }
}

fn enveloped<B>(response: HttpResponse<B>, error: &Error, seen: &Seen) -> HttpResponse<Body<B>> {
    let body = envelope(error, seen.id(), &seen.path);
    let mut response = response.map_body(|_, _| EitherBody::right(BoxBody::new(body)));
    *response.status_mut() = error.status_code();
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The answer to a request that no handler has seen.
fn failed<B: MessageBody + 'static>(
    request: HttpRequest,
    seen: &Seen,
    error: &Error,
) -> ServiceResponse<Body<B>> {
    let response = HttpResponse::from_error(error.clone()).map_body(|_, _| BoxBody::new(()));
    let mut response = enveloped(response, error, seen).map_body(|_, body| match body {
        EitherBody::Left { body } | EitherBody::Right { body } => EitherBody::right(body),
    });
    common_headers(response.headers_mut(), seen);
    write_down(&request, response.status(), Some(error), seen);
    ServiceResponse::new(request, holding(response, seen))
}

/// Keeps hold of what the client has not sent to its end yet.
fn holding<B: MessageBody + 'static>(
    response: HttpResponse<Body<B>>,
    seen: &Seen,
) -> HttpResponse<Body<B>> {
    let Some(request) = seen.unread.clone() else {
        return response;
    };
    response.map_body(|_, body| {
        let body = BoxBody::new(body);
        EitherBody::right(BoxBody::new(HoldingBody {
            body,
            _request: request,
        }))
    })
}

/// The answer to a request that was lost on its way, with nothing of it left but what was seen.
fn lost(seen: &Seen, error: &Error) -> actix_web::Error {
    let mut response = error.error_response();
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    common_headers(response.headers_mut(), seen);
    log(seen, None, UNMATCHED, response.status(), Some(error), None);
    seen.state.metrics.count(
        method_label(&seen.method),
        UNMATCHED,
        response.status().as_u16(),
        seen.started.elapsed(),
    );
    let response = response.set_body(BoxBody::new(envelope(error, seen.id(), &seen.path)));
    InternalError::from_response("lost", response).into()
}

fn common_headers(headers: &mut HeaderMap, seen: &Seen) {
    headers.insert(X_REQUEST_ID, seen.id.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

fn quota_headers(headers: &mut HeaderMap, counted: &Counted) {
    if let Some(standing) = counted.standing() {
        set_quota_headers(headers, standing.limit, standing.remaining, standing.reset);
    }
}

fn set_quota_headers(headers: &mut HeaderMap, limit: u64, remaining: u64, reset: HeaderValue) {
    headers.insert(X_RATELIMIT_LIMIT, HeaderValue::from(limit));
    headers.insert(X_RATELIMIT_REMAINING, HeaderValue::from(remaining));
    headers.insert(X_RATELIMIT_RESET, reset);
}

fn write_down(request: &HttpRequest, status: StatusCode, error: Option<&Error>, seen: &Seen) {
    let route = routes::template(request).unwrap_or(UNMATCHED);
    seen.state.metrics.count(
        method_label(&seen.method),
        route,
        status.as_u16(),
        seen.started.elapsed(),
    );
    let peer = request.peer_addr().map(|peer| peer.ip());
    let client = || client::address(&seen.state.settings, peer, request.headers());
    log(
        seen,
        Some(&client),
        route,
        status,
        error,
        error.map(Error::code).map(crate::error::Code::as_str),
    );
}

/// One line a request: failures of ours as errors, refusals as information, the rest for who asks for it.
fn log(
    seen: &Seen,
    client: Option<&dyn Fn() -> Option<std::net::IpAddr>>,
    route: &str,
    status: StatusCode,
    error: Option<&Error>,
    code: Option<&str>,
) {
    // Most lines are not written, so this is computed only for those that are.
    let took = || millis(seen.started.elapsed());
    let (id, method) = (seen.id(), method_label(&seen.method));
    let client = || {
        client
            .and_then(|client| client())
            .map(tracing::field::display)
    };
    let status = status.as_u16();
    match error {
        Some(error @ Error::Internal(context, _)) => {
            let cause = std::error::Error::source(error).map(tracing::field::display);
            tracing::error!(
                request_id = id,
                method,
                route,
                status,
                took = took(),
                client = client(),
                cause,
                "{context}"
            );
        }
        // Clients that come while the server stops are told so; nothing is wrong with it.
        Some(error)
            if status >= 500 && !matches!(error, Error::Unavailable(Outage::ShuttingDown)) =>
        {
            tracing::error!(
                request_id = id,
                method,
                route,
                status,
                took = took(),
                client = client(),
                code,
                "refused"
            );
        }
        Some(_) => tracing::info!(
            request_id = id,
            method,
            route,
            status,
            took = took(),
            client = client(),
            code,
            "refused"
        ),
        None => tracing::debug!(
            request_id = id,
            method,
            route,
            status,
            took = took(),
            client = client(),
            "answered"
        ),
    }
}

fn millis(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e6).round() / 1e3
}

/// Methods that anybody may make up would be metrics without end.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests;
