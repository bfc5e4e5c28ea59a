//! The message of an error, for clients.

use std::fmt;

use super::{Code, Error};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::ResourceLimitExceeded { resource, .. } => {
                write!(f, "{} limit reached for your plan", resource.label())
            }
            Error::UnsupportedMediaType { wanted, .. } => {
                write!(f, "Request body must be {wanted}")
            }
            Error::QuotaExceeded {
                resource: Some("webhook_deliveries"),
                ..
            } => f.write_str("Monthly webhook delivery quota exceeded"),
            Error::QuotaExceeded {
                resource: Some(_), ..
            } => f.write_str("Monthly card quota exceeded"),
            Error::NotTheAuthor { .. } => f.write_str("Only the author can change a comment"),
            Error::InsufficientRole { required, .. } => {
                write!(f, "This change requires the role {}", required.as_str())
            }
            Error::UnknownName {
                resource,
                name,
                known,
                ..
            } => {
                let message = Code::missing(*resource).message();
                write!(f, "{message}: nothing is called {name:?}")?;
                match known.is_empty() {
                    true => Ok(()),
                    false => write!(f, ". There are {}", known.join(", ")),
                }
            }
            Error::Conflict { message, .. } => f.write_str(message),
            Error::InEntry { cause, .. } => cause.fmt(f),
            other => f.write_str(other.code().message()),
        }
    }
}
