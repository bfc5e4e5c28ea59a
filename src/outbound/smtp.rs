//! The mail server: connections that are used again, and which of its answers are final.

use std::future::Future;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::connection::{Connection, Fault, Wanted};
use super::tls::Tls;
use super::{Outcome, Written};
use crate::config::{Encryption, Smtp};
use crate::model::mails;
use futures_util::future::join_all;
use lettre::Address;
use lettre::address::Envelope;

/// Permanent replies that are about how we log in, not about the mail: no mail is lost while the settings are wrong.
const OF_THE_SETTINGS: [u16; 4] = [530, 534, 535, 538];
/// How much longer than for other answers the server may take to accept a text: giving up then doubles the mail.
const PATIENCE_FOR_TEXT: u32 = 10;
/// How long a server may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);
/// What is told of a mail that the server has, and said nothing about that can be understood.
const UNKNOWN: &str =
    "The mail server's answer could not be read, so nobody knows whether the mail was taken";

/// The mail server.
pub(super) struct Server {
    settings: Smtp,
    tls: Option<Tls>,
    /// What we call ourselves.
    name: String,
    patience: Duration,
    /// Connections that are open and have nothing to do.
    idle: Mutex<Vec<Connection>>,
    /// Whether the last attempt to connect failed.
    down: AtomicBool,
}

/// Why a mail was not taken.
struct Trouble {
    reply: String,
    is_final: bool,
    /// Whether the server has answered, so that the connection can go on.
    answered: bool,
}

impl Trouble {
    fn lost(reply: &str) -> Self {
        Self {
            reply: reply.to_owned(),
            is_final: false,
            answered: false,
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Negative(reply) => Self {
                is_final: reply.code >= 500 && !OF_THE_SETTINGS.contains(&reply.code),
                reply: mails::reply(&reply.to_string()),
                answered: true,
            },
            Fault::Unreadable => Self::lost("The mail server gave an answer that makes no sense"),
            Fault::Lost(why) => Self::lost(&mails::reply(&why)),
        }
    }
}

impl From<Trouble> for Outcome {
    fn from(trouble: Trouble) -> Self {
        match trouble.is_final {
            true => Outcome::Refused(trouble.reply),
            false => Outcome::PutOff(trouble.reply),
        }
    }
}

impl Server {
    /// The server of the settings, to which we are known as the host of our links.
    ///
    /// # Errors
    /// A sentence that says which setting is wrong.
    pub(super) fn new(settings: &Smtp, patience: Duration, host: &str) -> Result<Self, String> {
        let tls = match settings.encryption {
            Encryption::None => None,
            Encryption::StartTls | Encryption::Tls => Some(Tls::new(settings)?),
        };
        Ok(Self {
            settings: settings.clone(),
            tls,
            name: name(host),
            patience,
            idle: Mutex::default(),
            down: AtomicBool::new(false),
        })
    }

    /// Hands a mail to the server once.
    pub(super) async fn deliver(&self, written: &Written) -> Outcome {
        let idle = self.lock().pop();
        if let Some(mut connection) = idle {
            let begun = self.begin(&mut connection, written).await;
            // It may have been closed meanwhile, or have carried as many mails as the server allows. Nothing was sent
            // then, so a new one is tried at once.
            if begun
                .as_ref()
                .map_or_else(|trouble| trouble.is_final, |()| true)
            {
                return self.go_on(connection, begun, written).await;
            }
            goodbye(connection).await;
        }
        match self.connect().await {
            Err(reply) => Outcome::PutOff(reply),
            Ok(mut connection) => {
                let begun = self.begin(&mut connection, written).await;
                self.go_on(connection, begun, written).await
            }
        }
    }

    /// Whether connections are open that have nothing to do.
    pub(super) fn holds_connections(&self) -> bool {
        !self.lock().is_empty()
    }

    /// Says goodbye to the server on connections that have nothing to do.
    pub(super) async fn hang_up(&self) {
        let idle = std::mem::take(&mut *self.lock());
        join_all(idle.into_iter().map(goodbye)).await;
    }

