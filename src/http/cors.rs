//! Which web pages of other origins may call the API.

use actix_cors::Cors;
use actix_web::http::header::{ETAG, RETRY_AFTER};

use super::observe::{X_RATELIMIT_LIMIT, X_RATELIMIT_REMAINING, X_RATELIMIT_RESET, X_REQUEST_ID};
use super::response::IDEMPOTENT_REPLAYED;

/// The CORS headers for pages of these origins; `*` allows every origin.
pub(crate) fn cors(origins: &[String]) -> Cors {
    let open = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "idempotency-key",
            "if-match",
            "if-none-match",
            "last-event-id",
            "mcp-method",
            "mcp-name",
            "mcp-protocol-version",
            "x-request-id",
        ])
        .expose_headers([
            X_RATELIMIT_LIMIT,
            X_RATELIMIT_REMAINING,
            X_RATELIMIT_RESET,
            X_REQUEST_ID,
            IDEMPOTENT_REPLAYED,
            ETAG,
            RETRY_AFTER,
        ])
        .max_age(3600);
    origins.iter().fold(open, |open, origin| {
        if origin == "*" {
            open.allow_any_origin()
        } else {
            open.allowed_origin(origin)
        }
    })
}
