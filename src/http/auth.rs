//! Authentication and authorization: the first extractor of every handler that needs a credential.
//!
//! It is ready at once: it makes one indexed query and has no cache. So a bad token always wins over a bad body, and a
//! token that another process revokes stops working on the next request.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::quota::Counted;
use super::request::{bearer, named_workspace, state};
use super::session_auth;
use super::state::State;
use crate::error::{BadCredential, Error, Result};
use crate::model::credentials::{Caller, Digest};
use crate::model::ids::{WorkspaceId, is_uuid};
use crate::model::scopes::Scope;
use crate::model::time::Timestamp;
use crate::model::tokens;
use crate::store;

/// What an operation requires of a credential.
pub(super) trait Access: 'static {
    /// The required scope.
    const SCOPE: Scope;
    /// Whether the call counts against the monthly quota.
    const COUNTED: bool = true;
    /// Whether integration keys are accepted too. Only the card integration API accepts them.
    const KEYS: bool = false;
}

macro_rules! access {
    ($($(#[doc = $doc:literal])* $name:ident: $scope:ident $(, counted = $counted:literal)? $(, keys = $keys:literal)?;)*) => {$(
        $(#[doc = $doc])*
        pub(super) struct $name;

        impl Access for $name {
            const SCOPE: Scope = Scope::$scope;
            $(const COUNTED: bool = $counted;)?
            $(const KEYS: bool = $keys;)?
        }
    )*};
}

access! {
    /// List and get.
    Read: Read;
    /// Read usage figures, even when the quota is used up.
    ReadUncounted: Read, counted = false;
    /// Create and update.
    Write: Write;
    /// Delete.
    Delete: Delete;
    /// Manage tokens.
    Admin: Admin;
    /// List and get on the card integration API.
    CardRead: Read, keys = true;
    /// Create and send on the card integration API.
    CardWrite: Write, keys = true;
    /// Delete on the card integration API.
    CardDelete: Delete, keys = true;
}

/// An authenticated caller with the access that `A` requires.
pub(super) struct Auth<A> {
    /// The caller.
    pub caller: Caller,
    access: PhantomData<A>,
}

impl<A> Auth<A> {
    /// The caller's workspace. The request can access no other.
    pub(super) fn workspace(&self) -> WorkspaceId {
        self.caller.workspace_id
    }
}

impl<A: Access> FromRequest for Auth<A> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(authorize::<A>(req))
    }
}

/// Checks origin, credential, expiry, quota, burst limit and scope, in this order.
fn authorize<A: Access>(req: &HttpRequest) -> Result<Auth<A>> {
    let state = state(req);
    let now = Timestamp::now();
    let caller = match bearer(req) {
        None if session_auth::has_cookie(req) => session_auth::caller(req, now)?,
        token => by_token(state, req, token, A::KEYS)?,
    };
    if let Some(expired_at) = caller.credential.expires_at().filter(|end| *end <= now) {
        return Err(Error::TokenExpired { expired_at });
    }
    if A::COUNTED && caller.credential.is_counted() {
        count(req, &caller)?;
    }
    state.check_burst(&caller.credential)?;
    state.touch_token(caller.workspace_id, &caller.credential, now);
    if !caller.scopes.allow(A::SCOPE) {
        return Err(Error::InsufficientScope {
            required: A::SCOPE,
            provided: caller.scopes,
        });
    }
    Ok(Auth {
        caller,
        access: PhantomData,
    })
}

/// Checks an API token: the credential, its expiry and the burst limit. For requests whose quota and scope depend on the
/// body.
pub(super) fn token(req: &HttpRequest) -> Result<Caller> {
    let (state, now) = (state(req), Timestamp::now());
    let caller = by_token(state, req, bearer(req), false)?;
    if let Some(expired_at) = caller.credential.expires_at().filter(|end| *end <= now) {
        return Err(Error::TokenExpired { expired_at });
    }
    state.check_burst(&caller.credential)?;
    state.touch_token(caller.workspace_id, &caller.credential, now);
    Ok(caller)
}

/// Counts a call against the monthly quota. The response waits until the call is stored, and has headers about the quota.
///
/// # Errors
/// `quota_exceeded`.
pub(super) fn count(req: &HttpRequest, caller: &Caller) -> Result<()> {
    let counted = state(req).quotas.count(caller, Timestamp::now())?;
    req.extensions_mut().insert::<Counted>(counted);
    Ok(())
}

fn by_token(state: &State, req: &HttpRequest, token: Option<&str>, keys: bool) -> Result<Caller> {
    let token = token.ok_or(Error::InvalidToken(BadCredential::Missing))?;
    if token.is_empty() {
        return Err(Error::InvalidToken(BadCredential::Empty));
    }
    let is_key = keys && is_uuid(token);
    if !is_key && !tokens::is_well_formed(token) {
        return Err(Error::InvalidToken(BadCredential::Unknown));
    }
    // The query compares digests, so its duration reveals nothing about other tokens.
    let digest = Digest::of(token.as_bytes());
    let named = match keys {
        true => None,
        false => named_workspace(req)?,
    };
    state.db.read(|conn| {
        let caller = match is_key {
            true => store::integration_keys::caller(conn, &digest)?,
            false => store::tokens::caller(conn, &digest)?,
        };
        let caller = caller.ok_or(Error::InvalidToken(BadCredential::Unknown))?;
        match named {
            Some(named) if !store::workspaces::is_named(conn, caller.workspace_id, &named)? => {
                Err(store::workspaces::unknown(&named))
            }
            _ => Ok(caller),
        }
    })
}
