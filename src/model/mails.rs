//! Mails on their way: what the outbox holds, and when a mail that was not taken is tried again.

use super::clean;
use super::ids::{RecipientId, WorkspaceId};
use super::time::Timestamp;

/// A mail that waits in the outbox. Its text is made from its recipient's letter when it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The workspace that it comes from.
    pub workspace_id: WorkspaceId,
    /// Whom it is for.
    pub recipient_id: RecipientId,
    /// The sender's address; `None` is the server's default sender.
    pub from_address: Option<String>,
    /// What people call that address.
    pub from_name: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was accepted.
    pub created_at: Timestamp,
}

/// Milliseconds between the first tries; after them, it is tried once an hour.
const PAUSES: [i64; 5] = [2_000, 10_000, 20_000, 120_000, 600_000];
/// Milliseconds between later tries.
const HOUR: i64 = 3_600_000;
/// How often a mail is tried: what the pauses leave room for within 48 hours. Counted in tries and not by the clock, so
/// that neither a clock that is set nor a server that was off for days makes a mail give up early.
pub const TRIES: u32 = 53;
/// How far a pause is moved at random, in percent, so that mails that failed together are not tried together for ever.
const SPREAD: i64 = 20;
/// No pause is longer, in milliseconds.
pub const LONGEST_PAUSE: i64 = HOUR / 100 * (100 + SPREAD);
/// Characters of a server's reply that are kept.
const LONGEST_REPLY: usize = 500;

/// Milliseconds until a mail is tried again that was tried so often, where `random` moves it; `None` gives it up.
pub fn pause(attempts: u32, random: u32) -> Option<i64> {
    if attempts >= TRIES {
        return None;
    }
    let at = attempts.saturating_sub(1) as usize;
    let pause = PAUSES.get(at).copied().unwrap_or(HOUR);
    let percent = 100 - SPREAD + i64::from(random) % (2 * SPREAD + 1);
    Some(pause * percent / 100)
}

/// What a server said, fit to be kept and shown: it can be anything.
pub fn reply(text: &str) -> String {
    clean::line(text, LONGEST_REPLY)
}

/// The numbers that a reply begins with, such as `550 5.1.1`; empty where it has none.
pub fn code(reply: &str) -> &str {
    let end = reply.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ' ');
    reply[..end.unwrap_or(reply.len())].trim()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_PAUSE, TRIES, code, pause, reply};
    use proptest::prelude::*;

    /// What moves a pause not at all.
    const EVEN: u32 = 20;

    #[test]
    fn tries_come_further_apart_and_end_within_48_hours() {
        let pauses: Vec<i64> = (1..TRIES).filter_map(|n| pause(n, EVEN)).collect();
        assert_eq!(pauses.len() as u32, TRIES - 1);
        assert_eq!(
            pauses[..7],
            [
                2_000, 10_000, 20_000, 120_000, 600_000, 3_600_000, 3_600_000
            ]
        );
        let hours = pauses.iter().sum::<i64>() as f64 / 3_600_000.0;
        assert!((47.0..48.0).contains(&hours), "{hours}");
        assert_eq!(pause(TRIES, EVEN), None);
    }

    proptest! {
        #[test]
        fn a_pause_is_moved_by_a_fifth_at_most(attempts in 1..TRIES, random: u32) {
            let (even, moved) = (pause(attempts, EVEN).unwrap_or(0), pause(attempts, random).unwrap_or(0));
            prop_assert!((moved - even).abs() <= even / 5);
            prop_assert!(0 < moved && moved <= LONGEST_PAUSE);
        }
    }

    #[test]
    fn a_code_is_told_without_the_words() {
        for (reply, numbers) in [
            ("550 5.1.1 <ada@example.org> unknown", "550 5.1.1"),
            ("451", "451"),
            ("The mail cannot be written", ""),
            ("", ""),
        ] {
            assert_eq!(code(reply), numbers, "{reply}");
        }
    }

    #[test]
    fn a_reply_is_one_short_line() {
        assert_eq!(
            reply("451 4.7.1 later\r\n\u{1b}[31mplease\u{202e}"),
            "451 4.7.1 later [31mplease"
        );
        assert_eq!(reply(&"x".repeat(10_000)).chars().count(), 500);
    }
}
