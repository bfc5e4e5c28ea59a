//! What a credential may do: its scopes, and the roles that limit them.

use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};

/// A permission of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// List and get.
    Read,
    /// Create and update. Does not include `Read`.
    Write,
    /// Delete.
    Delete,
    /// All three, and managing tokens and webhooks.
    Admin,
}

impl Scope {
    /// Every scope, in the order in which they are listed.
    pub const ALL: [Scope; 4] = [Scope::Read, Scope::Write, Scope::Delete, Scope::Admin];

    /// The scope's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Delete => "delete",
            Scope::Admin => "admin",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Scope::Read => 1,
            Scope::Write => 2,
            Scope::Delete => 4,
            Scope::Admin => 8,
        }
    }
}

/// A set of scopes. Stored as bits: 1 read, 2 write, 4 delete, 8 admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "Vec<Scope>")]
pub struct Scopes(u8);

impl Scopes {
    /// All four.
    pub const ALL: Scopes = Scopes(15);

    /// Creates a set from its stored number.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 15)
    }

    /// The number to store.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether the set permits an operation that requires this scope. `admin` includes all others.
    pub const fn allow(self, scope: Scope) -> bool {
        self.0 & (scope.bit() | Scope::Admin.bit()) != 0
    }

    /// The first scope of `other` that this set does not permit.
    pub fn first_beyond(self, other: Scopes) -> Option<Scope> {
        other.iter().find(|scope| !self.allow(*scope))
    }

    /// The scopes in the set.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.0 & scope.bit() != 0)
    }
}

impl From<Vec<Scope>> for Scopes {
    fn from(scopes: Vec<Scope>) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        for scope in self.iter() {
            seq.serialize_element(&scope)?;
        }
        seq.end()
    }
}

/// The role of a user in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May do everything.
    Owner,
    /// May do everything.
    Admin,
    /// May do everything except manage tokens and webhooks.
    Member,
    /// May only read.
    Viewer,
}

impl Role {
    /// The role's name, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Member => "member",
            Role::Viewer => "viewer",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Role::Owner, Role::Admin, Role::Member, Role::Viewer]
            .into_iter()
            .find(|role| role.as_str() == name)
    }

    /// Whether a user with this role can grant, change and remove the other role: never one above their own.
    pub const fn may_manage(self, other: Role) -> bool {
        other.rank() <= self.rank()
    }

    /// Whether a user with this role can invite people with the other role.
    pub const fn may_invite(self, other: Role) -> bool {
        matches!(self, Role::Owner | Role::Admin) && self.may_manage(other)
    }

    const fn rank(self) -> u8 {
        match self {
            Role::Owner => 3,
            Role::Admin => 2,
            Role::Member => 1,
            Role::Viewer => 0,
        }
    }

    /// Returns the scopes that the role allows.
    pub const fn restrict(self, scopes: Scopes) -> Scopes {
        let admin = scopes.0 & Scope::Admin.bit() != 0;
        match self {
            Role::Owner | Role::Admin => scopes,
            Role::Member if admin => Scopes(7),
            Role::Viewer if admin => Scopes(1),
            Role::Member => scopes,
            Role::Viewer => Scopes(scopes.0 & 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, Scope, Scopes};

    #[test]
    fn admin_reaches_everything_and_write_does_not_read() {
        let admin = Scopes::from(vec![Scope::Admin]);
        assert!(Scope::ALL.into_iter().all(|scope| admin.allow(scope)));
        let write = Scopes::from(vec![Scope::Write]);
        assert!(
            write.allow(Scope::Write) && !write.allow(Scope::Read) && !write.allow(Scope::Admin)
        );
    }

    #[test]
    fn a_role_takes_scopes_away() {
        assert_eq!(Role::Owner.restrict(Scopes::ALL), Scopes::ALL);
        assert!(!Role::Member.restrict(Scopes::ALL).allow(Scope::Admin));
        assert!(Role::Member.restrict(Scopes::ALL).allow(Scope::Delete));
        let viewer = Role::Viewer.restrict(Scopes::ALL);
        assert!(viewer.allow(Scope::Read) && !viewer.allow(Scope::Write));
        assert_eq!(
            Role::Viewer.restrict(Scopes::from(vec![Scope::Write])),
            Scopes::default()
        );
    }
}
