//! Announcements of commits. Code that has work to do after a change waits for them here. A handler must not wake it,
//! because a handler may be canceled when its client disconnects.

use tokio::sync::watch;

use super::connection::Effects;

/// Counts of commits that others may have to react to. They only increase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// Events recorded.
    pub events: u64,
    /// Transactions that queued mail.
    pub mail: u64,
    /// Transactions of other processes, which may have recorded events or queued mail.
    pub foreign: u64,
}

/// The sender of announcements, owned by the writer.
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

    /// Announces a commit of another process.
    pub(super) fn foreign(&self) {
        self.0.send_modify(|commits| commits.foreign += 1);
    }
}
