use super::*;

fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap_or_else(|_| unreachable!()))
}

/// What an attempt gets at once.
#[derive(Debug, PartialEq)]
enum Now {
    Begins,
    Waits,
    Refused(u64),
}

type Turn = oneshot::Receiver<Result<Attempt>>;

fn request(limits: &Arc<SignInLimits>, account: &str, client: &str, now: Instant) -> Turn {
    limits.request_at(account, address(client), now)
}

/// Returns the attempt, if it may begin.
fn begun(turn: &mut Turn) -> Result<Attempt, Now> {
    match turn.try_recv() {
        Ok(Ok(attempt)) => Ok(attempt),
        Ok(Err(Error::RateLimited { retry_after })) => Err(Now::Refused(retry_after)),
        _ => Err(Now::Waits),
    }
}

/// Fails at once.
fn fail(limits: &Arc<SignInLimits>, account: &str, client: &str, now: Instant) -> Now {
    match begun(&mut request(limits, account, client, now)) {
        Ok(attempt) => {
            attempt.fail_at(now);
            Now::Begins
        }
        Err(other) => other,
    }
}

const ADA: &str = "ada@example.org";

#[test]
fn the_sixth_failure_for_an_account_from_a_network_is_refused() {
    let (limits, now) = (Arc::default(), Instant::now());
    for last in 1..=5 {
        let client = format!("192.0.2.{last}");
        assert_eq!(fail(&limits, ADA, &client, now), Now::Begins);
    }
    assert_eq!(fail(&limits, ADA, "192.0.2.200", now), Now::Refused(60));
    assert_eq!(fail(&limits, ADA, "198.51.100.1", now), Now::Begins);
    assert_eq!(
        fail(&limits, ADA, "192.0.2.200", now + MINUTE),
        Now::Begins,
        "a minute later"
    );
}

#[test]
fn no_minute_has_more_failures_and_retry_after_is_when_one_more_is_allowed() {
    let (limits, start) = (Arc::default(), Instant::now());
    let at = |millis| start + Duration::from_millis(millis);
    let fail_at = |millis| fail(&limits, ADA, "192.0.2.1", at(millis));
    for millis in [0, 50_000, 51_000, 52_000, 53_000] {
        assert_eq!(fail_at(millis), Now::Begins);
    }
    assert_eq!(fail_at(53_100), Now::Refused(7));
    assert_eq!(fail_at(59_999), Now::Refused(1));
    assert_eq!(fail_at(60_000), Now::Begins);
    assert_eq!(fail_at(60_001), Now::Refused(50));
    assert_eq!(fail_at(110_000), Now::Begins);
}

#[test]
fn an_address_fails_twenty_times_whatever_the_account() {
    let (limits, now) = (Arc::default(), Instant::now());
    let fail_for = |n: u32| {
        let client = format!("2001:db8::{n:x}");
        fail(&limits, &format!("{n}@example.org"), &client, now)
    };
    assert!((0..20).all(|n| fail_for(n) == Now::Begins));
    assert_eq!(fail_for(20), Now::Refused(60));
}

#[test]
fn parallel_attempts_wait_until_others_have_ended() {
    let (limits, now) = (Arc::default(), Instant::now());
    let mut turns: Vec<_> = (0..12)
        .map(|_| request(&limits, ADA, "192.0.2.1", now))
        .collect();
    let mut checking: VecDeque<_> = turns
        .drain(..5)
        .flat_map(|mut turn| begun(&mut turn))
        .collect();
    assert_eq!(checking.len(), 5);
    assert!(
        turns
            .iter_mut()
            .all(|turn| begun(turn).err() == Some(Now::Waits))
    );
    // Each that succeeds lets the next begin.
    for turn in turns.drain(..3) {
        let mut turn = turn;
        drop(checking.pop_front());
        checking.extend(begun(&mut turn));
        assert_eq!(checking.len(), 5);
    }
    // None begins if those that are being checked may fail, and all are refused when enough have failed.
    while let Some(attempt) = checking.pop_front() {
        assert!(
            turns
                .iter_mut()
                .all(|turn| begun(turn).err() == Some(Now::Waits))
        );
        attempt.fail();
    }
    assert!(
        turns
            .iter_mut()
            .all(|turn| begun(turn).err() == Some(Now::Refused(60)))
    );
}

#[test]
fn an_attempt_whose_client_is_gone_gives_its_place_back() {
    let (limits, now) = (Arc::default(), Instant::now());
    let mut turns: VecDeque<_> = (0..8)
        .map(|_| request(&limits, ADA, "192.0.2.1", now))
        .collect();
    // The last waits. The others leave: while they wait, before they know that they may begin, and after.
    let mut last = turns.pop_back().unwrap_or_else(|| unreachable!());
    drop(turns.pop_back());
    drop(turns.pop_front());
    assert!(begun(&mut turns[4]).is_ok(), "the sixth");
    let places: Vec<_> = turns
        .drain(..4)
        .flat_map(|mut turn| begun(&mut turn))
        .collect();
    assert_eq!(places.len(), 4);
    drop(places);
    assert!(begun(&mut last).is_ok());
    assert!(limits.lock().windows.is_empty() && limits.lock().waiting.is_empty());
}

#[test]
fn an_attempt_that_succeeds_does_not_count() {
    let (limits, now) = (Arc::default(), Instant::now());
    for _ in 0..50 {
        assert!(begun(&mut request(&limits, ADA, "192.0.2.1", now)).is_ok());
    }
}

#[test]
fn an_account_gets_five_links_and_a_client_requests_twenty() {
    let limits = SignInLimits::default();
    let request = |client: &str| limits.request_link(ADA, address(client));
    let sent: Vec<_> = (0..20).map(|_| request("192.0.2.1").ok()).collect();
    assert_eq!(sent[..5], [Some(true); 5]);
    assert_eq!(sent[5..], [Some(false); 15]);
    assert!(request("192.0.2.1").is_err());
    assert!(matches!(request("192.0.2.2"), Ok(false)));
}

#[test]
fn memory_is_bounded_and_what_is_being_checked_is_kept() {
    let (limits, now) = (Arc::default(), Instant::now());
    let mut checked = request(&limits, ADA, "192.0.2.1", now);
    for n in 0..30_000_u32 {
        let client = IpAddr::from((n << 8).to_be_bytes()).to_string();
        let later = now + Duration::from_nanos(u64::from(n));
        assert_eq!(
            fail(&limits, "bob@example.org", &client, later),
            Now::Begins
        );
    }
    assert!(limits.lock().windows.len() <= MAX_WINDOWS + 1);
    let keys = begun(&mut checked).map(|attempt| attempt.keys);
    assert!(keys.is_ok());
}
