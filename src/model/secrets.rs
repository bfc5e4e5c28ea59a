//! Random secrets: the values of session cookies and the codes of links.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::credentials::Digest;

/// Random bytes of a secret.
const BYTES: usize = 32;
/// Characters of a secret.
const LENGTH: usize = 43;

/// 256 random bits as text in base64url. Given out once, stored only as a digest, never logged.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Creates a secret.
    ///
    /// # Errors
    /// If the operating system cannot provide random bytes.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Reads a secret from a cookie or a URL; `None` if it does not have the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (text.len() == LENGTH && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The digest, which is stored.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_read_as_it_was_written() {
        let secret = Secret::generate().unwrap_or_else(|_| unreachable!());
        let read = Secret::parse(secret.expose()).unwrap_or_else(|| unreachable!());
        assert_eq!(read.digest(), secret.digest());
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        for bad in ["", "abc", &"=".repeat(43), &"a".repeat(44), &"ü".repeat(21)] {
            assert!(Secret::parse(bad).is_none(), "{bad:?}");
        }
    }
}
