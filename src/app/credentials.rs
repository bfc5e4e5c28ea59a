//! Verifies credentials inside a change, because a change may run long after its request was authenticated.

use crate::error::{BadCredential, Error, Result};
use crate::model::credentials::{Caller, Credential};
use crate::model::ids::TokenId;
use crate::model::scopes::Scope;
use crate::model::time::Timestamp;
use crate::store::{Conn, integration_keys, tokens};

/// Returns the caller with the current state of the credential, read in the transaction of the change.
///
/// # Errors
/// `invalid_token` if the credential was revoked since, `token_expired`, `insufficient_scope`.
pub fn verify(conn: &Conn, caller: Caller, required: Scope) -> Result<Caller> {
    match caller.credential {
        Credential::Token { id, expires_at, .. } => {
            verify_token(conn, caller, id, expires_at, required)
        }
        // A key's scopes depend on the workspace and are checked there.
        Credential::Key { id } => match integration_keys::exists(conn, id)? {
            true => Ok(caller),
            false => Err(Error::InvalidToken(BadCredential::Unknown)),
        },
    }
}

fn verify_token(
    conn: &Conn,
    caller: Caller,
    id: TokenId,
    expires_at: Timestamp,
    required: Scope,
) -> Result<Caller> {
    let scopes = tokens::scopes(conn, caller.workspace_id, id)?
        .ok_or(Error::InvalidToken(BadCredential::Unknown))?;
    if expires_at <= Timestamp::now() {
        return Err(Error::TokenExpired {
            expired_at: expires_at,
        });
    }
    if !scopes.allow(required) {
        return Err(Error::InsufficientScope {
            required,
            provided: scopes,
        });
    }
    Ok(Caller { scopes, ..caller })
}
