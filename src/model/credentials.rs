//! Credentials, and the callers that they authenticate.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::ids::{SessionId, TokenId, UserId, WorkspaceId};
use super::scopes::Scopes;
use super::time::Timestamp;

/// The digits of base 62, sorted bytewise.
pub const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A SHA-256 digest, which is stored instead of a secret. Secrets here are long and random, so a slow hash would add
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Computes the digest of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Creates a digest from its stored bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 144 bits as text: enough to distinguish versions of an object.
    pub fn short(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.0[..18])
    }
}

/// Returns random digits of base 62, all equally likely.
///
/// # Errors
/// If the operating system cannot provide random bytes.
pub fn random_base62(length: usize) -> Result<String, getrandom::Error> {
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        getrandom::fill(&mut bytes)?;
        // 248 = 4 * 62. Larger bytes are skipped, because they would favor the first digits.
        let digits = bytes
            .iter()
            .filter(|byte| **byte < 248)
            .map(|byte| char::from(BASE62[usize::from(*byte % 62)]));
        text.extend(digits.take(length - text.len()));
    }
    Ok(text)
}

/// What a request is authenticated with.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An API token, which gives access to one workspace.
    Token {
        /// The id.
        id: TokenId,
        /// The expiry.
        expires_at: Timestamp,
        /// The time of the last use, to the minute.
        last_used_at: Option<Timestamp>,
    },
    /// The session of a person who is signed in, used in one of the person's workspaces.
    Session {
        /// The id.
        id: SessionId,
        /// The time of the last use, to the hour.
        last_used_at: Timestamp,
    },
    /// An integration key, which gives access to all workspaces of its user and does not expire.
    Key {
        /// The id.
        id: Uuid,
    },
}

impl Credential {
    /// The id, which scopes idempotency keys and burst limits.
    pub const fn id(&self) -> Uuid {
        match self {
            Credential::Token { id, .. } => id.uuid(),
            Credential::Session { id, .. } => id.uuid(),
            Credential::Key { id } => *id,
        }
    }

    /// The expiry of a token; `None` for the others. A session that has ended is not found.
    pub const fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Credential::Token { expires_at, .. } => Some(*expires_at),
            Credential::Session { .. } | Credential::Key { .. } => None,
        }
    }

    /// Whether the calls count against the monthly quota.
    pub const fn is_counted(&self) -> bool {
        !matches!(self, Credential::Session { .. })
    }
}

/// An authenticated caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The credential of the request.
    pub credential: Credential,
    /// The workspace whose quota the calls count against: that of the token, the one that a
    /// session's request names, or the key's home workspace.
    pub workspace_id: WorkspaceId,
    /// The user.
    pub user_id: UserId,
    /// The scopes that the user's role allows. A key's scopes depend on the role in each workspace.
    pub scopes: Scopes,
    /// API calls per month, of the plan and the top-ups; `None` means no limit.
    pub api_calls: Option<u64>,
}

impl Caller {
    /// The only workspace that the credential can access; `None` if it can access all workspaces of its user.
    pub const fn only_workspace(&self) -> Option<WorkspaceId> {
        match self.credential {
            Credential::Token { .. } | Credential::Session { .. } => Some(self.workspace_id),
            Credential::Key { .. } => None,
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
