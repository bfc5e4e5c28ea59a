//! Passwords and their hashes. Only the hash of a password is ever stored.

use std::fmt;

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Deserializer};

/// Minimum characters of a password.
pub const MIN_LENGTH: usize = 10;
/// Maximum characters of a password. Longer ones add no safety, only work.
pub const MAX_LENGTH: usize = 128;

/// Memory per hash, in KiB.
const MEMORY: u32 = 19_456;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Threads per hash.
const LANES: u32 = 1;
/// Bytes of a salt.
const SALT_LENGTH: usize = 16;

/// A hash of a random text that nobody knows. Checking a password against it takes as long as against any other hash.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$Tm9ib2R5J3MgcGFzc3dvcmQ$c2lnbiBpbiBhcyBub2JvZHkgaXMgaW1wb3NzaWJsZSE";

/// A password as a person typed it. It is never logged and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Accepts a text of any length, to be compared with a hash.
    pub const fn typed(text: String) -> Self {
        Self(text)
    }

    /// Accepts a new password of 10 to 128 characters; `None` for any other length.
    pub fn new(text: String) -> Option<Self> {
        (MIN_LENGTH..=MAX_LENGTH)
            .contains(&text.chars().count())
            .then_some(Self(text))
    }

    /// Hashes the password with a new salt. Takes tens of milliseconds and 19 MiB of memory.
    ///
    /// # Errors
    /// If the operating system cannot provide random bytes.
    pub fn hash(&self) -> Result<PasswordHash, HashError> {
        let mut salt = [0; SALT_LENGTH];
        getrandom::fill(&mut salt).map_err(|_| HashError)?;
        let hash = hasher()?
            .hash_password_with_salt(self.0.as_bytes(), &salt)
            .map_err(|_| HashError)?;
        Ok(PasswordHash(hash.to_string()))
    }

    /// Whether this is the password of a hash. Without a hash it takes as long, and is `false`.
    pub fn matches(&self, hash: Option<&PasswordHash>) -> bool {
        let text = hash.map_or(NOBODYS, |hash| &hash.0);
        let Ok(phc) = Phc::new(text) else {
            return false;
        };
        let verified = hasher().map(|hasher| hasher.verify_password(self.0.as_bytes(), &phc));
        hash.is_some() && matches!(verified, Ok(Ok(())))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// A password could not be hashed.
#[derive(Clone, Copy, Debug)]
pub struct HashError;

impl fmt::Display for HashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a password could not be hashed")
    }
}

impl std::error::Error for HashError {}

/// The hash of a password, as a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Creates a hash from its stored text.
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it was made with other parameters than new hashes.
    pub fn is_outdated(&self) -> bool {
        let parameters = Phc::new(&self.0)
            .ok()
            .and_then(|phc| Params::try_from(&phc).ok());
        parameters.is_none_or(|found| {
            (found.m_cost(), found.t_cost(), found.p_cost()) != (MEMORY, PASSES, LANES)
        })
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

fn hasher() -> Result<Argon2<'static>, HashError> {
    let parameters = Params::new(MEMORY, PASSES, LANES, None).map_err(|_| HashError)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text.to_owned()).unwrap_or_else(|| unreachable!())
    }

    #[test]
    fn a_hash_matches_its_password_alone() {
        let secret = password("correct horse battery");
        let hash = secret.hash().unwrap_or_else(|_| unreachable!());
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(secret.matches(Some(&hash)) && !hash.is_outdated());
        assert!(!password("correct horse battery ").matches(Some(&hash)));
        assert_ne!(secret.hash().ok(), Some(hash), "each hash has its own salt");
        assert!(!format!("{secret:?}").contains("horse"));
    }

    #[test]
    fn nobodys_hash_has_the_cost_of_others_and_matches_nothing() {
        let hash = PasswordHash::from_stored(NOBODYS.to_owned());
        assert!(!hash.is_outdated());
        assert!(Phc::new(NOBODYS).is_ok());
        assert!(!password("sign in as nobody").matches(None));
    }

    #[test]
    fn other_parameters_are_outdated() {
        for text in [
            "$argon2id$v=19$m=8,t=1,p=1$Tm9ib2R5J3MgcGFzc3dvcmQ$c2lnbiBpbiBhcyBub2JvZHkgaXMgaW1wb3NzaWJsZSE",
            "broken",
        ] {
            assert!(PasswordHash::from_stored(text.to_owned()).is_outdated());
        }
    }

    #[test]
    fn a_password_has_ten_to_128_characters() {
        for (length, fits) in [(9, false), (10, true), (128, true), (129, false)] {
            assert_eq!(Password::new("ü".repeat(length)).is_some(), fits);
        }
    }
}
