//! Delivery by SMTP: reuses connections, and decides which replies are permanent.

use std::future::Future;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::MailOutcome;
use super::connection::{ConnectionError, Expected, SmtpConnection, SmtpReply};
use super::message::EmailMessage;
use super::tls::Tls;
use crate::config::{Encryption, Smtp};
use crate::model::mails::reply_line;
use futures_util::future::join_all;
use lettre::Address;

/// Permanent replies about the login, not about the mail. They are retried, so that wrong settings lose no mail.
const LOGIN_REPLIES: [u16; 4] = [530, 534, 535, 538];
/// How many times the usual timeout the server has to accept a message: giving up at that point may send it twice.
const MESSAGE_TIMEOUTS: u32 = 10;
/// How long a server may take to reply to QUIT.
const QUIT_TIMEOUT: Duration = Duration::from_secs(1);
/// The reply of a recipient whose message the server has, but whose acceptance is unknown.
const UNKNOWN_REPLY: &str =
    "The mail server's answer could not be read, so nobody knows whether the mail was taken";

/// Delivers messages to the mail server.
pub(super) struct SmtpTransport {
    settings: Smtp,
    tls: Option<Tls>,
    /// The name that the client sends in EHLO.
    client_name: String,
    timeout: Duration,
    /// Open connections that wait for the next message.
    idle: Mutex<Vec<SmtpConnection>>,
    /// Whether the last attempt to connect failed.
    is_down: AtomicBool,
}

/// Why a message was not accepted.
struct DeliveryError {
    reply: String,
    is_permanent: bool,
    /// Whether the server replied, so that the connection can be used for the next message.
    is_reply: bool,
}

impl DeliveryError {
    fn lost(reply: &str) -> Self {
        Self {
            reply: reply.to_owned(),
            is_permanent: false,
            is_reply: false,
        }
    }
}

impl From<ConnectionError> for DeliveryError {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Rejected(reply) => Self {
                is_permanent: reply.code >= 500 && !LOGIN_REPLIES.contains(&reply.code),
                reply: reply_line(&reply.to_string()),
                is_reply: true,
            },
            ConnectionError::Unreadable => {
                Self::lost("The mail server gave an answer that makes no sense")
            }
            ConnectionError::Lost(why) => Self::lost(&reply_line(&why)),
        }
    }
}

impl From<DeliveryError> for MailOutcome {
    fn from(error: DeliveryError) -> Self {
        match error.is_permanent {
            true => MailOutcome::Failed(error.reply),
            false => MailOutcome::RetryLater(error.reply),
        }
    }
}

impl SmtpTransport {
    /// Creates a transport to the server of the settings. `host` is the name in EHLO.
    ///
    /// # Errors
    /// A message that names the invalid setting.
    pub(super) fn new(settings: &Smtp, timeout: Duration, host: &str) -> Result<Self, String> {
        let tls = match settings.encryption {
            Encryption::None => None,
            Encryption::StartTls | Encryption::Tls => Some(Tls::new(settings)?),
        };
        Ok(Self {
            settings: settings.clone(),
            tls,
            client_name: client_name(host),
            timeout,
            idle: Mutex::default(),
            is_down: AtomicBool::new(false),
        })
    }

    /// Tries to deliver a message once.
    pub(super) async fn deliver(&self, message: &EmailMessage) -> MailOutcome {
        let idle = self.lock().pop();
        if let Some(mut connection) = idle {
            let begun = self.begin(&mut connection, message).await;
            // The server may have closed the connection, or accept no more messages on it. Nothing was sent then, so a
            // new connection is used at once, within the same attempt.
            if begun
                .as_ref()
                .map_or_else(|error| error.is_permanent, |()| true)
            {
                return self.complete(connection, begun, message).await;
            }
            quit(connection).await;
        }
        match self.connect().await {
            Err(reply) => MailOutcome::RetryLater(reply),
            Ok(mut connection) => {
                let begun = self.begin(&mut connection, message).await;
                self.complete(connection, begun, message).await
            }
        }
    }

    /// Delivers a message over a connection of its own, once. Returns the server's reply.
    ///
    /// # Errors
    /// Why it was not delivered: the server's reply, or what happened to the connection.
    pub(super) async fn deliver_alone(&self, message: &EmailMessage) -> Result<String, String> {
        let mut connection = self.connect().await?;
        let done = match self.begin(&mut connection, message).await {
            Ok(()) => self.send(&mut connection, message).await,
            Err(error) => Err(error),
        };
        quit(connection).await;
        done.map(|reply| reply_line(&reply.to_string()))
            .map_err(|error| error.reply)
    }

    /// Whether open connections wait for the next message.
    pub(super) fn has_idle_connections(&self) -> bool {
        !self.lock().is_empty()
    }

    /// Closes the connections that wait for the next message.
    pub(super) async fn close_idle_connections(&self) {
        let idle = std::mem::take(&mut *self.lock());
        join_all(idle.into_iter().map(quit)).await;
    }

