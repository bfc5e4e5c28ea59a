//! Bodies: media type, size, time, and where they are JSON, JSON and schema, in this order.

use std::collections::BTreeMap;
use std::time::Instant;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{self, Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::params::unknown;
use super::request::{RequestInfo, operation, state};
use crate::contract::{Invalid, Operation, json};
use crate::error::{Error, Fields, Result};
use crate::model::credentials::Digest;

/// Bodies of at most this many bytes are parsed and validated on the worker itself. Other requests wait for that.
const SHORT: usize = 64 << 10;
/// The header of a request that must be run only once.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The media type of forms.
const FORM: &str = "application/x-www-form-urlencoded";

/// A body that satisfies its operation's schema.
pub(super) struct Valid<T> {
    /// What it says.
    pub value: T,
    /// The digest of its normal form, for a request with an Idempotency-Key: two bodies that say the same have the same
    /// one.
    pub digest: Option<Digest>,
}

impl<T: DeserializeOwned + Send + 'static> FromRequest for Valid<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move { CheckedBody::receive(&req, payload).await?.valid() })
    }
}

/// A body that may violate its operation's schema. Some fields have rules that a schema cannot express, and all fields
/// that fail are reported together.
pub(super) struct CheckedBody<T>(Result<Valid<T>, Refused>);

/// A body that violates its schema.
struct Refused {
    /// The body in its normal form.
    body: Value,
    invalid: Invalid,
}

impl<T: DeserializeOwned + Send + 'static> FromRequest for CheckedBody<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move { Self::receive(&req, payload).await })
    }
}

impl<T: DeserializeOwned + Send + 'static> CheckedBody<T> {
    async fn receive(req: &HttpRequest, payload: Payload) -> Result<Self> {
        let operation = operation(req)?;
        let is_keyed = req.headers().contains_key(IDEMPOTENCY_KEY);
        let unknown = unknown(req)?;
        let bytes = receive_json(req, payload, operation.needs_body).await?;
        if bytes.len() <= SHORT {
            return validate(&bytes, operation, unknown, is_keyed);
        }
        web::block(move || validate(&bytes, operation, unknown, is_keyed))
            .await
            .map_err(|cause| Error::internal("a validation was lost", cause))?
    }
}

impl<T> CheckedBody<T> {
    /// Returns the body if it satisfies its schema.
    ///
    /// # Errors
    /// `invalid_request` or `invalid_uuid`.
    fn valid(self) -> Result<Valid<T>> {
        self.valid_or(|_| Ok(()))
    }

    /// Returns the body if it satisfies its schema. Otherwise, the fields that `check` refuses are reported too. A valid
    /// body is checked where it is used.
    ///
    /// # Errors
    /// `invalid_request` or `invalid_uuid`, and other errors of `check`.
    pub(super) fn valid_or(self, check: impl FnOnce(&Value) -> Result<()>) -> Result<Valid<T>> {
        match self.0 {
            Ok(valid) => Ok(valid),
            Err(Refused { body, invalid }) => match check(&body) {
                Ok(()) => Err(invalid.into()),
                Err(Error::InvalidRequest(more)) => Err(invalid.and(more).into()),
                Err(other) => Err(other),
            },
        }
    }
}

/// A body that is sent as JSON, or by the form of a page.
pub(super) struct ValidForm<T> {
    /// The body, if it satisfies its operation's schema. It always does if it was sent as JSON.
    pub value: Result<T>,
    /// What a form has sent, to be shown again; `None` for JSON.
    pub typed: Option<BTreeMap<String, String>>,
}

impl<T: DeserializeOwned + Send + 'static> FromRequest for ValidForm<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            if media_type(&req).0 != FORM {
                let value = Ok(Valid::from_request(&req, &mut payload).await?.value);
                return Ok(Self { value, typed: None });
            }
            let typed = receive_form(&req, payload).await?;
            let value = check_fields(&typed, operation(&req)?);
            let typed = Some(typed);
            Ok(Self { value, typed })
        })
    }
}

