//! Errors of requests. The catalog has every code with its status and message; [`Error`] carries the details.
//! Independent of HTTP: `http::response` turns an [`Error`] into a response.
//!
//! A new code needs one line in `codes.rs`, one variant here, and one schema in `schema/api/errors.json`.

mod codes;
mod details;
mod display;
pub mod failure;
mod missing;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::Arc;

pub use self::codes::Code;
use crate::model::ids::{CardId, IntegrationId, Resource, UserId};
use crate::model::plans::Limited;
use crate::model::scopes::{Role, Scope, Scopes};
use crate::model::time::Timestamp;

/// Invalid fields by name, each with its message.
pub type Fields = BTreeMap<String, String>;

/// Why the service is temporarily unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// The server is stopping.
    ShuttingDown,
    /// Another program holds the database, or a read took too long.
    DatabaseBusy,
    /// The disk is full.
    StorageFull,
    /// The queue of the writer is full, or too many connections or streams are open.
    Overloaded,
}

impl Outage {
    /// The reason in `details.reason`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outage::ShuttingDown => "shutting_down",
            Outage::DatabaseBusy => "database_busy",
            Outage::StorageFull => "storage_full",
            Outage::Overloaded => "overloaded",
        }
    }

    /// Seconds after which clients should retry.
    pub const fn retry_after(self) -> u64 {
        match self {
            Outage::StorageFull => 30,
            Outage::ShuttingDown => 5,
            Outage::DatabaseBusy | Outage::Overloaded => 1,
        }
    }
}

/// What is wrong with a credential. Only responses of the card integration API distinguish these cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCredential {
    /// No `Authorization: Bearer` header.
    Missing,
    /// `Bearer` without a credential.
    Empty,
    /// Malformed, unknown or revoked.
    Unknown,
}

