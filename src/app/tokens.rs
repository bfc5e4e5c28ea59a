//! API tokens.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::model::events::{EventType, NewEvent};
use crate::model::ids::{TokenId, UserId};
use crate::model::scopes::Scopes;
use crate::model::time::Timestamp;
use crate::model::tokens::{DEFAULT_LIFE_DAYS, MAX_LIFE_DAYS, Token, TokenCreate, TokenSecret};
use crate::store::{Tx, tokens};

/// Creates a token with another token. The new token never has more scopes or a later expiry than the other.
///
/// # Errors
/// `insufficient_scope`, `invalid_request` for the expiry, `resource_limit_exceeded`.
pub fn create(
    tx: &Tx<'_>,
    caller: &Caller,
    ctx: &Ctx,
    new: TokenCreate,
) -> Result<(Token, TokenSecret)> {
    if let Some(required) = caller.scopes.first_beyond(new.scopes) {
        return Err(Error::InsufficientScope {
            required,
            provided: caller.scopes,
        });
    }
    let expires_at = expiry(caller, new.expires_in_days, new.expires_at.as_deref())?;
    issue(tx, ctx, caller.user_id, new.name, new.scopes, expires_at)
}

/// Checks the expiry in the body of a new token that violates its schema.
///
/// # Errors
/// `invalid_request` for the expiry.
pub fn check_expiry(caller: &Caller, body: &Value) -> Result<()> {
    let days = body["expiresInDays"].as_i64();
    let days = days.filter(|days| (1..=MAX_LIFE_DAYS).contains(days));
    expiry(caller, days, body["expiresAt"].as_str()).map(drop)
}

/// Creates a token for a member.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn issue(
    tx: &Tx<'_>,
    ctx: &Ctx,
    user: UserId,
    name: String,
    scopes: Scopes,
    expires_at: Timestamp,
) -> Result<(Token, TokenSecret)> {
    let secret = TokenSecret::generate()
        .map_err(|cause| Error::internal("no random bytes for a token", cause))?;
    let token = Token {
        id: TokenId::new(),
        name,
        prefix: secret.prefix().to_owned(),
        scopes,
        expires_at,
        last_used_at: None,
        created_at: Timestamp::now(),
    };
    tokens::insert(tx, ctx.workspace, user, &token, &secret.digest())?;
    tx.record(ctx, &NewEvent::new(EventType::TokenCreated, &token)?)?;
    Ok((token, secret))
}

/// Revokes a token immediately.
///
/// # Errors
/// `token_not_found`.
pub fn delete(tx: &Tx<'_>, ctx: &Ctx, id: TokenId) -> Result<()> {
    let token = tokens::get(tx, ctx.workspace, id)?;
    tokens::delete(tx, ctx.workspace, id)?;
    tx.record(ctx, &NewEvent::new(EventType::TokenRevoked, &token)?)
}

/// Returns the expiry of a new token, which is never later than that of the token that creates it.
fn expiry(caller: &Caller, days: Option<i64>, text: Option<&str>) -> Result<Timestamp> {
    let now = Timestamp::now();
    let latest = caller.credential.expires_at().unwrap_or(Timestamp::NEVER);
    let (field, wish) = match (days, text) {
        (Some(days), _) => ("expiresInDays", now.plus_days(days)),
        (None, Some(text)) => ("expiresAt", time(text, now)?),
        (None, None) => return Ok(now.plus_days(DEFAULT_LIFE_DAYS).min(latest)),
    };
    if wish <= latest {
        return Ok(wish);
    }
    let message = format!(
        "{} must not be later than the expiry of the token that creates it, {latest}",
        words(field)
    );
    Err(Error::field(field, message))
}

/// Parses the time at which a token expires.
fn time(text: &str, now: Timestamp) -> Result<Timestamp> {
    let refused = |message: String| Err(Error::field("expiresAt", message));
    match Timestamp::parse(text) {
        None => {
            refused("Expires at must be a date and time such as 2024-01-15T10:30:00Z".to_owned())
        }
        Some(wish) if wish <= now => refused("Expires at must be in the future".to_owned()),
        Some(wish) if wish > now.plus_days(MAX_LIFE_DAYS) => refused(format!(
            "Expires at must be at most {MAX_LIFE_DAYS} days from now"
        )),
        Some(wish) => Ok(wish),
    }
}

fn words(field: &str) -> &'static str {
    if field == "expiresAt" {
        "Expires at"
    } else {
        "Expires in days"
    }
}