/// Checks the fields of a form against the schema of an operation's body.
///
/// # Errors
/// `invalid_request` or `invalid_uuid`.
pub(super) fn check_fields<T: DeserializeOwned>(
    fields: &BTreeMap<String, String>,
    operation: &Operation,
) -> Result<T> {
    let fields = fields.iter();
    let fields = fields.map(|(name, text)| (name.clone(), text.as_str().into()));
    let body = check(
        Value::Object(fields.collect()),
        operation,
        Fields::new(),
        false,
    )?;
    Ok(body.valid()?.value)
}

/// The fields of a form. Empty ones count as not sent: a form sends every field.
///
/// # Errors
/// `unsupported_media_type`, `payload_too_large`, `request_timeout`.
pub(super) async fn receive_form(
    req: &HttpRequest,
    payload: Payload,
) -> Result<BTreeMap<String, String>> {
    let (kind, content_type) = media_type(req);
    if kind != FORM && declared_length(req) != Some(0) {
        return Err(Error::UnsupportedMediaType {
            wanted: FORM,
            content_type,
        });
    }
    let bytes = receive(req, payload, SHORT, not_whole).await?;
    let fields = form_urlencoded::parse(&bytes).filter(|(_, value)| !value.is_empty());
    Ok(fields
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect())
}

fn validate<T: DeserializeOwned>(
    bytes: &[u8],
    operation: &Operation,
    unknown: Fields,
    is_keyed: bool,
) -> Result<CheckedBody<T>> {
    if bytes.is_empty() && !operation.needs_body {
        return check(
            Value::Object(Default::default()),
            operation,
            unknown,
            is_keyed,
        );
    }
    let error = match parse(bytes) {
        Ok(value) => return check(value, operation, unknown, is_keyed),
        Err(error) => error,
    };
    if !is_out_of_range(&error) {
        return Err(error);
    }
    // The text is valid JSON. If the schema refuses the field with the number, that says more.
    let value = parse(&json::with_finite_numbers(bytes))?;
    let checked: CheckedBody<T> = check(value, operation, unknown, is_keyed)?;
    match checked.0 {
        Ok(_) => Err(error),
        Err(refused) => Ok(CheckedBody(Err(refused))),
    }
}

/// Whether a JSON text was refused because of a number that is too large.
fn is_out_of_range(error: &Error) -> bool {
    matches!(error, Error::InvalidJson { reason, .. } if reason == "number out of range")
}

/// Checks a body. `unknown` are the unknown query parameters of its request.
fn check<T: DeserializeOwned>(
    mut value: Value,
    operation: &Operation,
    unknown: Fields,
    is_keyed: bool,
) -> Result<CheckedBody<T>> {
    let input = operation.body.as_ref();
    let input = input.ok_or_else(|| Error::bug("the contract has no body for this operation"))?;
    let invalid = match input.check(&mut value) {
        Err(invalid) => Some(invalid.and(unknown)),
        Ok(()) if !unknown.is_empty() => Some(Invalid::Fields(unknown)),
        Ok(()) => None,
    };
    if let Some(invalid) = invalid {
        let body = value;
        return Ok(CheckedBody(Err(Refused { body, invalid })));
    }
    let digest = is_keyed.then(|| Digest::of(value.to_string().as_bytes()));
    let value = serde_json::from_value(value)
        .map_err(|cause| Error::internal("the schema let a bad body pass", cause))?;
    Ok(CheckedBody(Ok(Valid { value, digest })))
}

/// Receives a JSON body of at most the configured size.
///
/// # Errors
/// `unsupported_media_type`, `payload_too_large`, `request_timeout`.
pub(super) async fn receive_json(
    req: &HttpRequest,
    payload: Payload,
    needs_body: bool,
) -> Result<Bytes> {
    let length = declared_length(req);
    // A body in chunks may turn out to be none.
    let may_be_none = length.is_none() && !needs_body;
    if length != Some(0) && !may_be_none {
        check_is_json(req)?;
    }
    let limit_bytes = state(req).settings.body_limit;
    let bytes = receive(req, payload, limit_bytes, not_whole).await?;
    if may_be_none && !bytes.is_empty() {
        check_is_json(req)?;
    }
    Ok(bytes)
}

