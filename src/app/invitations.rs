//! Invitations to a workspace.

use super::members::check_rights;
use super::{members, sessions, users};
use crate::error::{Error, Fields, Result};
use crate::model::context::{Actor, ActorKind, Ctx};
use crate::model::credentials::Caller;
use crate::model::events::{EventType, NewEvent};
use crate::model::ids::{InvitationId, SessionId, UserId, WorkspaceId};
use crate::model::invitations::{Invitation, InvitationCreate, InvitationOffer, LIFE_DAYS};
use crate::model::passwords::PasswordHash;
use crate::model::scopes::Role;
use crate::model::secrets::Secret;
use crate::model::sessions::SignedIn;
use crate::model::time::Timestamp;
use crate::model::users::{User, email_field};
use crate::store::{self, Conn, Tx};

/// Invites a person for a caller, whose own role limits the role of the invitation.
///
/// # Errors
/// `invalid_request`, `insufficient_scope`, `conflict` for a member, `resource_limit_exceeded`.
pub fn create(
    tx: &Tx<'_>,
    caller: &Caller,
    ctx: &Ctx,
    new: InvitationCreate,
) -> Result<(Invitation, Secret)> {
    let email = email_field(&new.email)?;
    check_rights(tx, caller, new.role)?;
    if let Some(old) = store::invitations::of_address(tx, ctx.workspace, &email)? {
        check_rights(tx, caller, old.role)?;
    }
    issue(tx, ctx, Some(caller.user_id), &email, new.role)
}

/// Invites a person. A new invitation replaces an earlier one of the same person. The address is already normalized.
///
/// # Errors
/// `conflict` for a member, `resource_limit_exceeded`.
pub fn issue(
    tx: &Tx<'_>,
    ctx: &Ctx,
    invited_by: Option<UserId>,
    email: &str,
    role: Role,
) -> Result<(Invitation, Secret)> {
    let user = store::users::find(tx, email)?;
    if user.is_some_and(|user| user.role_in(ctx.workspace).is_some()) {
        return Err(of_address(
            format!("{email} is already a member of the workspace"),
            email,
        ));
    }
    if let Some(old) = store::invitations::of_address(tx, ctx.workspace, email)? {
        end(tx, ctx, &old)?;
    }
    let (code, now) = (Secret::generate()?, Timestamp::now());
    let invitation = Invitation {
        id: InvitationId::new(),
        email: email.to_owned(),
        role,
        created_at: now,
        expires_at: now.plus_days(LIFE_DAYS),
    };
    store::invitations::insert(tx, ctx.workspace, invited_by, &invitation, &code.digest())?;
    tx.record(
        ctx,
        &NewEvent::new(EventType::InvitationCreated, &invitation)?,
    )?;
    Ok((invitation, code))
}

/// Ends an invitation for a caller, whose own role limits what is possible.
///
/// # Errors
/// `invitation_not_found`, `insufficient_scope`.
pub fn delete(tx: &Tx<'_>, caller: &Caller, ctx: &Ctx, id: InvitationId) -> Result<()> {
    let invitation = store::invitations::get(tx, ctx.workspace, id)?;
    check_rights(tx, caller, invitation.role)?;
    end(tx, ctx, &invitation)
}

/// Ends an invitation: its link no longer works.
///
/// # Errors
/// Database errors only.
pub fn end(tx: &Tx<'_>, ctx: &Ctx, invitation: &Invitation) -> Result<()> {
    store::invitations::delete(tx, ctx.workspace, invitation.id)?;
    tx.record(
        ctx,
        &NewEvent::new(EventType::InvitationDeleted, invitation)?,
    )
}

/// Deletes some of the invitations that have expired, and returns how many.
///
/// # Errors
/// Database errors only.
pub fn delete_expired(tx: &Tx<'_>, now: Timestamp) -> Result<usize> {
    let expired = store::invitations::expired(tx, now)?;
    for (workspace, invitation) in &expired {
        end(tx, &Ctx::system(*workspace), invitation)?;
    }
    Ok(expired.len())
}

/// Returns what the link of an invitation shows. Changes nothing.
///
/// # Errors
/// `sign_in_link_invalid`.
pub fn offer(conn: &Conn, code: &Secret) -> Result<InvitationOffer> {
    store::invitations::offer(conn, &code.digest(), Timestamp::now())
}

/// What a person who accepts an invitation sends.
#[derive(Clone, Debug, Default)]
pub struct Acceptance {
    /// The session of the person, if there is one.
    pub session: Option<SessionId>,
    /// The name; required for a new user.
    pub name: Option<String>,
    /// The hash of the password of a new user, if the person wants one.
    pub password: Option<PasswordHash>,
    /// The browser's name for itself.
    pub user_agent: Option<String>,
    /// The request id.
    pub request_id: Option<String>,
}

/// Accepts an invitation, which works once. A new user is created and signed in: then the value of the session's cookie is
/// returned too. An existing user must be signed in already.
///
/// # Errors
/// `sign_in_link_invalid`; `conflict` if the address has an account and the person is not signed in as that user;
/// `invalid_request` without a name; `resource_limit_exceeded`.
pub fn accept(
    tx: &Tx<'_>,
    code: &Secret,
    acceptance: &Acceptance,
) -> Result<(SignedIn, Option<Secret>)> {
    let now = Timestamp::now();
    let (workspace, invitation) = store::invitations::by_code(tx, &code.digest(), now)?;
    let email = &invitation.email;
    let session = acceptance
        .session
        .map(|id| store::sessions::get(tx, id, now));
    let session = session.and_then(Result::ok);
    let (user, session) = match store::users::find(tx, email)? {
        None => (create_user(tx, email, acceptance)?, None),
        Some(user) => match session.filter(|session| session.user_id == user.id) {
            Some(session) => (user, Some(session.id)),
            None => {
                let message = format!("Sign in as {email} to accept this invitation");
                return Err(of_address(message, email));
            }
        },
    };
    let ctx = context(&user, workspace, acceptance.request_id.clone());
    // A member who was added in the meantime keeps the role.
    if user.role_in(workspace).is_none() {
        members::join(tx, &ctx, &user, invitation.role)?;
    }
    end(tx, &ctx, &invitation)?;
    match session {
        Some(id) => Ok((store::sessions::signed_in(tx, id)?, None)),
        None => {
            let (session, cookie) = sessions::open(tx, user.id, acceptance.user_agent.as_deref())?;
            Ok((session, Some(cookie)))
        }
    }
}

fn create_user(tx: &Tx<'_>, email: &str, acceptance: &Acceptance) -> Result<User> {
    let Some(name) = &acceptance.name else {
        return Err(Error::field("name", "Name is required"));
    };
    let user = users::create(tx, email, name)?;
    if let Some(hash) = &acceptance.password {
        store::passwords::put(tx, user.id, hash, user.created_at)?;
    }
    Ok(user)
}

fn context(user: &User, workspace: WorkspaceId, request_id: Option<String>) -> Ctx {
    Ctx {
        actor: Actor {
            kind: ActorKind::Session,
            user_id: Some(user.id),
            name: Some(user.name.clone()),
            credential: None,
        },
        workspace,
        request_id,
    }
}

fn of_address(message: String, email: &str) -> Error {
    Error::Conflict {
        message,
        fields: Fields::from([("email".to_owned(), email.to_owned())]),
    }
}
