//! What all delivery queues share: when a failed delivery is retried, which group is next, and when to read the queue
//! again.

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::model::time::Timestamp;
use crate::store::commits::Commits;

/// The longest time between two looks at a queue. It bounds the delay after the clock was changed or the machine slept.
const MAX_SLEEP: Duration = Duration::from_secs(10);

/// The delays between the attempts of one delivery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    delays: &'static [Duration],
    max_attempts: u32,
    jitter_percent: u32,
    factor: f64,
}

impl Schedule {
    /// A schedule that waits `delays` between the first attempts, repeats the last delay after them, and gives up after
    /// `max_attempts`. Jitter changes each delay at random by up to this percentage, so that deliveries which failed
    /// together are not retried together.
    ///
    /// Attempts are counted, not hours: a changed clock or a server that was off must not end a delivery early.
    pub const fn new(delays: &'static [Duration], max_attempts: u32, jitter_percent: u32) -> Self {
        Self {
            delays,
            max_attempts,
            jitter_percent,
            factor: 1.0,
        }
    }

    /// The same schedule with every delay multiplied by a factor.
    pub fn scaled_by(self, factor: f64) -> Self {
        Self { factor, ..self }
    }

    /// How long to wait after this many attempts; `None` means that the delivery is given up. `random` chooses the
    /// jitter; its middle value gives the plain delay.
    pub fn delay_after(&self, attempts: u32, random: u32) -> Option<Duration> {
        if attempts >= self.max_attempts {
            return None;
        }
        let position = attempts.saturating_sub(1) as usize;
        let delay = self.delays.get(position).or(self.delays.last())?;
        let jitter = f64::from(random) / f64::from(u32::MAX) * 2.0 - 1.0;
        Some(self.jittered(*delay, jitter))
    }

    /// The longest delay that [`Self::delay_after`] can return.
    pub fn longest_delay(&self) -> Duration {
        let longest = self.delays.iter().max();
        longest.map_or(Duration::ZERO, |delay| self.jittered(*delay, 1.0))
    }

    /// Updates a delay by the jitter (from -1 to 1) and the factor.
    fn jittered(&self, delay: Duration, jitter: f64) -> Duration {
        let change = 1.0 + jitter * f64::from(self.jitter_percent) / 100.0;
        Duration::from_millis((delay.as_millis() as f64 * change * self.factor).round() as u64)
    }
}

/// A random value for [`Schedule::delay_after`].
pub(super) fn random() -> u32 {
    // Without randomness the plain delay is still right.
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

/// Gives each group of waiting deliveries its turn, so that a large backlog of one does not hold up the others.
pub(super) struct RoundRobin<G> {
    last: Option<G>,
}

impl<G: Copy + Ord> RoundRobin<G> {
    pub(super) fn new() -> Self {
        Self { last: None }
    }

    /// The group that was picked last.
    pub(super) fn last(&self) -> Option<G> {
        self.last
    }

    /// Picks at most `count` items, one per group in turn, beginning after the group that was picked last. Items of one
    /// group keep their order.
    pub(super) fn pick<T>(
        &mut self,
        items: Vec<T>,
        count: usize,
        group_of: impl Fn(&T) -> G,
    ) -> Vec<T> {
        let mut groups: BTreeMap<G, VecDeque<T>> = BTreeMap::new();
        for item in items {
            groups.entry(group_of(&item)).or_default().push_back(item);
        }
        let mut picked = Vec::new();
        while picked.len() < count {
            let after = |last| groups.keys().find(|group| **group > last);
            let next = self.last.and_then(after).or(groups.keys().next()).copied();
            let Some(group) = next else { break };
            self.last = Some(group);
            match groups.get_mut(&group).and_then(VecDeque::pop_front) {
                Some(item) => picked.push(item),
                None => drop(groups.remove(&group)),
            }
        }
        picked
    }
}

/// The signal that something was queued.
pub(super) struct QueueSignal(watch::Receiver<Commits>);

impl QueueSignal {
    /// A signal for these commits.
    pub(super) const fn new(commits: watch::Receiver<Commits>) -> Self {
        Self(commits)
    }

    /// Waits until something was queued since the last call. Dropping the future loses nothing.
    pub(super) async fn raised(&mut self) {
        // If the database is closed, nothing will be queued any more.
        if self.0.changed().await.is_err() {
            pending::<()>().await;
        }
    }
}

/// Stops a kind of delivery, once and for good.
pub(super) struct StopSwitch(watch::Sender<Option<Instant>>);

impl StopSwitch {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Starts no more deliveries.
    pub(super) fn stop(&self) {
        self.0.send_if_modified(|stopped| {
            let first = stopped.is_none();
            stopped.get_or_insert_with(Instant::now);
            first
        });
    }

    /// When it was stopped; `None` before that.
    pub(super) fn subscribe(&self) -> watch::Receiver<Option<Instant>> {
        self.0.subscribe()
    }
}

/// How long to sleep when the next delivery is due at that time, or none is known.
pub(super) fn sleep_until(next_due: Option<Timestamp>, now: Timestamp) -> Duration {
    let wait = |due: Timestamp| {
        let millis = due.millis().saturating_sub(now.millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    };
    next_due.map_or(MAX_SLEEP, |due| wait(due).min(MAX_SLEEP))
}

#[cfg(test)]
mod tests;
