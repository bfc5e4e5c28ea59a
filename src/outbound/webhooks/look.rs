//! When to look for work in the database.

use std::time::{Duration, Instant};

/// Long looks take at most about one part in this many of the time, so that thousands of webhooks do not take all of it.
const LOOK_SHARE: u32 = 10;
/// A look that takes less is followed by the next one at once: with few webhooks behind, no event waits for its look.
const SHORT_LOOK: Duration = Duration::from_micros(250);

/// The pause before the next look if there are no webhooks at all. It can delay only the first events of the first webhook.
const NO_WEBHOOKS: Duration = Duration::from_millis(50);

/// Whether something is to be looked for in the database, and when.
pub(super) struct Look {
    /// Whether it is to be looked for.
    pub(super) is_wanted: bool,
    not_before: Instant,
}

impl Look {
    /// It is looked for at once.
    pub(super) fn at_start() -> Self {
        Self {
            is_wanted: true,
            not_before: Instant::now(),
        }
    }

    /// Whether it is time to look.
    pub(super) fn is_due(&self) -> bool {
        self.is_wanted && self.not_before <= Instant::now()
    }

    /// How long to wait; `None` if nothing is to be looked for.
    pub(super) fn wait(&self) -> Option<Duration> {
        let wait = self.not_before.saturating_duration_since(Instant::now());
        self.is_wanted.then_some(wait)
    }

    /// Notes that it was looked for since a time.
    pub(super) fn done(&mut self, started: Instant) {
        let long = started.elapsed().saturating_sub(SHORT_LOOK);
        self.pause(long * LOOK_SHARE);
    }

    /// Notes that there are no webhooks.
    pub(super) fn without_webhooks(&mut self) {
        self.pause(NO_WEBHOOKS);
    }

    fn pause(&mut self, pause: Duration) {
        self.is_wanted = false;
        self.not_before = Instant::now() + pause;
    }
}
