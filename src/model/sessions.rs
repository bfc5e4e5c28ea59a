//! Sessions: people who are signed in with a browser.

use serde::{Deserialize, Serialize};

use super::accounts::Account;
use super::ids::{SessionId, WorkspaceId};
use super::passwords::Password;
use super::scopes::Role;
use super::time::Timestamp;

/// Days without a request after which a session ends.
pub const IDLE_DAYS: i64 = 14;
/// Days after which a session ends in any case.
pub const MAX_DAYS: i64 = 90;
/// Maximum characters of a stored `User-Agent`.
pub const MAX_USER_AGENT: usize = 200;
/// Milliseconds between two writes of the last use. Within the idle time of days, an hour does not matter.
const LAST_USE_PRECISION: i64 = 3_600_000;

/// A session, as its owner sees it in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// The browser's name for itself.
    pub user_agent: Option<String>,
    /// Whether the request was made with this session.
    pub is_current: bool,
    /// The time of the last use, to the hour.
    pub last_used_at: Timestamp,
    /// The time of the sign-in.
    pub created_at: Timestamp,
    /// When the session ends if it is not used again.
    pub expires_at: Timestamp,
}

/// Returns when a session ends if it is not used again.
pub fn expiry(created_at: Timestamp, last_used_at: Timestamp) -> Timestamp {
    last_used_at
        .plus_days(IDLE_DAYS)
        .min(created_at.plus_days(MAX_DAYS))
}

/// Whether a use of a session must be stored.
pub const fn is_use_worth_storing(last_used_at: Timestamp, now: Timestamp) -> bool {
    now.millis() - last_used_at.millis() >= LAST_USE_PRECISION
}

/// A session with its user and the user's workspaces.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignedIn {
    /// The session's id.
    pub id: SessionId,
    /// The time of the sign-in.
    pub created_at: Timestamp,
    /// When the session ends if it is not used again.
    pub expires_at: Timestamp,
    /// The user.
    pub user: Account,
    /// The user's workspaces, oldest membership first.
    pub workspaces: Vec<WorkspaceOfUser>,
}

/// A workspace of a user.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkspaceOfUser {
    /// The workspace's id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// Its plan.
    pub plan: String,
    /// Role of the user in it.
    pub role: Role,
}

/// A sign-in with a password.
#[derive(Debug, Deserialize)]
pub struct SignIn {
    /// The email address, not yet normalized.
    pub email: String,
    /// The password.
    pub password: Password,
}

/// Shortens a `User-Agent` for storage; `None` if nothing of it is left.
pub fn user_agent(text: &str) -> Option<String> {
    let shown = text.chars().filter(|c| !c.is_control());
    let text: String = shown.take(MAX_USER_AGENT).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns the name of a browser and its system for people, such as "Firefox on Linux".
pub fn browser_name(user_agent: Option<&str>) -> String {
    let text = user_agent.unwrap_or_default();
    let named = |names: &[(&str, &'static str)]| {
        let mut names = names.iter();
        names.find_map(|(part, name)| text.contains(part).then_some(*name))
    };
    // Browsers claim to be others as well, so the order matters.
    let browser = named(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = named(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) => name.to_owned(),
        (None, _) if text.is_empty() => "Unknown browser".to_owned(),
        (None, _) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_idle_and_at_the_latest_after_its_longest_life() {
        let created = Timestamp::from_millis(0);
        assert_eq!(expiry(created, created), created.plus_days(14));
        let late = created.plus_days(80);
        assert_eq!(expiry(created, late), created.plus_days(90));
        assert!(!is_use_worth_storing(
            created,
            created.plus_millis(3_599_999)
        ));
        assert!(is_use_worth_storing(
            created,
            created.plus_millis(3_600_000)
        ));
    }

    #[test]
    fn a_browser_is_named_for_people() {
        for (text, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl/8.5.0"),
        ] {
            assert_eq!(browser_name(Some(text)), name);
        }
        assert_eq!(browser_name(None), "Unknown browser");
    }
}
