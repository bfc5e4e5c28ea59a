//! Users.

use crate::app;
use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::ids::UserId;
use crate::model::recipients::Address;
use crate::model::time::Timestamp;
use crate::model::users::User;
use crate::store::{
    Conn, Tx, deliveries, events, idempotency, integration, invitations, mails, users, workspaces,
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

/// A person who is erased.
pub struct Erased {
    /// The user.
    pub user: User,
    /// The address, and earlier ones that the journal knows.
    pub emails: Vec<String>,
}

impl Erased {
    /// Finds what belongs to a user.
    ///
    /// # Errors
    /// Database errors only.
    pub fn new(conn: &Conn, user: User) -> Result<Self> {
        let mut emails = vec![user.email.clone()];
        for workspace in workspaces::list(conn)? {
            emails.extend(events::addresses_of(conn, workspace.id, user.id)?);
        }
        Ok(Self { user, emails })
    }
}

/// Deletes what only an address connects with a person: recipients, invitations and notices. This is the first part of
/// erasing a person.
///
/// # Errors
/// Database errors only.
pub fn erase_addresses(tx: &Tx<'_>, person: &Erased) -> Result<()> {
    for email in &person.emails {
        for (workspace, invitation) in invitations::of_person(tx, email)? {
            app::invitations::end(tx, &Ctx::command(workspace), &invitation)?;
        }
        for workspace in workspaces::list(tx)? {
            mails::delete_notices_to(tx, workspace.id, email)?;
        }
        app::recipients::erase(tx, None, &Address::of(email))?;
    }
    Ok(())
}

/// Takes the name and the addresses of a person out of some of the events, beginning with this row, and out of what endpoints
/// of webhooks responded to them. Returns the row to go on with; `None` at the end of the journal. This is the second part,
/// in many transactions.
///
/// # Errors
/// Database errors only.
pub fn redact(tx: &Tx<'_>, person: &Erased, begin: i64) -> Result<Option<i64>> {
    let redacted = events::redact(tx, person.user.id, &person.emails, begin)?;
    for workspace in redacted.workspaces {
        deliveries::clear_responses(tx, workspace)?;
    }
    Ok(redacted.next)
}

/// Deletes the user of a person with all memberships, tokens, keys, sessions and integration configurations, and stored
/// responses. Redacts the rest of the journal from the row `begin` on. This is the last part.
///
/// # Errors
/// `last_owner`.
pub fn erase(tx: &Tx<'_>, person: &Erased, begin: i64) -> Result<()> {
    let user = &person.user;
    for membership in &user.memberships {
        let ctx = Ctx::command(membership.workspace_id);
        app::members::remove(tx, &ctx, user.id)?;
    }
    for (workspace, config) in integration::of_user(tx, user.id)? {
        app::integration::end(tx, &Ctx::command(workspace), &config)?;
    }
    // Responses contain the name only beside the id.
    let id = user.id.to_string();
    for workspace in workspaces::list(tx)? {
        for text in person.emails.iter().chain([&id]) {
            idempotency::delete_containing(tx, workspace.id, text)?;
        }
    }
    users::delete(tx, user.id)?;
    let mut next = Some(begin);
    while let Some(begin) = next {
        next = redact(tx, person, begin)?;
    }
    Ok(())
}
