//! One attempt to deliver one mail, and the record of its result.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tracing::Instrument as _;
use uuid::Uuid;

use super::accepted::AcceptedMails;
use super::{DATABASE_RETRY, MailMetrics, MailOutcome, Mailer};
use crate::app;
use crate::error::{Error, Outage, Result};
use crate::model::ids::{RecipientId, WorkspaceId};
use crate::model::mails::{Mail, MailContent, code};
use crate::model::recipients::Delivery;
use crate::model::time::Timestamp;
use crate::outbound::retry::{Schedule, random};
use crate::store::{Conn, Db, Tx, letters};

/// How long a result may wait for its turn to be written.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Delivers mails and records the results.
pub(super) struct MailSender {
    pub(super) db: Arc<Db>,
    pub(super) mailer: Arc<Mailer>,
    pub(super) metrics: Arc<MailMetrics>,
    pub(super) schedule: Schedule,
    pub(super) accepted: AcceptedMails,
}

impl MailSender {
    /// Tries to deliver a mail once and records the result. Returns the mail's row number.
    ///
    /// The log names a mail by its row number, because the recipient's id gives access to pages.
    pub(super) async fn deliver(self: Arc<Self>, mail: Mail) -> i64 {
        let attempt = mail.attempts + 1;
        let request = mail.request_id.as_deref();
        let span = tracing::error_span!("mail", seq = mail.seq, attempt, request);
        self.attempt_and_record(&mail).instrument(span).await;
        mail.seq
    }

    async fn attempt_and_record(&self, mail: &Mail) {
        let attempted = AssertUnwindSafe(self.attempt(mail)).catch_unwind().await;
        // A mail that makes the program panic once does so every time.
        let outcome = attempted
            .unwrap_or_else(|_| MailOutcome::Failed("The mail cannot be written".to_owned()));
        let (outcome, delay) = self.schedule_retry(mail, outcome);
        self.count_and_log(&outcome);
        let accepted = match mail.content {
            MailContent::Card(recipient) if outcome == MailOutcome::Sent => Some(recipient),
            _ => None,
        };
        if let Some(recipient) = accepted {
            self.accepted.add(recipient);
        }
        while let Err(error) = self.record(mail, outcome.clone(), delay).await {
            if matches!(error, Error::Unavailable(Outage::ShuttingDown)) {
                return;
            }
            // The mail stays claimed until its result is in the database, so it is not sent again.
            tracing::warn!(%error, "the result of a delivery cannot be recorded yet");
            tokio::time::sleep(DATABASE_RETRY).await;
        }
        if accepted.is_some() {
            self.accepted.recorded();
        }
    }

    /// Records the mails that an earlier process delivered without recording them. No mail is sent before this is done.
    pub(super) async fn catch_up(&self) {
        let accepted = self.accepted.left_over();
        if !accepted.is_empty() {
            while let Err(error) = self.record_all_sent(accepted.clone()).await {
                tracing::warn!(%error, "accepted mails cannot be recorded yet");
                tokio::time::sleep(DATABASE_RETRY).await;
            }
        }
        self.accepted.start_over();
    }

    async fn record_all_sent(&self, accepted: Vec<RecipientId>) -> Result<()> {
        let deadline = Instant::now() + WRITE_TIMEOUT;
        let write = self.db.write(deadline, move |tx| {
            app::mails::all_sent(tx, &accepted, Timestamp::now())
        });
        write.await
    }

    async fn attempt(&self, mail: &Mail) -> MailOutcome {
        let recipient = match &mail.content {
            MailContent::Card(recipient) => *recipient,
            MailContent::Notice(notice) => return self.mailer.deliver_notice(mail, notice).await,
        };
        match self.db.read(|conn: &Conn| letters::find(conn, recipient)) {
            Ok(Some(letter)) if letter.status == Delivery::Queued => {
                self.mailer.deliver(mail, letter).await
            }
            Ok(_) => {
                MailOutcome::RetryLater("The recipient does not wait for this mail".to_owned())
            }
            Err(error) => {
                // Logged with its cause, because the mail stays unsent until its data is repaired.
                tracing::warn!(?error, "a mail's card and recipient cannot be read");
                MailOutcome::RetryLater(error.to_string())
            }
        }
    }

    /// How long to wait for the next attempt, if there is one. A mail that was retried often enough has failed.
    fn schedule_retry(&self, mail: &Mail, outcome: MailOutcome) -> (MailOutcome, Duration) {
        match outcome {
            MailOutcome::RetryLater(reply) => {
                match self.schedule.delay_after(mail.attempts + 1, random()) {
                    Some(delay) => (MailOutcome::RetryLater(reply), delay),
                    None => (MailOutcome::Failed(reply), Duration::ZERO),
                }
            }
            outcome => (outcome, Duration::ZERO),
        }
    }

    fn count_and_log(&self, outcome: &MailOutcome) {
        match outcome {
            MailOutcome::Sent => {
                self.metrics.sent.inc();
                tracing::debug!("the mail was sent");
            }
            MailOutcome::RetryLater(reply) => {
                self.metrics.retried.inc();
                tracing::debug!(reply, "the mail will be retried");
            }
            MailOutcome::Failed(reply) => {
                self.metrics.failed.inc();
                // Only the code: the words often name the address, which would stay in the logs after an erasure.
                tracing::warn!(code = code(reply), "the mail failed");
            }
        }
    }

    async fn record(&self, mail: &Mail, outcome: MailOutcome, delay: Duration) -> Result<()> {
        let workspace = mail.workspace_id;
        let delay = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
        let deadline = Instant::now() + WRITE_TIMEOUT;
        match &mail.content {
            MailContent::Card(recipient) => {
                let recipient = *recipient;
                let write = self.db.write(deadline, move |tx| {
                    record_card(tx, workspace, recipient, &outcome, delay)
                });
                write.await
            }
            MailContent::Notice(notice) => {
                let notice = notice.id;
                let write = self.db.write(deadline, move |tx| {
                    record_notice(tx, workspace, notice, &outcome, delay)
                });
                write.await
            }
        }
    }
}

/// Records the result of a card's mail, which is retried after this many milliseconds.
fn record_card(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    recipient: RecipientId,
    outcome: &MailOutcome,
    delay: i64,
) -> Result<()> {
    let now = Timestamp::now();
    match outcome {
        MailOutcome::Sent => app::mails::sent(tx, workspace, recipient, now),
        MailOutcome::Failed(reply) => app::mails::failed(tx, workspace, recipient, reply),
        MailOutcome::RetryLater(reply) => {
            app::mails::retry_later(tx, workspace, recipient, now.plus_millis(delay), reply)
        }
    }
}

/// Records the result of a notice, which is retried after this many milliseconds. Nobody sees it, so there is no event.
fn record_notice(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    notice: Uuid,
    outcome: &MailOutcome,
    delay: i64,
) -> Result<()> {
    let now = Timestamp::now();
    match outcome {
        MailOutcome::Sent | MailOutcome::Failed(_) => {
            app::mails::end_notice(tx, workspace, notice, now)
        }
        MailOutcome::RetryLater(_) => {
            app::mails::retry_notice(tx, workspace, notice, now.plus_millis(delay))
        }
    }
}
