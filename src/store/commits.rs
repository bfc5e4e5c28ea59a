//! What the writer announces after COMMIT. Whoever has work to do after a change waits for it here: nothing else wakes
//! anybody, so no change is missed because a client hung up before its handler ended.

use tokio::sync::watch;

use super::connection::Effects;

/// How often something has been committed that others may have to act on. Figures only rise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// Events that were recorded.
    pub events: u64,
    /// Transactions that queued mail.
    pub mail: u64,
    /// Transactions of other processes, which may have done either.
    pub foreign: u64,
}

/// The announcing side, held by the writer.
pub(super) struct Announcer(watch::Sender<Commits>);

impl Announcer {
    pub(super) fn new() -> Self {
        Self(watch::Sender::default())
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Commits> {
        self.0.subscribe()
    }

    /// Announces a transaction of this process.
    pub(super) fn committed(&self, effects: Effects) {
        if effects != Effects::default() {
            self.0.send_modify(|commits| {
                commits.events += effects.events;
                commits.mail += u64::from(effects.mail);
            });
        }
    }

    /// Announces that another process has committed something.
    pub(super) fn foreign(&self) {
        self.0.send_modify(|commits| commits.foreign += 1);
    }
}
