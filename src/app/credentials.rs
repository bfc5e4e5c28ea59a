//! Verifies credentials inside a change, because a change may run long after its request was authenticated.

use crate::error::{BadCredential, Error, Result};
use crate::model::context::Actor;
use crate::model::credentials::{Caller, Credential};
use crate::model::ids::SessionId;
use crate::model::scopes::{Role, Scope, Scopes};
use crate::model::time::Timestamp;
use crate::store::{Conn, callers, integration_keys, members, sessions};

/// Returns the caller with the current scopes of the credential, and who acts with it, read in the transaction of the
/// change.
///
/// # Errors
/// `invalid_token` or `session_expired` if the credential was revoked since, `token_expired`, `insufficient_scope`,
/// `workspace_not_found` if the person of a session is no longer a member.
pub fn verify(conn: &Conn, caller: Caller, required: Scope) -> Result<(Caller, Actor)> {
    let unknown = || Error::InvalidToken(BadCredential::Unknown);
    let (id, expires_at) = match caller.credential {
        Credential::Token { id, expires_at, .. } => (id, expires_at),
        Credential::Session { id, .. } => return verify_session(conn, id, caller, required),
        // The scopes of a key depend on the workspace and are checked there.
        Credential::Key { id } => {
            let actor = integration_keys::actor(conn, id)?.ok_or_else(unknown)?;
            return Ok((caller, actor));
        }
    };
    let (scopes, actor) = callers::authority(conn, caller.workspace_id, id)?.ok_or_else(unknown)?;
    if expires_at <= Timestamp::now() {
        return Err(Error::TokenExpired {
            expired_at: expires_at,
        });
    }
    check_scope(scopes, required)?;
    Ok((Caller { scopes, ..caller }, actor))
}

fn verify_session(
    conn: &Conn,
    id: SessionId,
    caller: Caller,
    required: Scope,
) -> Result<(Caller, Actor)> {
    let session = sessions::get(conn, id, Timestamp::now())?;
    let scopes = sessions::scopes(conn, caller.workspace_id, session.user_id)?
        .ok_or_else(|| caller.workspace_id.missing())?;
    check_scope(scopes, required)?;
    Ok((
        Caller { scopes, ..caller },
        sessions::actor(conn, session.user_id)?,
    ))
}

fn check_scope(provided: Scopes, required: Scope) -> Result<()> {
    match provided.allow(required) {
        true => Ok(()),
        false => Err(Error::InsufficientScope { required, provided }),
    }
}

/// What a credential can do now. An event stream ends when it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    scopes: Scopes,
    role: Option<Role>,
}

/// Returns what a credential that can read can do now.
///
/// # Errors
/// Those of [`verify`].
pub fn standing(conn: &Conn, caller: &Caller) -> Result<Standing> {
    let (caller, _) = verify(conn, caller.clone(), Scope::Read)?;
    Ok(Standing {
        scopes: caller.scopes,
        role: members::role(conn, caller.workspace_id, caller.user_id)?,
    })
}
