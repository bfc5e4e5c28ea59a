//! One mail's way: found, handed over, and what became of it written down.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;

use super::journal::Journal;
use super::outbox::{AT_ONCE, LONGEST_SLEEP, Outbox, TROUBLE};
use super::{Outcome, Post};
use crate::error::{Error, Outage, Result};
use crate::model::ids::RecipientId;
use crate::model::mails::{self, LONGEST_PAUSE, Mail};
use crate::model::recipients::Delivery;
use crate::model::time::Timestamp;
use crate::store::{self, Conn, Db, Tx};

/// How long a result may wait for its turn to be written down.
const PATIENCE: Duration = Duration::from_secs(30);

/// Everything that a delivery needs.
pub(super) struct Courier {
    pub(super) outbox: Arc<Outbox>,
    pub(super) db: Arc<Db>,
    pub(super) post: Post,
    pub(super) pause_factor: f64,
    pub(super) journal: Journal,
}

impl Courier {
    /// Mails that are due, those that are being delivered among them, and how long nothing else is.
    pub(super) fn look(&self) -> Result<(Vec<Mail>, Duration)> {
        let now = Timestamp::now();
        // Due further away than any pause is long: the clock was set back since. Waiting for it could take for ever.
        let beyond = now.plus_millis(self.scaled(LONGEST_PAUSE) + 1);
        self.db.read(|conn: &Conn| {
            // Those that are being delivered are still due, and must leave room for as many others.
            let limit = 2 * AT_ONCE;
            let mut due = store::mails::due(conn, Timestamp::from_millis(i64::MIN), now, limit)?;
            let rest = limit - due.len();
            due.extend(store::mails::due(
                conn,
                beyond,
                Timestamp::from_millis(i64::MAX),
                rest,
            )?);
            let next = store::mails::next_due(conn, now)?;
            let sleep = next.map_or(LONGEST_SLEEP, |next| {
                let millis = next.millis().saturating_sub(now.millis());
                Duration::from_millis(millis.unsigned_abs()).min(LONGEST_SLEEP)
            });
            Ok((due, sleep))
        })
    }

    /// Tries a mail once and writes down how it went.
    pub(super) async fn deliver(self: Arc<Self>, mail: Mail) -> RecipientId {
        let tried = AssertUnwindSafe(self.attempt(&mail)).catch_unwind().await;
        // A mail that makes the program panic once does so every time.
        let outcome =
            tried.unwrap_or_else(|_| Outcome::Refused("The mail cannot be written".to_owned()));
        let outcome = self.judge(&mail, outcome);
        if outcome == Outcome::Sent {
            self.journal.accepted(mail.recipient_id);
        }
        while let Err(error) = self.write_down(&mail, outcome.clone()).await {
            if matches!(error, Error::Unavailable(Outage::ShuttingDown)) {
                return mail.recipient_id;
            }
            // Until it is written down the mail stays claimed, so that it does not go out again.
            tracing::warn!(%error, "the result of a delivery could not be written down yet");
            tokio::time::sleep(TROUBLE).await;
        }
        if outcome == Outcome::Sent {
            self.journal.written_down();
        }
        mail.recipient_id
    }

    /// Writes down what a process that died had heard from the mail server and not written down. Until that is done
    /// nothing goes out.
    pub(super) async fn catch_up(&self) {
        let accepted = self.journal.left();
        while let Err(error) = self.write_down_all(accepted.clone()).await {
            tracing::warn!(%error, "accepted mails could not be written down yet");
            tokio::time::sleep(TROUBLE).await;
        }
        self.journal.begin();
    }

    async fn write_down_all(&self, accepted: Vec<RecipientId>) -> Result<()> {
        if accepted.is_empty() {
            return Ok(());
        }
        let write = move |tx: &Tx<'_>| {
            let now = Timestamp::now();
            for recipient in &accepted {
                // One that is gone meanwhile needs nothing.
                if let Some(workspace) = store::recipients::workspace(tx, *recipient)? {
                    store::mails::sent(tx, workspace, *recipient, now)?;
                }
            }
            Ok(())
        };
        self.db.write(Instant::now() + PATIENCE, write).await
    }

    async fn attempt(&self, mail: &Mail) -> Outcome {
        let find = |conn: &Conn| store::letters::find(conn, mail.recipient_id);
        match self.db.read(find) {
            Ok(Some(letter)) if letter.status == Delivery::Queued => {
                self.post.deliver(mail, letter).await
            }
            Ok(_) => Outcome::PutOff("The recipient does not wait for this mail".to_owned()),
            Err(error) => Outcome::PutOff(error.to_string()),
        }
    }

    /// Gives a mail up that was put off often enough; counts and logs.
    fn judge(&self, mail: &Mail, outcome: Outcome) -> Outcome {
        let (recipient, attempt) = (mail.recipient_id, mail.attempts + 1);
        let outcome = match outcome {
            Outcome::PutOff(reply) if attempt >= mails::TRIES => Outcome::Refused(reply),
            outcome => outcome,
        };
        let stats = self.outbox.stats();
        match &outcome {
            Outcome::Sent => {
                stats.sent.inc();
                tracing::debug!(%recipient, attempt, "a mail was sent");
            }
            Outcome::PutOff(reply) => {
                stats.retried.inc();
                tracing::debug!(%recipient, attempt, reply, "a mail was put off");
            }
            Outcome::Refused(reply) => {
                stats.failed.inc();
                // Without the words, which often name the address: it would stay in the logs when the person is erased.
                tracing::warn!(%recipient, attempt, code = mails::code(reply), "a mail was given up");
            }
        }
        outcome
    }

    async fn write_down(&self, mail: &Mail, outcome: Outcome) -> Result<()> {
        let (workspace, recipient) = (mail.workspace_id, mail.recipient_id);
        let pause = mails::pause(mail.attempts + 1, getrandom::u32().unwrap_or_default());
        let pause = self.scaled(pause.unwrap_or(LONGEST_PAUSE));
        let write = move |tx: &Tx<'_>| {
            let now = Timestamp::now();
            match outcome {
                Outcome::Sent => store::mails::sent(tx, workspace, recipient, now),
                Outcome::Refused(reply) => {
                    store::mails::failed(tx, workspace, recipient, &mails::reply(&reply))
                }
                Outcome::PutOff(reply) => {
                    let due_at = now.plus_millis(pause);
                    store::mails::put_off(tx, workspace, recipient, due_at, &mails::reply(&reply))
                }
            }
        };
        self.db.write(Instant::now() + PATIENCE, write).await
    }

    fn scaled(&self, millis: i64) -> i64 {
        (millis as f64 * self.pause_factor) as i64
    }
}
