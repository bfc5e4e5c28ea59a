//! The account of a user, as the user changes it.

use crate::error::{Error, Result};
use crate::model::accounts::Account;
use crate::model::context::{Actor, Ctx};
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::{SessionId, UserId};
use crate::model::members::Member;
use crate::model::passwords::PasswordHash;
use crate::model::time::Timestamp;
use crate::model::users::User;
use crate::store::sessions::OpenSession;
use crate::store::{Tx, accounts, passwords, sessions, sign_in_links, users};

/// What changes in an account.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// The new name.
    pub name: Option<String>,
    /// The new email address, normalized.
    pub email: Option<String>,
    /// The hash of the new password.
    pub password: Option<PasswordHash>,
    /// The hash that the current password was verified against.
    pub verified: Option<PasswordHash>,
}

/// Changes the account of a user who is signed in. A new address or password requires the current password, if there is
/// one. A new password ends the user's other sessions.
///
/// # Errors
/// `invalid_credentials`, `conflict` if the address is taken.
pub fn update(
    tx: &Tx<'_>,
    session: OpenSession,
    change: &AccountChange,
    request_id: Option<&str>,
) -> Result<Account> {
    let old = users::get(tx, session.user_id)?;
    let new = User {
        name: change.name.clone().unwrap_or_else(|| old.name.clone()),
        email: change.email.clone().unwrap_or_else(|| old.email.clone()),
        ..old.clone()
    };
    if (new.email != old.email || change.password.is_some())
        && passwords::get(tx, old.id)? != change.verified
    {
        return Err(Error::InvalidCredentials);
    }
    if new != old {
        let actor = sessions::actor(tx, old.id)?;
        rename(tx, &actor, &old, new, request_id)?;
    }
    if let Some(hash) = &change.password {
        set_password(tx, old.id, hash, Some(session.id))?;
    }
    accounts::get(tx, old.id)
}

/// Stores a new name and address. Other members see the name, so each workspace records the change.
fn rename(
    tx: &Tx<'_>,
    actor: &Actor,
    old: &User,
    mut new: User,
    request_id: Option<&str>,
) -> Result<()> {
    new.updated_at = Timestamp::now();
    users::update(tx, &new)?;
    if new.email != old.email {
        // They were sent to the old address.
        sign_in_links::delete_of_user(tx, new.id)?;
    }
    if new.name == old.name {
        return Ok(());
    }
    for membership in &new.memberships {
        let ctx = Ctx {
            actor: actor.clone(),
            workspace: membership.workspace_id,
            request_id: request_id.map(str::to_owned),
        };
        let member = |user: &User| Member {
            id: user.id,
            name: user.name.clone(),
            role: membership.role,
        };
        let changes = Changes::between(&member(old), &member(&new))?;
        let event = NewEvent::new(EventType::MemberUpdated, &member(&new))?;
        tx.record(&ctx, &event.with_changes(changes))?;
    }
    Ok(())
}

/// Sets the password of a user. Ends the user's sessions except one, and all links: whoever has them may be the reason
/// for the new password.
///
/// # Errors
/// Database errors only.
pub fn set_password(
    tx: &Tx<'_>,
    user: UserId,
    hash: &PasswordHash,
    kept: Option<SessionId>,
) -> Result<()> {
    passwords::put(tx, user, hash, Timestamp::now())?;
    sessions::delete_others(tx, user, kept)?;
    sign_in_links::delete_of_user(tx, user)
}
