//! `/v1/invitations` and `/invitations/{code}`

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::json;

use super::auth::{Admin, Auth};
use super::body::{Valid, ValidForm};
use super::call::Call;
use super::origins::SameOrigin;
use super::params::{Code, Id, Query};
use super::request::user_agent;
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
use crate::store::invitations;

/// A new invitation with its link.
#[derive(Serialize)]
struct NewInvitationResponse<'i> {
    #[serde(flatten)]
    invitation: &'i Invitation,
    link: String,
}

pub(super) async fn list(
    auth: Auth<Admin>,
    query: Query<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = PageRequest::from_query(&query)?;
    call.list(page, move |conn, page| {
        invitations::list(conn, auth.workspace(), page)
    })
    .await
}

pub(super) async fn create(
    auth: Auth<Admin>,
    body: Valid<InvitationCreate>,
    call: Call,
) -> Result<JsonResponse> {
    let origin = call.state().origin.clone();
    let response = call.post(
        auth,
        body,
        app::invitations::create,
        move |(invitation, code)| {
            let shown = NewInvitationResponse {
                invitation: &invitation,
                link: format!("{origin}/invitations/{}", code.expose()),
            };
            let body = json!({ Invitation::NAME: shown }).to_string().into_bytes();
            Ok(PostResponse {
                status: 201,
                body,
                without_secret: Some(one(&invitation)?),
                replayed: false,
            })
        },
    );
    Ok(JsonResponse::from_post(response.await?, false))
}

pub(super) async fn delete(
    auth: Auth<Admin>,
    Id(id): Id<InvitationId>,
    call: Call,
) -> Result<JsonResponse> {
    call.write_as(auth, move |tx, caller, ctx| {
        app::invitations::delete(tx, caller, ctx, id)
    })
    .await?;
    Ok(JsonResponse::deleted(&id))
}

/// Accepts an invitation. A new user is signed in.
pub(super) async fn accept(
    _: SameOrigin,
    code: Code,
    body: ValidForm<InvitationAccept>,
    call: Call,
) -> Result<HttpResponse> {
    let Code(code) = code;
    // Before a hash is computed, and before the writer has work: most wrong codes end here.
    call.state()
        .db
        .read(|conn| app::invitations::offer(conn, &code))?;
    let acceptance = Acceptance {
        session: session_auth::current(&call.0).map(|session| session.id),
        name: body.value.name,
        password: hash_new(&call, body.value.password).await?,
        user_agent: user_agent(&call.0),
        request_id: call.request_id(),
    };
    let accepted = call.write(move |tx| app::invitations::accept(tx, &code, &acceptance));
    let (session, cookie) = accepted.await?;
    open_app(&call, body.is_form, session, cookie.as_ref())
}
