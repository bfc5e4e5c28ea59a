//! People of a source, who are found among the members by their addresses.

use std::collections::HashMap;

use crate::model::ids::UserId;

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
    pub(super) fn new(name: &str, email: Option<&str>, members: &Members) -> Self {
        let email = email.filter(|email| email.contains('@'));
        let name = [name.trim(), email.unwrap_or_default()]
            .into_iter()
            .find(|name| !name.is_empty());
        Self {
            name: name.unwrap_or("Unknown").to_owned(),
            member: email.and_then(|email| members.find(email)),
        }
    }
}
