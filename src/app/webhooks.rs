//! Webhooks.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::error::{Error, Result, both};
use crate::model::addresses::AllowList;
use crate::model::context::Ctx;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::{WebhookId, WorkspaceId};
use crate::model::time::Timestamp;
use crate::model::webhooks::{
    OLD_KEY_LIFE, SigningKey, Webhook, WebhookCreate, WebhookSecret, WebhookUpdate,
};
use crate::store::{Tx, boards, mails, webhooks, workspaces};

/// Creates a webhook. It begins with the next event.
///
/// # Errors
/// `invalid_request` for the URL and the secret, `board_not_found`, `resource_limit_exceeded`.
pub fn create(
    tx: &Tx<'_>,
    ctx: &Ctx,
    new: WebhookCreate,
    allowed: &AllowList,
) -> Result<(Webhook, WebhookSecret)> {
    let secret = given_or_generated(new.secret)?;
    let ((), key) = both(check_url(&new.url, allowed), key_of(&secret))?;
    if let Some(board) = new.board_id {
        boards::must_exist(tx, ctx.workspace, board)?;
    }
    let now = Timestamp::now();
    let webhook = Webhook {
        id: WebhookId::new(),
        name: new.name,
        url: new.url,
        events: new.events,
        board_id: new.board_id,
        payload: new.payload,
        is_active: new.is_active.unwrap_or(true),
        disabled_reason: None,
        disabled_at: None,
        created_at: now,
        updated_at: now,
    };
    webhooks::insert(tx, ctx.workspace, &webhook, &key)?;
    tx.record(ctx, &NewEvent::new(EventType::WebhookCreated, &webhook)?)?;
    webhooks::skip_to_newest(tx, ctx.workspace, webhook.id)?;
    Ok((webhook, secret))
}

/// Updates a webhook. A webhook that is switched on again begins with the next event.
///
/// # Errors
/// `webhook_not_found`, `invalid_request` for the URL, `board_not_found`.
pub fn update(
    tx: &Tx<'_>,
    ctx: &Ctx,
    id: WebhookId,
    change: WebhookUpdate,
    allowed: &AllowList,
) -> Result<Webhook> {
    if let Some(url) = &change.url {
        check_url(url, allowed)?;
    }
    let old = webhooks::get(tx, ctx.workspace, id)?;
    if let Some(Some(board)) = change.board_id
        && old.board_id != Some(board)
    {
        boards::must_exist(tx, ctx.workspace, board)?;
    }
    let mut webhook = changed(&old, change);
    if webhook == old {
        return Ok(old);
    }
    webhook.updated_at = Timestamp::now();
    store_change(tx, ctx, &old, &webhook)?;
    if webhook.is_active && !old.is_active {
        webhooks::skip_to_newest(tx, ctx.workspace, id)?;
    }
    Ok(webhook)
}

fn changed(old: &Webhook, change: WebhookUpdate) -> Webhook {
    let old = old.clone();
    let is_active = change.is_active.unwrap_or(old.is_active);
    Webhook {
        name: change.name.unwrap_or(old.name),
        url: change.url.unwrap_or(old.url),
        events: change.events.unwrap_or(old.events),
        board_id: change.board_id.unwrap_or(old.board_id),
        payload: change.payload.unwrap_or(old.payload),
        is_active,
        disabled_reason: old.disabled_reason.filter(|_| !is_active),
        disabled_at: old.disabled_at.filter(|_| !is_active),
        ..old
    }
}

/// Switches off a webhook that cannot be delivered to, says why, and mails the workspace's owners. Does nothing if it is off already or was deleted.
///
/// # Errors
/// Database errors only.
pub fn switch_off(tx: &Tx<'_>, workspace: WorkspaceId, id: WebhookId, reason: &str) -> Result<()> {
    let Some(progress) = webhooks::progress(tx, workspace, id)? else {
        return Ok(());
    };
    let old = progress.webhook;
    if !old.is_active {
        return Ok(());
    }
    let now = Timestamp::now();
    let webhook = Webhook {
        is_active: false,
        disabled_reason: Some(reason.to_owned()),
        disabled_at: Some(now),
        updated_at: now,
        ..old.clone()
    };
    store_change(tx, &Ctx::system(workspace), &old, &webhook)?;
    let (subject, text) = webhook.notice(&workspaces::get(tx, workspace)?.name);
    mails::notify_owners(tx, workspace, &subject, &text, now)
}

