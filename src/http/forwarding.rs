//! Notices a proxy that nobody has told the server about: all people behind it share one address.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;

use super::client;
use crate::config::Settings;
use crate::model::time::Timestamp;
use crate::store::{Db, installation};

/// Milliseconds between two notes: one day.
const PAUSE: i64 = 86_400_000;
/// How long a note may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// When such a proxy was noticed last.
#[derive(Default)]
pub(super) struct UnknownProxy(AtomicI64);

impl UnknownProxy {
    /// Notes a request that a proxy on this machine or in a private network has forwarded, while no proxy is trusted. Clients
    /// on the internet can make up such headers, so those of public addresses do not count.
    pub(super) fn note(&self, request: &HttpRequest, settings: &Settings, db: &Arc<Db>) {
        if !settings.trusted_proxies.is_empty() || !client::is_forwarded(request.headers()) {
            return;
        }
        let now = Timestamp::now();
        let last = self.0.load(Ordering::Relaxed);
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        if now.millis() - last < PAUSE || !peer.is_some_and(is_private) {
            return;
        }
        self.0.store(now.millis(), Ordering::Relaxed);
        tracing::warn!(
            "requests carry forwarding headers, but no proxy is trusted: all people behind the proxy share one address, so \
             their failed sign-ins are counted together; set --trusted-proxy"
        );
        let db = Arc::clone(db);
        actix_web::rt::spawn(async move {
            let noted = db
                .write(Instant::now() + PATIENCE, move |tx| {
                    installation::saw_forwarded(tx, now)
                })
                .await;
            if let Err(error) = noted {
                tracing::warn!(%error, "failed to note that a proxy is not trusted");
            }
        });
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}
