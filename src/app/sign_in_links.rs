//! Sign-in links, which work once.

use super::{accounts, sessions};
use crate::error::Result;
use crate::model::accounts::Account;
use crate::model::ids::UserId;
use crate::model::passwords::PasswordHash;
use crate::model::secrets::Secret;
use crate::model::sessions::SignedIn;
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, sign_in_links};

/// Creates a link for a user, and returns its code.
///
/// # Errors
/// Database errors only.
pub fn create(tx: &Tx<'_>, user: UserId, life: i64) -> Result<Secret> {
    let (code, now) = (Secret::generate()?, Timestamp::now());
    sign_in_links::insert(tx, user, &code.digest(), now, now.plus_millis(life))?;
    Ok(code)
}

/// Returns whom a link signs in. Changes nothing, because programs that scan mails open every link.
///
/// # Errors
/// `sign_in_link_invalid`.
pub fn account(conn: &Conn, code: &Secret) -> Result<Account> {
    let user = sign_in_links::user(conn, &code.digest(), Timestamp::now())?;
    crate::store::accounts::get(conn, user)
}

/// Signs in the user of a link, which ends the link. With a new password, the user's other sessions end.
///
/// # Errors
/// `sign_in_link_invalid`.
pub fn redeem(
    tx: &Tx<'_>,
    code: &Secret,
    password: Option<&PasswordHash>,
    user_agent: Option<&str>,
) -> Result<(SignedIn, Secret)> {
    let user = sign_in_links::user(tx, &code.digest(), Timestamp::now())?;
    sign_in_links::delete(tx, &code.digest())?;
    if let Some(hash) = password {
        accounts::set_password(tx, user, hash, None)?;
    }
    sessions::open(tx, user, user_agent)
}
