//! Command-line arguments: parsing, and looking them up in the database.

use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::error::failure::{Failure, refuse};
use crate::model::events::EventType;
use crate::model::ids::{EmailAccountId, SessionId, TokenId, WebhookId, WorkspaceId};
use crate::model::scopes::Scope;
use crate::model::time::Timestamp;
use crate::model::users::{User, normal_email};
use crate::model::webhooks::RecoverySince;
use crate::model::workspaces::{Workspace, is_slug};
use crate::store::{Conn, plans, users, workspaces};

/// The largest limit of a plan: far above any use, and far below overflow.
const MAX_LIMIT: u64 = 1_000_000_000_000;
/// Maximum characters of a name, as in the API.
const MAX_NAME_LENGTH: usize = 100;

/// A name, trimmed.
pub(super) fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let fits = (1..=MAX_NAME_LENGTH).contains(&name.chars().count());
    match fits && !name.chars().any(char::is_control) {
        true => Ok(name.to_owned()),
        false => Err(format!(
            "must be 1 to {MAX_NAME_LENGTH} characters, without control characters"
        )),
    }
}

/// A slug. A slug that looks like an id could match two workspaces.
pub(super) fn slug(text: &str) -> Result<String, String> {
    match is_slug(text) && text.parse::<WorkspaceId>().is_err() {
        true => Ok(text.to_owned()),
        false => Err(
            "must be 1 to 63 lower-case letters, digits or inner hyphens, and not an id".to_owned(),
        ),
    }
}

/// A plan's name.
pub(super) fn plan_name(text: &str) -> Result<String, String> {
    match is_slug(text) {
        true => Ok(text.to_owned()),
        false => Err("must be 1 to 63 lower-case letters, digits or inner hyphens".to_owned()),
    }
}

/// A normalized email address.
pub(super) fn email(text: &str) -> Result<String, String> {
    normal_email(text).ok_or_else(|| "must be an email address such as ann@example.org".to_owned())
}

/// A token's id.
pub(super) fn token_id(text: &str) -> Result<TokenId, String> {
    text.parse()
        .map_err(|_| "must be a token id; `tackboard token list` shows them".to_owned())
}

/// A session's id.
pub(super) fn session_id(text: &str) -> Result<SessionId, String> {
    text.parse()
        .map_err(|_| "must be a session id; `tackboard session list` shows them".to_owned())
}

/// An email account's id.
pub(super) fn email_account_id(text: &str) -> Result<EmailAccountId, String> {
    text.parse().map_err(|_| {
        "must be an email account id; `tackboard email-account list` shows them".to_owned()
    })
}

/// A webhook's id.
pub(super) fn webhook_id(text: &str) -> Result<WebhookId, String> {
    text.parse()
        .map_err(|_| "must be a webhook id; `tackboard webhook list` shows them".to_owned())
}

/// A pattern for event types.
pub(super) fn event_pattern(text: &str) -> Result<String, String> {
    match text == "*" || !EventType::matching(text).is_empty() {
        true => Ok(text.to_owned()),
        false => Err("must be an event type such as task.created, task.*, or *".to_owned()),
    }
}

/// A sequence of the journal or a time.
pub(super) fn recovery_since(text: &str) -> Result<RecoverySince, String> {
    let sequence = text.parse().ok().filter(|sequence| *sequence >= 0);
    sequence
        .map(RecoverySince::Sequence)
        .or_else(|| Timestamp::parse(text).map(RecoverySince::Time))
        .ok_or_else(|| "must be a sequence or a time such as 2024-01-15T10:30:00Z".to_owned())
}

/// A scope by its name.
pub(super) fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.map(Scope::as_str)).try_map(|name| {
        Scope::ALL
            .into_iter()
            .find(|scope| scope.as_str() == name)
            .ok_or("no such scope")
    })
}

/// A limit of a plan as typed by the user. `None` means no limit.
#[derive(Clone, Copy)]
pub(super) struct LimitArg(pub(super) Option<u64>);

impl FromStr for LimitArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self(None)),
            number => match number.parse() {
                Ok(number @ 0..=MAX_LIMIT) => Ok(Self(Some(number))),
                _ => Err(format!(
                    "must be a number from 0 to {MAX_LIMIT}, or `none` for no limit"
                )),
            },
        }
    }
}

/// The workspace with that id or slug.
pub(super) fn workspace(conn: &Conn, id_or_slug: &str) -> Result<Workspace, Failure> {
    workspaces::find(conn, id_or_slug)?.ok_or_else(|| {
        refuse(format!(
            "no workspace has the id or slug {id_or_slug:?}; `tackboard workspace list` shows all"
        ))
    })
}

/// The user with that id or email address.
pub(super) fn user(conn: &Conn, id_or_email: &str) -> Result<User, Failure> {
    users::find(conn, id_or_email)?.ok_or_else(|| {
        refuse(format!(
            "no user has the id or email address {id_or_email:?}; `tackboard user list` shows all"
        ))
    })
}

/// Refuses a plan that does not exist.
pub(super) fn plan_exists(conn: &Conn, name: &str) -> Result<(), Failure> {
    if plans::find(conn, name)?.is_some() {
        return Ok(());
    }
    let names: Vec<_> = plans::list(conn)?
        .into_iter()
        .map(|plan| plan.name)
        .collect();
    Err(refuse(format!(
        "there is no plan {name:?}; the plans are {}",
        names.join(", ")
    )))
}

/// The error for a user who is not a member of the workspace.
pub(super) fn not_a_member(user: &User, workspace: &Workspace) -> Failure {
    let (email, slug) = (&user.email, &workspace.slug);
    refuse(format!(
        "{email} is not a member of {slug}; add the user with `tackboard user create --email {email} --workspace {slug}`"
    ))
}
