//! The error catalogue: every code a client can meet, with its status and its sentence, and the one enum that carries
//! what a failure has to tell. No HTTP types here; `http::reply` turns an [`Error`] into an answer.
//!
//! Adding a code is one line in `codes.rs`, one variant, one schema in `schema/api/errors.json`.

mod codes;
pub mod failure;
mod missing;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::Arc;

use serde_json::{Value, json};

pub use self::codes::Code;
use crate::model::ids::{CardId, IntegrationId, RecipientId, Resource};
use crate::model::plans::Limited;
use crate::model::scopes::{Scope, Scopes};
use crate::model::time::Timestamp;

/// Failing fields by name, each with its message.
pub type Fields = BTreeMap<String, String>;

/// Why the service is not available for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// The server is stopping.
    ShuttingDown,
    /// Another program holds the database, or a read took too long.
    DatabaseBusy,
    /// The disk is full.
    StorageFull,
    /// More writes wait than the server is willing to queue.
    Overloaded,
}

impl Outage {
    /// The reason as it stands in `details.reason`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outage::ShuttingDown => "shutting_down",
            Outage::DatabaseBusy => "database_busy",
            Outage::StorageFull => "storage_full",
            Outage::Overloaded => "overloaded",
        }
    }

    /// Seconds after which a new try makes sense.
    pub const fn retry_after(self) -> u64 {
        match self {
            Outage::StorageFull => 30,
            Outage::ShuttingDown => 5,
            Outage::DatabaseBusy | Outage::Overloaded => 1,
        }
    }
}

/// What is wrong with a credential. Only the card integration API tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCredential {
    /// No `Authorization: Bearer` header.
    Missing,
    /// `Bearer` with nothing after it.
    Empty,
    /// Malformed, unknown or revoked.
    Unknown,
}

/// Everything that can go wrong with a request, with what a client may know about it.
///
/// `Display` is what a client may read; a cause that is nobody's business lives in `source()` and is logged once.
#[derive(Clone, Debug)]
pub enum Error {
    /// Missing, malformed, unknown or revoked credential.
    InvalidToken(BadCredential),
    /// The credential was good until this moment.
    TokenExpired {
        /// When it ended.
        expired_at: Timestamp,
    },
    /// The credential is good but does not reach this far.
    InsufficientScope {
        /// The scope that the operation asks for.
        required: Scope,
        /// What the credential can do after its user's role is taken into account.
        provided: Scopes,
    },
    /// The named thing does not exist or belongs to another workspace: the two look alike.
    Missing {
        /// Its kind.
        resource: Resource,
        /// The id.
        id: String,
    },
    /// Members or parameters that break the contract: all of them at once.
    InvalidRequest(Fields),
    /// An id that is no UUID.
    InvalidUuid {
        /// The member's or the parameter's name.
        field: String,
        /// What was given.
        value: String,
    },
    /// The body is not JSON.
    InvalidJson {
        /// 1-based line.
        line: usize,
        /// Column; 0 where the parser stopped before a line's first character.
        column: usize,
        /// What the parser met.
        reason: String,
    },
    /// The body is of another media type.
    UnsupportedMediaType {
        /// The types that are wanted, as a list in words.
        wanted: &'static str,
        /// The type that was given; empty for none.
        content_type: String,
    },
    /// The body is larger than the server takes.
    PayloadTooLarge {
        /// The limit in bytes.
        limit_bytes: usize,
    },
    /// What the plan includes for the month is used up.
    QuotaExceeded {
        /// Of what, where it is not the API's calls.
        resource: Option<&'static str>,
        /// How much a month includes.
        limit: u64,
        /// What was counted; more than the limit where that was lowered meanwhile.
        used: u64,
        /// When the next month begins.
        reset: Timestamp,
        /// Seconds until then.
        retry_after: u64,
    },
    /// Too many calls in a short time with one credential.
    RateLimited {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// The plan has no room for one more.
    ResourceLimitExceeded {
        /// Of what.
        resource: Limited,
        /// How many the plan allows.
        limit: u64,
        /// How many there are.
        current: u64,
    },
    /// The card has an integration configuration already.
    IntegrationConfigExists {
        /// The one that it has.
        integration_id: IntegrationId,
        /// The card.
        card_id: CardId,
    },
    /// The card has no integration configuration.
    IntegrationConfigMissing {
        /// The card.
        card_id: CardId,
    },
    /// The address wants no more cards from the workspace.
    RecipientUnsubscribed {
        /// The address.
        email: String,
    },
    /// The card that a recipient's link led to is gone.
    CardExpired {
        /// The recipient.
        recipient_id: RecipientId,
    },
    /// The journal no longer keeps the events that were asked for, or never had them.
    EventsExpired {
        /// The sequence of the oldest event that is kept.
        oldest: i64,
        /// The sequence of the newest event.
        latest: i64,
    },
    /// Something that already exists stands in the way.
    Conflict {
        /// A sentence for a person.
        message: String,
        /// What clashes, by name.
        fields: Fields,
    },
    /// `If-Match` named another state than the present one.
    PreconditionFailed {
        /// The present one.
        current_etag: String,
    },
    /// The idempotency key was used before with another body.
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
        /// The request's method.
        method: String,
        /// The request's path.
        path: String,
    },
    /// The path exists, the method on it does not.
    MethodNotAllowed {
        /// The methods that do.
        allowed: Vec<&'static str>,
    },
    /// Our fault. The cause goes to the log only.
    Internal(Cow<'static, str>, Option<Arc<dyn StdError + Send + Sync>>),
    /// Not our fault, and over soon.
    Unavailable(Outage),
}

/// The result of everything that can fail towards a client.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A fault of ours, with its cause for the log.
    pub fn internal(context: &'static str, cause: impl StdError + Send + Sync + 'static) -> Self {
        Error::Internal(context.into(), Some(Arc::new(cause)))
    }

