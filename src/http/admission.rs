//! Limits of open connections, in total and per client address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::HttpMessage as _;
use actix_web::dev::ServiceRequest;

use super::client;
use crate::config::Settings;
use crate::error::{Error, Outage, Result};

/// The open connections of all workers.
///
/// A trusted proxy opens connections for many clients, so its own address has no limit. The running requests of its
/// clients are counted instead.
pub(crate) struct Connections {
    most: usize,
    most_per_address: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// What a guard counts.
#[derive(Clone, Copy)]
enum Admitted {
    Connection { of: Option<IpAddr> },
    Request { of: IpAddr },
}

impl Connections {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            most: settings.max_connections,
            most_per_address: settings.max_connections_per_address,
            open: Mutex::default(),
        }
    }

    /// Counts a new connection.
    ///
    /// # Errors
    /// `service_unavailable` if there are too many.
    pub(crate) fn admit(self: &Arc<Self>, settings: &Settings, peer: IpAddr) -> Result<Admission> {
        let peer = peer.to_canonical();
        let is_proxy = client::is_trusted(settings, &peer);
        self.count(Admitted::Connection {
            of: (!is_proxy).then_some(peer),
        })
    }

    fn count(self: &Arc<Self>, counted: Admitted) -> Result<Admission> {
        let overloaded = Error::Unavailable(Outage::Overloaded);
        let mut open = self.open();
        if matches!(counted, Admitted::Connection { .. }) {
            if open.total >= self.most {
                return Err(overloaded);
            }
            open.total += 1;
        }
        if let Some(address) = counted.address() {
            let count = open.by_address.entry(address).or_default();
            if *count >= self.most_per_address {
                open.total -= counted.connections();
                return Err(overloaded);
            }
            *count += 1;
        }
        drop(open);
        Ok(Admission {
            connections: Arc::clone(self),
            counted,
        })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Admitted {
    fn address(self) -> Option<IpAddr> {
        match self {
            Admitted::Connection { of } => of,
            Admitted::Request { of } => Some(of),
        }
    }

    fn connections(self) -> usize {
        usize::from(matches!(self, Admitted::Connection { .. }))
    }
}

/// A counted connection or request. Dropping it ends the count.
pub(crate) struct Admission {
    connections: Arc<Connections>,
    counted: Admitted,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.total -= self.counted.connections();
        let Some(address) = self.counted.address() else {
            return;
        };
        if let Entry::Occupied(mut count) = open.by_address.entry(address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// Counts a request that a trusted proxy forwards, until the response is sent.
///
/// # Errors
/// `service_unavailable` if its client has too many.
pub(super) fn admit_forwarded(
    request: &ServiceRequest,
    settings: &Settings,
    connections: &Arc<Connections>,
) -> Result<()> {
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let Some(peer) = peer.filter(|peer| client::is_trusted(settings, peer)) else {
        return Ok(());
    };
    match client::address(settings, Some(peer), request.headers()) {
        Some(client) if client != peer => {
            let admission = connections.count(Admitted::Request { of: client })?;
            request.extensions_mut().insert(admission);
            Ok(())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Given;

    #[test]
    fn connections_have_a_limit_in_all_and_per_address_but_proxies_only_in_all() {
        let file: Given = toml::from_str(
            "max_connections = 5\nmax_connections_per_address = 2\ntrusted_proxy = ['10.0.0.1']",
        )
        .unwrap_or_else(|_| unreachable!());
        let settings = Settings::new("x".into(), Given::default(), file);
        let connections = Arc::new(Connections::new(&settings));
        let admit = |peer: [u8; 4]| connections.admit(&settings, IpAddr::from(peer)).ok();
        let mut places: Vec<_> = [[1, 1, 1, 1]; 3].map(admit).into_iter().flatten().collect();
        assert_eq!(places.len(), 2);
        let mapped: IpAddr = "::ffff:1.1.1.1".parse().unwrap_or_else(|_| unreachable!());
        assert!(connections.admit(&settings, mapped).is_err());
        places.extend([[10, 0, 0, 1]; 4].map(admit).into_iter().flatten());
        assert_eq!(places.len(), 5);
        assert!(admit([2, 2, 2, 2]).is_none());
        places.remove(0);
        assert!(admit([1, 1, 1, 1]).is_some());
        places.clear();
        let open = connections.open();
        assert_eq!((open.total, open.by_address.len()), (0, 0));
    }
}
