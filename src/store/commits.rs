//! Announcements of commits. Code that has work to do after a change waits for them here. A handler must not wake it,
//! because a handler may be canceled when its client disconnects.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::connection::Effects;
use crate::model::ids::WorkspaceId;

/// Counts of commits that others may have to react to. They only increase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// Events recorded.
    pub events: u64,
    /// Transactions that queued mail.
    pub mail: u64,
    /// Transactions that made deliveries to webhooks due.
    pub deliveries: u64,
    /// Transactions of other processes, which may have recorded events or queued mail.
    pub foreign: u64,
}

/// The sender of announcements, owned by the writer.
#[derive(Default)]
pub(super) struct Announcer {
    commits: watch::Sender<Commits>,
    /// The workspaces with new events, until the reader of the event streams takes them.
    recorded: Mutex<HashSet<WorkspaceId>>,
}

impl Announcer {
    pub(super) fn subscribe(&self) -> watch::Receiver<Commits> {
        self.commits.subscribe()
    }

    pub(super) fn take_recorded(&self) -> HashSet<WorkspaceId> {
        std::mem::take(&mut *self.recorded())
    }

    fn recorded(&self) -> MutexGuard<'_, HashSet<WorkspaceId>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces a transaction of this process, and the workspaces that it has recorded events in.
    pub(super) fn committed(&self, effects: Effects, recorded: impl Iterator<Item = WorkspaceId>) {
        if effects != Effects::default() {
            self.recorded().extend(recorded);
            self.commits.send_modify(|commits| {
                commits.events += effects.events;
                commits.mail += u64::from(effects.mail);
                commits.deliveries += u64::from(effects.deliveries);
            });
        }
    }

    /// Announces a commit of another process.
    pub(super) fn foreign(&self) {
        self.commits.send_modify(|commits| commits.foreign += 1);
    }
}
