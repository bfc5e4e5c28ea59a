//! Secrets of webhooks, and the signatures that they make, as Standard Webhooks describes them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use uuid::Uuid;

use crate::model::time::Timestamp;

/// The prefix of a secret whose rest is base64.
const SECRET_START: &str = "whsec_";
/// Bytes of a generated key.
const KEY_LENGTH: usize = 32;
/// Bytes that the base64 of a secret can encode.
const ENCODED_LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;
/// Characters of a secret without the prefix.
const PLAIN_LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;

/// The text of a secret. Shown once, never stored, never logged.
#[derive(Clone, Deserialize)]
pub struct WebhookSecret(String);

impl WebhookSecret {
    /// Creates a secret of 32 random bytes.
    ///
    /// # Errors
    /// If the operating system cannot provide random bytes.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; KEY_LENGTH];
        getrandom::fill(&mut bytes)?;
        Ok(Self(format!(
            "{SECRET_START}{}",
            BASE64_STANDARD.encode(bytes)
        )))
    }

    /// Creates a secret that a client chose.
    pub const fn given(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The key that the text stands for.
    ///
    /// # Errors
    /// What the text must be instead.
    pub fn key(&self) -> Result<SigningKey, &'static str> {
        match self.0.strip_prefix(SECRET_START) {
            Some(encoded) => BASE64_STANDARD
                .decode(encoded)
                .ok()
                .filter(|bytes| ENCODED_LENGTHS.contains(&bytes.len()))
                .map(SigningKey)
                .ok_or("must be whsec_ followed by the base64 of 24 to 64 bytes"),
            None => {
                let is_plain = PLAIN_LENGTHS.contains(&self.0.chars().count())
                    && !self.0.chars().any(char::is_control);
                match is_plain {
                    true => Ok(SigningKey(self.0.clone().into_bytes())),
                    false => Err("must be 16 to 128 printable characters"),
                }
            }
        }
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// The bytes that sign deliveries.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(Vec<u8>);

impl SigningKey {
    /// Creates a key from its stored bytes.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, to store them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn sign(&self, signed: &str) -> String {
        // HMAC takes keys of every length, so the fallback is never used.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
        mac.update(signed.as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// The keys that sign a delivery: the current one and, for a day after a rotation, the one before.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    /// The current key.
    pub current: SigningKey,
    /// The key before the rotation.
    pub previous: Option<SigningKey>,
}

impl SigningKeys {
    /// The value of the header `webhook-signature`: one signature per key, the current one first.
    pub fn sign(&self, id: Uuid, attempted_at: Timestamp, body: &str) -> String {
        let seconds = attempted_at.millis().div_euclid(1000);
        let signed = format!("{id}.{seconds}.{body}");
        let mut signatures = self.current.sign(&signed);
        if let Some(previous) = &self.previous {
            signatures.push(' ');
            signatures.push_str(&previous.sign(&signed));
        }
        signatures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checked against the example of the Standard Webhooks libraries.
    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        let secret = WebhookSecret::given("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let key = secret.key().unwrap_or_else(|_| unreachable!());
        let signed = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        assert_eq!(
            key.sign(signed),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn both_keys_sign_during_a_rotation() {
        let key = |text: &str| SigningKey(text.as_bytes().to_vec());
        let (new, old) = (key("new key, 16 bytes"), key("old key, 16 bytes"));
        let now = Timestamp::from_millis(1_614_265_330_999);
        let sign = |current: &SigningKey, previous: Option<&SigningKey>| {
            let keys = SigningKeys {
                current: current.clone(),
                previous: previous.cloned(),
            };
            keys.sign(Uuid::nil(), now, "{}")
        };
        let both = sign(&new, Some(&old));
        assert_eq!(both, format!("{} {}", sign(&new, None), sign(&old, None)));
        assert_eq!(
            sign(&new, None),
            new.sign("00000000-0000-0000-0000-000000000000.1614265330.{}")
        );
    }

    #[test]
    fn a_secret_is_base64_after_its_prefix_or_any_printable_text() {
        let key = |text: &str| WebhookSecret::given(text.to_owned()).key();
        let encoded = |bytes: usize| format!("whsec_{}", BASE64_STANDARD.encode(vec![7; bytes]));
        for good in [
            encoded(24),
            encoded(64),
            "x".repeat(16),
            "Schlüssel für alle".to_owned(),
            "x".repeat(128),
        ] {
            assert!(key(&good).is_ok(), "{good}");
        }
        assert_eq!(key(&encoded(24)), Ok(SigningKey(vec![7; 24])));
        let plain = "sixteen letters!";
        assert_eq!(key(plain), Ok(SigningKey(plain.as_bytes().to_vec())));
        for bad in [
            encoded(23),
            encoded(65),
            "whsec_".to_owned(),
            "whsec_not base64 at all, really".to_owned(),
            encoded(32).replace('=', ""),
            "x".repeat(15),
            "x".repeat(129),
            "sixteen\u{0}letters!".to_owned(),
            "sixteen\nletters!".to_owned(),
        ] {
            assert!(key(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_generated_secret_is_valid_and_shown_by_no_debug_output() {
        let secret = WebhookSecret::generate().unwrap_or_else(|_| unreachable!());
        let key = secret.key().unwrap_or_else(|_| unreachable!());
        assert_eq!(key.as_bytes().len(), 32);
        assert_eq!(secret.expose().len(), 50);
        assert_eq!(
            format!("{secret:?} {key:?}"),
            "WebhookSecret(…) SigningKey(…)"
        );
    }
}
