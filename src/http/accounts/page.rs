//! `/account`: the page of the person who is signed in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::change;
use crate::app;
use crate::app::sample::shown_email;
use crate::error::{Error, Result};
use crate::http::call::Call;
use crate::http::pages::form::{FormFields, Problem, again};
use crate::http::pages::templates::{page, see_other};
use crate::http::params::Id;
use crate::http::request::state;
use crate::http::session_auth::SessionAuth;
use crate::model::accounts::AccountUpdate;
use crate::model::ids::SessionId;
use crate::model::sessions::{Session, SignedIn, browser_name};
use crate::model::time::Timestamp;
use crate::store::sessions::{self, OpenSession};

const ACCOUNT: &str = "/account";
/// The name of the current password in the API, and on the form with name and address.
const CURRENT_PASSWORD: &str = "currentPassword";
/// Its name on the form with the new password. Both forms are on one page.
const CURRENT: &str = "current";

/// A page with a form for the account.
pub(super) struct AccountForm {
    pub(super) template: &'static str,
    /// The name of the current password on the form.
    pub(super) current: &'static str,
    /// Where a person goes whose changes are saved.
    pub(super) next: &'static str,
}

const DETAILS: AccountForm = AccountForm {
    template: "account.html",
    current: CURRENT_PASSWORD,
    next: "/account?saved",
};
const PASSWORD: AccountForm = AccountForm {
    current: CURRENT,
    ..DETAILS
};

/// The account of the person who is signed in.
pub(in crate::http) async fn account(
    auth: Result<SessionAuth>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    show(auth, &request, &DETAILS)
}

/// Responds with a page that shows the account.
pub(super) fn show(
    auth: Result<SessionAuth>,
    request: &HttpRequest,
    form: &AccountForm,
) -> Result<HttpResponse> {
    let session = match auth {
        Ok(auth) => auth.session,
        Err(Error::SessionExpired) => return Ok(see_other("/sign-in")),
        Err(error) => return Err(error),
    };
    let (signed_in, sessions) = read(request, session)?;
    let account = &signed_in.user;
    let (name, email) = (
        account.name.clone(),
        shown_email(account).unwrap_or_default().to_owned(),
    );
    let done = match request.query_string() {
        "saved" => Some("Your changes are saved."),
        "ended" => Some("The session has ended."),
        _ => None,
    };
    let values = values(signed_in, sessions, name, email, Vec::new());
    page(
        request,
        StatusCode::OK,
        form.template,
        context! { done, ..values },
    )
}

fn read(request: &HttpRequest, session: OpenSession) -> Result<(SignedIn, Vec<Session>)> {
    state(request).db.read(|conn| {
        let (user, now) = (session.user_id, Timestamp::now());
        Ok((
            sessions::signed_in(conn, session.id)?,
            sessions::of_user(conn, user, Some(session.id), now)?,
        ))
    })
}

fn values(
    signed_in: SignedIn,
    sessions: Vec<Session>,
    name: String,
    email: String,
    problems: Vec<Problem>,
) -> Value {
    let minute = |time: Timestamp| {
        let text = time.to_string();
        format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
    };
    let sessions = sessions.into_iter().map(|session| {
        context! {
            id => session.id.to_string(),
            browser => browser_name(session.user_agent.as_deref()),
            created => minute(session.created_at),
            used => minute(session.last_used_at),
            is_current => session.is_current,
        }
    });
    context! {
        name,
        email,
        problems,
        has_password => signed_in.user.has_password,
        workspaces => Serde(signed_in.workspaces),
        sessions => sessions.collect::<Vec<_>>(),
    }
}

/// Saves name, address and password from a form.
pub(in crate::http) async fn save(
    auth: SessionAuth,
    fields: FormFields,
    call: Call,
) -> Result<HttpResponse> {
    save_form(&call, auth.session, &fields, &DETAILS).await
}

/// Saves what a form with a name has sent.
pub(super) async fn save_form(
    call: &Call,
    session: OpenSession,
    fields: &FormFields,
    form: &AccountForm,
) -> Result<HttpResponse> {
    let saved = match fields.text("name").trim() {
        "" => Err(Error::field("name", "Name is required")),
        _ => update(call, session, fields).await,
    };
    respond(call, session, saved, fields, form)
}

/// Sets a new password.
pub(in crate::http) async fn set_password(
    auth: SessionAuth,
    mut fields: FormFields,
    call: Call,
) -> Result<HttpResponse> {
    if let Some(current) = fields.take(CURRENT) {
        fields.set(CURRENT_PASSWORD, current);
    }
    let saved = match fields.text("password") {
        "" => Err(Error::field("password", "New password is required")),
        _ => update(&call, auth.session, &fields).await,
    };
    respond(&call, auth.session, saved, &fields, &PASSWORD)
}

async fn update(call: &Call, session: OpenSession, fields: &FormFields) -> Result<()> {
    let update: AccountUpdate = fields.read("patch", "/v1/me")?;
    change(call, session, update).await.map(drop)
}

/// Goes on if the changes are saved, else responds with the form and what is wrong.
fn respond(
    call: &Call,
    session: OpenSession,
    saved: Result<()>,
    fields: &FormFields,
    form: &AccountForm,
) -> Result<HttpResponse> {
    let Err(error) = saved else {
        return Ok(see_other(form.next));
    };
    let is_wrong = matches!(error, Error::InvalidCredentials);
    let (signed_in, sessions) = read(&call.0, session)?;
    again(&call.0, error, form.template, |mut problems| {
        for problem in &mut problems {
            if is_wrong {
                problem.message = "Current password is wrong".to_owned();
            }
            if is_wrong || problem.field.as_deref() == Some(CURRENT_PASSWORD) {
                problem.field = Some(form.current.to_owned());
            }
        }
        let account = &signed_in.user;
        let typed = |field, own: &str| match fields.text(field) {
            "" => own.to_owned(),
            typed => typed.to_owned(),
        };
        let name = typed("name", &account.name);
        let email = typed("email", shown_email(account).unwrap_or_default());
        Ok(values(signed_in, sessions, name, email, problems))
    })
}

/// Ends a session of the person.
pub(in crate::http) async fn end_session(
    auth: SessionAuth,
    Id(id): Id<SessionId>,
    call: Call,
) -> Result<HttpResponse> {
    let session = auth.session;
    let ended = call.write(move |tx| {
        sessions::get(tx, session.id, Timestamp::now())?;
        app::sessions::end(tx, session.user_id, id)
    });
    match ended.await {
        // It has ended in the meantime.
        Ok(()) | Err(Error::Missing { .. }) => Ok(see_other(&format!("{ACCOUNT}?ended"))),
        Err(error) => Err(error),
    }
}
