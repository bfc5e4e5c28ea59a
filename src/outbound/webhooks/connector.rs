//! Connections to endpoints: resolves the host, checks every address, and connects to one of those very addresses. So a
//! name whose answer changes between two look-ups cannot lead anywhere else.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::{Host, Url};

use crate::model::addresses::AllowList;
use crate::outbound::tls::{client_config, public_authorities};

/// How long to try one address of several.
const ADDRESS_TIMEOUT: Duration = Duration::from_secs(4);
/// How many names are resolved at once.
const MAX_LOOKUPS: usize = 64;
/// Maximum bytes of the head of a response.
const MAX_HEAD: usize = 32 * 1024;
/// Maximum headers of a response.
const MAX_HEADERS: usize = 128;

/// Resolves a host and a port. It may block.
type Lookup = fn(&str, u16) -> io::Result<Vec<SocketAddr>>;

/// Opens connections to endpoints.
pub(super) struct Connector {
    allowed: AllowList,
    tls: TlsConnector,
    lookup: Lookup,
    lookups: Arc<Semaphore>,
}

/// An open connection, which is closed when this is dropped.
pub(super) struct Connection {
    pub(super) requests: SendRequest<Full<Bytes>>,
    driver: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connector {
    /// A connector to public addresses and to those that the list opens.
    ///
    /// # Errors
    /// A message, never in practice.
    pub(super) fn new(allowed: AllowList) -> Result<Self, String> {
        let mut config = client_config(public_authorities())?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            allowed,
            tls: TlsConnector::from(Arc::new(config)),
            lookup: |host, port| (host, port).to_socket_addrs().map(Iterator::collect),
            lookups: Arc::new(Semaphore::new(MAX_LOOKUPS)),
        })
    }

    /// Opens a connection to the host of a URL.
    ///
    /// # Errors
    /// A message for people that says why there is none.
    pub(super) async fn connect(&self, url: &Url) -> Result<Connection, String> {
        // The settings may have changed since the URL was accepted.
        self.allowed.check_url(url)?;
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err("The URL has no host".to_owned());
        };
        let is_encrypted = url.scheme() == "https";
        let addresses = match host {
            Host::Domain(name) => self.resolve(name, port).await?,
            Host::Ipv4(address) => vec![SocketAddr::from((address, port))],
            Host::Ipv6(address) => vec![SocketAddr::from((address, port))],
        };
        let checked = self.checked(&host.to_string(), addresses, is_encrypted)?;
        let stream = connect_to_one(&checked).await?;
        if !is_encrypted {
            return handshake(stream).await;
        }
        let server = match host {
            Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned())
                .map_err(|_| format!("{name} cannot be the name in a certificate"))?,
            Host::Ipv4(address) => IpAddr::from(address).into(),
            Host::Ipv6(address) => IpAddr::from(address).into(),
        };
        let encrypted = self.tls.connect(server, stream).await;
        handshake(encrypted.map_err(|cause| format!("TLS failed: {cause}"))?).await
    }

    /// Keeps the addresses that the server may connect to.
    fn checked(
        &self,
        host: &str,
        addresses: Vec<SocketAddr>,
        is_encrypted: bool,
    ) -> Result<Vec<SocketAddr>, String> {
        let mut refusal = format!("{host} has no address");
        let mut kept = Vec::new();
        for address in addresses {
            match self.allowed.check_address(host, address.ip(), is_encrypted) {
                Ok(()) => kept.push(address),
                Err(why) => refusal = why,
            }
        }
        match kept.is_empty() {
            true => Err(refusal),
            false => Ok(kept),
        }
    }

    /// Resolves a name on its own thread. The runtime's blocking threads would delay the end of the program until a slow
    /// resolver answers.
    async fn resolve(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
        let permit = Arc::clone(&self.lookups).acquire_owned().await;
        let permit = permit.map_err(|_| "Names cannot be resolved any more".to_owned())?;
        let (done, found) = oneshot::channel();
        let (host, lookup) = (name.to_owned(), self.lookup);
        let resolve = move || {
            // The receiver is gone if the attempt has timed out.
            let _ = done.send(lookup(&host, port));
            drop(permit);
        };
        let failed = |why: String| format!("{name} cannot be resolved: {why}");
        std::thread::Builder::new()
            .name("resolve".to_owned())
            .spawn(resolve)
            .map_err(|cause| failed(cause.to_string()))?;
        match found.await {
            Ok(Ok(addresses)) => Ok(addresses),
            Ok(Err(cause)) => Err(failed(cause.to_string())),
            Err(_) => Err(failed("the look-up failed".to_owned())),
        }
    }
}

/// Connects to the first address that answers.
async fn connect_to_one(addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    let mut why = "The connection failed".to_owned();
    for address in addresses {
        match tokio::time::timeout(ADDRESS_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream
                    .set_nodelay(true)
                    .map_err(|cause| format!("The connection failed: {cause}"))?;
                return Ok(stream);
            }
            Ok(Err(cause)) => why = format!("The connection failed: {cause}"),
            Err(_) => why = "The connection timed out".to_owned(),
        }
    }
    Err(why)
}

/// Starts HTTP on a stream.
async fn handshake<S>(stream: S) -> Result<Connection, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let opened = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .handshake(TokioIo::new(stream))
        .await;
    let (requests, connection) = opened.map_err(|cause| format!("HTTP failed: {cause}"))?;
    let driver = tokio::spawn(async move {
        // Whoever waits for a response gets the error.
        let _ = connection.await;
    });
    Ok(Connection {
        requests,
        driver: driver.abort_handle(),
    })
}

#[cfg(test)]
mod tests;
