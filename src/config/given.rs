//! What somebody has set, by flag, environment or file.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Deserializer};

use super::values::{Network, Origin, PublicUrl, Secret, Sender, Size, Span};
use crate::model::addresses::AllowedTarget;
use crate::store::Durability;

/// The longest retention in days: a century.
const LONGEST_KEPT: i64 = 36_525;

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human-readable text.
    Text,
    /// One JSON object per line.
    Json,
}

/// Settings as given by flag, environment or file. All are optional.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    /// Address and port to listen on; port 0 picks a free port [default: 127.0.0.1:8080]
    #[arg(
        long,
        env = "TACKBOARD_LISTEN",
        value_name = "ADDR",
        help_heading = "Server"
    )]
    pub listen: Option<String>,
    /// Origin of every link in responses, pages and mails [default: http:// and the listen address]
    #[arg(
        long,
        env = "TACKBOARD_PUBLIC_URL",
        value_name = "URL",
        help_heading = "Server"
    )]
    pub public_url: Option<PublicUrl>,
    /// full: acknowledged writes survive a power failure; normal: faster, but a power failure can lose the most recent writes [default: full]
    #[arg(
        long,
        env = "TACKBOARD_DURABILITY",
        value_enum,
        value_name = "LEVEL",
        help_heading = "Server"
    )]
    pub durability: Option<Durability>,
    /// Worker threads [default: the number of cores]
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
    /// Time limit for a request body to arrive and for a write to wait for its turn, e.g. 500ms or 30s [default: 30s]
    #[arg(
        long,
        env = "TACKBOARD_REQUEST_TIMEOUT",
        value_name = "TIME",
        help_heading = "Server"
    )]
    pub request_timeout: Option<Span>,
    /// Time limit for running requests to finish when the server stops [default: 20s]
    #[arg(
        long,
        env = "TACKBOARD_SHUTDOWN_TIMEOUT",
        value_name = "TIME",
        help_heading = "Server"
    )]
    pub shutdown_timeout: Option<Span>,
    /// A client that takes less than 16 KiB of a response in this time is disconnected [default: 30s]
    #[arg(
        long,
        env = "TACKBOARD_SEND_TIMEOUT",
        value_name = "TIME",
        help_heading = "Server"
    )]
    pub send_timeout: Option<Span>,
    /// Open connections in all; further ones are refused [default: 10000]
    #[serde(deserialize_with = "positive")]
    #[arg(long, env = "TACKBOARD_MAX_CONNECTIONS", value_parser = clap::value_parser!(u32).range(1..), value_name = "N", help_heading = "Server")]
    pub max_connections: Option<u32>,
    /// Open connections per client address; behind a trusted proxy, running requests per client address [default: 1000]
    #[serde(deserialize_with = "positive")]
    #[arg(long, env = "TACKBOARD_MAX_CONNECTIONS_PER_ADDRESS", value_parser = clap::value_parser!(u32).range(1..), value_name = "N", help_heading = "Server")]
    pub max_connections_per_address: Option<u32>,
    /// Open event streams in all; further ones are refused [default: 1000]
    #[serde(deserialize_with = "positive")]
    #[arg(long, env = "TACKBOARD_MAX_STREAMS", value_parser = clap::value_parser!(u32).range(1..), value_name = "N", help_heading = "Server")]
    pub max_streams: Option<u32>,
    /// Calls per second that one token can make [default: off]
    #[serde(deserialize_with = "positive")]
    #[arg(long, env = "TACKBOARD_BURST_PER_SECOND", value_parser = clap::value_parser!(u32).range(1..), value_name = "N", help_heading = "Server")]
    pub burst_per_second: Option<u32>,
    /// Calls per second that one session of a person in a browser can make [default: 50]
    #[serde(deserialize_with = "positive")]
    #[arg(long, env = "TACKBOARD_SESSION_BURST_PER_SECOND", value_parser = clap::value_parser!(u32).range(1..), value_name = "N", help_heading = "Server")]
    pub session_burst_per_second: Option<u32>,
    /// Proxies whose Forwarded and X-Forwarded-For headers are trusted, as networks; repeatable [default: none]
    #[arg(
        long,
        env = "TACKBOARD_TRUSTED_PROXY",
        value_name = "CIDR",
        value_delimiter = ',',
        help_heading = "Server"
    )]
    pub trusted_proxy: Option<Vec<Network>>,
    /// Origins of web pages that can call the API from a browser; repeatable [default: none]
    #[arg(
        long,
        env = "TACKBOARD_CORS_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ',',
        help_heading = "Server"
    )]
    pub cors_origin: Option<Vec<Origin>>,
    /// Networks that can read /metrics, in addition to loopback; repeatable [default: none]
    #[arg(
        long,
        env = "TACKBOARD_METRICS_ALLOW",
        value_name = "CIDR",
        value_delimiter = ',',
        help_heading = "Server"
    )]
    pub metrics_allow: Option<Vec<Network>>,
    /// Mail server: smtp://USER:PASSWORD@HOST:PORT, with ?tls=required for STARTTLS, or smtps:// [default: none, mails are written to outbox/]
    #[arg(
        long,
        env = "TACKBOARD_SMTP_URL",
        hide_env_values = true,
        value_name = "URL",
        help_heading = "Mail"
    )]
    pub smtp_url: Option<Secret>,
    /// File that contains the SMTP URL, which keeps the password off the command line [default: none]
    #[arg(
        long,
        env = "TACKBOARD_SMTP_URL_FILE",
        value_name = "FILE",
        help_heading = "Mail"
    )]
    pub smtp_url_file: Option<PathBuf>,
    /// PEM file with certificates to trust in addition to the public ones [default: none]
    #[arg(
        long,
        env = "TACKBOARD_SMTP_CA",
        value_name = "FILE",
        help_heading = "Mail"
    )]
    pub smtp_ca: Option<PathBuf>,
    /// The default sender of mails.
    // The help is a separate string, because rustdoc would take the address for a link.
    #[arg(
        long,
        help = "Default sender, e.g. \"Cards <cards@example.org>\"; required with a mail server [default: Tackboard <cards@localhost>]",
        env = "TACKBOARD_MAIL_FROM",
        value_name = "SENDER",
        help_heading = "Mail"
    )]
    pub mail_from: Option<Sender>,
    /// Networks and hosts that webhooks can reach although they are not public, also with http://; repeatable [default: none]
    #[arg(
        long,
        env = "TACKBOARD_WEBHOOK_ALLOW",
        value_name = "CIDR|HOST",
        value_delimiter = ',',
        help_heading = "Webhooks"
    )]
    pub webhook_allow: Option<Vec<AllowedTarget>>,
    /// Days that the journal keeps events [default: 90]
    #[serde(deserialize_with = "days")]
    #[arg(long, env = "TACKBOARD_EVENT_DAYS", value_parser = clap::value_parser!(u16).range(1..=LONGEST_KEPT), value_name = "N", help_heading = "Retention")]
    pub event_days: Option<u16>,
    /// Days that mails and webhook deliveries are kept after they were sent or failed [default: 30]
    #[serde(deserialize_with = "days")]
    #[arg(long, env = "TACKBOARD_KEEP_DAYS", value_parser = clap::value_parser!(u16).range(1..=LONGEST_KEPT), value_name = "N", help_heading = "Retention")]
    pub keep_days: Option<u16>,
    /// Days that recipients and their card pages are kept; unsubscribe links work for the same time again [default: 365]
    #[serde(deserialize_with = "days")]
    #[arg(long, env = "TACKBOARD_CARD_DAYS", value_parser = clap::value_parser!(u16).range(1..=LONGEST_KEPT), value_name = "N", help_heading = "Retention")]
    pub card_days: Option<u16>,
    /// Format of log lines [default: text on a terminal, else json]
    #[arg(
        long,
        env = "TACKBOARD_LOG_FORMAT",
        value_enum,
        value_name = "FORMAT",
        help_heading = "Logs"
    )]
    pub log_format: Option<LogFormat>,
    /// Log level (error, warn, info, debug or trace) or a filter such as warn,tackboard=debug [default: warn,actix_http=off,tackboard=info]
    #[arg(
        long,
        env = "TACKBOARD_LOG",
        value_name = "FILTER",
        help_heading = "Logs"
    )]
    pub log: Option<String>,
}

/// A number of days in the settings file. On the command line, clap checks the range.
fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let days = i64::deserialize(deserializer)?;
    let days = u16::try_from(days)
        .ok()
        .filter(|days| (1..=LONGEST_KEPT).contains(&i64::from(*days)));
    days.map(Some)
        .ok_or_else(|| serde::de::Error::custom(format!("must be from 1 to {LONGEST_KEPT} days")))
}

/// A positive number in the settings file. On the command line, clap checks the range.
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
