//! Authentication with the cookie of a session.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::origins;
use super::request::{bearer, named_workspace, state};
use crate::error::{Error, Result};
use crate::model::credentials::{Caller, Credential};
use crate::model::secrets::Secret;
use crate::model::time::Timestamp;
use crate::store::sessions::{self, OpenSession};
use crate::store::{Conn, Db};

/// A person who is signed in, for operations on the person's own account. They need no workspace and accept no token.
pub(super) struct SessionAuth {
    /// The session.
    pub session: OpenSession,
}

impl FromRequest for SessionAuth {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(authorize(req))
    }
}

/// Checks origin, session and burst limit, in this order.
fn authorize(req: &HttpRequest) -> Result<SessionAuth> {
    if bearer(req).is_some() {
        return Err(Error::SessionExpired);
    }
    let now = Timestamp::now();
    let (session, _reads) = find(req, now, Db::separate_reads, |_, session| Ok(session))?;
    state(req).check_burst(&Credential::Session {
        id: session.id,
        last_used_at: session.last_used_at,
    })?;
    state(req).touch_session(&session, now);
    Ok(SessionAuth { session })
}

/// Whether a request has the cookie of a session.
pub(super) fn has_cookie(req: &HttpRequest) -> bool {
    state(req).session_cookie.read(req.headers()).is_some()
}

/// Returns the caller of a request with the cookie of a session, and what `open` has opened to find it.
///
/// # Errors
/// `cross_origin_refused`, `session_expired`, `workspace_not_found`.
pub(super) fn caller<R: Deref<Target = Conn>>(
    req: &HttpRequest,
    now: Timestamp,
    open: fn(&Db) -> Result<R>,
) -> Result<(Caller, R)> {
    let ((session, caller), read) = find(req, now, open, |conn, session| {
        let named = named_workspace(req)?;
        Ok((session, sessions::caller(conn, session, named.as_deref())?))
    })?;
    state(req).touch_session(&session, now);
    Ok((caller, read))
}

/// Returns the session of a request, if there is one, whoever sent the request. For pages that look different then.
pub(super) fn current(req: &HttpRequest) -> Option<OpenSession> {
    let found = session_of(req, Timestamp::now(), Db::separate_reads, |_, session| {
        Ok(session)
    });
    found.ok().map(|(session, _reads)| session)
}

/// Checks the origin of a request that changes something with a cookie, then reads its session.
fn find<T, R: Deref<Target = Conn>>(
    req: &HttpRequest,
    now: Timestamp,
    open: fn(&Db) -> Result<R>,
    read: impl FnOnce(&Conn, OpenSession) -> Result<T>,
) -> Result<(T, R)> {
    // Without a cookie there is no session that a page of another site could use.
    if !req.method().is_safe() && has_cookie(req) {
        origins::check(req)?;
    }
    session_of(req, now, open, read)
}

fn session_of<T, R: Deref<Target = Conn>>(
    req: &HttpRequest,
    now: Timestamp,
    open: fn(&Db) -> Result<R>,
    read: impl FnOnce(&Conn, OpenSession) -> Result<T>,
) -> Result<(T, R)> {
    let state = state(req);
    let cookie = state.session_cookie.read(req.headers());
    let cookie = cookie
        .and_then(Secret::parse)
        .ok_or(Error::SessionExpired)?;
    let digest = cookie.digest();
    let conn = open(&state.db)?;
    let found = read(&conn, sessions::find(&conn, &digest, now)?)?;
    Ok((found, conn))
}
