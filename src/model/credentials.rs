//! What credentials are made of, and who stands behind one.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::context::{Actor, ActorKind, Ctx};
use super::ids::{TokenId, UserId, WorkspaceId};
use super::scopes::Scopes;
use super::time::Timestamp;

/// The digits of base 62, in bytewise order.
pub const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A SHA-256 digest: what is stored instead of a secret. Secrets here are random and long, so a slow hash would add
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 144 bits as text: enough to tell two states of a thing apart.
    pub fn short(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.0[..18])
    }
}

/// Random digits of base 62, each as likely as any other.
///
/// # Errors
/// When the operating system has no random bytes to give.
pub fn random_base62(length: usize) -> Result<String, getrandom::Error> {
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        getrandom::fill(&mut bytes)?;
        // 248 = 4 * 62: bytes above it would favour the first digits.
        let digits = bytes
            .iter()
            .filter(|byte| **byte < 248)
            .map(|byte| char::from(BASE62[usize::from(*byte % 62)]));
        text.extend(digits.take(length - text.len()));
    }
    Ok(text)
}

/// What a request shows to say who it comes from.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An API token: opens one workspace.
    Token {
        /// Its id.
        id: TokenId,
        /// What it is for.
        name: String,
        /// When it ends.
        expires_at: Timestamp,
        /// When it was last used, to the minute.
        last_used_at: Option<Timestamp>,
    },
    /// An integration key: opens every workspace of its user, and never ends by itself.
    Key {
        /// Its id.
        id: Uuid,
    },
}

impl Credential {
    /// Its id, which scopes idempotency keys and burst limits.
    pub const fn id(&self) -> Uuid {
        match self {
            Credential::Token { id, .. } => id.uuid(),
            Credential::Key { id } => *id,
        }
    }

    /// When it ends; `None` for one that never ends by itself.
    pub const fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Credential::Token { expires_at, .. } => Some(*expires_at),
            Credential::Key { .. } => None,
        }
    }
}

/// Who makes a request, and what they may do.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What the request showed.
    pub credential: Credential,
    /// The workspace that its calls count against: a token's only one, a key's home.
    pub workspace_id: WorkspaceId,
    /// The user behind it.
    pub user_id: UserId,
    /// The user's name.
    pub user_name: String,
    /// Its scopes, less what the user's role forbids. Those of a key depend on the role in each workspace.
    pub scopes: Scopes,
    /// API calls per month: the plan's and the top-ups; `None` is no limit.
    pub api_calls: Option<u64>,
}

impl Caller {
    /// The one workspace that it opens; `None` where it opens all of its user's.
    pub const fn only_workspace(&self) -> Option<WorkspaceId> {
        match self.credential {
            Credential::Token { .. } => Some(self.workspace_id),
            Credential::Key { .. } => None,
        }
    }

    /// The context of a change that this caller asks for, in the workspace that its calls count against.
    pub fn ctx(&self, request_id: Option<String>) -> Ctx {
        let (kind, credential) = match &self.credential {
            Credential::Token { name, .. } => (ActorKind::Token, Some(name.clone())),
            Credential::Key { .. } => (ActorKind::Key, None),
        };
        let actor = Actor {
            kind,
            user_id: Some(self.user_id),
            name: Some(self.user_name.clone()),
            credential,
        };
        Ctx {
            actor,
            workspace: self.workspace_id,
            request_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::random_base62;

    #[test]
    fn random_digits_are_of_the_length_asked_for() {
        for length in [0, 1, 26, 300] {
            let text = random_base62(length).unwrap_or_else(|_| unreachable!());
            assert_eq!(text.len(), length);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }
}
