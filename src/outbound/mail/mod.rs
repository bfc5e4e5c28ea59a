//! Mail: from the outbox in the database to the mail server.
//!
//! `outbox` is the loop. It reads what is due from `queue` and runs a `delivery` for each mail: `message` renders
//! it, and `smtp` hands it to the mail server over a `connection`, with or without `tls`. Without a mail server,
//! `folder` keeps it as a file. `accepted` remembers accepted mails until the database has them.
//!
//! Sign-in links and invitations take another way: `account_mails` keeps them in memory, because their links are never
//! stored, and `account_message` renders them.

mod accepted;
mod account_mails;
mod account_message;
mod connection;
mod delivery;
mod folder;
mod mailer;
mod message;
mod metrics;
mod outbox;
mod queue;
mod smtp;
mod tls;

use std::time::Duration;

pub use self::account_mails::{AccountMail, AccountMails, WaitingMails, run_account_mails};
pub use self::mailer::{Mailer, TestMail};
pub use self::metrics::MailMetrics;
pub use self::outbox::{Outbox, run};
use super::retry::Schedule;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DELAYS: [Duration; 6] = [
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_secs(20),
    MINUTE.saturating_mul(2),
    MINUTE.saturating_mul(10),
    HOUR,
];
/// How often the delivery of a mail is attempted: as often as the delays allow within 48 hours.
pub const MAX_ATTEMPTS: u32 = 53;
const JITTER_PERCENT: u32 = 20;
/// When a mail is tried again.
const SCHEDULE: Schedule = Schedule::new(&DELAYS, MAX_ATTEMPTS, JITTER_PERCENT);
/// How long to wait before the database is tried again.
const DATABASE_RETRY: Duration = Duration::from_secs(1);

/// The result of one attempt to deliver a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
enum MailOutcome {
    /// It was accepted.
    Sent,
    /// It may be accepted later; the reason.
    RetryLater(String),
    /// It will never be accepted; the reason.
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::{HOUR, MAX_ATTEMPTS, SCHEDULE};

    #[test]
    fn attempts_come_further_apart_and_end_within_48_hours() {
        let even = u32::MAX / 2;
        let delays: Vec<_> = (1..MAX_ATTEMPTS)
            .filter_map(|attempts| SCHEDULE.delay_after(attempts, even))
            .collect();
        assert_eq!(delays.len() as u32, MAX_ATTEMPTS - 1);
        let seconds: Vec<_> = delays.iter().map(|delay| delay.as_secs()).collect();
        assert_eq!(seconds[..7], [2, 10, 20, 120, 600, 3_600, 3_600]);
        let hours = seconds.iter().sum::<u64>() as f64 / HOUR.as_secs_f64();
        assert!((47.0..48.0).contains(&hours), "{hours}");
        assert_eq!(SCHEDULE.delay_after(MAX_ATTEMPTS, even), None);
    }
}