/// A body of at most so many bytes, if it arrives in time. `broken` says what is wrong with one whose chunks are.
///
/// # Errors
/// `payload_too_large`, `request_timeout`, and what `broken` says.
pub(super) async fn receive(
    req: &HttpRequest,
    payload: Payload,
    limit_bytes: usize,
    broken: impl Fn(PayloadError) -> Error,
) -> Result<Bytes> {
    check_length(req, limit_bytes)?;
    within_time(req, collect(payload, limit_bytes, broken)).await
}

/// Refuses a body that is announced to be longer than so many bytes.
///
/// # Errors
/// `payload_too_large`.
pub(super) fn check_length(req: &HttpRequest, limit_bytes: usize) -> Result<()> {
    match declared_length(req).is_some_and(|length| length > limit_bytes) {
        true => Err(Error::PayloadTooLarge { limit_bytes }),
        false => Ok(()),
    }
}

/// Receives something before the time limit of the request.
///
/// # Errors
/// `request_timeout`, and those of `receive`.
pub(super) async fn within_time<T>(
    req: &HttpRequest,
    receive: impl Future<Output = Result<T>>,
) -> Result<T> {
    let settings = &state(req).settings;
    let started = req
        .extensions()
        .get::<RequestInfo>()
        .map_or_else(Instant::now, |received| received.at);
    let deadline = tokio::time::Instant::from_std(started + settings.request_timeout);
    tokio::time::timeout_at(deadline, receive)
        .await
        .unwrap_or_else(|_| {
            Err(Error::RequestTimeout {
                timeout_seconds: settings.request_timeout.as_secs_f64().ceil() as u64,
            })
        })
}

/// The body's length as declared; `Some(0)` where there is none, `None` where it comes in chunks.
fn declared_length(req: &HttpRequest) -> Option<usize> {
    if req.headers().contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    match req.headers().get(header::CONTENT_LENGTH) {
        None => Some(0),
        Some(length) => length.to_str().ok()?.parse().ok(),
    }
}

/// The body's media type in lower case without its parameters, and as it was given.
pub(super) fn media_type(req: &HttpRequest) -> (String, String) {
    let given = req
        .headers()
        .get(header::CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let given = given.unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default();
    (kind.trim().to_ascii_lowercase(), given)
}

fn check_is_json(req: &HttpRequest) -> Result<()> {
    let (kind, content_type) = media_type(req);
    let suffixed = kind.starts_with("application/") && kind.ends_with("+json");
    let json = kind == "application/json" || suffixed;
    if json {
        return Ok(());
    }
    Err(Error::UnsupportedMediaType {
        wanted: "application/json",
        content_type,
    })
}

async fn collect(
    mut payload: Payload,
    limit_bytes: usize,
    broken: impl Fn(PayloadError) -> Error,
) -> Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(&broken)?;
        if body.len() + chunk.len() > limit_bytes {
            return Err(Error::PayloadTooLarge { limit_bytes });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn not_whole(cause: PayloadError) -> Error {
    Error::InvalidJson {
        line: 1,
        column: 1,
        reason: format!("the body did not arrive whole: {cause}"),
    }
}

fn parse(bytes: &[u8]) -> Result<Value> {
    json::parse(bytes).map_err(|cause| {
        let message = cause.to_string();
        // serde_json ends its messages with the place, which has members of its own here.
        let reason = message
            .rsplit_once(" at line ")
            .map_or(message.as_str(), |(reason, _)| reason)
            .to_owned();
        Error::InvalidJson {
            line: cause.line(),
            column: cause.column(),
            reason,
        }
    })
}
