//! Responses: objects under their name, lists under their plural name, and all errors in one envelope.

use actix_web::body::BoxBody;
use actix_web::http::{Method, StatusCode, Version, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder, ResponseError};
use futures_util::{Stream, stream};
use serde::Serialize;
use serde_json::{Value, json};

use super::etag;
use super::long::{LongBody, Start};
use crate::app::idempotency::PostResponse;
use crate::error::{BadCredential, Error, Result};
use crate::model::accounts::Account;
use crate::model::boards::{Board, BoardSummary};
use crate::model::cards::{CardResponse, CardSummary};
use crate::model::comments::Comment;
use crate::model::deliveries::Delivery;
use crate::model::email_accounts::EmailAccount;
use crate::model::imports::Import;
use crate::model::invitations::Invitation;
use crate::model::labels::Label;
use crate::model::lanes::Lane;
use crate::model::members::Member;
use crate::model::page::PageRows;
use crate::model::projects::{Project, ProjectSummary};
use crate::model::search::Hit;
use crate::model::subtasks::Subtask;
use crate::model::tasks::{Task, TaskSummary};
use crate::model::time::Timestamp;
use crate::model::tokens::Token;
use crate::model::usage::Usage;
use crate::model::webhooks::{RecoveryResponse, Webhook};

/// Marks a response that was sent before.
pub(super) const IDEMPOTENT_REPLAYED: header::HeaderName =
    header::HeaderName::from_static("idempotent-replayed");

/// An object that a response shows under a name.
pub(super) trait ResponseObject: Serialize + Send + 'static {
    /// The singular name.
    const NAME: &'static str;
    /// The plural name.
    const PLURAL: &'static str;
}

macro_rules! response_objects {
    ($($type:ident = $name:literal, $plural:literal;)*) => {$(
        impl ResponseObject for $type {
            const NAME: &'static str = $name;
            const PLURAL: &'static str = $plural;
        }
    )*};
}

response_objects! {
    Board = "board", "boards";
    BoardSummary = "board", "boards";
    Project = "project", "projects";
    ProjectSummary = "project", "projects";
    Label = "label", "labels";
    Lane = "lane", "lanes";
    Task = "task", "tasks";
    TaskSummary = "task", "tasks";
    Subtask = "subtask", "subtasks";
    Comment = "comment", "comments";
    Token = "token", "tokens";
    Account = "user", "users";
    Member = "member", "members";
    Invitation = "invitation", "invitations";
    CardResponse = "card", "cards";
    CardSummary = "card", "cards";
    EmailAccount = "email_account", "email_accounts";
    Webhook = "webhook", "webhooks";
    Delivery = "delivery", "deliveries";
    RecoveryResponse = "recovery", "recoveries";
    Import = "import", "imports";
    Hit = "result", "results";
    Usage = "usage", "usage";
}

/// A JSON response.
pub(super) struct JsonResponse {
    status: StatusCode,
    body: Body,
    etag: Option<String>,
    replayed: bool,
    secret: bool,
    cookie: Option<header::HeaderValue>,
}

enum Body {
    Whole(Vec<u8>),
    Long(LongBody),
}

impl JsonResponse {
    fn ok(body: Vec<u8>) -> Self {
        Self::with(Body::Whole(body))
    }

    fn with(body: Body) -> Self {
        Self {
            status: StatusCode::OK,
            body,
            etag: None,
            replayed: false,
            secret: false,
            cookie: None,
        }
    }

    /// Returns any value as JSON, without a name around it.
    pub(super) fn of(body: &impl Serialize) -> Result<Self> {
        Ok(Self::ok(serde_json::to_vec(body).map_err(unserializable)?))
    }

    /// Returns what was read, or the beginning of it.
    pub(super) fn started(start: Start) -> Self {
        Self::with(match start {
            Start::Whole(body) => Body::Whole(body),
            Start::Long(body) => Body::Long(body),
        })
    }

    /// Returns one object with its ETag.
    pub(super) fn tagged(body: Vec<u8>) -> Self {
        Self {
            etag: Some(etag::of(&body)),
            ..Self::ok(body)
        }
    }

    /// Returns one object that has no ETag.
    pub(super) fn object<T: ResponseObject>(object: &T) -> Result<Self> {
        Ok(Self::ok(one(object)?))
    }

    /// Returns a page of a list, with the cursor of the next page.
    pub(super) fn list<T: ResponseObject>(slice: &PageRows<T>) -> Result<Self> {
        let mut body = Vec::with_capacity(64 + slice.rows.len() * 256);
        body.extend_from_slice(format!("{{\"{}\":", T::PLURAL).as_bytes());
        serde_json::to_writer(&mut body, &slice.rows).map_err(unserializable)?;
        body.extend_from_slice(b",\"next_cursor\":");
        serde_json::to_writer(&mut body, &slice.next_cursor).map_err(unserializable)?;
        body.push(b'}');
        Ok(Self::ok(body))
    }

    /// Returns the confirmation of a deletion. It is never empty, because clients parse JSON after every call.
    pub(super) fn deleted(id: &impl Serialize) -> Self {
        Self::ok(
            json!({ "deleted": true, "id": id })
                .to_string()
                .into_bytes(),
        )
    }

    /// Sets or deletes a cookie. Such a response is not cached.
    pub(super) fn with_cookie(self, cookie: header::HeaderValue) -> Self {
        Self {
            cookie: Some(cookie),
            secret: true,
            ..self
        }
    }

