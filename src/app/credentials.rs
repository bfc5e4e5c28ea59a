//! Credentials inside a change: a request may have shown its credential long before the change's turn comes.

use crate::error::{BadCredential, Error, Result};
use crate::model::credentials::{Caller, Credential};
use crate::model::ids::TokenId;
use crate::model::scopes::Scope;
use crate::model::time::Timestamp;
use crate::store::{Conn, integration_keys, tokens};

/// The caller as the credential stands now, in the transaction of the change.
///
/// # Errors
/// `invalid_token` if the credential was revoked meanwhile, `token_expired`, `insufficient_scope`.
pub fn verify(conn: &Conn, caller: Caller, required: Scope) -> Result<Caller> {
    match caller.credential {
        Credential::Token { id, expires_at, .. } => {
            verify_token(conn, caller, id, expires_at, required)
        }
        // How far a key reaches depends on the workspace, and is checked with it.
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
