//! Webhooks: from the journal to the endpoints.
//!
//! The journal is the queue. `dispatcher` is the loop. It finds webhooks whose cursor is behind the journal, and
//! `queues` holds what each of them delivers next. `writes` makes rows for the next events, moves cursors and records
//! results, many at a time. An `attempt` sends one delivery: `bodies` renders it, and `client` posts it over a
//! connection of the `connector`, which refuses addresses that are not public.

mod attempt;
mod bodies;
mod client;
mod connector;
mod dispatcher;
mod look;
mod metrics;
mod queue;
mod queues;
mod sender;
mod turns;
mod writes;

use std::time::Duration;

pub use self::metrics::WebhookMetrics;
pub use self::sender::{WebhookSender, WebhookWorker};
use super::retry::Schedule;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DELAYS: [Duration; 9] = [
    Duration::from_secs(5),
    MINUTE.saturating_mul(5),
    MINUTE.saturating_mul(30),
    HOUR.saturating_mul(2),
    HOUR.saturating_mul(5),
    HOUR.saturating_mul(10),
    HOUR.saturating_mul(14),
    HOUR.saturating_mul(20),
    HOUR.saturating_mul(24),
];
/// The first attempt, and one after each delay.
const MAX_ATTEMPTS: u32 = DELAYS.len() as u32 + 1;
const JITTER_PERCENT: u32 = 10;
/// When a delivery is tried again.
const SCHEDULE: Schedule = Schedule::new(&DELAYS, MAX_ATTEMPTS, JITTER_PERCENT);
/// How long to wait before the database is tried again.
const DATABASE_RETRY: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::{MAX_ATTEMPTS, SCHEDULE};

    #[test]
    fn a_delivery_is_retried_for_three_days() {
        let even = u32::MAX / 2;
        let delays = (1..=MAX_ATTEMPTS).map(|attempts| SCHEDULE.delay_after(attempts, even));
        let seconds: Vec<_> = delays
            .map(|delay| delay.map(|delay| delay.as_secs()))
            .collect();
        let expected = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
        let expected: Vec<_> = expected.into_iter().map(Some).chain([None]).collect();
        assert_eq!(seconds, expected);
        let longest = SCHEDULE.longest_delay().as_secs();
        assert_eq!(longest, 86_400 + 8_640);
    }
}