    /// Sends the rest of a message that was begun, and keeps the connection if it can be used again.
    async fn complete(
        &self,
        mut connection: SmtpConnection,
        begun: Result<(), DeliveryError>,
        message: &EmailMessage,
    ) -> MailOutcome {
        let done = match begun {
            Ok(()) => self.send(&mut connection, message).await.map(drop),
            Err(error) => Err(error),
        };
        let is_usable = match &done {
            Ok(()) => true,
            Err(error) if error.is_reply => {
                let reset = connection.command("RSET", Expected::Completion);
                self.within(1, reset).await.is_ok()
            }
            Err(_) => false,
        };
        if is_usable {
            self.lock().push(connection);
        } else {
            quit(connection).await;
        }
        done.map_or_else(MailOutcome::from, |()| MailOutcome::Sent)
    }

    /// Begins a message with its sender.
    async fn begin(
        &self,
        connection: &mut SmtpConnection,
        message: &EmailMessage,
    ) -> Result<(), DeliveryError> {
        let mut parameters = "";
        if !message.bytes.is_ascii() {
            if connection.extension("SMTPUTF8").is_none() {
                return Err(DeliveryError {
                    reply: needs_smtputf8(&message.to),
                    is_permanent: true,
                    is_reply: true,
                });
            }
            parameters = " SMTPUTF8 BODY=8BITMIME";
        }
        let command = format!("MAIL FROM:<{}>{parameters}", message.from);
        let begin = connection.command(&command, Expected::Completion);
        self.within(1, begin).await?;
        Ok(())
    }

    async fn send(
        &self,
        connection: &mut SmtpConnection,
        message: &EmailMessage,
    ) -> Result<SmtpReply, DeliveryError> {
        let command = format!("RCPT TO:<{}>", message.to);
        let recipient = connection.command(&command, Expected::Completion);
        self.within(1, recipient).await?;
        let data = connection.command("DATA", Expected::Intermediate);
        self.within(1, data).await?;
        let text = connection.send_message(&message.bytes);
        match self.within(MESSAGE_TIMEOUTS, text).await {
            // The server would reply the same to every attempt, and each time the mail may have arrived.
            Err(ConnectionError::Unreadable) => Err(DeliveryError {
                reply: UNKNOWN_REPLY.to_owned(),
                is_permanent: true,
                is_reply: false,
            }),
            result => Ok(result?),
        }
    }

    async fn within<T>(
        &self,
        timeouts: u32,
        work: impl Future<Output = Result<T, ConnectionError>>,
    ) -> Result<T, ConnectionError> {
        match tokio::time::timeout(self.timeout * timeouts, work).await {
            Ok(result) => result,
            Err(_) => Err(ConnectionError::Lost(
                "The mail server gave no answer in time".to_owned(),
            )),
        }
    }

    /// A new connection, encrypted and logged in as the settings say.
    async fn connect(&self) -> Result<SmtpConnection, String> {
        let connected = self.within(1, self.open_connection()).await;
        let was_down = self.is_down.swap(connected.is_err(), Ordering::Relaxed);
        match connected {
            Ok(connection) => {
                if was_down {
                    tracing::info!("the mail server is available again");
                }
                Ok(connection)
            }
            Err(error) => {
                let DeliveryError { reply, .. } = error.into();
                if !was_down {
                    tracing::warn!(%reply, "the mail server is not available; mails stay queued");
                }
                Err(format!("The mail server is not available: {reply}"))
            }
        }
    }

    async fn open_connection(&self) -> Result<SmtpConnection, ConnectionError> {
        let Smtp {
            host,
            port,
            encryption,
            login,
            ..
        } = &self.settings;
        let tls = |when| self.tls.as_ref().filter(|_| *encryption == when);
        // Half of the time per address, so that the next address of the host has a chance.
        let per_address = self.timeout / 2;
        let from_start = tls(Encryption::Tls);
        let server = (host.as_str(), *port);
        let mut connection =
            SmtpConnection::open(server, per_address, from_start, &self.client_name).await?;
        if let Some(tls) = tls(Encryption::StartTls) {
            connection = connection.start_tls(tls, &self.client_name).await?;
        }
        if let Some((user, password)) = login {
            connection.log_in(user, password.expose()).await?;
        }
        Ok(connection)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SmtpConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reply for a mail whose addresses need an extension that the server does not have, with what to do about it.
fn needs_smtputf8(to: &Address) -> String {
    let reply = "The mail server takes no addresses beyond ASCII (SMTPUTF8)";
    match AsRef::<str>::as_ref(to).is_ascii() {
        true => format!("{reply}: give the account that mails come from an ASCII address"),
        false => format!("{reply}, and the recipient's is one"),
    }
}

async fn quit(connection: SmtpConnection) {
    let _ = tokio::time::timeout(QUIT_TIMEOUT, connection.quit()).await;
}

/// A host as the argument of EHLO.
fn client_name(host: &str) -> String {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse() {
        Ok(IpAddr::V4(address)) => format!("[{address}]"),
        Ok(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Err(_) => host.to_owned(),
    }
}
