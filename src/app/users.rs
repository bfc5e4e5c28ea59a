//! Users.

use crate::app;
use crate::error::{Error, Fields, Result};
use crate::model::context::Ctx;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::UserId;
use crate::model::scopes::Role;
use crate::model::time::Timestamp;
use crate::model::users::{Member, User};
use crate::store::{Tx, integration_keys, tokens, users};

/// Creates a user without memberships. The address is already normalized.
///
/// # Errors
/// `conflict` if the address is taken.
pub fn create(tx: &Tx<'_>, email: &str, name: &str) -> Result<User> {
    let now = Timestamp::now();
    let user = User {
        id: UserId::new(),
        email: email.to_owned(),
        name: name.to_owned(),
        memberships: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    users::insert(tx, &user)?;
    Ok(user)
}

/// Adds a user to the workspace, or changes a member's role.
///
/// # Errors
/// Database errors only.
pub fn join(tx: &Tx<'_>, ctx: &Ctx, user: &User, role: Role) -> Result<()> {
    let old = user.role_in(ctx.workspace);
    let new = member(user, role);
    let event = match old {
        Some(old) if old == role => return Ok(()),
        Some(old) => {
            let changes = Changes::between(&member(user, old), &new)?;
            NewEvent::new(EventType::MemberUpdated, &new)?.with_changes(changes)
        }
        None => NewEvent::new(EventType::MemberAdded, &new)?,
    };
    users::join(tx, ctx.workspace, user.id, role, Timestamp::now())?;
    tx.record(ctx, &event)
}

/// Changes the role of a member of the workspace.
///
/// # Errors
/// `conflict` for the last owner.
pub fn set_role(tx: &Tx<'_>, ctx: &Ctx, user: &User, role: Role) -> Result<()> {
    if role != Role::Owner {
        not_the_last_owner(tx, ctx, user)?;
    }
    join(tx, ctx, user, role)
}

/// Removes a member from the workspace, with the member's tokens for it. The member's integration key is revoked if its
/// calls count against the workspace.
///
/// # Errors
/// `conflict` for the last owner.
pub fn remove(tx: &Tx<'_>, ctx: &Ctx, user: &User) -> Result<()> {
    let Some(role) = user.role_in(ctx.workspace) else {
        return Ok(());
    };
    not_the_last_owner(tx, ctx, user)?;
    for token in tokens::of_user(tx, ctx.workspace, user.id)? {
        app::tokens::delete(tx, ctx, token.id)?;
    }
    if let Some(key) = integration_keys::of_user(tx, user.id)?
        && key.workspace_id == ctx.workspace
    {
        app::integration_keys::revoke(tx, ctx, &key)?;
    }
    users::leave(tx, ctx.workspace, user.id)?;
    tx.record(
        ctx,
        &NewEvent::new(EventType::MemberRemoved, &member(user, role))?,
    )
}

fn member(user: &User, role: Role) -> Member {
    Member {
        id: user.id,
        name: user.name.clone(),
        role,
    }
}

fn not_the_last_owner(tx: &Tx<'_>, ctx: &Ctx, user: &User) -> Result<()> {
    if user.role_in(ctx.workspace) != Some(Role::Owner) || users::owners(tx, ctx.workspace)? > 1 {
        return Ok(());
    }
    Err(Error::Conflict {
        message: format!(
            "{} is the last owner of the workspace; make another member owner first",
            user.email
        ),
        fields: Fields::new(),
    })
}
