//! TLS to the mail server, and the certificate authorities that are trusted.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::config::Smtp;

/// TLS with one mail server.
pub(super) struct Tls {
    connector: TlsConnector,
    server: ServerName<'static>,
}

impl Tls {
    /// Creates the TLS settings for a server. Well-known authorities and the one in the settings are trusted.
    ///
    /// # Errors
    /// A message that names the invalid setting.
    pub(super) fn new(settings: &Smtp) -> Result<Self, String> {
        let host = settings.host.clone();
        let server = ServerName::try_from(host).map_err(|_| {
            "smtp_url: the host's name is none that can be encrypted with".to_owned()
        })?;
        let mut authorities = RootCertStore::empty();
        authorities.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(pem) = &settings.ca {
            add_authorities(&mut authorities, pem.expose())
                .map_err(|why| format!("smtp_ca: {why}"))?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|cause| format!("TLS cannot be used: {cause}"))?
            .with_root_certificates(authorities)
            .with_no_client_auth();
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            server,
        })
    }

    /// Starts TLS on a stream.
    pub(super) async fn encrypt<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        self.connector.connect(self.server.clone(), stream).await
    }
}

fn add_authorities(authorities: &mut RootCertStore, pem: &str) -> Result<(), String> {
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate =
            certificate.map_err(|cause| format!("the certificates cannot be read: {cause}"))?;
        authorities
            .add(certificate)
            .map_err(|cause| format!("the certificates cannot be used: {cause}"))?;
    }
    Ok(())
}
