//! Users.

use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::UserId;
use crate::model::scopes::Role;
use crate::model::time::Timestamp;
use crate::model::users::{Member, User};
use crate::store::{Tx, users};

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
    let old = user
        .memberships
        .iter()
        .find(|membership| membership.workspace_id == ctx.workspace);
    let member = |role| Member {
        id: user.id,
        name: user.name.clone(),
        role,
    };
    let new = member(role);
    let event = match old {
        Some(old) if old.role == role => return Ok(()),
        Some(old) => {
            let changes = Changes::between(&member(old.role), &new)?;
            NewEvent::new(EventType::MemberUpdated, &new)?.with_changes(changes)
        }
        None => NewEvent::new(EventType::MemberAdded, &new)?,
    };
    users::join(tx, ctx.workspace, user.id, role, Timestamp::now())?;
    tx.record(ctx, &event)
}
