//! Limits failed sign-ins, so that passwords cannot be guessed, and requests for sign-in links, so that nobody is flooded
//! with mail. Memory is bounded.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ipnet::{Ipv4Net, Ipv6Net};

use crate::error::{Error, Result};
use crate::model::credentials::Digest;

const MINUTE: Duration = Duration::from_secs(60);
/// As long as a link works: who cannot get another one has one that works.
const HOUR: Duration = Duration::from_secs(3600);
/// Windows that are kept. Passwords are checked four at a time, so fewer can fail in a minute.
const MAX_WINDOWS: usize = 20_000;

/// What happened recently.
#[derive(Default)]
pub(crate) struct SignInLimits {
    windows: Mutex<HashMap<Key, Window>>,
}

/// What is counted, and for whom. An account is known by the digest of its address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// Failures for an account from a client network.
    Account([u8; 32], IpAddr),
    /// Failures from a client address.
    Address(IpAddr),
    /// Links that an account was sent.
    LinksTo([u8; 32]),
    /// Invitations that an address was sent.
    InvitationsTo([u8; 32]),
    /// Links that a client address has requested.
    LinksFrom(IpAddr),
}

impl Key {
    /// How many are allowed in which time.
    const fn limit(self) -> (u32, Duration) {
        match self {
            Key::Account(..) => (5, MINUTE),
            Key::Address(_) | Key::LinksFrom(_) => (20, MINUTE),
            Key::LinksTo(_) | Key::InvitationsTo(_) => (5, HOUR),
        }
    }
}

#[derive(Clone, Copy)]
struct Window {
    ends: Instant,
    count: u32,
}

/// An attempt to sign in. It counts as failed from its beginning, so that many at once cannot pass the limit.
pub(super) struct Attempt<'l> {
    limits: &'l SignInLimits,
    keys: [Key; 2],
}

impl SignInLimits {
    /// Begins an attempt for an account.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(super) fn begin(&self, account: &str, client: Option<IpAddr>) -> Result<Attempt<'_>> {
        self.begin_at(account, client, Instant::now())
    }

    fn begin_at(&self, account: &str, client: Option<IpAddr>, now: Instant) -> Result<Attempt<'_>> {
        let client = client.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let keys = [
            Key::Account(digest(account), network(client)),
            Key::Address(single(client)),
        ];
        let mut windows = self.lock();
        match keys.iter().find_map(|key| wait(&windows, *key, now)) {
            Some(retry_after) => return Err(Error::RateLimited { retry_after }),
            None => keys.iter().for_each(|key| count(&mut windows, *key, now)),
        }
        Ok(Attempt { limits: self, keys })
    }

    /// Counts a request for a link. Returns whether it may be sent: an account gets only a few.
    ///
    /// # Errors
    /// `rate_limited` if the client has requested too many, whoever for.
    pub(super) fn request_link(&self, account: &str, client: Option<IpAddr>) -> Result<bool> {
        let now = Instant::now();
        let client = client.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let (from, to) = (
            Key::LinksFrom(single(client)),
            Key::LinksTo(digest(account)),
        );
        let mut windows = self.lock();
        if let Some(retry_after) = wait(&windows, from, now) {
            return Err(Error::RateLimited { retry_after });
        }
        count(&mut windows, from, now);
        Ok(count_mail(&mut windows, to, now))
    }

    /// Counts the mail of an invitation, if it may be sent: an address gets only a few.
    pub(super) fn may_invite(&self, email: &str) -> bool {
        let to = Key::InvitationsTo(digest(email));
        count_mail(&mut self.lock(), to, Instant::now())
    }

    /// Drops what no longer counts.
    pub(super) fn forget_old(&self) {
        let now = Instant::now();
        self.lock().retain(|_, window| window.ends > now);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// The attempt did not fail: it no longer counts.
    pub(super) fn forgive(self) {
        let mut windows = self.limits.lock();
        for key in self.keys {
            if let Some(window) = windows.get_mut(&key) {
                window.count = window.count.saturating_sub(1);
            }
        }
    }
}

/// Counts a mail, if one more is allowed.
fn count_mail(windows: &mut HashMap<Key, Window>, to: Key, now: Instant) -> bool {
    let may_be_sent = wait(windows, to, now).is_none();
    if may_be_sent {
        count(windows, to, now);
    }
    may_be_sent
}