fn store_change(tx: &Tx<'_>, ctx: &Ctx, old: &Webhook, new: &Webhook) -> Result<()> {
    webhooks::update(tx, ctx.workspace, new)?;
    let event = NewEvent::new(EventType::WebhookUpdated, new)?;
    tx.record(ctx, &event.with_changes(Changes::between(old, new)?))
}

/// Replaces the secret of a webhook. The secret before it signs deliveries for a day more.
///
/// # Errors
/// `invalid_request` for the secret, `webhook_not_found`.
pub fn rotate_secret(
    tx: &Tx<'_>,
    ctx: &Ctx,
    id: WebhookId,
    given: Option<WebhookSecret>,
) -> Result<(Webhook, WebhookSecret)> {
    let secret = given_or_generated(given)?;
    let key = key_of(&secret)?;
    let old = webhooks::get(tx, ctx.workspace, id)?;
    let now = Timestamp::now();
    let until = now.plus_millis(OLD_KEY_LIFE);
    webhooks::rotate_key(tx, ctx.workspace, id, &key, until, now)?;
    let webhook = Webhook {
        updated_at: now,
        ..old
    };
    let mut changes = Changes::default();
    // Which field changed, but neither value.
    changes.add("secret", (), ());
    let event = NewEvent::new(EventType::WebhookUpdated, &webhook)?;
    tx.record(ctx, &event.with_changes(changes))?;
    Ok((webhook, secret))
}

/// Deletes a webhook with its deliveries.
///
/// # Errors
/// `webhook_not_found`.
pub fn delete(tx: &Tx<'_>, ctx: &Ctx, id: WebhookId) -> Result<()> {
    let webhook = webhooks::get(tx, ctx.workspace, id)?;
    webhooks::delete(tx, ctx.workspace, id)?;
    tx.record(ctx, &NewEvent::new(EventType::WebhookDeleted, &webhook)?)
}

fn given_or_generated(given: Option<WebhookSecret>) -> Result<WebhookSecret> {
    match given {
        Some(secret) => Ok(secret),
        None => Ok(WebhookSecret::generate()?),
    }
}

/// Checks the URL and the secret in a body that violates its schema.
///
/// # Errors
/// `invalid_request` with both fields if both are wrong.
pub fn check_fields(body: &Value, allowed: &AllowList) -> Result<()> {
    let url = body["url"].as_str();
    let url = url.map_or(Ok(()), |url| check_url(url, allowed));
    let secret = WebhookSecret::deserialize(&body["secret"]).ok();
    let secret = secret.map(|secret| key_of(&secret)).transpose();
    both(url, secret).map(drop)
}

fn key_of(secret: &WebhookSecret) -> Result<SigningKey> {
    let key = secret.key();
    key.map_err(|what| Error::field("secret", format!("Secret {what}")))
}

fn check_url(url: &str, allowed: &AllowList) -> Result<()> {
    usable_url(url, allowed).map_err(|message| Error::field("url", message))
}

fn usable_url(text: &str, allowed: &AllowList) -> Result<(), String> {
    let invalid = || "URL must be a valid URL".to_owned();
    let url = Url::parse(text).map_err(|_| invalid())?;
    allowed.check_url(&url)?;
    // The parser mends `https:host`, and drops an empty user name. What is stored and shown is the text.
    let behind_scheme = text.get(url.scheme().len()..);
    let rest = behind_scheme.and_then(|rest| rest.strip_prefix("://"));
    let rest = rest.ok_or_else(invalid)?;
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(invalid());
    }
    if authority.contains('@') {
        return Err("URL must not contain a user name or a password".to_owned());
    }
    if url.fragment().is_some() {
        return Err("URL must not contain a fragment".to_owned());
    }
    Ok(())
}
