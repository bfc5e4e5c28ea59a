//! Sign-in links: `/v1/session/link` and `/sign-in/{code}`

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder as _};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde_json::json;

use super::body::{Valid, ValidForm};
use super::call::Call;
use super::origins::SameOrigin;
use super::pages::form::again;
use super::pages::templates::{page, see_other};
use super::params::Code;
use super::request::{client_address, state, user_agent};
use super::response::JsonResponse;
use super::sessions::session_response;
use crate::app;
use crate::app::sample::shown_email;
use crate::error::Result;
use crate::model::passwords::{Password, PasswordHash};
use crate::model::secrets::Secret;
use crate::model::sessions::SignedIn;
use crate::model::sign_in_links::{LinkRequest, Redemption};
use crate::model::users::normal_email;
use crate::outbound::mail::AccountMail;

/// Where a person goes who has signed in.
pub(super) const APP: &str = "/app";
const NEW_PASSWORD: &str = "new-password.html";

pub(super) async fn request(
    _: SameOrigin,
    body: Valid<LinkRequest>,
    call: Call,
) -> Result<JsonResponse> {
    request_link(&call, &body.value)?;
    Ok(JsonResponse::of(&json!({ "accepted": true }))?.with_status(StatusCode::ACCEPTED))
}

/// Accepts a request for a link, whether the address is known or not. Whether it is, is found out only after the response.
pub(super) fn request_link(call: &Call, wanted: &LinkRequest) -> Result<()> {
    let state = call.state();
    let email = normal_email(&wanted.email).unwrap_or_default();
    let client = client_address(&call.0);
    if state.sign_in_limits.request_link(&email, client)? {
        state.account_mails.send(AccountMail::SignInLink { email });
    }
    Ok(())
}

/// Responds with a page with one button. It changes nothing, because mail scanners follow every link.
pub(super) async fn confirm(Code(code): Code, request: HttpRequest) -> Result<HttpResponse> {
    let values = values(&request, &code)?;
    page(&request, StatusCode::OK, "sign-in-link.html", values)
}

/// Responds with a page that asks for a new password.
pub(super) async fn new_password(Code(code): Code, request: HttpRequest) -> Result<HttpResponse> {
    let values = values(&request, &code)?;
    page(&request, StatusCode::OK, NEW_PASSWORD, values)
}

/// What the pages of a link show.
fn values(request: &HttpRequest, code: &Secret) -> Result<Value> {
    let account = state(request)
        .db
        .read(|conn| app::sign_in_links::account(conn, code))?;
    let problems = Vec::<Value>::new();
    let email = shown_email(&account).map(str::to_owned);
    let account = Serde(account);
    Ok(context! { account, email, problems, code => code.expose() })
}

/// Signs a person in. Browsers get the form again if the new password is too short or too long.
pub(super) async fn redeem(
    _: SameOrigin,
    code: Code,
    body: ValidForm<Redemption>,
    call: Call,
) -> Result<HttpResponse> {
    let Code(code) = code;
    let is_form = body.typed.is_some();
    let redeemed = match body.value {
        Ok(redemption) => open_link(&call, code.clone(), redemption).await,
        Err(error) => Err(error),
    };
    match redeemed {
        Ok((session, cookie)) => open_app(&call, is_form, session, Some(&cookie)),
        Err(error) => again(&call.0, error, NEW_PASSWORD, |problems| {
            Ok(context! { problems, ..values(&call.0, &code)? })
        }),
    }
}

async fn open_link(
    call: &Call,
    code: Secret,
    redemption: Redemption,
) -> Result<(SignedIn, Secret)> {
    // Before a hash is computed, and before the writer has work: most wrong codes end here.
    call.state()
        .db
        .read(|conn| app::sign_in_links::account(conn, &code))?;
    let hash = hash_new(call, redemption.password).await?;
    let user_agent = user_agent(&call.0);
    call.write(move |tx| {
        app::sign_in_links::redeem(tx, &code, hash.as_ref(), user_agent.as_deref())
    })
    .await
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

/// Responds with a session, and with its cookie if it is new. Browsers that sent a form go to the app. The owner
/// of a new installation is asked for a name first.
pub(super) fn open_app(
    call: &Call,
    is_form: bool,
    session: SignedIn,
    cookie: Option<&Secret>,
) -> Result<HttpResponse> {
    if !is_form {
        return Ok(session_response(call, session, cookie)?.respond_to(&call.0));
    }
    let is_new = shown_email(&session.user).is_none();
    let mut response = see_other(if is_new { "/welcome" } else { APP });
    if let Some(cookie) = cookie {
        let cookie = call.state().session_cookie.set(cookie)?;
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