/// Seconds until one more is allowed; `None` if it is allowed now.
fn wait(windows: &HashMap<Key, Window>, key: Key, now: Instant) -> Option<u64> {
    let window = windows.get(&key).filter(|window| window.ends > now)?;
    (window.count >= key.limit().0).then(|| (window.ends - now).as_secs().max(1))
}

fn count(windows: &mut HashMap<Key, Window>, key: Key, now: Instant) {
    make_room(windows, now);
    let fresh = Window {
        ends: now + key.limit().1,
        count: 0,
    };
    let window = windows.entry(key).or_insert(fresh);
    if window.ends <= now {
        *window = fresh;
    }
    window.count += 1;
}

/// Keeps the number of windows bounded: closed ones go first, then those that would end first.
fn make_room(windows: &mut HashMap<Key, Window>, now: Instant) {
    if windows.len() < MAX_WINDOWS {
        return;
    }
    windows.retain(|_, window| window.ends > now);
    if windows.len() >= MAX_WINDOWS {
        let mut ends: Vec<_> = windows.values().map(|window| window.ends).collect();
        ends.sort_unstable();
        let median = ends[ends.len() / 2];
        windows.retain(|_, window| window.ends > median);
    }
}

fn digest(account: &str) -> [u8; 32] {
    *Digest::of(account.as_bytes()).as_bytes()
}

/// The network of a client: its /24, or its /64.
fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(v4) => IpAddr::V4(Ipv4Net::new_assert(v4, 24).network()),
        IpAddr::V6(_) => single(client),
    }
}

/// The address of a client. One client usually has a whole /64.
fn single(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Net::new_assert(v6, 64).network()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap_or_else(|_| unreachable!()))
    }

    #[test]
    fn the_sixth_failure_for_an_account_from_a_network_waits() {
        let (limits, now) = (SignInLimits::default(), Instant::now());
        let try_from = |client: &str, now| {
            let attempt = limits.begin_at("ada@example.org", address(client), now);
            attempt.is_ok()
        };
        for last in 1..=5 {
            assert!(try_from(&format!("192.0.2.{last}"), now));
        }
        assert!(!try_from("192.0.2.200", now));
        assert!(try_from("198.51.100.1", now), "another network");
        assert!(try_from("192.0.2.200", now + MINUTE), "a minute later");
    }

    #[test]
    fn an_address_fails_twenty_times_whatever_the_account() {
        let (limits, now) = (SignInLimits::default(), Instant::now());
        let try_for = |n: u32| {
            let client = format!("2001:db8::{n:x}");
            limits.begin_at(&format!("{n}@example.org"), address(&client), now)
        };
        assert!((0..20).all(|n| try_for(n).is_ok()));
        let refused = try_for(20).err();
        assert!(matches!(
            refused,
            Some(Error::RateLimited { retry_after: 60 })
        ));
    }

    #[test]
    fn an_attempt_that_succeeds_does_not_count() {
        let (limits, now) = (SignInLimits::default(), Instant::now());
        for _ in 0..50 {
            let attempt = limits.begin_at("ada@example.org", address("192.0.2.1"), now);
            attempt
                .map(Attempt::forgive)
                .unwrap_or_else(|_| unreachable!());
        }
    }

    #[test]
    fn an_account_gets_five_links_and_a_client_requests_twenty() {
        let limits = SignInLimits::default();
        let request = |client: &str| limits.request_link("ada@example.org", address(client));
        let sent: Vec<_> = (0..20).map(|_| request("192.0.2.1").ok()).collect();
        assert_eq!(sent[..5], [Some(true); 5]);
        assert_eq!(sent[5..], [Some(false); 15]);
        assert!(request("192.0.2.1").is_err());
        assert!(matches!(request("192.0.2.2"), Ok(false)));
    }

    #[test]
    fn memory_is_bounded() {
        let (limits, now) = (SignInLimits::default(), Instant::now());
        for n in 0..30_000_u32 {
            let client = Some(IpAddr::from((n << 8).to_be_bytes()));
            let later = now + Duration::from_nanos(u64::from(n));
            assert!(limits.begin_at("ada@example.org", client, later).is_ok());
        }
        assert!(limits.lock().len() <= MAX_WINDOWS + 1);
    }
}
