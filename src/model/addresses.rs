//! Addresses that the server may connect to: public ones, and those that a setting opens.

mod kinds;

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use url::{Host, Url};

pub use self::kinds::AddressKind;

/// The setting that opens addresses. Every refusal names it.
const SETTING: &str = "--webhook-allow";
/// The lowest port without a fixed meaning. Below it, only the ports of HTTP are used.
const FIRST_OPEN_PORT: u16 = 1024;

/// One entry of the setting `--webhook-allow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedTarget {
    /// The addresses of a network.
    Network(IpNet),
    /// A host, whatever its address is. In ASCII and lower case.
    Host(String),
}

impl FromStr for AllowedTarget {
    type Err = String;

    /// Reads a network such as `10.0.0.0/8`, an address such as `::1`, or a host such as `n8n.lan`.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let network = text.parse::<IpNet>().map(|network| network.trunc());
        if let Ok(network) = network.or_else(|_| text.parse::<IpAddr>().map(IpNet::from)) {
            return Ok(Self::Network(network));
        }
        match Host::parse(text.trim_end_matches('.')) {
            Ok(Host::Domain(host)) if !host.contains('*') => Ok(Self::Host(host)),
            _ => Err("must be a network such as 10.0.0.0/8, an address or a host".to_owned()),
        }
    }
}

/// The targets that the setting `--webhook-allow` opens, in addition to all public addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList(Vec<AllowedTarget>);

impl AllowList {
    /// The list with these entries.
    pub const fn new(entries: Vec<AllowedTarget>) -> Self {
        Self(entries)
    }

    /// Checks what a URL says by itself: its scheme, its port, and an address in the place of a host. The address of a
    /// name is checked by [`AllowList::check_address`] when the server connects, because it can change.
    ///
    /// # Errors
    /// A message for people that begins with "URL".
    pub fn check_url(&self, url: &Url) -> Result<(), String> {
        let host = url.host().ok_or_else(https_only)?;
        match url.scheme() {
            "https" => {}
            "http" if self.opens(&host) => {}
            "http" => return self.check_literal(&host).and(Err(https_only())),
            _ => return Err(https_only()),
        }
        if !matches!(
            url.port_or_known_default(),
            Some(80 | 443 | FIRST_OPEN_PORT..)
        ) {
            return Err(format!(
                "URL must use port 80, 443, or {FIRST_OPEN_PORT} and above"
            ));
        }
        match url.scheme() {
            "https" => self.check_literal(&host),
            _ => Ok(()),
        }
    }

    /// Checks an address that a host of a URL has. With plain HTTP, the list must open it; else it may also be public.
    ///
    /// # Errors
    /// A message for people. It does not contain the address, because the names of a private network are nobody's
    /// business outside.
    pub fn check_address(
        &self,
        host: &str,
        address: IpAddr,
        is_encrypted: bool,
    ) -> Result<(), String> {
        if self.opens_host(host) || self.opens_address(address) {
            return Ok(());
        }
        match AddressKind::of(address) {
            Some(kind) => Err(format!(
                "{host} resolves to {kind}; allow it with {SETTING} {host}"
            )),
            None if is_encrypted => Ok(()),
            None => Err(https_only()),
        }
    }

    fn check_literal(&self, host: &Host<&str>) -> Result<(), String> {
        let Some(address) = literal(host) else {
            return Ok(());
        };
        match AddressKind::of(address) {
            Some(kind) if !self.opens_address(address) => Err(format!(
                "URL must not point to {kind} ({address}); allow it with {SETTING} {address}"
            )),
            _ => Ok(()),
        }
    }

    /// Whether the list opens a host as it is written in a URL. `localhost` is loopback by definition (RFC 6761).
    fn opens(&self, host: &Host<&str>) -> bool {
        match host {
            Host::Domain(name) if name.trim_end_matches('.') == "localhost" => {
                let loopback = [
                    std::net::Ipv4Addr::LOCALHOST.into(),
                    std::net::Ipv6Addr::LOCALHOST.into(),
                ];
                self.opens_host(name) || loopback.into_iter().any(|at| self.opens_address(at))
            }
            Host::Domain(name) => self.opens_host(name),
            Host::Ipv4(_) | Host::Ipv6(_) => {
                literal(host).is_some_and(|address| self.opens_address(address))
            }
        }
    }

    fn opens_host(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.');
        let is_it =
            |entry: &AllowedTarget| matches!(entry, AllowedTarget::Host(host) if host == name);
        self.0.iter().any(is_it)
    }

    fn opens_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let contains = |entry: &AllowedTarget| match entry {
            AllowedTarget::Network(network) => network.contains(&address),
            AllowedTarget::Host(_) => false,
        };
        self.0.iter().any(contains)
    }
}

fn https_only() -> String {
    format!(
        "URL must begin with https://; http:// is only for addresses and hosts that {SETTING} opens"
    )
}

/// The address that stands in the place of a host.
const fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
    }
}

#[cfg(test)]
mod tests;
