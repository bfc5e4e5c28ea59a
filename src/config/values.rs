//! Parsing of settings: sizes, times, networks, origins.

use std::cell::Cell;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::model::addresses::AllowedTarget;
use crate::model::users::normal_email;

/// Deserializes a setting from its command-line form.
macro_rules! from_text {
    ($($setting:ident),*) => {$(
        impl<'de> Deserialize<'de> for $setting {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

from_text!(
    PublicUrl,
    Size,
    Span,
    Network,
    Origin,
    Sender,
    AllowedTarget
);

/// A text that nothing prints.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub(super) String);

impl Secret {
    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Who mails come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// What people call it; may be empty.
    pub name: String,
    /// Its address.
    pub address: String,
}

impl FromStr for Sender {
    type Err = String;

    /// Reads `Name <a@b>` or a bare address.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>').and_then(|t| t.rsplit_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
            None => ("", text),
        };
        let address = normal_email(address);
        match address.filter(|_| !name.contains(['<', '>']) && !name.contains(char::is_control)) {
            Some(address) => Ok(Self {
                name: name.to_owned(),
                address,
            }),
            None => Err("must be an address such as \"Cards <cards@example.org>\"".to_owned()),
        }
    }
}

impl Default for Sender {
    /// For mails that no server is asked to take.
    fn default() -> Self {
        Self {
            name: "Tackboard".to_owned(),
            address: "cards@localhost".to_owned(),
        }
    }
}

/// An origin: `http://` or `https://`, a host in ASCII, and a port unless it is the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The origin, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "must be an origin such as https://boards.example.org";
        // The URL standard repairs much that is a typing mistake here.
        let was_repaired = Cell::new(false);
        let url = Url::options()
            .syntax_violation_callback(Some(&|_| was_repaired.set(true)))
            .parse(text)
            .map_err(|cause| format!("{form}: {cause}"))?;
        let excess = match &url {
            url if !url.username().is_empty() || url.password().is_some() => "a user or password",
            url if url.path() != "/" => "a path",
            url if url.query().is_some() => "a query",
            url if url.fragment().is_some() => "a fragment",
            url if url.port() == Some(0) => "port 0",
            url if !matches!(url.scheme(), "http" | "https") || was_repaired.get() => {
                return Err(form.to_owned());
            }
            url => return Ok(Self(url.origin().ascii_serialization())),
        };
        Err(format!("{form}, without {excess}"))
    }
}

/// The origin of a web page, or `*` for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(pub String);

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "*" => Ok(Self(text.to_owned())),
            _ => text.parse().map(|PublicUrl(origin)| Self(origin)),
        }
    }
}

/// A number of bytes: `4096`, `500KiB`, `1MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub usize);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, unit) = split_unit(text);
        let unit = match unit {
            "" | "B" => Some(1),
            "KiB" => Some(1 << 10),
            "MiB" => Some(1 << 20),
            "GiB" => Some(1 << 30),
            _ => None,
        };
        let bytes = unit
            .and_then(|unit| digits.parse::<usize>().ok()?.checked_mul(unit))
            .filter(|bytes| *bytes > 0);
        bytes
            .map(Self)
            .ok_or_else(|| "must be a size such as 4096, 500KiB or 1MiB".to_owned())
    }
}

/// A duration: `500ms`, `30s`, `2m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, unit) = split_unit(text);
        let unit = match unit {
            "ms" => Some(1),
            "s" | "" => Some(1_000),
            "m" => Some(60_000),
            _ => None,
        };
        let millis = unit
            .and_then(|unit| digits.parse::<u64>().ok()?.checked_mul(unit))
            .filter(|millis| *millis > 0);
        millis
            .map(|m| Self(Duration::from_millis(m)))
            .ok_or_else(|| "must be a time such as 500ms, 30s or 2m".to_owned())
    }
}

fn split_unit(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (&text[..digits], text[digits..].trim())
}

/// A network, or one address: `10.0.0.0/8`, `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(pub IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = text
            .parse::<IpNet>()
            .ok()
            .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        network
            .map(Self)
            .ok_or_else(|| "must be a network such as 10.0.0.0/8 or an address".to_owned())
    }
}
