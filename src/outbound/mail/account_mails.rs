//! Mails with sign-in links and invitations.
//!
//! Their links are never stored as text, so these mails wait in memory, and a stop of the server loses those that are not
//! delivered. Then the person requests another link, or the inviter passes on the link from the response. Whoever
//! requests a sign-in link learns nothing: the request only adds an address to the queue, whether a user has it or not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use super::account_message::AccountMessage;
use super::outbox::Outbox;
use super::{MailMetrics, MailOutcome, Mailer, SCHEDULE};
use crate::app;
use crate::config::Settings;
use crate::error::Result;
use crate::model::ids::{UserId, WorkspaceId};
use crate::model::mails;
use crate::model::scopes::Role;
use crate::model::secrets::Secret;
use crate::model::sign_in_links::LIFE;
use crate::outbound::retry::{Schedule, random};
use crate::store::{Conn, Db, Tx, users, workspaces};

/// Mails that wait at most, beside those that are being delivered or retried.
const MAX_WAITING: usize = 256;
/// Mails that are being delivered or retried at most.
const MAX_RUNNING: usize = 64;
/// Mails that are delivered at once.
const MAX_DELIVERIES: usize = 2;
/// Attempts per mail. The last one is 13 minutes after the first, while a link still works.
const MAX_ATTEMPTS: u32 = 6;
/// How long a link may wait for its turn to be written.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// A mail about an account.
pub enum AccountMail {
    /// A link that signs a person in. It is created when the mail is written, if a user has the address.
    SignInLink {
        /// The address, normalized.
        email: String,
    },
    /// An invitation to a workspace.
    Invitation {
        /// The workspace.
        workspace: WorkspaceId,
        /// Who invites.
        inviter: UserId,
        /// The address of the person, normalized.
        email: String,
        /// The role in the workspace.
        role: Role,
        /// The code of the link.
        code: Secret,
    },
}

impl AccountMail {
    /// The address that it goes to.
    pub fn email(&self) -> &str {
        match self {
            Self::SignInLink { email } | Self::Invitation { email, .. } => email,
        }
    }
}

/// Where mails are handed in.
pub struct AccountMails(mpsc::Sender<AccountMail>);

/// The mails that were handed in.
pub struct WaitingMails(mpsc::Receiver<AccountMail>);

impl AccountMails {
    /// Creates an empty queue. [`run_account_mails`] delivers its mails.
    pub fn new() -> (Self, WaitingMails) {
        let (sender, waiting) = mpsc::channel(MAX_WAITING);
        (Self(sender), WaitingMails(waiting))
    }

    /// Hands in a mail. It is dropped if too many wait.
    pub fn send(&self, mail: AccountMail) {
        if self.0.try_send(mail).is_err() {
            tracing::warn!("dropped a mail about an account: too many wait, or the server stops");
        }
    }
}

/// Delivers mails until the outbox is stopped. Then each mail has one more attempt, within the shutdown timeout.
pub fn run_account_mails(
    waiting: WaitingMails,
    db: Arc<Db>,
    mailer: Arc<Mailer>,
    outbox: &Outbox,
    settings: &Settings,
) -> impl Future<Output = ()> + use<> {
    let delivery = Delivery {
        db,
        mailer,
        metrics: Arc::clone(&outbox.metrics),
        schedule: SCHEDULE.scaled_by(settings.mail.delay_factor),
        turns: Semaphore::new(MAX_DELIVERIES),
        stopped: outbox.stopped(),
    };
    dispatch(waiting.0, Arc::new(delivery), settings.shutdown_timeout)
}

