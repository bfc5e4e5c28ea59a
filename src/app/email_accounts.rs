//! Addresses that a workspace's cards can be sent from.

use crate::error::{Error, Result};
use crate::model::context::Ctx;
use crate::model::email_accounts::{EmailAccount, EmailAccountCreate};
use crate::model::events::{EventType, NewEvent};
use crate::model::ids::EmailAccountId;
use crate::model::recipients::Address;
use crate::model::time::Timestamp;
use crate::store::{Tx, email_accounts};

/// Parses an address that mails can be sent from.
///
/// # Errors
/// `invalid_request` for the field `address`.
pub fn sendable(text: &str) -> Result<Address> {
    let refused = |what: &str| Error::field("address", format!("Address {what}"));
    let address = Address::parse(text).ok_or_else(|| refused("must be an email address"))?;
    match address.has_ascii_name() {
        true => Ok(address),
        false => Err(refused(
            "must be ASCII before the @, since most mail servers can send from nothing else",
        )),
    }
}

/// Adds an address.
///
/// # Errors
/// `invalid_request` for an invalid address, `conflict` if the workspace already has it.
pub fn create(tx: &Tx<'_>, ctx: &Ctx, new: EmailAccountCreate) -> Result<EmailAccount> {
    let address = sendable(&new.address)?;
    let now = Timestamp::now();
    let account = EmailAccount {
        id: EmailAccountId::new(),
        address: address.as_str().to_owned(),
        name: new.name,
        created_at: now,
        updated_at: now,
    };
    email_accounts::insert(tx, ctx.workspace, &account)?;
    tx.record(
        ctx,
        &NewEvent::new(EventType::EmailAccountCreated, &account)?,
    )?;
    Ok(account)
}

/// Removes an address. Queued mails are still sent from it.
///
/// # Errors
/// `email_account_not_found`.
pub fn delete(tx: &Tx<'_>, ctx: &Ctx, id: EmailAccountId) -> Result<()> {
    let account = email_accounts::get(tx, ctx.workspace, id)?;
    email_accounts::delete(tx, ctx.workspace, id)?;
    tx.record(
        ctx,
        &NewEvent::new(EventType::EmailAccountDeleted, &account)?,
    )
}
