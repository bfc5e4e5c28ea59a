//! Settings: flag over environment over `tackboard.toml` in the data folder over default.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

use crate::store::Durability;

mod table;

pub use table::{Setting, table as settings_table};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person.
    Text,
    /// One JSON object a line.
    Json,
}

/// The program's own news, and of the libraries' only what is wrong.
const DEFAULT_LOG: &str = "warn,actix_http=off,tackboard=info";

/// What somebody has set, by flag, environment or file: everything is optional.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    /// Address and port to listen on; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(
        long,
        env = "TACKBOARD_LISTEN",
        value_name = "ADDR",
        help_heading = "Server"
    )]
    pub listen: Option<String>,
    /// Origin of every link that the server hands out [default: http:// and the address listened on]
    #[arg(
        long,
        env = "TACKBOARD_PUBLIC_URL",
        value_name = "URL",
        help_heading = "Server"
    )]
    pub public_url: Option<PublicUrl>,
    /// full: an answered write survives a power cut; normal: faster, a power cut may take the last ones [default: full]
    #[arg(
        long,
        env = "TACKBOARD_DURABILITY",
        value_enum,
        value_name = "LEVEL",
        help_heading = "Server"
    )]
    pub durability: Option<Durability>,
    /// Threads that answer requests [default: the number of cores]
    #[serde(deserialize_with = "positive")]
    #[arg(long, env = "TACKBOARD_WORKERS", value_parser = clap::value_parser!(u16).range(1..=256), value_name = "N", help_heading = "Server")]
    pub workers: Option<u16>,
    /// Largest request body, e.g. 500KiB or 1MiB [default: 1MiB]
    #[arg(
        long,
        env = "TACKBOARD_BODY_LIMIT",
        value_name = "SIZE",
        help_heading = "Server"
    )]
    pub body_limit: Option<Size>,
    /// Time for a request to arrive and to have its turn, e.g. 500ms or 30s [default: 30s]
    #[arg(
        long,
        env = "TACKBOARD_REQUEST_TIMEOUT",
        value_name = "TIME",
        help_heading = "Server"
    )]
    pub request_timeout: Option<Span>,
    /// Time for running requests to end at a stop [default: 20s]
    #[arg(
        long,
        env = "TACKBOARD_SHUTDOWN_TIMEOUT",
        value_name = "TIME",
        help_heading = "Server"
    )]
    pub shutdown_timeout: Option<Span>,
    /// Calls a second that one token may make; more are told to wait [default: off]
    #[serde(deserialize_with = "positive")]
    #[arg(long, env = "TACKBOARD_BURST_PER_SECOND", value_parser = clap::value_parser!(u32).range(1..), value_name = "N", help_heading = "Server")]
    pub burst_per_second: Option<u32>,
    /// Proxies whose Forwarded and X-Forwarded-For headers are believed, as networks; repeatable [default: none]
    #[arg(
        long,
        env = "TACKBOARD_TRUSTED_PROXY",
        value_name = "CIDR",
        value_delimiter = ',',
        help_heading = "Server"
    )]
    pub trusted_proxy: Option<Vec<Network>>,
    /// Web page origins that may call the API from a browser; repeatable [default: none]
    #[arg(
        long,
        env = "TACKBOARD_CORS_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ',',
        help_heading = "Server"
    )]
    pub cors_origin: Option<Vec<Origin>>,
    /// Networks beside loopback that may read /metrics; repeatable [default: none]
    #[arg(
        long,
        env = "TACKBOARD_METRICS_ALLOW",
        value_name = "CIDR",
        value_delimiter = ',',
        help_heading = "Server"
    )]
    pub metrics_allow: Option<Vec<Network>>,
    /// How log lines look [default: text on a terminal, else json]
    #[arg(
        long,
        env = "TACKBOARD_LOG_FORMAT",
        value_enum,
        value_name = "FORMAT",
        help_heading = "Logs"
    )]
    pub log_format: Option<LogFormat>,
    /// What is logged: error, warn, info, debug or trace, or a filter such as warn,tackboard=debug [default: warn,actix_http=off,tackboard=info]
    #[arg(
        long,
        env = "TACKBOARD_LOG",
        value_name = "FILTER",
        help_heading = "Logs"
    )]
    pub log: Option<String>,
}

