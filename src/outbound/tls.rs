//! TLS settings for connections to others.

use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The well-known authorities.
pub(super) fn public_authorities() -> RootCertStore {
    let mut authorities = RootCertStore::empty();
    authorities.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    authorities
}

/// The settings of a client that trusts these authorities.
///
/// # Errors
/// A message, never in practice.
pub(super) fn client_config(authorities: RootCertStore) -> Result<ClientConfig, String> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|cause| format!("TLS cannot be used: {cause}"))?
        .with_root_certificates(authorities)
        .with_no_client_auth();
    Ok(config)
}
