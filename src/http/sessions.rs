//! `/v1/session` and `/v1/sessions`

pub(super) mod page;

use serde::Serialize;

use super::body::Valid;
use super::call::Call;
use super::origins::SameOrigin;
use super::params::Id;
use super::passwords::matches;
use super::request::user_agent;
use super::response::JsonResponse;
use super::session_auth::SessionAuth;
use crate::app;
use crate::error::{Error, Result};
use crate::model::ids::{SessionId, UserId};
use crate::model::passwords::{Password, PasswordHash};
use crate::model::secrets::Secret;
use crate::model::sessions::{Session, SignIn, SignedIn};
use crate::model::time::Timestamp;
use crate::model::users::normal_email;
use crate::store::{self, passwords};

#[derive(Serialize)]
struct SessionResponse {
    session: SignedIn,
}

#[derive(Serialize)]
struct SessionList {
    sessions: Vec<Session>,
}

pub(super) async fn sign_in(
    _: SameOrigin,
    body: Valid<SignIn>,
    call: Call,
) -> Result<JsonResponse> {
    let (session, cookie) = open(&call, body.value).await?;
    session_response(&call, session, Some(&cookie))
}

/// Signs a person in with the password. Returns the session and the value of its cookie.
async fn open(call: &Call, sign_in: SignIn) -> Result<(SignedIn, Secret)> {
    let SignIn { email, password } = sign_in;
    let email = normal_email(&email).unwrap_or_default();
    let (user, hash) = verify(call, &email, password.clone()).await?;
    let renewed = match hash.is_outdated() {
        true => Some(call.state().passwords.hash(password).await?),
        false => None,
    };
    let user_agent = user_agent(&call.0);
    call.write(move |tx| {
        app::sessions::sign_in(tx, user, &hash, renewed.as_ref(), user_agent.as_deref())
    })
    .await
}

/// Finds the user with this address and password. An unknown address takes as long as a wrong password.
async fn verify(call: &Call, email: &str, password: Password) -> Result<(UserId, PasswordHash)> {
    let db = &call.state().db;
    let found = db.read(|conn| passwords::of_address(conn, email))?;
    let hash = found.as_ref().map(|(_, hash)| hash.clone());
    match (matches(call, email, password, hash).await?, found) {
        (true, Some(found)) => Ok(found),
        _ => Err(Error::InvalidCredentials),
    }
}

/// Responds with a session, and with its cookie if it is new.
pub(super) fn session_response(
    call: &Call,
    session: SignedIn,
    cookie: Option<&Secret>,
) -> Result<JsonResponse> {
    let response = JsonResponse::of(&SessionResponse { session })?;
    match cookie {
        Some(cookie) => Ok(response.with_cookie(call.state().session_cookie.set(cookie)?)),
        None => Ok(response),
    }
}

pub(super) async fn get(auth: SessionAuth, call: Call) -> Result<JsonResponse> {
    let session = call
        .state()
        .db
        .read(|conn| store::sessions::signed_in(conn, auth.session.id))?;
    session_response(&call, session, None)
}

pub(super) async fn sign_out(auth: SessionAuth, call: Call) -> Result<JsonResponse> {
    let session = auth.session;
    call.write(move |tx| app::sessions::end(tx, session.user_id, session.id))
        .await?;
    let cookie = call.state().session_cookie.clear()?;
    Ok(JsonResponse::deleted(&session.id).with_cookie(cookie))
}

pub(super) async fn list(auth: SessionAuth, call: Call) -> Result<JsonResponse> {
    let (session, now) = (auth.session, Timestamp::now());
    let sessions = call
        .state()
        .db
        .read(|conn| store::sessions::of_user(conn, session.user_id, Some(session.id), now))?;
    JsonResponse::of(&SessionList { sessions })
}

pub(super) async fn delete(
    auth: SessionAuth,
    Id(id): Id<SessionId>,
    call: Call,
) -> Result<JsonResponse> {
    let session = auth.session;
    call.write(move |tx| {
        store::sessions::get(tx, session.id, Timestamp::now())?;
        app::sessions::end(tx, session.user_id, id)
    })
    .await?;
    Ok(JsonResponse::deleted(&id))
}