    /// Finishes what was begun, and keeps the connection if it can be used again.
    async fn go_on(
        &self,
        mut connection: Connection,
        begun: Result<(), Trouble>,
        written: &Written,
    ) -> Outcome {
        let done = match begun {
            Ok(()) => self.finish(&mut connection, written).await,
            Err(trouble) => Err(trouble),
        };
        let usable = match &done {
            Ok(()) => true,
            Err(trouble) if trouble.answered => {
                let reset = connection.command("RSET", Wanted::Completion);
                self.within(1, reset).await.is_ok()
            }
            Err(_) => false,
        };
        if usable {
            self.lock().push(connection);
        } else {
            goodbye(connection).await;
        }
        done.map_or_else(Outcome::from, |()| Outcome::Sent)
    }

    /// Names the sender: after that, the mail is on its way.
    async fn begin(&self, connection: &mut Connection, written: &Written) -> Result<(), Trouble> {
        let mut parameters = "";
        if !written.bytes.is_ascii() {
            if connection.offered("SMTPUTF8").is_none() {
                return Err(Trouble {
                    reply: beyond_ascii(&written.envelope),
                    is_final: true,
                    answered: true,
                });
            }
            parameters = " SMTPUTF8 BODY=8BITMIME";
        }
        let from = written.envelope.from();
        let from = from.map(ToString::to_string).unwrap_or_default();
        let command = format!("MAIL FROM:<{from}>{parameters}");
        let begin = connection.command(&command, Wanted::Completion);
        self.within(1, begin).await?;
        Ok(())
    }

    async fn finish(&self, connection: &mut Connection, written: &Written) -> Result<(), Trouble> {
        for to in written.envelope.to() {
            let command = format!("RCPT TO:<{to}>");
            let name = connection.command(&command, Wanted::Completion);
            self.within(1, name).await?;
        }
        let announce = connection.command("DATA", Wanted::Intermediate);
        self.within(1, announce).await?;
        let text = connection.text(&written.bytes);
        match self.within(PATIENCE_FOR_TEXT, text).await {
            // A server that answers so once does so every time, and every time the mail may have arrived.
            Err(Fault::Unreadable) => Err(Trouble {
                reply: UNKNOWN.to_owned(),
                is_final: true,
                answered: false,
            }),
            answer => Ok(answer.map(drop)?),
        }
    }

    async fn within<T>(
        &self,
        times: u32,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        match tokio::time::timeout(self.patience * times, work).await {
            Ok(result) => result,
            Err(_) => Err(Fault::Lost(
                "The mail server gave no answer in time".to_owned(),
            )),
        }
    }

    /// A new connection, encrypted and logged in as the settings want it.
    async fn connect(&self) -> Result<Connection, String> {
        let connected = self.within(1, self.introduce()).await;
        let was_down = self.down.swap(connected.is_err(), Ordering::Relaxed);
        match connected {
            Ok(connection) => {
                if was_down {
                    tracing::info!("the mail server can be used again");
                }
                Ok(connection)
            }
            Err(fault) => {
                let Trouble { reply, .. } = fault.into();
                if !was_down {
                    tracing::warn!(%reply, "the mail server cannot be used; mails wait for it");
                }
                Err(format!("The mail server cannot be used: {reply}"))
            }
        }
    }

    async fn introduce(&self) -> Result<Connection, Fault> {
        let Smtp {
            host,
            port,
            encryption,
            login,
            ..
        } = &self.settings;
        let tls = |when| self.tls.as_ref().filter(|_| *encryption == when);
        // Half of the time for one address, so that a name with a dead one has another chance.
        let each = self.patience / 2;
        let from_start = tls(Encryption::Tls);
        let server = (host.as_str(), *port);
        let mut connection = Connection::open(server, each, from_start, &self.name).await?;
        if let Some(tls) = tls(Encryption::StartTls) {
            connection = connection.start_tls(tls, &self.name).await?;
        }
        if let Some((user, password)) = login {
            connection.log_in(user, password.expose()).await?;
        }
        Ok(connection)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is told of a mail with an address beyond ASCII that the server does not take, and what to do about it.
fn beyond_ascii(envelope: &Envelope) -> String {
    let reply = "The mail server takes no addresses beyond ASCII (SMTPUTF8)";
    let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    match envelope.to().iter().all(is_ascii) {
        true => format!("{reply}: give the account that mails come from an ASCII address"),
        false => format!("{reply}, and the recipient's is one"),
    }
}

async fn goodbye(connection: Connection) {
    let _ = tokio::time::timeout(GOODBYE, connection.quit()).await;
}

/// A host as it stands in a hello.
fn name(host: &str) -> String {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse() {
        Ok(IpAddr::V4(address)) => format!("[{address}]"),
        Ok(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Err(_) => host.to_owned(),
    }
}
