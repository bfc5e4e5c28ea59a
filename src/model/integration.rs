//! The card integration API: requests and responses.

use serde::{Deserialize, Serialize, Serializer};

use super::cards::Cover;
use super::ids::{CardId, EmailAccountId, IntegrationId, UserId, WorkspaceId};
use super::merge_tags::Values;
use super::scopes::{Scope, Scopes};
use super::time::Timestamp;
use crate::error::{Error, Result};

/// The name of the server's default sender.
pub const DEFAULT_SENDER: &str = "CardClan";

/// A workspace that a credential can access, and its scopes there.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessibleWorkspace {
    /// The workspace.
    pub id: WorkspaceId,
    /// The name.
    pub name: String,
    /// The credential's scopes that the user's role in this workspace allows.
    pub scopes: Scopes,
}

impl AccessibleWorkspace {
    /// Checks that the credential has this scope in the workspace.
    ///
    /// # Errors
    /// `insufficient_scope`.
    pub fn require(&self, scope: Scope) -> Result<()> {
        if self.scopes.allow(scope) {
            return Ok(());
        }
        Err(Error::InsufficientScope {
            required: scope,
            provided: self.scopes,
        })
    }
}

/// An integration configuration, which lets automations send a card. Each card has at most one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// The id.
    #[serde(rename = "_id")]
    pub id: IntegrationId,
    /// The user who created it.
    pub user_id: UserId,
    /// The card's workspace.
    pub workspace_id: WorkspaceId,
    /// The card.
    pub card_id: CardId,
    /// The creation time.
    #[serde(serialize_with = "millis")]
    pub created_at: Timestamp,
    /// The time of the last change.
    #[serde(serialize_with = "millis")]
    pub updated_at: Timestamp,
}

/// The fields of a new configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigCreate {
    /// The user of the credential.
    pub user_id: UserId,
    /// The card's workspace.
    pub workspace_id: WorkspaceId,
    /// The card.
    pub card_id: CardId,
}

/// A card and what automations need to know about it, as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct CardDetails {
    /// The card.
    pub id: CardId,
    /// The title.
    pub title: String,
    /// The cover.
    pub cover: Option<Cover>,
    /// Its workspace.
    pub workspace_id: WorkspaceId,
    /// The workspace's name.
    pub workspace_name: String,
    /// The names of the merge tags in its texts.
    pub merge_tags: Vec<String>,
    /// The id of its configuration, if it has one.
    pub integration_id: Option<IntegrationId>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}

/// A card in this API's response form.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CardDetailsResponse {
    #[serde(rename = "_id")]
    id: CardId,
    title: String,
    cover_url: Option<String>,
    workspace_id: WorkspaceId,
    workspace_name: String,
    merge_tags: Vec<String>,
    has_integration: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    integration_id: Option<IntegrationId>,
    #[serde(serialize_with = "millis")]
    created_at: Timestamp,
    #[serde(serialize_with = "millis")]
    updated_at: Timestamp,
}

impl CardDetails {
    /// Returns the response form. URLs of uploaded covers begin with this origin.
    pub fn into_response(self, origin: &str) -> CardDetailsResponse {
        CardDetailsResponse {
            id: self.id,
            title: self.title,
            cover_url: self.cover.map(|cover| cover.url(origin)),
            workspace_id: self.workspace_id,
            workspace_name: self.workspace_name,
            merge_tags: self.merge_tags,
            has_integration: self.integration_id.is_some(),
            integration_id: self.integration_id,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// A person to send a card to.
#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Values for the card's merge tags.
    #[serde(flatten)]
    values: std::collections::BTreeMap<String, Value>,
}

/// A merge tag's value in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Number(serde_json::Number),
    Truth(bool),
}

impl Person {
    /// The values of merge tags as text, including `name` and `email`.
    pub fn values(&self) -> Values {
        let text = |value: &Value| match value {
            Value::Text(text) => text.clone(),
            Value::Number(number) => plain(number),
            Value::Truth(truth) => truth.to_string(),
        };
        let own = self
            .values
            .iter()
            .map(|(tag, value)| (tag.clone(), text(value)));
        let always = [("name", &self.name), ("email", &self.email)];
        own.chain(always.map(|(tag, value)| (tag.to_owned(), value.clone())))
            .collect()
    }
}

/// A number as text. `1000.0` and `1e3` are 1000.
fn plain(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(whole) if number.is_f64() && whole.fract() == 0.0 => {
            format!("{:.0}", whole + 0.0)
        }
        Some(broken) if number.is_f64() => broken.to_string(),
        _ => number.to_string(),
    }
}

/// A request to send a card, or to create its links without sending.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SendRequest {
    /// The card.
    pub card: CardId,
    /// Its configuration.
    pub integration_id: IntegrationId,
    /// The recipients. There is at least one.
    pub merge_tags: Vec<Person>,
    /// The id of the sending address, or [`DEFAULT_SENDER`].
    pub email_account: Option<String>,
}

impl SendRequest {
    /// The id of the sending address; `None` means the server's default.
    pub fn sender(&self) -> Option<EmailAccountId> {
        self.email_account.as_deref()?.parse().ok()
    }
}

/// Serializes a time with milliseconds, as this API does.
fn millis<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment.with_millis())
}

#[cfg(test)]
mod tests {
    use super::Person;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let json = r#"{"name":"A","email":"a@b.de","a":5.0,"b":1e3,"c":-0.0,"d":0.10,"e":1e21,"f":9007199254740993,"g":-1.5e-3}"#;
        let person: Person = serde_json::from_str(json).unwrap_or_else(|_| unreachable!());
        let values = person.values();
        let texts = ["a", "b", "c", "d", "e", "f", "g"].map(|tag| values[tag].as_str());
        let expected = [
            "5",
            "1000",
            "0",
            "0.1",
            "1000000000000000000000",
            "9007199254740993",
            "-0.0015",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn values_are_texts() {
        let json = r#"{"name":"Ada","email":"ada@example.org","age":36,"vip":true,"x":"y"}"#;
        let person: Person = serde_json::from_str(json).unwrap_or_else(|_| unreachable!());
        let values = person.values();
        let pairs: Vec<_> = values
            .iter()
            .map(|(tag, value)| format!("{tag}={value}"))
            .collect();
        assert_eq!(
            pairs,
            [
                "age=36",
                "email=ada@example.org",
                "name=Ada",
                "vip=true",
                "x=y"
            ]
        );
    }
}
