//! `/welcome`: asks the owner of a new installation for name and address.

use actix_web::{HttpRequest, HttpResponse};

use super::page::{AccountForm, save_form, show as show_account};
use crate::error::Result;
use crate::http::call::Call;
use crate::http::pages::form::FormFields;
use crate::http::session_auth::SessionAuth;

const WELCOME: AccountForm = AccountForm {
    template: "welcome.html",
    current: "currentPassword",
    next: "/app",
};

/// Responds with the form, which can be skipped.
pub(in crate::http) async fn show(
    auth: Result<SessionAuth>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    show_account(auth, &request, &WELCOME)
}

/// Saves the form, and opens the app.
pub(in crate::http) async fn save(
    auth: SessionAuth,
    fields: FormFields,
    call: Call,
) -> Result<HttpResponse> {
    save_form(&call, auth.session, &fields, &WELCOME).await
}