    /// Sets the status of a success.
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Returns the response to a POST, new or stored. The ETag is that of the object without its secret, because other
    /// responses show the object without it.
    pub(super) fn from_post(response: PostResponse, tagged: bool) -> Self {
        let shown = response.without_secret.as_ref().unwrap_or(&response.body);
        Self {
            status: StatusCode::from_u16(response.status).unwrap_or(StatusCode::OK),
            etag: tagged.then(|| etag::of(shown)),
            replayed: response.replayed,
            secret: response.without_secret.is_some(),
            cookie: None,
            body: Body::Whole(response.body),
        }
    }
}

impl Responder for JsonResponse {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(etag) = self.etag {
            let known = req.method().is_safe() && etag::is_known(req, &etag);
            response.insert_header((header::ETAG, etag));
            if known {
                return response.status(StatusCode::NOT_MODIFIED).finish();
            }
        }
        if self.replayed {
            response.insert_header((IDEMPOTENT_REPLAYED, "true"));
        }
        if let Some(cookie) = self.cookie {
            response.insert_header((header::SET_COOKIE, cookie));
        }
        if self.secret {
            response.insert_header((header::CACHE_CONTROL, "no-store"));
        }
        response.content_type("application/json");
        match self.body {
            Body::Whole(body) => response.body(body),
            Body::Long(body) => streaming(req, response, body),
        }
    }
}

/// Responds with a body of unknown length.
pub(super) fn streaming<S, E>(
    request: &HttpRequest,
    mut response: HttpResponseBuilder,
    body: S,
) -> HttpResponse
where
    S: Stream<Item = Result<Bytes, E>> + 'static,
    E: Into<Box<dyn std::error::Error>> + 'static,
{
    let mut response = match *request.method() {
        // The server would read the body to its end.
        Method::HEAD => response.streaming(stream::empty::<Result<Bytes, E>>()),
        _ => response.streaming(body),
    };
    // HTTP/1.0 has no chunks, so the body ends with the connection.
    if request.version() < Version::HTTP_11 {
        response.head_mut().no_chunking(true);
    }
    response
}

/// Renders one object under its name.
pub(super) fn one<T: ResponseObject>(object: &T) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(512);
    for part in ["{\"", T::NAME, "\":"] {
        body.extend_from_slice(part.as_bytes());
    }
    serde_json::to_writer(&mut body, object).map_err(unserializable)?;
    body.push(b'}');
    Ok(body)
}

fn unserializable(cause: serde_json::Error) -> Error {
    Error::internal("a response could not be serialized", cause)
}

/// The handler returns only the status. `observe` adds the envelope, because it knows the request.
impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Error::InvalidToken(_) | Error::TokenExpired { .. } => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            Error::MethodNotAllowed { allowed } => {
                response.insert_header((header::ALLOW, allowed.join(", ")));
            }
            // The rest of such a body is not read.
            Error::RequestTimeout { .. } | Error::PayloadTooLarge { .. } => {
                response.force_close();
            }
            _ => {}
        }
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        response.finish()
    }
}

/// The envelope of every error. On the card integration API and the pages of cards, three more fields stand next to
/// `error`, because that product's clients read them.
#[derive(Serialize)]
struct Envelope<'e> {
    error: Inner<'e>,
    #[serde(flatten)]
    beside: Option<Beside<'e>>,
}

#[derive(Serialize)]
struct Inner<'e> {
    code: &'static str,
    message: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Value>,
    /// The product's documentation shows the quota both here and in the details, so both are sent.
    #[serde(flatten)]
    quota: Option<QuotaFigures>,
}

#[derive(Serialize)]
struct QuotaFigures {
    limit: u64,
    reset: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Beside<'e> {
    message: &'e str,
    status_code: u16,
    timestamp: String,
}

/// The card product's message for an error.
fn card_message(error: &Error) -> String {
    match error {
        Error::InvalidToken(BadCredential::Missing) => {
            "Authorization header with Bearer token required".to_owned()
        }
        Error::InvalidToken(BadCredential::Empty) => "Bearer token is empty".to_owned(),
        Error::InvalidToken(BadCredential::Unknown) => {
            "Invalid bearer token - user not found".to_owned()
        }
        Error::InvalidRequest(fields) if fields.len() == 1 => {
            fields.values().next().cloned().unwrap_or_default()
        }
        other => other.to_string(),
    }
}

/// Renders the envelope of an error for a request with this id and path.
pub(super) fn envelope(error: &Error, request_id: &str, path: &str) -> Vec<u8> {
    let on_card_api = is_of_cards(path);
    let message = &match on_card_api {
        true => card_message(error),
        false => error.to_string(),
    };
    let details = match error {
        Error::Internal(..) => Some(json!({ "request_id": request_id })),
        other => other.details(),
    };
    let quota = match *error {
        Error::QuotaExceeded { limit, reset, .. } => Some(QuotaFigures { limit, reset }),
        _ => None,
    };
    let status_code = error.code().status();
    let beside = on_card_api.then(|| Beside {
        message,
        status_code,
        timestamp: Timestamp::now().with_millis(),
    });
    let error = Inner {
        code: error.code().as_str(),
        message,
        details,
        quota,
    };
    serde_json::to_vec(&Envelope { error, beside }).unwrap_or_else(|cause| {
        tracing::error!(%cause, "an error could not be serialized");
        br#"{"error":{"code":"internal_error","message":"Something went wrong"}}"#.to_vec()
    })
}

/// Whether the path belongs to the card product: its API and the public pages of cards.
fn is_of_cards(path: &str) -> bool {
    let first = path.split('/').nth(1);
    first.is_some_and(|first| ["api", "view", "unsubscribe", "subscribe"].contains(&first))
}
