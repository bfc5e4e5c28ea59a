//! Users.

use crate::app;
use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::ids::UserId;
use crate::model::recipients::Address;
use crate::model::time::Timestamp;
use crate::model::users::User;
use crate::store::{
    Tx, deliveries, events, idempotency, integration, invitations, mails, users, workspaces,
};

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

/// Deletes a person: the user with all memberships, tokens, keys, sessions and integration configurations, and
/// the recipients, invitations, notices and stored responses with an address of the person. Takes the name and the address out
/// of the rest of the journal, from the row `begin` on; [`redact`] has done so before it.
///
/// # Errors
/// `last_owner`.
pub fn erase(tx: &Tx<'_>, user: &User, begin: i64) -> Result<()> {
    for membership in &user.memberships {
        let ctx = Ctx::command(membership.workspace_id);
        app::members::remove(tx, &ctx, user.id)?;
    }
    for (workspace, config) in integration::of_user(tx, user.id)? {
        app::integration::end(tx, &Ctx::command(workspace), &config)?;
    }
    let mut texts = events::addresses_of(tx, user.id)?;
    texts.push(user.email.clone());
    for email in &texts {
        erase_address(tx, email)?;
    }
    // Responses contain the name beside the id.
    texts.push(user.id.to_string());
    for workspace in workspaces::list(tx)? {
        for text in &texts {
            idempotency::delete_containing(tx, workspace.id, text)?;
        }
    }
    users::delete(tx, user.id)?;
    let mut next = Some(begin);
    while let Some(begin) = next {
        next = redact(tx, user, begin)?;
    }
    Ok(())
}

/// Deletes what only an address connects with a person.
fn erase_address(tx: &Tx<'_>, email: &str) -> Result<()> {
    for (workspace, invitation) in invitations::of_person(tx, email)? {
        app::invitations::end(tx, &Ctx::command(workspace), &invitation)?;
    }
    for workspace in workspaces::list(tx)? {
        mails::delete_notices_to(tx, workspace.id, email)?;
    }
    app::recipients::erase(tx, None, &Address::of(email))?;
    Ok(())
}

/// Takes the name and the addresses of a person out of some of the events, beginning with this row, and out of what endpoints
/// of webhooks responded to them. Returns the row to go on with; `None` at the end of the journal.
///
/// # Errors
/// Database errors only.
pub fn redact(tx: &Tx<'_>, user: &User, begin: i64) -> Result<Option<i64>> {
    let mut emails = events::addresses_of(tx, user.id)?;
    emails.push(user.email.clone());
    let redacted = events::redact(tx, user.id, &emails, begin)?;
    for workspace in redacted.workspaces {
        deliveries::clear_responses(tx, workspace)?;
    }
    Ok(redacted.next)
}
