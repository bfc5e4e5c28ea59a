//! Checking passwords within the limits of failed sign-ins.

use super::call::Call;
use super::request::client_address;
use crate::error::Result;
use crate::model::passwords::{Password, PasswordHash};

/// Whether a password is that of a hash. Without a hash it takes as long, and is `false`. Failures count for `account` and for
/// the client.
///
/// # Errors
/// `rate_limited` if too many attempts have failed, `service_unavailable` if too many wait.
pub(super) async fn matches(
    call: &Call,
    account: &str,
    password: Password,
    hash: Option<PasswordHash>,
) -> Result<bool> {
    let (state, client) = (call.state(), client_address(&call.0));
    state.sign_in_limits.check(account, client)?;
    // An attempt has a place in the queue of the hashes from here on, so few can wait for their turn.
    let place = state.passwords.queue()?;
    let attempt = state.sign_in_limits.begin(account, client).await?;
    // A wrong password counts as soon as it is known, even if the client is gone.
    let check = move || {
        let matches = password.matches(hash.as_ref());
        if !matches {
            attempt.fail();
        }
        matches
    };
    state.passwords.run(place, check).await
}