impl Given {
    /// Reads the settings file; no file is an empty one.
    ///
    /// # Errors
    /// A sentence that names the file and what is wrong in it, such as an unknown key.
    pub fn from_file(path: &Path) -> Result<Self, String> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                toml::from_str(&text).map_err(|cause| format!("{}: {cause}", path.display()))
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(cause) => Err(format!("{}: {cause}", path.display())),
        }
    }
}

/// The settings that hold.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data folder.
    pub data: PathBuf,
    /// Address and port to listen on.
    pub listen: String,
    /// The origin of links; `None` is the address listened on.
    pub public_url: Option<PublicUrl>,
    /// When a commit is safe.
    pub durability: Durability,
    /// Threads that answer requests.
    pub workers: usize,
    /// Largest request body in bytes.
    pub body_limit: usize,
    /// Time for a request to arrive and to have its turn.
    pub request_timeout: Duration,
    /// Time for running requests to end at a stop.
    pub shutdown_timeout: Duration,
    /// Calls a second of one token.
    pub burst_per_second: Option<u32>,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Web page origins that may call.
    pub cors_origins: Vec<String>,
    /// Networks beside loopback that may read the metrics.
    pub metrics_allow: Vec<IpNet>,
    /// How log lines look; `None` looks whether standard error is a terminal.
    pub log_format: Option<LogFormat>,
    /// What is logged.
    pub log: String,
}

impl Settings {
    /// Flags and environment over file over defaults.
    pub fn new(data: PathBuf, flags: Given, file: Given) -> Self {
        let networks = |given: Option<Vec<Network>>| {
            given.unwrap_or_default().into_iter().map(|n| n.0).collect()
        };
        Self {
            data,
            listen: flags
                .listen
                .or(file.listen)
                .unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            public_url: flags.public_url.or(file.public_url),
            durability: flags.durability.or(file.durability).unwrap_or_default(),
            workers: flags
                .workers
                .or(file.workers)
                .map_or_else(cores, usize::from),
            body_limit: flags
                .body_limit
                .or(file.body_limit)
                .map_or(1 << 20, |size| size.0),
            request_timeout: flags
                .request_timeout
                .or(file.request_timeout)
                .map_or(Duration::from_secs(30), |s| s.0),
            shutdown_timeout: flags
                .shutdown_timeout
                .or(file.shutdown_timeout)
                .map_or(Duration::from_secs(20), |s| s.0),
            burst_per_second: flags.burst_per_second.or(file.burst_per_second),
            trusted_proxies: networks(flags.trusted_proxy.or(file.trusted_proxy)),
            cors_origins: flags
                .cors_origin
                .or(file.cors_origin)
                .unwrap_or_default()
                .into_iter()
                .map(|origin| origin.0)
                .collect(),
            metrics_allow: networks(flags.metrics_allow.or(file.metrics_allow)),
            log_format: flags.log_format.or(file.log_format),
            log: flags
                .log
                .or(file.log)
                .unwrap_or_else(|| DEFAULT_LOG.to_owned()),
        }
    }
}

impl Settings {
    /// The origin of every link that is handed out, where this address is listened on.
    pub fn origin(&self, address: SocketAddr) -> String {
        let given = self.public_url.as_ref();
        given.map_or_else(|| format!("http://{address}"), |url| url.0.clone())
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Reads a setting that is text in the file and on the command line alike.
macro_rules! from_text {
    ($($setting:ident),*) => {$(
        impl<'de> Deserialize<'de> for $setting {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

from_text!(PublicUrl, Size, Span, Network, Origin);

/// A number in the file that must not be 0; on the command line, a range says so.
fn positive<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default + PartialEq,
{
    let number = T::deserialize(deserializer)?;
    match number == T::default() {
        true => Err(serde::de::Error::custom("must be at least 1")),
        false => Ok(Some(number)),
    }
}

/// An origin: `http://` or `https://`, a host, perhaps a port, and no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The origin, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let origin = text.trim_end_matches('/');
        let host = origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"));
        match host {
            Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
                Ok(Self(origin.to_owned()))
            }
            _ => Err("must be an origin such as https://boards.example.org".to_owned()),
        }
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

/// A length of time: `500ms`, `30s`, `2m`.
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

#[cfg(test)]
mod tests;
