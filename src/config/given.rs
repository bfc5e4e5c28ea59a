//! What somebody has set, by flag, environment or file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::{Deserialize, Deserializer};

use super::values::{Network, Origin, PublicUrl, Secret, Sender, Size, Span};
use crate::store::Durability;

/// Most days that anything can be kept: a century.
const LONGEST_KEPT: i64 = 36_525;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person.
    Text,
    /// One JSON object a line.
    Json,
}

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
    /// Mail server: smtp://USER:PASSWORD@HOST:PORT, with ?tls=required for STARTTLS, or smtps:// [default: none, mails become files in outbox/]
    #[arg(
        long,
        env = "TACKBOARD_SMTP_URL",
        hide_env_values = true,
        value_name = "URL",
        help_heading = "Mail"
    )]
    pub smtp_url: Option<Secret>,
    /// File that holds the mail server's URL, so that its password is in no command line [default: none]
    #[arg(
        long,
        env = "TACKBOARD_SMTP_URL_FILE",
        value_name = "FILE",
        help_heading = "Mail"
    )]
    pub smtp_url_file: Option<PathBuf>,
    /// PEM file of certificates that are trusted beside the public ones [default: none]
    #[arg(
        long,
        env = "TACKBOARD_SMTP_CA",
        value_name = "FILE",
        help_heading = "Mail"
    )]
    pub smtp_ca: Option<PathBuf>,
    /// Who mail comes from.
    // Told twice, because the documentation of the code would take the address for a link.
    #[arg(
        long,
        help = "Who mail comes from, e.g. \"Cards <cards@example.org>\"; needed with a mail server [default: Tackboard <cards@localhost>]",
        env = "TACKBOARD_MAIL_FROM",
        value_name = "SENDER",
        help_heading = "Mail"
    )]
    pub mail_from: Option<Sender>,
    /// Days that the outbox remembers a mail which was sent or given up [default: 30]
    #[serde(deserialize_with = "days")]
    #[arg(long, env = "TACKBOARD_KEEP_DAYS", value_parser = clap::value_parser!(u16).range(1..=LONGEST_KEPT), value_name = "N", help_heading = "Retention")]
    pub keep_days: Option<u16>,
    /// Days that a card's recipients and their pages are kept; as long again, their links still unsubscribe [default: 365]
    #[serde(deserialize_with = "days")]
    #[arg(long, env = "TACKBOARD_CARD_DAYS", value_parser = clap::value_parser!(u16).range(1..=LONGEST_KEPT), value_name = "N", help_heading = "Retention")]
    pub card_days: Option<u16>,
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
            Ok(text) => toml::from_str(&text).map_err(|cause| {
                // Which line, but not the line itself: it may hold a password.
                let before = cause.span().and_then(|span| text.get(..span.start));
                let line = before.unwrap_or_default().matches('\n').count() + 1;
                format!("{}, line {line}: {}", path.display(), cause.message())
            }),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(cause) => Err(format!("{}: {cause}", path.display())),
        }
    }
}

/// A number of days in the file; on the command line, a range says so.
fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let days = i64::deserialize(deserializer)?;
    let days = u16::try_from(days)
        .ok()
        .filter(|days| (1..=LONGEST_KEPT).contains(&i64::from(*days)));
    days.map(Some)
        .ok_or_else(|| serde::de::Error::custom(format!("must be from 1 to {LONGEST_KEPT} days")))
}

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
