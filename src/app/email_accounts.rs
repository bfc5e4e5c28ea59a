//! Addresses that a workspace's cards can come from.

use crate::error::{Error, Result};
use crate::model::email_accounts::{EmailAccount, EmailAccountCreate};
use crate::model::ids::{EmailAccountId, WorkspaceId};
use crate::model::recipients::Address;
use crate::model::time::Timestamp;
use crate::store::{Tx, email_accounts};

/// Adds an address.
///
/// # Errors
/// `invalid_request` on an address that no mail can come from, `conflict` where the workspace has it already.
pub fn create(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    new: EmailAccountCreate,
) -> Result<EmailAccount> {
    let refused = |what: &str| Error::field("address", format!("Address {what}"));
    let address =
        Address::parse(&new.address).ok_or_else(|| refused("must be an email address"))?;
    if !address.has_ascii_name() {
        return Err(refused(
            "must be ASCII before the @, since most mail servers can send from nothing else",
        ));
    }
    let now = Timestamp::now();
    let account = EmailAccount {
        id: EmailAccountId::new(),
        address: address.as_str().to_owned(),
        name: new.name,
        created_at: now,
        updated_at: now,
    };
    email_accounts::insert(tx, workspace, &account)?;
    Ok(account)
}
