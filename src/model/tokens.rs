//! API tokens: `km_` and 32 characters, the last six a checksum of the rest.

use serde::{Deserialize, Serialize};

use super::credentials::{Digest, random_base62};
use super::ids::TokenId;
use super::scopes::Scopes;
use super::time::Timestamp;

/// What every token begins with.
pub const TOKEN_START: &str = "km_";
/// Characters of a token in all.
pub const TOKEN_LENGTH: usize = 35;
/// Days that a token lives where nobody says otherwise.
pub const DEFAULT_LIFE_DAYS: i64 = 90;
/// Days that a token lives at most.
pub const LONGEST_LIFE_DAYS: i64 = 365;

const RANDOM_LENGTH: usize = 26;
const CHECKSUM_LENGTH: usize = 6;

/// A token's text. Shown once, never stored, never logged.
pub struct Secret(String);

impl Secret {
    /// A new one: 155 random bits and their checksum.
    ///
    /// # Errors
    /// When the operating system has no random bytes to give.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let body = format!("{TOKEN_START}{}", random_base62(RANDOM_LENGTH)?);
        let checksum = checksum(&body);
        Ok(Self(body + &checksum))
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// Its first seven characters, by which people recognise it.
    pub fn prefix(&self) -> &str {
        &self.0[..7]
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Whether this text can be a token at all: a mistyped one is told without looking it up.
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

/// A token as its owner sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Its first seven characters.
    pub prefix: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a new token is made of. With neither end, it lives 90 days.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenCreate {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends, RFC 3339.
    pub expires_at: Option<String>,
    /// Or after how many days.
    pub expires_in_days: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::{Secret, is_well_formed};

    #[test]
    fn a_generated_token_is_well_formed_and_a_mistyped_one_is_not() {
        let secret = Secret::generate().unwrap_or_else(|_| unreachable!());
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
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
