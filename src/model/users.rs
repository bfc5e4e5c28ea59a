//! Users.

use serde::Serialize;
use serde_json::Value;

use super::ids::{UserId, WorkspaceId};
use super::scopes::Role;
use super::time::Timestamp;
use crate::error::{Error, Result};

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The email address, trimmed and lowercase.
    pub email: String,
    /// The name.
    pub name: String,
    /// The workspaces of which the user is a member, with the roles.
    pub memberships: Vec<Membership>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

impl User {
    /// The role in a workspace; `None` if the user is not a member.
    pub fn role_in(&self, workspace: WorkspaceId) -> Option<Role> {
        let mut memberships = self.memberships.iter();
        let member = memberships.find(|member| member.workspace_id == workspace)?;
        Some(member.role)
    }
}

/// A user as others see them: in a task's assignees, for example.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Person {
    /// The user's id.
    pub id: UserId,
    /// The user's name.
    pub name: String,
}

/// A user's membership of a workspace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Membership {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// Role of the user in the workspace.
    pub role: Role,
}

/// Normalizes the email address in the field `email` of a request.
///
/// # Errors
/// `invalid_request` if it cannot be an address.
pub fn email_field(text: &str) -> Result<String> {
    normal_email(text).ok_or_else(|| Error::field("email", "Email must be an email address"))
}

/// Checks the field `email` of a body that violates its schema.
///
/// # Errors
/// `invalid_request` if it cannot be an address.
pub fn check_email(body: &Value) -> Result<()> {
    let email = body["email"].as_str();
    email.map_or(Ok(()), |email| email_field(email).map(drop))
}

/// Normalizes an email address: trimmed and lowercase. `None` if it cannot be an address.
pub fn normal_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (local, domain) = email.rsplit_once('@')?;
    let plain = !email
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';'));
    (plain && !local.is_empty() && !local.contains('@') && !domain.is_empty() && email.len() <= 254)
        .then_some(email)
}

#[cfg(test)]
mod tests {
    use super::normal_email;

    #[test]
    fn an_address_is_trimmed_and_lower_cased() {
        assert_eq!(
            normal_email("  Ann@Example.ORG "),
            Some("ann@example.org".to_owned())
        );
        for bad in [
            "",
            "ann",
            "@example.org",
            "ann@",
            "a b@example.org",
            "a@b@c",
            "a@b\r\nBcc: c@d",
        ] {
            assert_eq!(normal_email(bad), None, "{bad:?}");
        }
    }
}
