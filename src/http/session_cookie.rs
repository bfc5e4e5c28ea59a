//! The cookie of a session.

use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};

use crate::error::{Error, Result};
use crate::model::secrets::Secret;
use crate::model::sessions::MAX_DAYS;

/// Name and flags of the cookie of this server.
pub(super) struct SessionCookie {
    name: String,
    is_secure: bool,
}

impl SessionCookie {
    /// Chooses the name. Browsers accept `__Host-` only over TLS. Without TLS the name differs per database, because
    /// browsers send the cookies of all ports of a host.
    pub(super) fn new(origin: &str, database: &str) -> Self {
        let is_secure = origin.starts_with("https://");
        let name = match is_secure {
            true => "__Host-tackboard".to_owned(),
            false => format!("tackboard_{database}"),
        };
        Self { name, is_secure }
    }

    /// Returns the value that a request sends, if it sends the cookie. Of several, the first counts.
    pub(super) fn read<'r>(&self, headers: &'r HeaderMap) -> Option<&'r str> {
        let mut pairs = headers
            .get_all(COOKIE)
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        pairs
            .find(|(name, _)| *name == self.name)
            .map(|(_, value)| value)
    }

    /// Sets the cookie. It lives as long as the longest session; the server ends an idle one sooner.
    ///
    /// # Errors
    /// Never in practice.
    pub(super) fn set(&self, value: &Secret) -> Result<HeaderValue> {
        self.header(value.expose(), MAX_DAYS * 86_400)
    }

    /// Deletes the cookie.
    ///
    /// # Errors
    /// Never in practice.
    pub(super) fn clear(&self) -> Result<HeaderValue> {
        self.header("", 0)
    }

    fn header(&self, value: &str, max_age: i64) -> Result<HeaderValue> {
        let secure = if self.is_secure { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}",
            self.name
        );
        let mut header =
            HeaderValue::from_str(&text).map_err(|_| Error::bug("a cookie is no header value"))?;
        header.set_sensitive(true);
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};

    use super::SessionCookie;
    use crate::model::secrets::Secret;

    #[test]
    fn the_name_and_the_flags_depend_on_the_public_url() {
        let secret = Secret::parse(&"a".repeat(43)).unwrap_or_else(|| unreachable!());
        let set = |origin| {
            let header = SessionCookie::new(origin, "0a1b2c3d").set(&secret);
            let header = header.unwrap_or_else(|_| unreachable!());
            header.to_str().map(str::to_owned).unwrap_or_default()
        };
        let value = secret.expose();
        assert_eq!(
            set("http://nas:8080"),
            format!("tackboard_0a1b2c3d={value}; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax")
        );
        assert_eq!(
            set("https://board.example.org"),
            format!(
                "__Host-tackboard={value}; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure"
            )
        );
    }

    #[test]
    fn only_the_cookie_of_this_name_is_read() {
        let cookie = SessionCookie::new("http://nas", "0a1b2c3d");
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_static(text));
            cookie.read(&headers).map(str::to_owned)
        };
        assert_eq!(read("a=b; tackboard_0a1b2c3d=x;c=d"), Some("x".to_owned()));
        assert_eq!(
            read("tackboard_0a1b2c3d=1; tackboard_0a1b2c3d=2"),
            Some("1".to_owned())
        );
        assert_eq!(read("tackboard_ffffffff=x; xtackboard_0a1b2c3d=y"), None);
    }
}
