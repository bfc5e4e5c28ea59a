//! A change on its way through the writer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use tokio::sync::oneshot;
use tracing::Span;

use crate::error::{Error, Outage, Result};
use crate::store::connection::{Conn, Effects, Tx};

/// A change, with its result type hidden.
pub(super) trait Job: Send {
    /// Whether the job must not run any more: nobody waits for its result, or its deadline has passed.
    fn is_over(&self, now: Instant) -> bool;
    /// Runs the change, and keeps the outcome. May be called again after a rollback. Returns what is to happen after
    /// COMMIT, or `None` if the change must be rolled back.
    fn run(&mut self, conn: &Conn) -> Option<Effects>;
    /// Replaces the outcome by a failure of the whole transaction.
    fn fail(&mut self, failure: Outage);
    /// Why the transaction ended while the job ran.
    fn outage(&self) -> Outage;
    /// The span of the request that the job belongs to.
    fn span(&self) -> &Span;
    /// Sends the outcome.
    fn respond(self: Box<Self>);
}

/// A job whose outcome is still to be sent.
pub(super) struct Pending<T, F> {
    work: F,
    outcome: Option<Result<T>>,
    receiver: oneshot::Sender<Result<T>>,
    deadline: Option<Instant>,
    span: Span,
}

impl<T, F> Pending<T, F> {
    /// Creates a job, in the current span, and the receiver of its outcome.
    pub(super) fn new(deadline: Option<Instant>, work: F) -> (Self, oneshot::Receiver<Result<T>>) {
        let (receiver, outcome) = oneshot::channel();
        let job = Self {
            work,
            outcome: None,
            receiver,
            deadline,
            span: Span::current(),
        };
        (job, outcome)
    }
}

impl<T, F> Job for Pending<T, F>
where
    T: Send,
    F: Fn(&Tx<'_>) -> Result<T> + Send,
{
    fn is_over(&self, now: Instant) -> bool {
        self.receiver.is_closed() || self.deadline.is_some_and(|deadline| now > deadline)
    }

    fn run(&mut self, conn: &Conn) -> Option<Effects> {
        let tx = Tx::new(conn);
        let _entered = self.span.enter();
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(&tx)))
            .unwrap_or_else(|_| Err(Error::bug("a write panicked")))
            .and_then(|done| tx.check_recorded().map(|()| done));
        let effects = outcome.is_ok().then(|| tx.effects());
        self.outcome = Some(outcome);
        effects
    }

    fn fail(&mut self, failure: Outage) {
        self.outcome = Some(Err(Error::Unavailable(failure)));
    }

    fn outage(&self) -> Outage {
        match &self.outcome {
            Some(Err(Error::Unavailable(outage))) => *outage,
            Some(Err(_)) => Outage::DatabaseBusy,
            // The change went on after the statement that ended the transaction: only a full disk does that.
            _ => Outage::StorageFull,
        }
    }

    fn span(&self) -> &Span {
        &self.span
    }

    fn respond(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // The client may have disconnected. The change is committed all the same.
            let _ = self.receiver.send(outcome);
        }
    }
}