async fn dispatch(
    mut waiting: mpsc::Receiver<AccountMail>,
    delivery: Arc<Delivery>,
    shutdown_timeout: Duration,
) {
    let mut stopped = delivery.stopped.clone();
    let mut running = JoinSet::new();
    while stopped.borrow().is_none() {
        tokio::select! {
            Some(mail) = waiting.recv(), if running.len() < MAX_RUNNING => {
                running.spawn(Arc::clone(&delivery).deliver(mail));
            }
            Some(_) = running.join_next() => {}
            _ = stopped.changed() => {}
        }
    }
    let since = stopped.borrow().unwrap_or_else(Instant::now);
    waiting.close();
    while let Some(mail) = waiting.recv().await {
        running.spawn(Arc::clone(&delivery).deliver(mail));
    }
    let all = async { while running.join_next().await.is_some() {} };
    let end = since + shutdown_timeout;
    if tokio::time::timeout_at(end.into(), all).await.is_err() {
        tracing::warn!("mails about accounts were not delivered before the stop");
    }
}

/// What delivers a mail.
struct Delivery {
    db: Arc<Db>,
    mailer: Arc<Mailer>,
    metrics: Arc<MailMetrics>,
    schedule: Schedule,
    turns: Semaphore,
    stopped: watch::Receiver<Option<Instant>>,
}

impl Delivery {
    /// Delivers a mail, if there is one to write. The log names neither the address nor the link.
    async fn deliver(self: Arc<Self>, mail: AccountMail) {
        match self.write(mail).await {
            Ok(Some(message)) => self.send(&message).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a mail about an account cannot be written"),
        }
    }

    /// Writes a mail. `None` if no user has the address.
    async fn write(&self, mail: AccountMail) -> Result<Option<AccountMessage>> {
        match mail {
            AccountMail::SignInLink { email } => self.write_sign_in_link(email).await,
            AccountMail::Invitation {
                workspace,
                inviter,
                email,
                role,
                code,
            } => {
                let names = |conn: &Conn| {
                    let inviter = users::get(conn, inviter)?.name;
                    Ok((workspaces::get(conn, workspace)?.name, inviter))
                };
                let (workspace, inviter) = self.db.read(names)?;
                Ok(Some(AccountMessage::invitation(
                    email, &workspace, &inviter, role, &code,
                )))
            }
        }
    }

    async fn write_sign_in_link(&self, email: String) -> Result<Option<AccountMessage>> {
        let find = |conn: &Conn| users::find(conn, &email);
        let Some(user) = self.db.read(find)?.filter(|user| user.email == email) else {
            return Ok(None);
        };
        let deadline = Instant::now() + WRITE_TIMEOUT;
        let create = move |tx: &Tx<'_>| app::sign_in_links::create(tx, user.id, LIFE);
        let code = self.db.write(deadline, create).await?;
        Ok(Some(AccountMessage::sign_in(email, &user.name, &code)))
    }

    async fn send(&self, message: &AccountMessage) {
        for attempt in 1..=MAX_ATTEMPTS {
            let outcome = {
                let Ok(_turn) = self.turns.acquire().await else {
                    return;
                };
                self.mailer.deliver_account_message(message).await
            };
            let reply = match outcome {
                MailOutcome::Sent => {
                    self.metrics.sent.inc();
                    self.mailer.close_idle_connections().await;
                    return;
                }
                MailOutcome::RetryLater(reply) if attempt < MAX_ATTEMPTS => reply,
                MailOutcome::RetryLater(reply) | MailOutcome::Failed(reply) => {
                    return self.give_up(&reply);
                }
            };
            self.metrics.retried.inc();
            if !self.wait_after(attempt).await {
                return self.give_up(&reply);
            }
        }
    }

    /// Waits for the next attempt. Returns `false` at once when the server stops.
    async fn wait_after(&self, attempt: u32) -> bool {
        let Some(delay) = self.schedule.delay_after(attempt, random()) else {
            return false;
        };
        let mut stopped = self.stopped.clone();
        tokio::select! {
            () = tokio::time::sleep(delay) => true,
            _ = stopped.wait_for(Option::is_some) => false,
        }
    }

    fn give_up(&self, reply: &str) {
        self.metrics.failed.inc();
        tracing::warn!(code = mails::code(reply), "a mail about an account failed");
    }
}
