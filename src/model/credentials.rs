//! What credentials are made of, and who stands behind one.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::ids::{UserId, WorkspaceId};
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

/// Who makes a request, and how far that reaches.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The credential's own id, which scopes idempotency keys and burst limits.
    pub credential_id: Uuid,
    /// The workspace that its calls count against: a token's only one, a key's home.
    pub workspace_id: WorkspaceId,
    /// Whether it opens all of its user's workspaces, as an integration key does.
    pub opens_all: bool,
    /// The user behind it.
    pub user_id: UserId,
    /// Its scopes, less what the user's role forbids.
    pub scopes: Scopes,
    /// When it ends; [`Timestamp::NEVER`] for a key.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// API calls a month: the plan's and the top-ups; `None` is no limit.
    pub api_calls: Option<u64>,
}

impl Caller {
    /// The one workspace that it opens; `None` where it opens all of its user's.
    pub fn only_workspace(&self) -> Option<WorkspaceId> {
        (!self.opens_all).then_some(self.workspace_id)
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
