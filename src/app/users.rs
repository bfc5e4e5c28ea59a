//! Users.

use crate::app;
use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::ids::UserId;
use crate::model::time::Timestamp;
use crate::model::users::User;
use crate::store::{Tx, events, idempotency, integration, invitations, users, workspaces};

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

/// Deletes a person: the user with all memberships, tokens, keys, sessions and integration configurations, and invitations
/// of the address. The journal still has the name; see [`redact`].
///
/// # Errors
/// `last_owner`.
pub fn erase(tx: &Tx<'_>, user: &User) -> Result<()> {
    for membership in &user.memberships {
        let ctx = Ctx::command(membership.workspace_id);
        app::members::remove(tx, &ctx, user.id)?;
    }
    for (workspace, invitation) in invitations::of_person(tx, &user.email)? {
        app::invitations::end(tx, &Ctx::command(workspace), &invitation)?;
    }
    for (workspace, config) in integration::of_user(tx, user.id)? {
        app::integration::end(tx, &Ctx::command(workspace), &config)?;
    }
    for workspace in workspaces::list(tx)? {
        idempotency::delete_containing(tx, workspace.id, &user.email)?;
    }
    users::delete(tx, user.id)
}

/// Takes the name and the address of a person out of some of the events, beginning with this row. Returns the row to go on
/// with; `None` at the end of the journal.
///
/// # Errors
/// Database errors only.
pub fn redact(tx: &Tx<'_>, user: &User, begin: i64) -> Result<Option<i64>> {
    events::redact(tx, user.id, &user.email, begin)
}
