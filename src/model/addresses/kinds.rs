//! Kinds of addresses that are not public, from the IANA registries of special-purpose addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kind of an address that is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressKind {
    /// `0.0.0.0/8` and `::`.
    Unspecified,
    /// The machine itself.
    Loopback,
    /// A private network, also the deprecated site-local addresses of IPv6.
    Private,
    /// Unique local addresses, the private networks of IPv6.
    UniqueLocal,
    /// One network segment. Cloud machines read their credentials from such an address.
    LinkLocal,
    /// Shared by the customers of a provider (CGNAT).
    Shared,
    /// Many machines at once.
    Multicast,
    /// For examples.
    Documentation,
    /// For measuring devices.
    Benchmarking,
    /// Everything else that is not for public machines.
    Reserved,
}

impl AddressKind {
    /// The kind of an address; `None` if it is public. An IPv6 address that contains an IPv4 address (mapped,
    /// compatible, NAT64, 6to4, Teredo) has the kind of that.
    pub fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

impl fmt::Display for AddressKind {
    /// Writes the kind with its article: `a private address`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressKind::Unspecified => "an unspecified address",
            AddressKind::Loopback => "a loopback address",
            AddressKind::Private => "a private address",
            AddressKind::UniqueLocal => "a private (unique local) address",
            AddressKind::LinkLocal => "a link-local address",
            AddressKind::Shared => "a shared (CGNAT) address",
            AddressKind::Multicast => "a multicast address",
            AddressKind::Documentation => "a documentation address",
            AddressKind::Benchmarking => "a benchmarking address",
            AddressKind::Reserved => "a reserved address",
        })
    }
}

fn of_v4(address: Ipv4Addr) -> Option<AddressKind> {
    Some(match address.octets() {
        [0, ..] => AddressKind::Unspecified,
        [127, ..] => AddressKind::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressKind::Private,
        [169, 254, ..] => AddressKind::LinkLocal,
        [100, 64..=127, ..] => AddressKind::Shared,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => AddressKind::Documentation,
        [198, 18..=19, ..] => AddressKind::Benchmarking,
        // Protocol assignments, and the former relays of 6to4.
        [192, 0, 0, _] | [192, 88, 99, _] => AddressKind::Reserved,
        [224..=239, ..] => AddressKind::Multicast,
        [240..=255, ..] => AddressKind::Reserved,
        _ => return None,
    })
}

fn of_v6(address: Ipv6Addr) -> Option<AddressKind> {
    let segments = address.segments();
    Some(match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressKind::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressKind::Loopback,
        // Compatible, mapped, translated (SIIT) and NAT64.
        [0, 0, 0, 0, 0, 0, high, low]
        | [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => return of_v4(v4(high, low)),
        // 6to4.
        [0x2002, high, low, ..] => return of_v4(v4(high, low)),
        // Teredo: a server, and a client whose bits are inverted.
        [0x2001, 0, high, low, _, _, client_high, client_low] => {
            return of_v4(v4(high, low)).or_else(|| of_v4(v4(!client_high, !client_low)));
        }
        // NAT64 of one's own network: the place of the IPv4 address is not known.
        [0x64, 0xff9b, 1, ..] => AddressKind::Private,
        [0x2001, 2, 0, ..] => AddressKind::Benchmarking,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => AddressKind::Documentation,
        // Protocol assignments.
        [0x2001, 0..=0x1ff, ..] => AddressKind::Reserved,
        [0x2000..=0x3fff, ..] => return None,
        [0xfc00..=0xfdff, ..] => AddressKind::UniqueLocal,
        [0xfe80..=0xfebf, ..] => AddressKind::LinkLocal,
        [0xfec0..=0xfeff, ..] => AddressKind::Private,
        [0xff00..=0xffff, ..] => AddressKind::Multicast,
        _ => AddressKind::Reserved,
    })
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}
