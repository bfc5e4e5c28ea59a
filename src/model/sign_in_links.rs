//! Sign-in links, which work once.

use serde::Deserialize;

use super::passwords::Password;

/// Milliseconds that a link works which is sent or printed on request: one hour.
pub const LIFE: i64 = 3_600_000;
/// Milliseconds that the owner's first link works: 24 hours.
pub const FIRST_LIFE: i64 = 24 * LIFE;

/// A request to send a sign-in link.
#[derive(Debug, Deserialize)]
pub struct LinkRequest {
    /// The email address, not yet normalized.
    pub email: String,
}

/// What a person who opens a link sends.
#[derive(Debug, Deserialize)]
pub struct Redemption {
    /// The new password, if the person wants one.
    pub password: Option<Password>,
}
