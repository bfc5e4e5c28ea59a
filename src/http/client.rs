//! The client's address. Forwarding headers count only if the proxy is trusted.

use std::net::IpAddr;

use actix_web::http::header::{FORWARDED, HeaderMap};

use crate::config::Settings;

/// The header that most proxies set.
const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// Returns the client's address: that of the peer, or the last one that a trusted proxy reports.
pub(super) fn address(
    settings: &Settings,
    peer: Option<IpAddr>,
    headers: &HeaderMap,
) -> Option<IpAddr> {
    let mut client = peer?.to_canonical();
    let forwarded = chain(headers);
    for address in forwarded.iter().rev() {
        if !is_trusted(settings, &client) {
            break;
        }
        client = (*address)?.to_canonical();
    }
    Some(client)
}

/// Whether a proxy has forwarded the request, or claims to.
pub(super) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED)
}

/// Whether an address, in canonical form, belongs to a trusted proxy.
pub(super) fn is_trusted(settings: &Settings, address: &IpAddr) -> bool {
    let mut proxies = settings.trusted_proxies.iter();
    proxies.any(|network| network.contains(address))
}

/// Whether the client may read the metrics: from this machine, or from a network in the settings. A request that an
/// untrusted local proxy forwards does not count as from this machine.
pub(super) fn may_read_metrics(
    settings: &Settings,
    peer: Option<IpAddr>,
    headers: &HeaderMap,
) -> bool {
    let Some(client) = address(settings, peer, headers) else {
        return false;
    };
    let named = settings
        .metrics_allow
        .iter()
        .any(|network| network.contains(&client));
    let handed_on =
        peer.map(|peer| peer.to_canonical()) == Some(client) && !chain(headers).is_empty();
    named || (client.is_loopback() && !handed_on)
}

/// The addresses in the forwarding headers, the original client first; `None` for an invalid address.
fn chain(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let text = |value: &actix_web::http::header::HeaderValue| {
        value.to_str().unwrap_or_default().to_owned()
    };
    let listed: Vec<String> = headers.get_all(X_FORWARDED_FOR).map(text).collect();
    if !listed.is_empty() {
        return listed
            .iter()
            .flat_map(|value| value.split(','))
            .map(|part| parse(part.trim()))
            .collect();
    }
    let forwarded = headers.get_all(FORWARDED).map(text).collect::<Vec<_>>();
    forwarded
        .iter()
        .flat_map(|value| value.split(','))
        .filter_map(forwarded_for)
        .map(|part| parse(&part))
        .collect()
}

/// The `for` parameter of one element of a Forwarded header.
fn forwarded_for(element: &str) -> Option<String> {
    let pairs = element
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(name, _)| name.eq_ignore_ascii_case("for"));
    found
        .next()
        .map(|(_, value)| value.trim_matches('"').to_owned())
}

/// Parses an address, optionally in brackets and with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let socket = || {
        text.parse::<std::net::SocketAddr>()
            .ok()
            .map(|socket| socket.ip())
    };
    text.trim_matches(['[', ']']).parse().ok().or_else(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Given, Settings};
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn settings(trusted: &str) -> Settings {
        let file: Given = toml::from_str(&format!("trusted_proxy = [{trusted}]"))
            .unwrap_or_else(|_| unreachable!());
        Settings::new("x".into(), Given::default(), file)
    }

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
        headers
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let peer = parse("127.0.0.1");
        let claimed = headers("x-forwarded-for", "203.0.113.9, 10.0.0.7");
        assert_eq!(address(&settings(""), peer, &claimed), peer);
        assert_eq!(
            address(&settings("'127.0.0.1'"), peer, &claimed),
            parse("10.0.0.7")
        );
        assert_eq!(
            address(&settings("'127.0.0.1', '10.0.0.0/8'"), peer, &claimed),
            parse("203.0.113.9")
        );
        let forwarded = headers("forwarded", "for=\"[2001:db8::1]:4711\";proto=https");
        assert_eq!(
            address(&settings("'127.0.0.1'"), peer, &forwarded),
            parse("2001:db8::1")
        );
    }

    #[test]
    fn metrics_are_for_this_machine() {
        let none = HeaderMap::new();
        assert!(may_read_metrics(&settings(""), parse("::1"), &none));
        assert!(!may_read_metrics(&settings(""), parse("192.0.2.1"), &none));
        assert!(!may_read_metrics(
            &settings(""),
            parse("127.0.0.1"),
            &headers("x-forwarded-for", "192.0.2.1")
        ));
        assert!(!may_read_metrics(
            &settings("'127.0.0.1'"),
            parse("127.0.0.1"),
            &headers("x-forwarded-for", "192.0.2.1")
        ));
    }
}
