//! Authentication and authorization: the first extractor of every handler that needs a credential.
//!
//! It is ready at once: it makes one indexed query, or uses its result again if nothing has changed that decides who the caller
//! is (`store/callers.rs`). So a bad token always wins over a bad body, and a token that another process revokes stops working on
//! the next request.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::quota::Counted;
use super::request::{bearer, named_workspace, state};
use super::session_auth;
use super::state::State;
use crate::error::{BadCredential, Error, Result};
use crate::model::credentials::{Caller, Credential};
use crate::model::ids::{WorkspaceId, is_uuid};
use crate::model::scopes::Scope;
use crate::model::time::Timestamp;
use crate::model::tokens;
use crate::store::{self, Conn, Db, ReadTx};

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
        ready(authorize(req, Db::separate_reads).map(|(auth, _reads)| auth))
    }
}

/// An authenticated caller, and the read transaction that has verified the credential. For operations that only read little, and
/// wait for nothing before.
pub(super) struct Reader<A> {
    auth: Auth<A>,
    read: ReadTx,
}

impl<A> Reader<A> {
    /// The caller's workspace. The request can access no other.
    pub(super) fn workspace(&self) -> WorkspaceId {
        self.auth.workspace()
    }

    /// Runs a read, and ends the transaction.
    pub(super) fn read<T>(self, work: impl FnOnce(&Conn) -> Result<T>) -> Result<T> {
        work(&self.read)
    }

    /// Ends the transaction. Returns the caller's workspace.
    pub(super) fn end(self) -> WorkspaceId {
        self.workspace()
    }
}

impl<A: Access> FromRequest for Reader<A> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(authorize(req, Db::begin_read).map(|(auth, read)| Self { auth, read }))
    }
}

/// Checks origin, credential, expiry, quota, burst limit, workspace and scope, in this order. Returns what `open` has opened for it.
fn authorize<A: Access, R: Deref<Target = Conn>>(
    req: &HttpRequest,
    open: fn(&Db) -> Result<R>,
) -> Result<(Auth<A>, R)> {
    let state = state(req);
    let now = Timestamp::now();
    let (caller, read) = match bearer(req) {
        None if session_auth::has_cookie(req) => session_auth::caller(req, now, open)?,
        token => by_token(state, token, A::KEYS, open)?,
    };
    check_expiry(&caller, now)?;
    if A::COUNTED && caller.credential.is_counted() {
        count(req, &caller, Some(&read))?;
    }
    state.check_burst(&caller.credential)?;
    state.touch_token(caller.workspace_id, &caller.credential, now);
    if !A::KEYS {
        check_workspace(req, &caller, &read)?;
    }
    if !caller.scopes.allow(A::SCOPE) {
        return Err(Error::InsufficientScope {
            required: A::SCOPE,
            provided: caller.scopes,
        });
    }
    let auth = Auth {
        caller,
        access: PhantomData,
    };
    Ok((auth, read))
}

/// Checks an API token: the credential, its expiry and the burst limit. For requests whose quota and scope depend on the
/// body.
pub(super) fn token(req: &HttpRequest) -> Result<Caller> {
    let (state, now) = (state(req), Timestamp::now());
    let (caller, read) = by_token(state, bearer(req), false, Db::separate_reads)?;
    check_expiry(&caller, now)?;
    state.check_burst(&caller.credential)?;
    state.touch_token(caller.workspace_id, &caller.credential, now);
    check_workspace(req, &caller, &read)?;
    Ok(caller)
}

fn check_expiry(caller: &Caller, now: Timestamp) -> Result<()> {
    match caller.credential.expires_at() {
        Some(expired_at) if expired_at <= now => Err(Error::TokenExpired { expired_at }),
        _ => Ok(()),
    }
}

/// Counts a call against the monthly quota. The response waits until the call is stored, and has headers about the quota.
/// `read` is a connection that is at hand anyway.
///
/// # Errors
/// `quota_exceeded`.
pub(super) fn count(req: &HttpRequest, caller: &Caller, read: Option<&Conn>) -> Result<()> {
    let counted = state(req).quotas.count(caller, Timestamp::now(), read)?;
    req.extensions_mut().insert::<Counted>(counted);
    Ok(())
}

fn by_token<R: Deref<Target = Conn>>(
    state: &State,
    token: Option<&str>,
    keys: bool,
    open: fn(&Db) -> Result<R>,
) -> Result<(Caller, R)> {
    let token = token.ok_or(Error::InvalidToken(BadCredential::Missing))?;
    if token.is_empty() {
        return Err(Error::InvalidToken(BadCredential::Empty));
    }
    let is_key = keys && is_uuid(token);
    if !is_key && !tokens::is_well_formed(token) {
        return Err(Error::InvalidToken(BadCredential::Unknown));
    }
    let find = match is_key {
        true => store::integration_keys::caller,
        false => store::tokens::caller,
    };
    let read = open(&state.db)?;
    let caller = store::callers::of_secret(&read, token, find)?;
    let caller = caller.ok_or(Error::InvalidToken(BadCredential::Unknown))?;
    Ok((caller, read))
}

/// Checks that a request with a token names no other workspace than the token's. A session has its workspace from this name, and
/// the card integration API ignores it.
fn check_workspace(req: &HttpRequest, caller: &Caller, read: &Conn) -> Result<()> {
    if !matches!(caller.credential, Credential::Token { .. }) {
        return Ok(());
    }
    match named_workspace(req)? {
        Some(named) if !store::workspaces::is_named(read, caller.workspace_id, &named)? => {
            Err(store::workspaces::unknown(&named))
        }
        _ => Ok(()),
    }
}
