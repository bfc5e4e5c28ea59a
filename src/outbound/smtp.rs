//! The mail server: connections that are used again, and which of its answers are final.

use std::future::Future;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Severity;

use super::{Outcome, Written};
use crate::config::{Encryption, Smtp};
use crate::model::mails;

/// Permanent replies that are about how we log in, not about the mail: no mail is lost while the settings are wrong.
const OF_THE_SETTINGS: [u16; 4] = [530, 534, 535, 538];
/// How much longer than for other answers the server may take to accept a text: giving up then doubles the mail.
const PATIENCE_FOR_TEXT: u32 = 10;
/// How long a server may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);
/// Takes back what was begun on a connection.
const RESET: &str = "RSET\r\n";

/// The mail server.
pub(super) struct Server {
    settings: Smtp,
    tls: Option<TlsParameters>,
    name: ClientId,
    patience: Duration,
    /// Connections that are open and have nothing to do.
    idle: Mutex<Vec<AsyncSmtpConnection>>,
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
    fn of(error: &smtp::Error) -> Self {
        let code = error.status().map(u16::from);
        Self {
            reply: told(error),
            is_final: error.is_permanent() && !code.is_some_and(|c| OF_THE_SETTINGS.contains(&c)),
            answered: code.is_some(),
        }
    }

    fn lost(reply: &str) -> Self {
        Self {
            reply: reply.to_owned(),
            is_final: false,
            answered: false,
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
            Encryption::StartTls | Encryption::Tls => Some(tls(settings)?),
        };
        Ok(Self {
            settings: settings.clone(),
            tls,
            name: client_id(host),
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
        mut connection: AsyncSmtpConnection,
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
                self.within(1, connection.command(RESET)).await.is_ok()
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
    async fn begin(
        &self,
        connection: &mut AsyncSmtpConnection,
        written: &Written,
    ) -> Result<(), Trouble> {
        let mut parameters = Vec::new();
        if !written.bytes.is_ascii() {
            if !connection
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
            {
                return Err(Trouble {
                    reply: "The mail server takes no addresses beyond ASCII (SMTPUTF8)".to_owned(),
                    is_final: true,
                    answered: true,
                });
            }
            parameters.push(MailParameter::SmtpUtfEight);
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let from = Mail::new(written.envelope.from().cloned(), parameters);
        self.within(1, connection.command(from)).await.map(drop)
    }

    async fn finish(
        &self,
        connection: &mut AsyncSmtpConnection,
        written: &Written,
    ) -> Result<(), Trouble> {
        for to in written.envelope.to() {
            let to = Rcpt::new(to.clone(), Vec::new());
            self.within(1, connection.command(to)).await?;
        }
        self.within(1, connection.command(Data)).await?;
        let text = connection.message(&written.bytes);
        let answer = self.within(PATIENCE_FOR_TEXT, text).await?;
        match answer.code().severity {
            Severity::PositiveCompletion => Ok(()),
            _ => Err(Trouble::lost(
                "The mail server gave an answer that makes no sense",
            )),
        }
    }

    async fn within<T>(
        &self,
        times: u32,
        work: impl Future<Output = Result<T, smtp::Error>>,
    ) -> Result<T, Trouble> {
        match tokio::time::timeout(self.patience * times, work).await {
            Ok(result) => result.map_err(|error| Trouble::of(&error)),
            Err(_) => Err(Trouble::lost("The mail server gave no answer in time")),
        }
    }

    /// A new connection, encrypted and logged in as the settings want it.
    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let connected = self.within(1, self.introduce()).await;
        let was_down = self.down.swap(connected.is_err(), Ordering::Relaxed);
        match connected {
            Ok(connection) => {
                if was_down {
                    tracing::info!("the mail server can be used again");
                }
                Ok(connection)
            }
            Err(Trouble { reply, .. }) => {
                if !was_down {
                    tracing::warn!(%reply, "the mail server cannot be used; mails wait for it");
                }
                Err(format!("The mail server cannot be used: {reply}"))
            }
        }
    }

    async fn introduce(&self) -> Result<AsyncSmtpConnection, smtp::Error> {
        let Smtp {
            host,
            port,
            encryption,
            login,
            ..
        } = &self.settings;
        let from_start = self.tls.clone().filter(|_| *encryption == Encryption::Tls);
        let server = (host.as_str(), *port);
        // Half of the time for one address, so that a name with a dead one has another chance.
        let each = Some(self.patience / 2);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, each, &self.name, from_start, None).await?;
        if let Some(tls) = self
            .tls
            .clone()
            .filter(|_| *encryption == Encryption::StartTls)
        {
            connection.starttls(tls, &self.name).await?;
        }
        if let Some((user, password)) = login {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<AsyncSmtpConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn goodbye(mut connection: AsyncSmtpConnection) {
    let _ = tokio::time::timeout(GOODBYE, connection.abort()).await;
}

fn tls(settings: &Smtp) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.ca {
        let certificate = Certificate::from_pem(pem.expose().as_bytes());
        let certificate = certificate.map_err(|cause| format!("smtp_ca: {cause}"))?;
        builder = builder.add_root_certificate(certificate);
    }
    let built = builder.build();
    built.map_err(|cause| format!("smtp_ca: the certificates cannot be used: {cause}"))
}

/// What we call ourselves.
fn client_id(host: &str) -> ClientId {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<Ipv4Addr>() {
        ClientId::Ipv4(address)
    } else if let Ok(address) = bare.parse::<Ipv6Addr>() {
        ClientId::Ipv6(address)
    } else {
        ClientId::Domain(host.to_owned())
    }
}

/// What went wrong, in the server's words where it has said something.
fn told(error: &smtp::Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let text = match (error.status(), cause) {
        (Some(code), Some(text)) => format!("{code} {text}"),
        (Some(code), None) => code.to_string(),
        (None, Some(cause)) => cause,
        (None, None) => error.to_string(),
    };
    mails::reply(&text)
}
