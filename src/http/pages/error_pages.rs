//! The pages that people get instead of errors.

use actix_web::HttpRequest;
use minijinja::{Value, context};

use super::prefers_html;
use super::templates::render;
use crate::error::Error;
use crate::http::request::state;
use crate::http::routes;

const INVITATION: &str = "/invitations/{code}";
/// The routes of the pages of people.
const ROUTES: [&str; 11] = [
    "/sign-in",
    "/sign-in/{code}",
    "/sign-in/{code}/password",
    "/sign-out",
    INVITATION,
    "/app",
    "/app/{page:.*}",
    "/welcome",
    "/account",
    "/account/password",
    "/account/sessions/{sessionId}",
];

/// Returns the page for an error, if a browser requested a page of people.
pub(in crate::http) fn html(
    request: &HttpRequest,
    error: &Error,
    request_id: &str,
) -> Option<String> {
    let route = routes::template(request)?;
    if !ROUTES.contains(&route) || !prefers_html(request) {
        return None;
    }
    let values = values(request, route, error, request_id);
    match render(request, "failed.html", values) {
        Ok(html) => Some(html),
        Err(error) => {
            tracing::error!(?error, "an error page cannot be rendered");
            None
        }
    }
}

/// What an error page says.
fn values(request: &HttpRequest, route: &str, error: &Error, request_id: &str) -> Value {
    let to_sign_in = context! { url => "/sign-in", label => "Sign in" };
    match error {
        Error::SignInLinkInvalid if route == INVITATION => context! {
            heading => "This invitation no longer works",
            advice => [
                "It was accepted or withdrawn, or it has expired. An invitation works once, within 7 days.",
                "If you have accepted it, sign in. Else ask the person who invited you for a new one.",
            ],
            link => to_sign_in,
        },
        Error::SignInLinkInvalid => context! {
            heading => "This link no longer works",
            advice => ["It was used, or it has expired. Each sign-in link works once."],
            command => "tackboard user link --user EMAIL",
            link => to_sign_in,
        },
        Error::SessionExpired => context! {
            heading => "You are no longer signed in",
            advice => ["Your session has ended. Nothing was changed."],
            link => to_sign_in,
        },
        Error::CrossOriginRefused { .. } => context! {
            heading => "The request came from another site",
            advice => ["Nothing was changed. If you came from a bookmark or another address of this server, open the page below and try again."],
            link => context! { url => format!("{}/sign-in", state(request).origin), label => "Sign in" },
        },
        Error::ResourceLimitExceeded { .. } => context! {
            heading => "The workspace is full",
            advice => ["Its plan allows no more members. Tell the person who invited you; the invitation still works."],
        },
        Error::Internal(..) => context! {
            heading => "Something went wrong",
            advice => [format!("The server has logged the cause under the request id {request_id}.")],
        },
        other => context! {
            heading => "That did not work",
            advice => [format!("{other}.")],
            link => to_sign_in,
        },
    }
}
