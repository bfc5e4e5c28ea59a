//! `/sign-in` and `/sign-out`: the pages on which people sign in with a password or request a link, and sign out.

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::{Value, context};

use super::open;
use crate::app;
use crate::error::{Error, Result};
use crate::http::call::Call;
use crate::http::origins::SameOrigin;
use crate::http::pages::form::{FormFields, again};
use crate::http::pages::templates::{page, see_other};
use crate::http::request::state;
use crate::http::session_auth;
use crate::http::sign_in_links::{APP, request_link};
use crate::model::secrets::Secret;
use crate::model::sessions::SignIn;
use crate::model::sign_in_links::LinkRequest;

const TEMPLATE: &str = "sign-in.html";
const SIGN_IN: &str = "/sign-in";
/// The name of a field, and of a parameter of the page: the code of an invitation that the person wants to accept.
const INVITATION: &str = "invitation";
/// The name of another: the address in the app that the person wanted to open.
const NEXT: &str = "next";

/// Responds with the form, or sends a person who is signed in to the app.
pub(in crate::http) async fn show(request: HttpRequest) -> Result<HttpResponse> {
    let query: Vec<_> = form_urlencoded::parse(request.query_string().as_bytes()).collect();
    let named = |wanted| query.iter().find(|(name, _)| name == wanted);
    let next = named(NEXT).and_then(|(_, path)| in_app(path));
    if session_auth::current(&request).is_some() {
        return Ok(see_other(next.unwrap_or(APP)));
    }
    let code = named(INVITATION).and_then(|(_, code)| Secret::parse(code));
    let done = named("signed-out").map(|_| "You are signed out.");
    let form = form(&request, "", code.as_ref(), next);
    let values = context! { problems => Vec::<Value>::new(), done, ..form };
    page(&request, StatusCode::OK, TEMPLATE, values)
}

/// The path, if it is one of the app. Nobody is sent to another site after signing in.
fn in_app(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(APP)?;
    let is_within = rest.is_empty() || rest.starts_with(['/', '?']);
    let is_plain = rest
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (is_within && is_plain).then_some(path)
}

/// What the form shows.
fn form(
    request: &HttpRequest,
    email: &str,
    invitation: Option<&Secret>,
    next: Option<&str>,
) -> Value {
    context! {
        email,
        next,
        invitation => invitation.map(Secret::expose),
        can_mail => state(request).settings.mail.smtp.is_some(),
    }
}

/// Signs a person in with a password, or mails a link, as the button says.
pub(in crate::http) async fn submit(
    _: SameOrigin,
    mut fields: FormFields,
    call: Call,
) -> Result<HttpResponse> {
    let invitation = fields.take(INVITATION);
    let invitation = invitation.as_deref().and_then(Secret::parse);
    let next = fields.take(NEXT);
    let next = next.as_deref().and_then(in_app);
    let done = match fields.take("action").as_deref() {
        Some("link") => mail_link(&call, &mut fields),
        _ => sign_in(&call, &fields, invitation.as_ref(), next).await,
    };
    let email = fields.text("email");
    done.or_else(|error| {
        again(&call.0, error, TEMPLATE, |problems| {
            let form = form(&call.0, email, invitation.as_ref(), next);
            Ok(context! { problems, ..form })
        })
    })
}

async fn sign_in(
    call: &Call,
    fields: &FormFields,
    invitation: Option<&Secret>,
    next: Option<&str>,
) -> Result<HttpResponse> {
    let sign_in: SignIn = fields.read("post", "/v1/session")?;
    let (_, cookie) = open(call, sign_in).await?;
    let mut response = match invitation {
        Some(code) => see_other(&format!("/invitations/{}", code.expose())),
        None => see_other(next.unwrap_or(APP)),
    };
    let cookie = call.state().session_cookie.set(&cookie)?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

fn mail_link(call: &Call, fields: &mut FormFields) -> Result<HttpResponse> {
    fields.take("password");
    let wanted: LinkRequest = fields.read("post", "/v1/session/link")?;
    request_link(call, &wanted)?;
    let values = context! { problems => Vec::<Value>::new(), email => wanted.email };
    page(&call.0, StatusCode::ACCEPTED, "link-requested.html", values)
}

/// Ends the session, if there is one, and returns to the form.
pub(in crate::http) async fn sign_out(
    _: SameOrigin,
    mut fields: FormFields,
    call: Call,
) -> Result<HttpResponse> {
    if let Some(session) = session_auth::current(&call.0) {
        let ended = call.write(move |tx| app::sessions::end(tx, session.user_id, session.id));
        match ended.await {
            // Another request has ended it.
            Ok(()) | Err(Error::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let invitation = fields.take(INVITATION);
    let mut response = match invitation.as_deref().and_then(Secret::parse) {
        Some(code) => see_other(&format!("{SIGN_IN}?{INVITATION}={}", code.expose())),
        None => see_other(&format!("{SIGN_IN}?signed-out")),
    };
    let cookie = call.state().session_cookie.clear()?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
