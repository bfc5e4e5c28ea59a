//! The receiver in Rust of the webhooks guide, word for word.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Whether a request with these headers and this body comes from Tackboard. `now` is in seconds since 1970.
pub fn is_genuine(
    secret: &str,
    id: &str,
    timestamp: &str,
    signatures: &str,
    body: &[u8],
    now: u64,
) -> bool {
    let key = match secret.strip_prefix("whsec_") {
        Some(encoded) => BASE64_STANDARD.decode(encoded).unwrap_or_default(),
        None => secret.as_bytes().to_vec(),
    };
    let is_recent = timestamp
        .parse::<u64>()
        .is_ok_and(|sent| now.abs_diff(sent) <= 300);
    is_recent
        && signatures.split(' ').any(|signature| {
            let given = signature
                .strip_prefix("v1,")
                .and_then(|given| BASE64_STANDARD.decode(given).ok());
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else {
                return false;
            };
            mac.update(format!("{id}.{timestamp}.").as_bytes());
            mac.update(body);
            given.is_some_and(|given| mac.verify_slice(&given).is_ok())
        })
}
