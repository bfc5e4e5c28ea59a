//! Refuses requests that a page of another site sends with the cookies of a person who is signed in here.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use actix_web::{FromRequest, HttpRequest};
use url::{Host, Url};

use super::request::{bearer, state};
use crate::error::{Error, Result};

/// Browsers say with it where a request comes from, and pages cannot change it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Maximum characters of the origin in the error.
const MAX_SHOWN: usize = 200;

/// A request without a credential that a page of this server has sent, or a program with a bearer token, which no page of
/// another site can send.
pub(super) struct SameOrigin;

impl FromRequest for SameOrigin {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(match bearer(req) {
            Some(_) => Ok(Self),
            None => check(req).map(|()| Self),
        })
    }
}

/// Checks that a request that changes something comes from a page of this server.
///
/// # Errors
/// `cross_origin_refused`.
pub(super) fn check(req: &HttpRequest) -> Result<()> {
    match is_same(req.headers(), &state(req).origin) {
        true => Ok(()),
        false => Err(refused(req)),
    }
}

fn refused(req: &HttpRequest) -> Error {
    Error::CrossOriginRefused {
        origin: only(req.headers(), &ORIGIN)
            .map(|origin| origin.chars().take(MAX_SHOWN).collect())
            .unwrap_or_default(),
    }
}

/// Refuses a page of an unknown origin, with or without a credential: a name that a page of an attacker has may lead to
/// this server. Programs send no `Origin`.
///
/// # Errors
/// `cross_origin_refused`.
pub(super) fn check_known(req: &HttpRequest) -> Result<()> {
    let state = state(req);
    let allowed = &state.settings.cors_origins;
    match !req.headers().contains_key(ORIGIN) || is_known(req.headers(), &state.origin, allowed) {
        true => Ok(()),
        false => Err(refused(req)),
    }
}

/// Whether a request's origin is the public one, one that may call the API, or a host without a name in DNS.
fn is_known(headers: &HeaderMap, public: &str, allowed: &[String]) -> bool {
    let Some(text) = only(headers, &ORIGIN) else {
        return false;
    };
    if allowed.iter().any(|one| one == "*" || one == text) {
        return true;
    }
    let Ok(origin) = Url::parse(text) else {
        return false;
    };
    let is_own = only(headers, &HOST).is_some_and(|host| {
        let own = Url::parse(&format!("{}://{host}", origin.scheme()));
        own.is_ok_and(|own| own.origin().is_tuple() && own.origin() == origin.origin())
    });
    let is_without_name = match origin.host() {
        Some(Host::Domain(name)) => name == "localhost",
        host => host.is_some(),
    };
    let is_public = Url::parse(public).is_ok_and(|public| public.origin() == origin.origin());
    is_public || (is_own && is_without_name)
}

/// Whether the headers are those of a request from a page of this server, whose public origin is `public`.
fn is_same(headers: &HeaderMap, public: &str) -> bool {
    if headers.contains_key(SEC_FETCH_SITE) {
        return only(headers, &SEC_FETCH_SITE) == Some("same-origin");
    }
    // Browsers send no Sec-Fetch-Site to a server without TLS.
    let Some(origin) = only(headers, &ORIGIN).and_then(|text| Url::parse(text).ok()) else {
        return false;
    };
    let own = only(headers, &HOST).map(|host| format!("{}://{host}", origin.scheme()));
    [Some(public.to_owned()), own]
        .into_iter()
        .flatten()
        .filter_map(|own| Url::parse(&own).ok())
        .any(|own| own.origin().is_tuple() && own.origin() == origin.origin())
}

/// The value of a header that is sent once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).map(HeaderValue::to_str);
    match (values.next(), values.next()) {
        (Some(Ok(value)), None) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HOST, HeaderMap, HeaderValue, ORIGIN};

    use super::{SEC_FETCH_SITE, is_same};

    fn headers(site: &'static str, origin: &'static str, host: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [(SEC_FETCH_SITE, site), (ORIGIN, origin), (HOST, host)] {
            if !value.is_empty() {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        headers
    }

    #[test]
    fn a_browser_that_says_where_a_request_comes_from_is_believed() {
        let public = "https://board.example.org";
        assert!(is_same(&headers("same-origin", "", ""), public));
        for site in ["same-site", "cross-site", "none", "", "same-origin, none"] {
            let claimed = headers(site, "", "board.example.org");
            assert!(!is_same(&claimed, public), "{site:?}");
        }
        let contradiction = headers(
            "cross-site",
            "https://board.example.org",
            "board.example.org",
        );
        assert!(!is_same(&contradiction, public));
    }

    #[test]
    fn else_the_origin_is_compared_with_the_public_url_and_the_host() {
        let is_own =
            |origin, host| is_same(&headers("", origin, host), "https://board.example.org");
        for (origin, host) in [
            ("https://board.example.org", "127.0.0.1:8080"),
            ("http://nas:8080", "nas:8080"),
            ("http://192.0.2.7:8080", "192.0.2.7:8080"),
            ("http://nas", "nas:80"),
            ("https://nas", "nas"),
            ("http://[::1]:8080", "[::1]:8080"),
            ("http://NAS:8080", "nas:8080"),
        ] {
            assert!(is_own(origin, host), "{origin} at {host}");
        }
        for (origin, host) in [
            ("", "nas:8080"),
            ("null", "nas:8080"),
            ("http://nas:8081", "nas:8080"),
            ("http://nas.evil.example:8080", "nas:8080"),
            ("http://board.example.org", "127.0.0.1:8080"),
            ("https://board.example.org.evil.example", "127.0.0.1:8080"),
            ("file://", "nas:8080"),
            ("http://nas:8080", ""),
        ] {
            assert!(!is_own(origin, host), "{origin} at {host}");
        }
    }
}
