//! Whether others in the network can read what a person enters on a page.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderMap};
use url::{Host, Url};

use crate::http::request::state;

/// Browsers send it only over TLS and to the own machine.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// What a page says about the connection.
pub(super) struct Connection {
    /// Whether it is encrypted, or does not leave the machine, as far as the server can know.
    pub(super) is_private: bool,
    /// Where a person can sign in, if the cookie of a session works only there.
    pub(super) secure_url: Option<String>,
}

impl Connection {
    /// Looks at the connection of a request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let public = &state(request).origin;
        let is_private = is_private(request.headers(), public);
        let secure = public.starts_with("https://").then(|| public.clone());
        Self {
            is_private,
            secure_url: secure.filter(|_| !is_private),
        }
    }
}

/// Behind a TLS proxy, the public URL is `https` and the proxy usually passes on its host.
fn is_private(headers: &HeaderMap, public: &str) -> bool {
    if headers.contains_key(SEC_FETCH_SITE) {
        return true;
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let Some(url) = host.and_then(|host| Url::parse(&format!("https://{host}")).ok()) else {
        return false;
    };
    let is_public = public.starts_with("https://")
        && Url::parse(public).is_ok_and(|public| public.origin() == url.origin());
    is_public || is_loopback(&url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HOST, HeaderMap, HeaderName, HeaderValue};

    use super::{SEC_FETCH_SITE, is_private};

    fn at(host: &'static str, public: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static(host));
        is_private(&headers, public)
    }

    #[test]
    fn the_own_machine_and_the_public_url_are_private() {
        for host in [
            "localhost:8080",
            "127.0.0.1:8080",
            "127.8.0.1",
            "[::1]:8080",
            "a.localhost",
        ] {
            assert!(at(host, "http://nas:8080"), "{host}");
        }
        assert!(at("board.example.org", "https://board.example.org"));
        assert!(at("board.example.org:443", "https://board.example.org"));
        for host in [
            "nas:8080",
            "192.0.2.7:8080",
            "localhost.example.org",
            "[::2]",
            "",
            "a b",
        ] {
            assert!(!at(host, "http://nas:8080"), "{host}");
            assert!(!at(host, "https://board.example.org"), "{host}");
        }
    }

    #[test]
    fn a_browser_that_trusts_the_connection_is_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("tackboard:8080"));
        let name = HeaderName::from_static(SEC_FETCH_SITE);
        headers.insert(name, HeaderValue::from_static("none"));
        assert!(is_private(&headers, "https://board.example.org"));
    }
}
