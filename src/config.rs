//! Settings: flag over environment over `tackboard.toml` in the data folder over default.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

pub use self::given::{Given, LogFormat};
pub use self::mail::{Encryption, Mail, Smtp};
pub use self::table::{Setting, table as settings_table};
pub use self::values::{Network, Origin, PublicUrl, Secret, Sender, Size, Span};
use crate::store::Durability;

mod given;
mod mail;
mod table;
mod values;

/// The program's own news, and of the libraries' only what is wrong.
const DEFAULT_LOG: &str = "warn,actix_http=off,tackboard=info";

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
    /// How mail goes out.
    pub mail: Mail,
    /// Days that done mails are remembered.
    pub keep_days: u16,
    /// Days that recipients and their pages are kept, and then their ids alone.
    pub card_days: u16,
    /// How log lines look; `None` looks whether standard error is a terminal.
    pub log_format: Option<LogFormat>,
    /// What is logged.
    pub log: String,
}

impl Settings {
    /// Flags and environment over file over defaults. Mail is left at its default: [`Mail::new`] reads files, and can fail.
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
            mail: Mail::default(),
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
    /// The origin of every link that is handed out, where this address is listened on.
    pub fn origin(&self, address: SocketAddr) -> String {
        let given = self.public_url.as_ref();
        given.map_or_else(
            || format!("http://{address}"),
            |url| url.as_str().to_owned(),
        )
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests;
