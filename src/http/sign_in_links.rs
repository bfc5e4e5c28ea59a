//! Sign-in links: `/v1/session/link` and `/sign-in/{code}`

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, Responder as _};
use serde_json::json;

use super::body::{Valid, ValidForm};
use super::call::Call;
use super::origins::SameOrigin;
use super::params::Code;
use super::request::{client_address, user_agent};
use super::response::JsonResponse;
use super::sessions::session_response;
use crate::app;
use crate::error::Result;
use crate::model::passwords::{Password, PasswordHash};
use crate::model::secrets::Secret;
use crate::model::sessions::SignedIn;
use crate::model::sign_in_links::{LinkRequest, Redemption};
use crate::model::users::normal_email;

/// Where a person goes who has signed in.
const APP: &str = "/app";

/// Accepts the request whether the address is known or not. So the response says nothing about it.
pub(super) async fn request(
    _: SameOrigin,
    body: Valid<LinkRequest>,
    call: Call,
) -> Result<JsonResponse> {
    let email = normal_email(&body.value.email).unwrap_or_default();
    let limits = &call.state().sign_in_limits;
    let _may_be_sent = limits.request_link(&email, client_address(&call.0))?;
    Ok(JsonResponse::of(&json!({ "accepted": true }))?.with_status(StatusCode::ACCEPTED))
}

pub(super) async fn redeem(
    _: SameOrigin,
    code: Code,
    body: ValidForm<Redemption>,
    call: Call,
) -> Result<HttpResponse> {
    let Code(code) = code;
    // Before a hash is computed, and before the writer has work: most wrong codes end here.
    call.state()
        .db
        .read(|conn| app::sign_in_links::account(conn, &code))?;
    let hash = hash_new(&call, body.value.password).await?;
    let user_agent = user_agent(&call.0);
    let redeemed = call.write(move |tx| {
        app::sign_in_links::redeem(tx, &code, hash.as_ref(), user_agent.as_deref())
    });
    let (session, cookie) = redeemed.await?;
    open_app(&call, body.is_form, session, Some(&cookie))
}

/// Hashes a new password, if the person wants one.
pub(super) async fn hash_new(
    call: &Call,
    password: Option<Password>,
) -> Result<Option<PasswordHash>> {
    match password {
        Some(password) => Ok(Some(call.state().passwords.hash(password).await?)),
        None => Ok(None),
    }
}

/// Responds with a session, and with its cookie if it is new. Browsers that sent a form go to the app.
pub(super) fn open_app(
    call: &Call,
    is_form: bool,
    session: SignedIn,
    cookie: Option<&Secret>,
) -> Result<HttpResponse> {
    if !is_form {
        return Ok(session_response(call, session, cookie)?.respond_to(&call.0));
    }
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header((header::LOCATION, APP))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(cookie) = cookie {
        response.insert_header((header::SET_COOKIE, call.state().session_cookie.set(cookie)?));
    }
    Ok(response.finish())
}
