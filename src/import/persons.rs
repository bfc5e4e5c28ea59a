//! People of a source, who are found among the members by their addresses.

use std::collections::HashMap;

use super::fields::line;
use super::text::cut;
use crate::model::ids::UserId;

/// Maximum characters of a name.
const MAX_NAME: usize = 255;

/// The members of the workspace, by address.
#[derive(Clone, Debug, Default)]
pub struct Members(HashMap<String, UserId>);

impl Members {
    /// Creates the list from normalized addresses.
    pub fn new(members: impl IntoIterator<Item = (String, UserId)>) -> Self {
        Self(members.into_iter().collect())
    }

    /// The member with this address.
    pub fn find(&self, email: &str) -> Option<UserId> {
        self.0.get(&email.trim().to_lowercase()).copied()
    }
}

/// A person of the source.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    /// The name, for people.
    pub(super) name: String,
    /// The member, if the address belongs to one.
    pub(super) member: Option<UserId>,
}

impl Person {
    /// A person of whom only the id at the source is known.
    pub(super) fn with_id(id: &str) -> Self {
        Self {
            name: format!("member {id}"),
            member: None,
        }
    }

    pub(super) fn new(name: &str, email: Option<&str>, members: &Members) -> Self {
        let email = email.filter(|email| email.contains('@'));
        let names = [line(name), line(email.unwrap_or_default())];
        let name = names.into_iter().find(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "Unknown".to_owned());
        Self {
            name: cut(&name, MAX_NAME).unwrap_or(&name).to_owned(),
            member: email.and_then(|email| members.find(email)),
        }
    }
}
