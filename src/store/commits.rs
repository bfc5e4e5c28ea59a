//! Announcements of commits. Code that has work to do after a change waits for them here. A handler must not wake it,
//! because a handler may be canceled when its client disconnects.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::connection::Effects;
use crate::model::ids::WorkspaceId;

/// What a commit did that others may have to react to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    /// It recorded events.
    Events,
    /// It queued mail.
    Mail,
    /// It made deliveries to webhooks due.
    Deliveries,
}

/// Counts of commits of one kind. They only increase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// Those of this process.
    pub own: u64,
    /// All those of other processes, which may be of this kind.
    pub foreign: u64,
}

/// The sender of announcements, owned by the writer. Each kind has a channel of its own, so that nobody is woken by the others.
#[derive(Default)]
pub(super) struct Announcer {
    events: watch::Sender<Commits>,
    mail: watch::Sender<Commits>,
    deliveries: watch::Sender<Commits>,
    /// The workspaces with new events, until the reader of the event streams takes them.
    recorded: Mutex<HashSet<WorkspaceId>>,
}

impl Announcer {
    pub(super) fn subscribe(&self, to: Announced) -> watch::Receiver<Commits> {
        self.channel(to).subscribe()
    }

    const fn channel(&self, of: Announced) -> &watch::Sender<Commits> {
        match of {
            Announced::Events => &self.events,
            Announced::Mail => &self.mail,
            Announced::Deliveries => &self.deliveries,
        }
    }

    pub(super) fn take_recorded(&self) -> HashSet<WorkspaceId> {
        std::mem::take(&mut *self.recorded())
    }

    fn recorded(&self) -> MutexGuard<'_, HashSet<WorkspaceId>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces a transaction of this process, and the workspaces that it has recorded events in.
    pub(super) fn committed(&self, effects: Effects, recorded: impl Iterator<Item = WorkspaceId>) {
        self.recorded().extend(recorded);
        for (happened, kind) in [
            (effects.events > 0, Announced::Events),
            (effects.mail, Announced::Mail),
            (effects.deliveries, Announced::Deliveries),
        ] {
            if happened {
                self.channel(kind).send_modify(|commits| commits.own += 1);
            }
        }
    }

    /// Announces a commit of another process.
    pub(super) fn foreign(&self) {
        for channel in [&self.events, &self.mail, &self.deliveries] {
            channel.send_modify(|commits| commits.foreign += 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Announced, Announcer, Commits};
    use crate::store::connection::Effects;

    #[test]
    fn a_commit_is_announced_only_to_those_whom_it_concerns() {
        let announcer = Announcer::default();
        let kinds = [Announced::Events, Announced::Mail, Announced::Deliveries];
        let mut receivers = kinds.map(|kind| announcer.subscribe(kind));
        let mut told = || {
            receivers.each_mut().map(|receiver| {
                let changed = receiver.has_changed().is_ok_and(|changed| changed);
                let Commits { own, foreign } = *receiver.borrow_and_update();
                (changed, own, foreign)
            })
        };
        let nothing = Effects::default();
        announcer.committed(nothing, [].into_iter());
        assert_eq!(told(), [(false, 0, 0); 3]);
        let events = Effects {
            events: 2,
            ..nothing
        };
        announcer.committed(events, [].into_iter());
        assert_eq!(told(), [(true, 1, 0), (false, 0, 0), (false, 0, 0)]);
        let all = Effects {
            mail: true,
            deliveries: true,
            ..events
        };
        announcer.committed(all, [].into_iter());
        assert_eq!(told(), [(true, 2, 0), (true, 1, 0), (true, 1, 0)]);
        announcer.foreign();
        assert_eq!(told(), [(true, 2, 1), (true, 1, 1), (true, 1, 1)]);
    }
}
