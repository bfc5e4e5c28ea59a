//! Delays, turns and sleeps, without a queue.

use futures_util::FutureExt as _;
use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const SCHEDULE: Schedule = Schedule::new(&[SECOND, Duration::from_secs(10)], 5, 20);
/// The random value that changes no delay.
const EVEN: u32 = u32::MAX / 2;

#[test]
fn the_last_delay_repeats_until_the_delivery_is_given_up() {
    let delays = (1..=6).map(|attempts| SCHEDULE.delay_after(attempts, EVEN));
    let seconds: Vec<_> = delays
        .map(|delay| delay.map(|delay| delay.as_secs()))
        .collect();
    assert_eq!(seconds, [Some(1), Some(10), Some(10), Some(10), None, None]);
    assert_eq!(Schedule::new(&[], 5, 20).delay_after(1, EVEN), None);
}

#[test]
fn jitter_goes_from_the_least_to_the_most() {
    for (random, millis) in [(0, 800), (EVEN, 1_000), (u32::MAX, 1_200)] {
        let delay = SCHEDULE.delay_after(1, random);
        assert_eq!(delay, Some(Duration::from_millis(millis)));
    }
    assert_eq!(SCHEDULE.longest_delay(), 12 * SECOND);
}

#[test]
fn a_factor_changes_every_delay() {
    let fast = SCHEDULE.scaled_by(0.001);
    assert_eq!(fast.delay_after(2, EVEN), Some(Duration::from_millis(10)));
    assert_eq!(fast.longest_delay(), Duration::from_millis(12));
    let none = SCHEDULE.scaled_by(0.0);
    assert_eq!(none.delay_after(2, EVEN), Some(Duration::ZERO));
}

proptest! {
    #[test]
    fn a_delay_changes_by_a_fifth_at_most(attempts in 1..5_u32, random: u32) {
        let plain = SCHEDULE.delay_after(attempts, EVEN).unwrap_or_default();
        let delay = SCHEDULE.delay_after(attempts, random).unwrap_or_default();
        prop_assert!(plain.abs_diff(delay) <= plain / 5);
        prop_assert!(SECOND / 2 < delay && delay <= SCHEDULE.longest_delay());
    }
}

#[test]
fn groups_take_turns_and_keep_their_order() {
    let waiting = || vec![('a', 1), ('a', 2), ('a', 3), ('b', 1), ('c', 1), ('c', 2)];
    let mut turns = RoundRobin::new();
    let mut pick = |items, count| turns.pick(items, count, |(group, _): &(char, i32)| *group);
    assert_eq!(pick(waiting(), 2), [('a', 1), ('b', 1)]);
    assert_eq!(pick(waiting(), 2), [('c', 1), ('a', 1)], "after the last");
    assert_eq!(
        pick(waiting(), 10),
        [('b', 1), ('c', 1), ('a', 1), ('c', 2), ('a', 2), ('a', 3)],
        "one group may take what the others leave"
    );
    assert_eq!(pick(Vec::new(), 2), []);
    assert_eq!(turns.last(), Some('a'));
}

#[test]
fn a_sleep_ends_when_something_is_due() {
    let now = Timestamp::from_millis(1_000_000);
    for (due, sleep) in [
        (Some(0), Duration::ZERO),
        (Some(5), Duration::from_millis(5)),
        (Some(3_600_000), MAX_SLEEP),
        (Some(-5), Duration::ZERO),
        (None, MAX_SLEEP),
    ] {
        let due = due.map(|millis| now.plus_millis(millis));
        assert_eq!(sleep_until(due, now), sleep, "{due:?}");
    }
}

#[test]
fn a_signal_is_seen_once_and_never_after_the_database_is_closed() {
    let sender = watch::Sender::new(Commits::default());
    let mut signal = QueueSignal::new(sender.subscribe());
    assert!(signal.raised().now_or_never().is_none());
    let kinds: [fn(&mut Commits); 2] = [|commits| commits.own += 1, |commits| commits.foreign += 1];
    for kind in kinds {
        sender.send_modify(kind);
        assert!(signal.raised().now_or_never().is_some());
        assert!(signal.raised().now_or_never().is_none());
    }
    drop(sender);
    assert!(signal.raised().now_or_never().is_none());
}
