//! Sessions: signing in and out.

use crate::error::{Error, Result};
use crate::model::ids::{SessionId, UserId};
use crate::model::passwords::PasswordHash;
use crate::model::secrets::Secret;
use crate::model::sessions::{Session, SignedIn, expiry};
use crate::model::time::Timestamp;
use crate::store::{Tx, passwords, sessions};

/// Signs a user in. Returns the session and the value of its cookie.
///
/// # Errors
/// Database errors only.
pub fn open(tx: &Tx<'_>, user: UserId, user_agent: Option<&str>) -> Result<(SignedIn, Secret)> {
    let (cookie, now) = (Secret::generate()?, Timestamp::now());
    let session = Session {
        id: SessionId::new(),
        user_agent: user_agent.map(str::to_owned),
        is_current: true,
        last_used_at: now,
        created_at: now,
        expires_at: expiry(now, now),
    };
    sessions::insert(tx, user, &session, &cookie.digest())?;
    Ok((sessions::signed_in(tx, session.id)?, cookie))
}

/// Signs a user in whose password was verified against this hash. A new hash replaces an outdated one.
///
/// # Errors
/// `invalid_credentials` if the password was changed in the meantime.
pub fn sign_in(
    tx: &Tx<'_>,
    user: UserId,
    verified: &PasswordHash,
    renewed: Option<&PasswordHash>,
    user_agent: Option<&str>,
) -> Result<(SignedIn, Secret)> {
    if passwords::get(tx, user)?.as_ref() != Some(verified) {
        return Err(Error::InvalidCredentials);
    }
    if let Some(hash) = renewed {
        passwords::put(tx, user, hash, Timestamp::now())?;
    }
    open(tx, user, user_agent)
}

/// Ends a session of a user.
///
/// # Errors
/// `session_not_found`.
pub fn end(tx: &Tx<'_>, user: UserId, id: SessionId) -> Result<()> {
    sessions::delete(tx, user, id)
}

/// Ends all sessions of a user, and returns how many.
///
/// # Errors
/// Database errors only.
pub fn end_all(tx: &Tx<'_>, user: UserId) -> Result<usize> {
    sessions::delete_others(tx, user, None)
}
