//! Users.

use crate::error::Result;
use crate::model::ids::UserId;
use crate::model::time::Timestamp;
use crate::model::users::User;
use crate::store::{Tx, users};

/// Makes a user, a member of nothing yet. The address is in its normal form.
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
