//! Who calls, and whether they may: the first extractor of every handler that needs a credential.
//!
//! It is ready at once, with one indexed query and no cache: so a bad token always wins over a bad body, and a revocation
//! by another process holds from the next request on.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::quota::Counted;
use super::request::state;
use super::state::State;
use crate::error::{BadCredential, Error, Result};
use crate::model::credentials::{Caller, Digest};
use crate::model::ids::{WorkspaceId, is_uuid};
use crate::model::scopes::Scope;
use crate::model::time::Timestamp;
use crate::model::tokens;
use crate::store;

/// What an operation asks of a credential.
pub(super) trait Access: 'static {
    /// The scope.
    const SCOPE: Scope;
    /// Whether the call counts against the monthly quota.
    const COUNTED: bool = true;
    /// Whether integration keys are taken beside tokens, as on the card integration API.
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
    /// Lists and gets.
    Read: Read;
    /// Reads what the quota itself is about, also when it is used up.
    ReadUncounted: Read, counted = false;
    /// Creates and updates.
    Write: Write;
    /// Deletes.
    Delete: Delete;
    /// Manages tokens.
    Admin: Admin;
    /// Lists and gets on the card integration API.
    CardRead: Read, keys = true;
    /// Creates and sends on the card integration API.
    CardWrite: Write, keys = true;
    /// Deletes on the card integration API.
    CardDelete: Delete, keys = true;
}

/// A caller who may do what `A` asks.
pub(super) struct Auth<A> {
    /// Who it is.
    pub caller: Caller,
    access: PhantomData<A>,
}

impl<A> Auth<A> {
    /// The caller's workspace: the only one there is for this request.
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

/// Credential, expiry, quota, burst, scope: the first that fails answers.
fn authorize<A: Access>(req: &HttpRequest) -> Result<Auth<A>> {
    let state = state(req);
    let caller = identify(state, req, A::KEYS)?;
    let now = Timestamp::now();
    if let Some(expired_at) = caller.credential.expires_at().filter(|end| *end <= now) {
        return Err(Error::TokenExpired { expired_at });
    }
    if A::COUNTED {
        match state.quotas.count(&caller, now) {
            Ok(counted) => drop(req.extensions_mut().insert::<Counted>(counted)),
            Err(refusal) => return Err(refusal),
        }
    }
    state.check_burst(&caller)?;
    state.touch(&caller, now);
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

fn identify(state: &State, req: &HttpRequest, keys: bool) -> Result<Caller> {
    let token = bearer(req).ok_or(Error::InvalidToken(BadCredential::Missing))?;
    if token.is_empty() {
        return Err(Error::InvalidToken(BadCredential::Empty));
    }
    let is_key = keys && is_uuid(token);
    if !is_key && !tokens::is_well_formed(token) {
        return Err(Error::InvalidToken(BadCredential::Unknown));
    }
    // The digest is looked up, not the token: how long that takes tells nothing of any other token.
    let digest = Digest::of(token.as_bytes());
    state
        .db
        .read(|conn| match is_key {
            true => store::integration_keys::caller(conn, &digest),
            false => store::tokens::caller(conn, &digest),
        })?
        .ok_or(Error::InvalidToken(BadCredential::Unknown))
}

/// The credential of `Authorization: Bearer …`; the scheme's case does not matter.
fn bearer(req: &HttpRequest) -> Option<&str> {
    let value = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    // The server has cut the space at the end of "Bearer " already.
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