/// An error of a request, with what the client may know about it.
///
/// `Display` is for clients. The internal cause is only in `source()`, and is logged once.
#[derive(Clone, Debug)]
pub enum Error {
    /// The credential is missing, malformed, unknown or revoked.
    InvalidToken(BadCredential),
    /// The credential has expired.
    TokenExpired {
        /// The expiry.
        expired_at: Timestamp,
    },
    /// The credential lacks the scope.
    InsufficientScope {
        /// The required scope.
        required: Scope,
        /// The scopes that the user's role allows.
        provided: Scopes,
    },
    /// Only the author may do this.
    NotTheAuthor {
        /// The scopes that the user's role allows. None of them is enough.
        provided: Scopes,
    },
    /// The user's role does not allow this change of another person's role.
    InsufficientRole {
        /// The required role.
        required: Role,
        /// The user's role.
        provided: Role,
    },
    /// The email address or the password is wrong. Responses do not distinguish these cases.
    InvalidCredentials,
    /// The session has ended, or never existed.
    SessionExpired,
    /// The link was used, has expired or never existed.
    SignInLinkInvalid,
    /// The request was sent by a page of another site.
    CrossOriginRefused {
        /// The origin of the page; empty if it is unknown.
        origin: String,
    },
    /// The change would leave the workspace without an owner.
    LastOwner {
        /// The owner.
        user_id: UserId,
    },
    /// The object does not exist or belongs to another workspace. Responses do not distinguish these cases.
    Missing {
        /// Its kind.
        resource: Resource,
        /// The id.
        id: String,
    },
    /// No object of the workspace has this name.
    UnknownName {
        /// Its kind.
        resource: Resource,
        /// The name.
        name: String,
        /// The path of the field that names it.
        path: String,
        /// Names that exist.
        known: Vec<String>,
    },
    /// Fields or parameters violate the contract. All of them are listed.
    InvalidRequest(Fields),
    /// An id is not a UUID.
    InvalidUuid {
        /// The name of the field or parameter.
        field: String,
        /// The given value.
        value: String,
    },
    /// The body is not JSON.
    InvalidJson {
        /// The line, starting at 1.
        line: usize,
        /// The column; 0 if the error is before the first character of a line.
        column: usize,
        /// The syntax error.
        reason: String,
    },
    /// The media type of the body is not supported.
    UnsupportedMediaType {
        /// The supported media types, for messages.
        wanted: &'static str,
        /// The given media type; empty if there is none.
        content_type: String,
    },
    /// The body is too large.
    PayloadTooLarge {
        /// The limit in bytes.
        limit_bytes: usize,
    },
    /// The monthly quota is used up.
    QuotaExceeded {
        /// The name of the quota, if it is not that of API calls.
        resource: Option<&'static str>,
        /// The quota per month.
        limit: u64,
        /// How many were counted. It exceeds the quota if the quota was lowered.
        used: u64,
        /// The start of the next month.
        reset: Timestamp,
        /// Seconds until then.
        retry_after: u64,
    },
    /// The credential made too many calls in a short time.
    RateLimited {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// The plan's limit is reached.
    ResourceLimitExceeded {
        /// The limited kind.
        resource: Limited,
        /// The plan's limit.
        limit: u64,
        /// How many exist.
        current: u64,
    },
    /// The card already has an integration configuration.
    IntegrationConfigExists {
        /// The id of the existing configuration.
        integration_id: IntegrationId,
        /// The card.
        card_id: CardId,
    },
    /// The card has no integration configuration.
    IntegrationConfigMissing {
        /// The card.
        card_id: CardId,
    },
    /// The address has unsubscribed from the workspace's cards.
    RecipientUnsubscribed {
        /// The address.
        email: String,
    },
    /// The card of a recipient's link was deleted.
    CardExpired,
    /// The requested events are no longer in the journal, or do not exist yet.
    EventsExpired {
        /// The sequence of the oldest event that is kept.
        oldest: i64,
        /// The sequence of the newest event.
        latest: i64,
    },
    /// The change conflicts with something that already exists.
    Conflict {
        /// The message for people.
        message: String,
        /// The conflicting fields, by name.
        fields: Fields,
    },
    /// A file cannot be imported.
    ImportFailed {
        /// The format, if it is known.
        format: Option<String>,
        /// What is wrong: paths in the file, with messages.
        problems: Vec<(String, String)>,
    },
    /// `If-Match` names another state than the current one.
    PreconditionFailed {
        /// The current ETag.
        current_etag: String,
    },
    /// The idempotency key was used before with another request body.
    IdempotencyKeyReused {
        /// The key.
        key: String,
    },
    /// The body did not arrive in time.
    RequestTimeout {
        /// The limit in seconds.
        timeout_seconds: u64,
    },
    /// No route has this path.
    NotFound {
        /// The request method.
        method: String,
        /// The request path.
        path: String,
    },
    /// The path does not support the method.
    MethodNotAllowed {
        /// The methods that it supports.
        allowed: Vec<&'static str>,
    },
    /// An entry of a batch failed.
    InEntry {
        /// The path of the entry, such as `update[3]`.
        path: String,
        /// Its error.
        cause: Box<Error>,
    },
    /// An internal error. The cause is only logged.
    Internal(Cow<'static, str>, Option<Arc<dyn StdError + Send + Sync>>),
    /// The service is temporarily unavailable.
    Unavailable(Outage),
}

/// The result of an operation that can fail with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Returns both values. If fields failed in both, the error has them all.
///
/// # Errors
/// Those of the two results.
pub fn both<A, B>(one: Result<A>, other: Result<B>) -> Result<(A, B)> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(Error::InvalidRequest(mut fields)), Err(Error::InvalidRequest(more))) => {
            fields.extend(more);
            Err(Error::InvalidRequest(fields))
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

impl Error {
    /// Creates an internal error with its cause for the log.
    pub fn internal(context: &'static str, cause: impl StdError + Send + Sync + 'static) -> Self {
        Error::Internal(context.into(), Some(Arc::new(cause)))
    }

    /// Creates an internal error without an underlying cause.
    pub fn bug(context: impl Into<Cow<'static, str>>) -> Self {
        Error::Internal(context.into(), None)
    }

    /// Creates an error for one invalid field.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        Error::InvalidRequest(Fields::from([(name.to_owned(), message.into())]))
    }

    /// The same error with the path of the entry of a batch that caused it. Errors that concern the whole request stay
    /// as they are.
    pub fn in_entry(self, path: &str) -> Self {
        match self {
            Error::InvalidRequest(fields) => {
                let fields = fields.into_iter();
                let fields = fields.map(|(name, message)| (format!("{path}.{name}"), message));
                Error::InvalidRequest(fields.collect())
            }
            Error::Missing { .. } | Error::ResourceLimitExceeded { .. } => Error::InEntry {
                path: path.to_owned(),
                cause: Box::new(self),
            },
            other => other,
        }
    }

    /// Returns the error code.
    pub fn code(&self) -> Code {
        match self {
            Error::InvalidToken(_) => Code::InvalidToken,
            Error::TokenExpired { .. } => Code::TokenExpired,
            Error::InsufficientScope { .. } | Error::NotTheAuthor { .. } => Code::InsufficientScope,
            Error::InsufficientRole { .. } => Code::InsufficientScope,
            Error::InvalidCredentials => Code::InvalidCredentials,
            Error::SessionExpired => Code::SessionExpired,
            Error::SignInLinkInvalid => Code::SignInLinkInvalid,
            Error::CrossOriginRefused { .. } => Code::CrossOriginRefused,
            Error::LastOwner { .. } => Code::LastOwner,
            Error::Missing { resource, .. } | Error::UnknownName { resource, .. } => {
                Code::missing(*resource)
            }
            Error::InvalidRequest(_) => Code::InvalidRequest,
            Error::InvalidUuid { .. } => Code::InvalidUuid,
            Error::InvalidJson { .. } => Code::InvalidJson,
            Error::UnsupportedMediaType { .. } => Code::UnsupportedMediaType,
            Error::PayloadTooLarge { .. } => Code::PayloadTooLarge,
            Error::QuotaExceeded { .. } => Code::QuotaExceeded,
            Error::RateLimited { .. } => Code::RateLimited,
            Error::ResourceLimitExceeded { .. } => Code::ResourceLimitExceeded,
            Error::IntegrationConfigExists { .. } => Code::IntegrationConfigExists,
            Error::IntegrationConfigMissing { .. } => Code::IntegrationConfigMissing,
            Error::RecipientUnsubscribed { .. } => Code::RecipientUnsubscribed,
            Error::CardExpired => Code::CardExpired,
            Error::EventsExpired { .. } => Code::EventsExpired,
            Error::Conflict { .. } => Code::Conflict,
            Error::ImportFailed { .. } => Code::ImportFailed,
            Error::PreconditionFailed { .. } => Code::PreconditionFailed,
            Error::IdempotencyKeyReused { .. } => Code::IdempotencyKeyReused,
            Error::RequestTimeout { .. } => Code::RequestTimeout,
            Error::NotFound { .. } => Code::NotFound,
            Error::MethodNotAllowed { .. } => Code::MethodNotAllowed,
            Error::InEntry { cause, .. } => cause.code(),
            Error::Internal(..) => Code::InternalError,
            Error::Unavailable(_) => Code::ServiceUnavailable,
        }
    }

    /// Returns the seconds after which a retry makes sense, if it does.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Error::QuotaExceeded { retry_after, .. } | Error::RateLimited { retry_after } => {
                Some(*retry_after)
            }
            Error::Unavailable(outage) => Some(outage.retry_after()),
            _ => None,
        }
    }
}

impl From<getrandom::Error> for Error {
    fn from(cause: getrandom::Error) -> Self {
        Error::internal("no random bytes for an id", cause)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Error::Internal(_, Some(cause)) => Some(cause.as_ref()),
            _ => None,
        }
    }
}
