//! How mail goes out: the mail server's URL, which may hold a password, and the default sender.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use super::given::Given;
use super::values::{Secret, Sender};

/// What a URL must look like; the URL itself may hold a password, so no message shows it.
const FORM: &str = "smtp://USER:PASSWORD@HOST:PORT, smtp://…?tls=required or smtps://…";

/// When a connection to the mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Never: for a server on the same machine.
    None,
    /// After STARTTLS; without it nothing is sent.
    StartTls,
    /// From the start.
    Tls,
}

/// The mail server that takes what is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smtp {
    /// Its name or address, that of IPv6 without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// When the connection is encrypted.
    pub encryption: Encryption,
    /// User and password, where it wants them.
    pub login: Option<(String, Secret)>,
    /// Certificates, as PEM, that are trusted beside the public ones.
    pub ca: Option<Secret>,
}

impl FromStr for Smtp {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url
            .split_once("://")
            .ok_or(format!("must look like {FORM}"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let encryption = match (scheme, query) {
            ("smtp", "") => Encryption::None,
            ("smtp", "tls=required") => Encryption::StartTls,
            ("smtps", "") => Encryption::Tls,
            ("smtp", _) => return Err("has a query other than ?tls=required".to_owned()),
            ("smtps", _) => return Err("has a query, which smtps:// does not take".to_owned()),
            _ => return Err(format!("must look like {FORM}")),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (login, server) = match rest.rsplit_once('@') {
            Some((login, server)) => (Some(self::login(login)?), server),
            None => (None, rest),
        };
        let default = match encryption {
            Encryption::Tls => 465,
            Encryption::None if login.is_none() => 25,
            _ => 587,
        };
        let (host, port) = host_and_port(server)?;
        Ok(Self {
            host,
            port: port.unwrap_or(default),
            encryption,
            login,
            ca: None,
        })
    }
}

/// User and password, each percent-encoded.
fn login(text: &str) -> Result<(String, Secret), String> {
    let (user, password) = text
        .split_once(':')
        .ok_or("has a user but no password; write USER:PASSWORD@HOST")?;
    let decoded = |text| {
        percent_decoded(text).ok_or(
            "has a user or password with % that is not followed by two hex digits of UTF-8 text, or a control character",
        )
    };
    let (user, password) = (decoded(user)?, decoded(password)?);
    match user.is_empty() || password.is_empty() {
        true => Err("has an empty user or password".to_owned()),
        false => Ok((user, Secret(password))),
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = digits.iter().all(u8::is_ascii_hexdigit).then_some(digits)?;
        bytes.push(u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    let decoded = String::from_utf8(bytes).ok()?;
    (!decoded.contains(char::is_control)).then_some(decoded)
}

fn host_and_port(server: &str) -> Result<(String, Option<u16>), String> {
    let (host, port) = match server.strip_prefix('[').and_then(|s| s.split_once(']')) {
        Some((host, port)) => {
            let is_address = host.parse::<std::net::Ipv6Addr>().is_ok();
            (is_address.then_some(host), port)
        }
        None => {
            let (host, port) = server.split_at(server.find(':').unwrap_or(server.len()));
            let is_name = |c: char| c.is_ascii_alphanumeric() || ['.', '-', '_'].contains(&c);
            let named = !host.is_empty() && host.chars().all(is_name);
            (named.then_some(host), port)
        }
    };
    let host =
        host.ok_or("has no host name or address in its place; an IPv6 address stands in [ ]")?;
    let port = match port.strip_prefix(':') {
        Some(port) => match port.parse() {
            Ok(port @ 1..) => Some(port),
            _ => return Err("has a port that is not a number from 1 to 65535".to_owned()),
        },
        None if port.is_empty() => None,
        None => return Err(format!("must look like {FORM}")),
    };
    Ok((host.to_owned(), port))
}

/// How mail goes out.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The server that takes it; without one, mails become files.
    pub smtp: Option<Smtp>,
    /// Who it comes from, where the card's sender has no address of its own.
    pub from: Sender,
    /// What the pauses between two tries are multiplied with: 1, except where nobody wants to wait for them.
    pub pause_factor: f64,
    /// How long the mail server may take for an answer.
    pub patience: Duration,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            smtp: None,
            from: Sender::default(),
            pause_factor: 1.0,
            patience: Duration::from_secs(60),
        }
    }
}

impl Mail {
    /// Flags and environment over file; reads the files that they name.
    ///
    /// # Errors
    /// A sentence that says which setting is wrong, without a secret in it.
    pub fn new(flags: &Given, file: &Given) -> Result<Self, String> {
        let url = match url(flags)? {
            Some(url) => Some(url),
            None => url(file)?,
        };
        let from = flags.mail_from.as_ref().or(file.mail_from.as_ref());
        let Some(url) = url else {
            return Ok(Self {
                from: from.cloned().unwrap_or_default(),
                ..Self::default()
            });
        };
        let mut smtp: Smtp = url
            .expose()
            .parse()
            .map_err(|why| format!("the SMTP URL (smtp_url) {why}"))?;
        let ca = flags.smtp_ca.as_ref().or(file.smtp_ca.as_ref());
        smtp.ca = ca.map(|path| certificates(path)).transpose()?;
        let from = from.cloned().ok_or(
            "a mail server is set, but no sender; set one with --mail-from \"Name <a@b>\"",
        )?;
        Ok(Self {
            smtp: Some(smtp),
            from,
            ..Self::default()
        })
    }
}

fn url(given: &Given) -> Result<Option<Secret>, String> {
    match (&given.smtp_url, &given.smtp_url_file) {
        (Some(_), Some(_)) => Err("smtp_url and smtp_url_file are both set; remove one".to_owned()),
        (Some(url), None) => Ok(Some(url.clone())),
        (None, Some(path)) => read("smtp_url_file", path).map(|text| {
            let line = text.expose().trim().to_owned();
            Some(Secret(line))
        }),
        (None, None) => Ok(None),
    }
}

fn certificates(path: &Path) -> Result<Secret, String> {
    let pem = read("smtp_ca", path)?;
    match pem.expose().contains("-----BEGIN CERTIFICATE-----") {
        true => Ok(pem),
        false => Err(format!(
            "smtp_ca: {} contains no PEM certificate",
            path.display()
        )),
    }
}

fn read(setting: &str, path: &Path) -> Result<Secret, String> {
    std::fs::read_to_string(path)
        .map(Secret)
        .map_err(|cause| format!("{setting}: {} cannot be read: {cause}", path.display()))
}

#[cfg(test)]
mod tests;
