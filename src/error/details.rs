//! What the client is told about an error besides its code and message.

use serde_json::{Value, json};

use super::{BadCredential, Error};
use crate::model::plans::Limited;

impl Error {
    /// The same error with the usage before the change: while a change of several rows runs, its own rows count too.
    pub fn with_usage(self, before: &[(Limited, u64)]) -> Self {
        match self {
            Error::ResourceLimitExceeded {
                resource,
                limit,
                current,
            } => {
                let usage = before.iter().find(|(kind, _)| *kind == resource);
                Error::ResourceLimitExceeded {
                    resource,
                    limit,
                    current: usage.map_or(current, |(_, before)| *before),
                }
            }
            other => other,
        }
    }

    /// Returns the details for the client; `None` if the code has none. Those of an internal error contain the request
    /// id, so the HTTP layer adds them.
    pub fn details(&self) -> Option<Value> {
        Some(match self {
            Error::InvalidToken(BadCredential::Missing | BadCredential::Empty) => {
                json!({ "reason": "No token was sent as Authorization: Bearer …" })
            }
            Error::InvalidToken(BadCredential::Unknown)
            | Error::InvalidCredentials
            | Error::SessionExpired
            | Error::SignInLinkInvalid
            | Error::CardExpired
            | Error::Internal(..) => return None,
            Error::TokenExpired { expired_at } => json!({ "expired_at": expired_at }),
            Error::InsufficientScope { required, provided } => {
                json!({ "required": required, "provided": provided })
            }
            Error::NotTheAuthor { provided } => {
                json!({ "required": "author", "provided": provided })
            }
            Error::InsufficientRole { required, provided } => {
                json!({ "required": required, "provided": [provided] })
            }
            Error::CrossOriginRefused { origin } => json!({ "origin": origin }),
            Error::LastOwner { user_id } => json!({ "user_id": user_id }),
            Error::Missing { resource, id } => json!({ resource.id_name(): id }),
            Error::UnknownName {
                resource,
                name,
                path,
                ..
            } => json!({ resource.id_name(): name, "path": path }),
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
            Error::EventsExpired { oldest, latest } => {
                json!({ "oldest": oldest, "latest": latest })
            }
            Error::Conflict { fields, .. } => json!(fields),
            Error::ImportFailed { format, problems } => {
                let problem = |(path, message)| json!({ "path": path, "message": message });
                let problems: Vec<_> = problems.iter().map(|(a, b)| (a, b)).map(problem).collect();
                json!({ "format": format, "problems": problems })
            }
            Error::PreconditionFailed { current_etag } => json!({ "current_etag": current_etag }),
            Error::IdempotencyKeyReused { key } => json!({ "idempotency_key": key }),
            Error::RequestTimeout { timeout_seconds } => {
                json!({ "timeout_seconds": timeout_seconds })
            }
            Error::NotFound { method, path } => json!({ "method": method, "path": path }),
            Error::MethodNotAllowed { allowed } => json!({ "allowed": allowed }),
            Error::InEntry { path, cause } => {
                let mut details = cause.details().unwrap_or_else(|| json!({}));
                details["path"] = json!(path);
                details
            }
            Error::Unavailable(outage) => json!({ "reason": outage.as_str() }),
        })
    }
}
