//! `/v1/me`

pub(super) mod page;
pub(super) mod welcome;

use super::body::CheckedBody;
use super::call::Call;
use super::passwords::matches;
use super::response::JsonResponse;
use super::session_auth::SessionAuth;
use super::sign_in_links::hash_new;
use crate::app;
use crate::app::accounts::AccountChange;
use crate::error::{Error, Result};
use crate::model::accounts::{Account, AccountUpdate};
use crate::model::ids::UserId;
use crate::model::passwords::{Password, PasswordHash};
use crate::model::time::Timestamp;
use crate::model::users::{check_email, email_field};
use crate::store::sessions::OpenSession;
use crate::store::{self, passwords};

pub(super) async fn update(
    auth: SessionAuth,
    body: CheckedBody<AccountUpdate>,
    call: Call,
) -> Result<JsonResponse> {
    let body = body.valid_or(check_email)?;
    JsonResponse::object(&change(&call, auth.session, body.value).await?)
}

/// Changes the account of a person who is signed in.
async fn change(call: &Call, session: OpenSession, update: AccountUpdate) -> Result<Account> {
    let email = update.email.as_deref().map(email_field).transpose()?;
    let current = call
        .state()
        .db
        .read(|conn| store::accounts::get(conn, session.user_id))?;
    let is_guarded = email.as_ref().is_some_and(|new| *new != current.email);
    let verified = match is_guarded || update.password.is_some() {
        true => verify(call, session.user_id, update.current_password).await?,
        false => None,
    };
    let change = AccountChange {
        name: update.name,
        email,
        password: hash_new(call, update.password).await?,
        verified,
    };
    let request_id = call.request_id();
    call.write(move |tx| {
        let session = store::sessions::get(tx, session.id, Timestamp::now())?;
        app::accounts::update(tx, session, &change, request_id.as_deref())
    })
    .await
}

/// Checks the current password and returns its hash; `None` if the user has no password.
async fn verify(
    call: &Call,
    user: UserId,
    password: Option<Password>,
) -> Result<Option<PasswordHash>> {
    let db = &call.state().db;
    let Some(hash) = db.read(|conn| passwords::get(conn, user))? else {
        return Ok(None);
    };
    let Some(password) = password else {
        return Err(Error::field(
            "currentPassword",
            "Current password is required",
        ));
    };
    // Whoever finds an open browser must not guess the password in it.
    match matches(call, &user.to_string(), password, Some(hash.clone())).await? {
        true => Ok(Some(hash)),
        false => Err(Error::InvalidCredentials),
    }
}