    /// A fault of ours that has no cause beneath it.
    pub fn bug(context: impl Into<Cow<'static, str>>) -> Self {
        Error::Internal(context.into(), None)
    }

    /// One failing field.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        Error::InvalidRequest(Fields::from([(name.to_owned(), message.into())]))
    }

    /// Its place in the catalogue.
    pub fn code(&self) -> Code {
        match self {
            Error::InvalidToken(_) => Code::InvalidToken,
            Error::TokenExpired { .. } => Code::TokenExpired,
            Error::InsufficientScope { .. } => Code::InsufficientScope,
            Error::Missing { resource, .. } => Code::missing(*resource),
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
            Error::CardExpired { .. } => Code::CardExpired,
            Error::EventsExpired { .. } => Code::EventsExpired,
            Error::Conflict { .. } => Code::Conflict,
            Error::PreconditionFailed { .. } => Code::PreconditionFailed,
            Error::IdempotencyKeyReused { .. } => Code::IdempotencyKeyReused,
            Error::RequestTimeout { .. } => Code::RequestTimeout,
            Error::NotFound { .. } => Code::NotFound,
            Error::MethodNotAllowed { .. } => Code::MethodNotAllowed,
            Error::Internal(..) => Code::InternalError,
            Error::Unavailable(_) => Code::ServiceUnavailable,
        }
    }

    /// What a client may know beyond the code; `None` where the code has no details. Those of an internal error need
    /// the request's id, which only the HTTP layer knows.
    pub fn details(&self) -> Option<Value> {
        Some(match self {
            Error::InvalidToken(BadCredential::Missing | BadCredential::Empty) => {
                json!({ "reason": "No token was sent as Authorization: Bearer …" })
            }
            Error::InvalidToken(BadCredential::Unknown) | Error::Internal(..) => return None,
            Error::TokenExpired { expired_at } => json!({ "expired_at": expired_at }),
            Error::InsufficientScope { required, provided } => {
                json!({ "required": required, "provided": provided })
            }
            Error::Missing { resource, id } => json!({ resource.id_name(): id }),
            Error::InvalidRequest(fields) => json!({ "fields": fields }),
            Error::InvalidUuid { field, value } => json!({ "field": field, "value": value }),
            Error::InvalidJson {
                line,
                column,
                reason,
            } => {
                json!({ "line": line, "column": column, "reason": reason })
            }
            Error::UnsupportedMediaType { content_type, .. } => {
                json!({ "content_type": content_type })
            }
            Error::PayloadTooLarge { limit_bytes } => json!({ "limit_bytes": limit_bytes }),
            Error::QuotaExceeded {
                resource,
                limit,
                used,
                reset,
                ..
            } => {
                let mut details = json!({ "limit": limit, "used": used, "reset": reset });
                if let Some(resource) = resource {
                    details["resource"] = json!(resource);
                }
                details
            }
            Error::RateLimited { retry_after } => json!({ "retry_after": retry_after }),
            Error::ResourceLimitExceeded {
                resource,
                limit,
                current,
            } => {
                json!({ "resource": resource, "limit": limit, "current": current })
            }
            Error::IntegrationConfigExists {
                integration_id,
                card_id,
            } => {
                json!({ "integration_id": integration_id, "card_id": card_id })
            }
            Error::IntegrationConfigMissing { card_id } => json!({ "card_id": card_id }),
            Error::RecipientUnsubscribed { email } => json!({ "email": email }),
            Error::CardExpired { recipient_id } => json!({ "recipient_id": recipient_id }),
            Error::EventsExpired { oldest, latest } => {
                json!({ "oldest": oldest, "latest": latest })
            }
            Error::Conflict { fields, .. } => json!(fields),
            Error::PreconditionFailed { current_etag } => json!({ "current_etag": current_etag }),
            Error::IdempotencyKeyReused { key } => json!({ "idempotency_key": key }),
            Error::RequestTimeout { timeout_seconds } => {
                json!({ "timeout_seconds": timeout_seconds })
            }
            Error::NotFound { method, path } => json!({ "method": method, "path": path }),
            Error::MethodNotAllowed { allowed } => json!({ "allowed": allowed }),
            Error::Unavailable(outage) => json!({ "reason": outage.as_str() }),
        })
    }

    /// Seconds after which a new try makes sense, where waiting helps.
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

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::ResourceLimitExceeded { resource, .. } => {
                write!(f, "{} limit reached for your plan", resource.label())
            }
            Error::UnsupportedMediaType { wanted, .. } => {
                write!(f, "Request body must be {wanted}")
            }
            Error::QuotaExceeded {
                resource: Some(_), ..
            } => f.write_str("Monthly card quota exceeded"),
            Error::Conflict { message, .. } => f.write_str(message),
            other => f.write_str(other.code().message()),
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
