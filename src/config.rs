//! Settings: flag over environment over `tackboard.toml` in the data folder over default.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

pub use self::given::{Given, LogFormat};
pub use self::mail::{Encryption, MailSettings, Smtp};
pub use self::table::{Setting, table as settings_table};
pub use self::values::{Network, Origin, PublicUrl, Secret, Sender, Size, Span};
use crate::model::addresses::AllowList;
use crate::store::Durability;

mod file;
mod given;
mod mail;
mod table;
mod values;

/// Everything of note from the program, and only warnings from libraries.
const DEFAULT_LOG: &str = "warn,actix_http=off,tackboard=info";

/// The effective settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data folder.
    pub data: PathBuf,
    /// Address and port to listen on.
    pub listen: String,
    /// The origin of links. `None` is the listen address.
    pub public_url: Option<PublicUrl>,
    /// When a commit is safe.
    pub durability: Durability,
    /// Worker threads.
    pub workers: usize,
    /// Largest request body in bytes.
    pub body_limit: usize,
    /// Time limit for a request body to arrive and for a write to wait for its turn.
    pub request_timeout: Duration,
    /// Time limit for running requests to finish when the server stops.
    pub shutdown_timeout: Duration,
    /// Time in which a client has to take 16 KiB of a response.
    pub send_timeout: Duration,
    /// Open connections in all.
    pub max_connections: usize,
    /// Open connections per client address.
    pub max_connections_per_address: usize,
    /// Open event streams in all.
    pub max_streams: usize,
    /// Calls per second that one token can make.
    pub burst_per_second: Option<u32>,
    /// Calls per second that one session can make.
    pub session_burst_per_second: u32,
    /// Trusted proxies.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins of web pages that can call the API.
    pub cors_origins: Vec<String>,
    /// Networks that can read the metrics, in addition to loopback.
    pub metrics_allow: Vec<IpNet>,
    /// Targets of webhooks in addition to public addresses.
    pub webhook_allow: AllowList,
    /// The factor for the delays between attempts to deliver to a webhook: 1, except in tests.
    pub webhook_delay_factor: f64,
    /// Mail settings.
    pub mail: MailSettings,
    /// Days that the journal keeps events.
    pub event_days: u16,
    /// Days that finished mails are kept.
    pub keep_days: u16,
    /// Days that recipients and their pages are kept. Their ids are kept for the same time again.
    pub card_days: u16,
    /// The format of log lines. `None` depends on whether standard error is a terminal.
    pub log_format: Option<LogFormat>,
    /// The log filter.
    pub log: String,
}

impl Settings {
    /// Merges flags and environment over file over defaults. Leaves mail at its default, because [`MailSettings::new`] reads files and
    /// can fail.
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
            send_timeout: flags
                .send_timeout
                .or(file.send_timeout)
                .map_or(Duration::from_secs(30), |s| s.0),
            max_connections: flags
                .max_connections
                .or(file.max_connections)
                .map_or(10_000, |most| most as usize),
            max_connections_per_address: flags
                .max_connections_per_address
                .or(file.max_connections_per_address)
                .map_or(1_000, |most| most as usize),
            max_streams: flags
                .max_streams
                .or(file.max_streams)
                .map_or(1_000, |most| most as usize),
            burst_per_second: flags.burst_per_second.or(file.burst_per_second),
            session_burst_per_second: flags
                .session_burst_per_second
                .or(file.session_burst_per_second)
                .unwrap_or(50),
            trusted_proxies: networks(flags.trusted_proxy.or(file.trusted_proxy)),
            cors_origins: flags
                .cors_origin
                .or(file.cors_origin)
                .unwrap_or_default()
                .into_iter()
                .map(|origin| origin.0)
                .collect(),
            metrics_allow: networks(flags.metrics_allow.or(file.metrics_allow)),
            webhook_allow: AllowList::new(
                flags
                    .webhook_allow
                    .or(file.webhook_allow)
                    .unwrap_or_default(),
            ),
            webhook_delay_factor: 1.0,
            mail: MailSettings::default(),
            event_days: flags.event_days.or(file.event_days).unwrap_or(90),
            keep_days: flags.keep_days.or(file.keep_days).unwrap_or(30),
            card_days: flags.card_days.or(file.card_days).unwrap_or(365),
            log_format: flags.log_format.or(file.log_format),
            log: flags
                .log
                .or(file.log)
                .unwrap_or_else(|| DEFAULT_LOG.to_owned()),
        }
    }
}

impl Settings {
    /// The origin of every link, if the server listens on this address. Nobody can open a link to "all addresses", so
    /// the machine's name is the best guess then.
    pub fn origin(&self, address: SocketAddr) -> String {
        let given = self.public_url.as_ref();
        given.map_or_else(
            || match address.ip().is_unspecified() {
                true => on_this_machine(address.port()),
                false => format!("http://{address}"),
            },
            |url| url.as_str().to_owned(),
        )
    }
}

/// The origin with this machine's name, or with `localhost` if the name cannot be in a URL.
fn on_this_machine(port: u16) -> String {
    let names = rustix::system::uname();
    let name = names.nodename().to_string_lossy();
    let url: Result<PublicUrl, _> = format!("http://{name}:{port}").parse();
    url.map_or_else(
        |_| format!("http://localhost:{port}"),
        |url| url.as_str().to_owned(),
    )
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests;
