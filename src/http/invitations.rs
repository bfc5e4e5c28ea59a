//! `/v1/invitations` and `/invitations/{code}`

use std::sync::mpsc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use serde_json::json;

use super::auth::{Admin, Auth, Reader};
use super::body::{CheckedBody, ValidForm};
use super::call::Call;
use super::origins::SameOrigin;
use super::pages::form::again;
use super::pages::templates::page;
use super::params::{CheckedQuery, Code, Id};
use super::request::{state, user_agent};
use super::response::{JsonResponse, ResponseObject as _, one};
use super::session_auth;
use super::sign_in_links::{hash_new, open_app};
use crate::app;
use crate::app::idempotency::PostResponse;
use crate::app::invitations::Acceptance;
use crate::error::Result;
use crate::model::ids::InvitationId;
use crate::model::invitations::{Invitation, InvitationAccept, InvitationCreate};
use crate::model::page::{PageQuery, PageRequest};
use crate::model::secrets::Secret;
use crate::model::sessions::SignedIn;
use crate::model::users::check_email;
use crate::outbound::mail::AccountMail;
use crate::store::{accounts, invitations};

const TEMPLATE: &str = "invitation.html";

/// A new invitation with its link.
#[derive(Serialize)]
struct NewInvitationResponse<'i> {
    #[serde(flatten)]
    invitation: &'i Invitation,
    link: String,
}

pub(super) async fn list(
    reader: Reader<Admin>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    call.list(reader, page, move |conn, workspace, page| {
        invitations::list(conn, workspace, page)
    })
    .await
}

/// Invites a person, and mails the link.
pub(super) async fn create(
    auth: Auth<Admin>,
    body: CheckedBody<InvitationCreate>,
    call: Call,
) -> Result<JsonResponse> {
    let body = body.valid_or(check_email)?;
    let (origin, workspace, inviter) = (
        call.state().origin.clone(),
        auth.workspace(),
        auth.caller.user_id,
    );
    let (made, mail) = mpsc::channel();
    let response = call.post(
        auth,
        body,
        app::invitations::create,
        move |(invitation, code)| {
            let response = created(&invitation, &origin, &code)?;
            // The receiver waits until the transaction has ended.
            let _ = made.send(AccountMail::Invitation {
                workspace,
                inviter,
                email: invitation.email,
                role: invitation.role,
                code,
            });
            Ok(response)
        },
    );
    let response = response.await?;
    // A change may run twice before it is stored, with another code each time. The last one counts.
    if let Some(mail) = mail.try_iter().last() {
        send(&call, mail);
    }
    Ok(JsonResponse::from_post(response, true))
}

fn created(invitation: &Invitation, origin: &str, code: &Secret) -> Result<PostResponse> {
    let link = format!("{origin}/invitations/{}", code.expose());
    let shown = NewInvitationResponse { invitation, link };
    Ok(PostResponse {
        status: 201,
        body: json!({ Invitation::NAME: shown }).to_string().into_bytes(),
        without_secret: Some(one(invitation)?),
        replayed: false,
    })
}

/// Mails an invitation, unless the address was sent too many mails: whoever can invite must not flood others.
fn send(call: &Call, mail: AccountMail) {
    let state = call.state();
    if state.sign_in_limits.may_invite(mail.email()) {
        state.account_mails.send(mail);
    }
}

pub(super) async fn delete(
    auth: Auth<Admin>,
    Id(id): Id<InvitationId>,
    call: Call,
) -> Result<JsonResponse> {
    let precondition = call.precondition(&auth, id, invitations::get, invitations::get)?;
    call.change_as(auth, precondition, move |tx, caller, ctx| {
        app::invitations::delete(tx, caller, ctx, id)
    })
    .await?;
    Ok(JsonResponse::deleted(&id))
}

/// Responds with a page that says what the invitation is for. It changes nothing, because mail scanners follow every link.
pub(super) async fn show(Code(code): Code, request: HttpRequest) -> Result<HttpResponse> {
    let values = values(&request, &code, "")?;
    page(&request, StatusCode::OK, TEMPLATE, values)
}

/// What the page of an invitation shows.
fn values(request: &HttpRequest, code: &Secret, name: &str) -> Result<Value> {
    let session = session_auth::current(request);
    let (offer, signed_in) = state(request).db.read(|conn| {
        let account = session.map(|session| accounts::get(conn, session.user_id));
        Ok((app::invitations::offer(conn, code)?, account.transpose()?))
    })?;
    let (offer, signed_in) = (Serde(offer), Serde(signed_in));
    let problems = Vec::<Value>::new();
    Ok(context! { offer, signed_in, name, problems, code => code.expose() })
}

/// Accepts an invitation. A new user is signed in. Browsers get the page again if the person has to do something else.
pub(super) async fn accept(
    _: SameOrigin,
    code: Code,
    body: ValidForm<InvitationAccept>,
    call: Call,
) -> Result<HttpResponse> {
    let Code(code) = code;
    let accepted = match body.value {
        Ok(acceptance) => join(&call, code.clone(), acceptance).await,
        Err(error) => Err(error),
    };
    match accepted {
        Ok((session, cookie)) => open_app(&call, body.typed.is_some(), session, cookie.as_ref()),
        Err(error) => again(&call.0, error, TEMPLATE, |mut problems| {
            for problem in &mut problems {
                // The address is not a field of the form.
                problem.field.take_if(|field| *field == "email");
            }
            let name = body.typed.as_ref().and_then(|typed| typed.get("name"));
            let values = values(&call.0, &code, name.map_or("", String::as_str))?;
            Ok(context! { problems, ..values })
        }),
    }
}

async fn join(
    call: &Call,
    code: Secret,
    accept: InvitationAccept,
) -> Result<(SignedIn, Option<Secret>)> {
    // Before a hash is computed, and before the writer has work: most wrong codes end here.
    call.state()
        .db
        .read(|conn| app::invitations::offer(conn, &code))?;
    let acceptance = Acceptance {
        session: session_auth::current(&call.0).map(|session| session.id),
        name: accept.name,
        password: hash_new(call, accept.password).await?,
        user_agent: user_agent(&call.0),
        request_id: call.request_id(),
    };
    call.write(move |tx| app::invitations::accept(tx, &code, &acceptance))
        .await
}
