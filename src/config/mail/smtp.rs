//! The mail server's URL. It may contain a password, so error messages never quote it.

use std::cell::RefCell;
use std::net::IpAddr;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::{Host, ParseError, SyntaxViolation, Url};

use crate::config::values::Secret;

/// The accepted forms of the URL.
const FORM: &str = "smtp://USER:PASSWORD@HOST:PORT, smtp://…?tls=required or smtps://…";

/// A likely reason if a password is parsed as another part of the URL.
const RESERVED: &str = "in a user or password, write / as %2F, ? as %3F, # as %23 and @ as %40";

/// When a connection to the mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Never. For a server on the same machine.
    None,
    /// After STARTTLS. Without it no mail is sent.
    StartTls,
    /// From the start of the connection.
    Tls,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smtp {
    /// The host name or address. IPv6 addresses have no brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// When the connection is encrypted.
    pub encryption: Encryption,
    /// User and password, if the server requires a login.
    pub login: Option<(String, Secret)>,
    /// Certificates in PEM that are trusted in addition to the public ones.
    pub ca: Option<Secret>,
}

impl Smtp {
    /// Whether the password is sent unencrypted to another machine.
    pub fn exposes_login(&self) -> bool {
        let is_local =
            self.host == "localhost" || self.host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        self.encryption == Encryption::None && self.login.is_some() && !is_local
    }
}

impl FromStr for Smtp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let violations = RefCell::new(Vec::new());
        let url = Url::options()
            .syntax_violation_callback(Some(&|violation| violations.borrow_mut().push(violation)))
            .parse(text)
            .map_err(unreadable)?;
        let violations = violations.into_inner();
        if !matches!(url.scheme(), "smtp" | "smtps") || !url.has_authority() {
            return Err(format!("must look like {FORM}"));
        }
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(format!("has a path or a fragment; {RESERVED}"));
        }
        if url.port() == Some(0) {
            return Err(unreadable(ParseError::InvalidPort));
        }
        let encryption = encryption(&url)?;
        let login = login(&url, &violations)?;
        let default_port = match encryption {
            Encryption::Tls => 465,
            Encryption::None if login.is_none() => 25,
            _ => 587,
        };
        Ok(Self {
            host: host(&url)?,
            port: url.port().unwrap_or(default_port),
            encryption,
            login,
            ca: None,
        })
    }
}

/// Describes why a URL cannot be parsed, without quoting it.
fn unreadable(cause: ParseError) -> String {
    match cause {
        ParseError::InvalidPort => {
            format!("has a port that is not a number from 1 to 65535; {RESERVED}")
        }
        ParseError::EmptyHost => "has no host".to_owned(),
        ParseError::RelativeUrlWithoutBase => format!("must look like {FORM}"),
        other => format!("cannot be read: {other}"),
    }
}

/// The encryption that the scheme and the query parameter `tls` request.
fn encryption(url: &Url) -> Result<Encryption, String> {
    let mut query = url.query_pairs();
    let is_tls = url.scheme() == "smtps";
    match query.next() {
        None if is_tls => Ok(Encryption::Tls),
        None => Ok(Encryption::None),
        Some(_) if is_tls => Err("has a query, which smtps:// does not take".to_owned()),
        Some((name, value)) if name == "tls" && value == "required" && query.next().is_none() => {
            Ok(Encryption::StartTls)
        }
        Some(_) => Err(format!("has a query other than ?tls=required; {RESERVED}")),
    }
}

/// The host name in ASCII, or the address without brackets.
fn host(url: &Url) -> Result<String, String> {
    // For an unknown scheme, the URL parser accepts any text as host.
    match Host::parse(url.host_str().unwrap_or_default()).map_err(unreadable)? {
        Host::Domain(name) => Ok(name),
        Host::Ipv4(address) => Ok(address.to_string()),
        Host::Ipv6(address) => Ok(address.to_string()),
    }
}

/// User and password, each percent-decoded.
fn login(url: &Url, violations: &[SyntaxViolation]) -> Result<Option<(String, Secret)>, String> {
    if !violations.contains(&SyntaxViolation::EmbeddedCredentials) {
        return Ok(None);
    }
    let decoded = |text| {
        let text = percent_decode_str(text).decode_utf8().ok()?;
        (!text.contains(char::is_control)).then(|| text.into_owned())
    };
    let password = url.password().unwrap_or_default();
    if url.username().is_empty() || password.is_empty() {
        return Err(
            "has a login without a user or a password; write USER:PASSWORD@HOST".to_owned(),
        );
    }
    let is_damaged = [
        SyntaxViolation::PercentDecode,
        SyntaxViolation::TabOrNewlineIgnored,
    ];
    match (decoded(url.username()), decoded(password)) {
        (Some(user), Some(password)) if !is_damaged.iter().any(|v| violations.contains(v)) => {
            Ok(Some((user, Secret(password))))
        }
        _ => Err("has a user or password with % that is not followed by two hex digits of UTF-8 text, or a control character".to_owned()),
    }
}
