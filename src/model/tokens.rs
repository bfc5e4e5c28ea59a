//! API tokens: `km_` and 32 characters, the last six a checksum of the rest.

use serde::{Deserialize, Serialize};

use super::credentials::{Digest, random_base62};
use super::ids::TokenId;
use super::scopes::Scopes;
use super::time::Timestamp;

/// The prefix of every token.
pub const TOKEN_START: &str = "km_";
/// Characters of a token.
pub const TOKEN_LENGTH: usize = 35;
/// Days until a token expires by default.
pub const DEFAULT_LIFE_DAYS: i64 = 90;
/// Maximum days until a token expires.
pub const MAX_LIFE_DAYS: i64 = 365;

const RANDOM_LENGTH: usize = 26;
const CHECKSUM_LENGTH: usize = 6;

/// The text of a token. Shown once, never stored, never logged.
pub struct TokenSecret(String);

impl TokenSecret {
    /// Creates a token: 155 random bits and their checksum.
    ///
    /// # Errors
    /// If the operating system cannot provide random bytes.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let body = format!("{TOKEN_START}{}", random_base62(RANDOM_LENGTH)?);
        let checksum = checksum(&body);
        Ok(Self(body + &checksum))
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The digest, which is stored.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// The first seven characters, by which people recognize a token.
    pub fn prefix(&self) -> &str {
        &self.0[..7]
    }
}

impl std::fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

/// Whether the text has the form of a token. A mistyped token is refused without a lookup.
pub fn is_well_formed(text: &str) -> bool {
    text.len() == TOKEN_LENGTH
        && text.starts_with(TOKEN_START)
        && text.is_ascii()
        && checksum(&text[..TOKEN_LENGTH - CHECKSUM_LENGTH])
            == text[TOKEN_LENGTH - CHECKSUM_LENGTH..]
}

/// CRC-32 in base 62, six digits, most significant first.
fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = super::credentials::BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// A token in its response form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Token {
    /// The id.
    pub id: TokenId,
    /// The name.
    pub name: String,
    /// The first seven characters of its text.
    pub prefix: String,
    /// The scopes.
    pub scopes: Scopes,
    /// The expiry.
    pub expires_at: Timestamp,
    /// The time of the last use, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// The creation time.
    pub created_at: Timestamp,
}

/// The fields of a new token. Without an expiry, it expires after 90 days.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenCreate {
    /// The name.
    pub name: String,
    /// The scopes.
    pub scopes: Scopes,
    /// The expiry as an RFC 3339 time.
    pub expires_at: Option<String>,
    /// Alternatively, the days until it expires.
    pub expires_in_days: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::{TokenSecret, is_well_formed};

    #[test]
    fn a_generated_token_is_well_formed_and_a_mistyped_one_is_not() {
        let secret = TokenSecret::generate().unwrap_or_else(|_| unreachable!());
        let text = secret.expose();
        assert_eq!(text.len(), 35);
        assert!(is_well_formed(text));
        for at in 3..text.len() {
            let mut typo = text.to_owned();
            let other = if &text[at..=at] == "x" { "y" } else { "x" };
            typo.replace_range(at..=at, other);
            assert!(!is_well_formed(&typo), "character {at}");
        }
        assert!(!is_well_formed(&text.replace("km_", "kn_")));
        assert!(!is_well_formed("km_éééééééééééééééé"));
        assert_eq!(format!("{secret:?}"), "TokenSecret(…)");
    }
}
