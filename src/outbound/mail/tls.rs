//! TLS to the mail server, and the certificate authorities that are trusted.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{CertificateError, Error, RootCertStore};

use crate::config::Smtp;
use crate::outbound::tls::{client_config, public_authorities};

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
        let mut authorities = public_authorities();
        if let Some(pem) = &settings.ca {
            add_authorities(&mut authorities, pem.expose())
                .map_err(|why| format!("smtp_ca: {why}"))?;
        }
        Ok(Self {
            connector: TlsConnector::from(Arc::new(client_config(authorities)?)),
            server,
        })
    }

    /// Starts TLS on a stream.
    pub(super) async fn encrypt<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let connected = self.connector.connect(self.server.clone(), stream).await;
        connected.map_err(with_hint)
    }
}

/// Adds what to do to the error for a certificate that is not trusted.
fn with_hint(cause: io::Error) -> io::Error {
    let inner = cause.get_ref().and_then(|inner| inner.downcast_ref());
    let hint = match inner {
        Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            "its authority is not trusted; give the authority's certificate with --smtp-ca"
        }
        // The library has no variant of its own for this error.
        Some(Error::InvalidCertificate(CertificateError::Other(other)))
            if other.to_string().contains("CaUsedAsEndEntity") =>
        {
            "the mail server's certificate is self-signed and marked as an authority, which is not accepted; create a \
             server certificate that is signed by an authority, and give the authority's certificate with --smtp-ca"
        }
        _ => return cause,
    };
    io::Error::new(cause.kind(), format!("{cause}: {hint}"))
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

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::client::WebPkiServerVerifier;
    use tokio_rustls::rustls::client::danger::ServerCertVerifier as _;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::UnixTime;

    use super::*;

    /// Self-signed for `mail.example`, as `openssl req -x509` creates it. The key is deleted.
    const SELF_SIGNED: &str = "\
-----BEGIN CERTIFICATE-----
MIIBnTCCAUSgAwIBAgIUWfC3WGjfwqKf0lNBXqb/nxjcC74wCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMbWFpbC5leGFtcGxlMCAXDTI2MTEyNjAyNTc0OVoYDzIxMjYx
MTAyMDI1NzQ5WjAXMRUwEwYDVQQDDAxtYWlsLmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAASQes2/3nexVYv1npbPluPCOeUpX9Gx7E0gDVI5Z7GCD42c
rIA9ndaKwi6GWJlqUVOgFOFHVLZy+Un5U3ASjkNxo2wwajAdBgNVHQ4EFgQUTASX
XF+mfmyAwvvOW1xpJhmhRWAwHwYDVR0jBBgwFoAUTASXXF+mfmyAwvvOW1xpJhmh
RWAwDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggxtYWlsLmV4YW1wbGUwCgYI
KoZIzj0EAwIDRwAwRAIgGHvkkHMhAa1LkEBnjBMD6GRMokeH14VH3TWNYC0QKu0C
IDJ+hKRCMGGM31nfuEjU1BUT20ZX5FMFENbPADwggnZW
-----END CERTIFICATE-----";

    /// Returns the error for the certificate, if this one is trusted in addition to the well-known authorities.
    fn error(trusted: Option<&str>) -> String {
        let mut authorities = public_authorities();
        assert_eq!(
            trusted.map_or(Ok(()), |pem| add_authorities(&mut authorities, pem)),
            Ok(())
        );
        let provider = Arc::new(ring::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(authorities), provider).build();
        let certificate = CertificateDer::from_pem_slice(SELF_SIGNED.as_bytes());
        let name = ServerName::try_from("mail.example");
        let (Ok(verifier), Ok(certificate), Ok(name)) = (verifier, certificate, name) else {
            return String::new();
        };
        let now = UnixTime::now();
        match verifier.verify_server_cert(&certificate, &[], &name, &[], now) {
            Ok(_) => String::new(),
            Err(cause) => with_hint(io::Error::new(io::ErrorKind::InvalidData, cause)).to_string(),
        }
    }

    #[test]
    fn a_self_signed_certificate_gets_a_hint() {
        for trusted in [None, Some(SELF_SIGNED)] {
            let error = error(trusted);
            assert!(error.contains("certificate"), "{error}");
            assert!(
                error.contains("self-signed") && error.contains("--smtp-ca"),
                "{error}"
            );
        }
    }

    #[test]
    fn an_unknown_authority_gets_a_hint() {
        let cause = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let error = with_hint(io::Error::new(io::ErrorKind::InvalidData, cause)).to_string();
        assert!(error.contains("--smtp-ca"), "{error}");
        let other = with_hint(io::Error::other("no route")).to_string();
        assert_eq!(other, "no route");
    }
}
