//! Limits failed sign-ins, so that passwords cannot be guessed, and requests for sign-in links, so that nobody is flooded
//! with mail. Memory is bounded.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ipnet::{Ipv4Net, Ipv6Net};
use tokio::sync::oneshot;

use crate::error::{Error, Result};
use crate::model::credentials::Digest;

const MINUTE: Duration = Duration::from_secs(60);
/// As long as a link works: who cannot get another one has one that works.
const HOUR: Duration = Duration::from_secs(3600);
/// Windows that are kept. Passwords are checked four at a time, so fewer can fail in a minute.
const MAX_WINDOWS: usize = 20_000;
/// Stands for a client whose address is not known.
const UNKNOWN: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// What happened recently.
#[derive(Default)]
pub(crate) struct SignInLimits {
    recent: Mutex<Recent>,
}

#[derive(Default)]
struct Recent {
    windows: HashMap<Key, Window>,
    /// The attempts that wait until others have ended, in the order of their arrival.
    waiting: VecDeque<Waiting>,
}

/// An attempt that waits.
struct Waiting {
    keys: [Key; 2],
    turn: oneshot::Sender<Result<Attempt>>,
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
    const fn limit(self) -> (usize, Duration) {
        match self {
            Key::Account(..) => (5, MINUTE),
            Key::Address(_) | Key::LinksFrom(_) => (20, MINUTE),
            Key::LinksTo(_) | Key::InvitationsTo(_) => (5, HOUR),
        }
    }
}

/// What was counted for a key, and what may still be counted.
#[derive(Default)]
struct Window {
    /// When it was counted, oldest first. At most as many as the key's limit.
    counted: VecDeque<Instant>,
    /// The attempts whose password is being checked. Each may still fail.
    checking: usize,
}

/// An attempt to sign in whose password may be checked now. It keeps its place until it is dropped.
pub(super) struct Attempt {
    limits: Arc<SignInLimits>,
    keys: [Key; 2],
    failed_at: Option<Instant>,
}

impl SignInLimits {
    /// Refuses an attempt for an account if too many have failed.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(super) fn check(&self, account: &str, client: Option<IpAddr>) -> Result<()> {
        let keys = keys(account, client);
        self.lock().check(&keys, Instant::now())
    }

    /// Begins an attempt for an account. It waits while attempts are being checked with whose failures there would be too
    /// many. So parallel guesses cannot pass the limit, and parallel sign-ins with the right password are not refused.
    ///
    /// # Errors
    /// `rate_limited` if too many have failed.
    pub(super) async fn begin(
        self: &Arc<Self>,
        account: &str,
        client: Option<IpAddr>,
    ) -> Result<Attempt> {
        let turn = self.request_at(account, client, Instant::now());
        turn.await
            .map_err(|cause| Error::internal("no turn for an attempt to sign in", cause))?
    }

    /// Queues an attempt. Returns what resolves when it may begin.
    fn request_at(
        self: &Arc<Self>,
        account: &str,
        client: Option<IpAddr>,
        now: Instant,
    ) -> oneshot::Receiver<Result<Attempt>> {
        let (turn, begins) = oneshot::channel();
        let keys = keys(account, client);
        self.lock().waiting.push_back(Waiting { keys, turn });
        self.admit(now);
        begins
    }

    /// Begins or refuses the attempts that need not wait any longer.
    fn admit(self: &Arc<Self>, now: Instant) {
        let decided = self.lock().decide(now);
        // After the lock is released: an attempt whose client is gone is dropped here, and gives its place back.
        for (Waiting { keys, turn }, decision) in decided {
            let attempt = decision.map(|()| Attempt {
                limits: Arc::clone(self),
                keys,
                failed_at: None,
            });
            drop(turn.send(attempt));
        }
    }

    /// Counts a request for a link. Returns whether it may be sent: an account gets only a few.
    ///
    /// # Errors
    /// `rate_limited` if the client has requested too many, whoever for.
    pub(super) fn request_link(&self, account: &str, client: Option<IpAddr>) -> Result<bool> {
        let now = Instant::now();
        let from = Key::LinksFrom(single(client.unwrap_or(UNKNOWN)));
        let to = Key::LinksTo(digest(account));
        let mut recent = self.lock();
        recent.check(&[from], now)?;
        recent.count(from, now);
        Ok(recent.count_mail(to, now))
    }

    /// Counts the mail of an invitation, if it may be sent: an address gets only a few.
    pub(super) fn may_invite(&self, email: &str) -> bool {
        let to = Key::InvitationsTo(digest(email));
        self.lock().count_mail(to, Instant::now())
    }

    /// Drops what no longer counts.
    pub(super) fn forget_old(&self) {
        let now = Instant::now();
        let windows = &mut self.lock().windows;
        windows.retain(|key, window| window.is_needed(*key, now));
    }

    fn lock(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt {
    /// The password was wrong.
    pub(super) fn fail(self) {
        self.fail_at(Instant::now());
    }

    fn fail_at(mut self, now: Instant) {
        self.failed_at = Some(now);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let now = self.failed_at.unwrap_or_else(Instant::now);
        let has_failed = self.failed_at.is_some();
        self.limits.lock().end(&self.keys, has_failed, now);
        self.limits.admit(now);
    }
}

impl Recent {
    /// Takes the attempts out of the queue that need not wait any longer: those that may begin, which have a place now, and
    /// those that are refused.
    fn decide(&mut self, now: Instant) -> Vec<(Waiting, Result<()>)> {
        let (mut decided, mut waiting) = (Vec::new(), VecDeque::new());
        for one in std::mem::take(&mut self.waiting) {
            if one.turn.is_closed() {
                continue;
            }
            match self.check(&one.keys, now) {
                Ok(()) if one.keys.iter().any(|key| !self.has_room(*key, now)) => {
                    waiting.push_back(one);
                }
                decision => {
                    if decision.is_ok() {
                        self.begin(&one.keys, now);
                    }
                    decided.push((one, decision));
                }
            }
        }
        self.waiting = waiting;
        decided
    }

    fn begin(&mut self, keys: &[Key; 2], now: Instant) {
        for key in keys {
            self.window(*key, now).checking += 1;
        }
    }

    fn end(&mut self, keys: &[Key; 2], has_failed: bool, now: Instant) {
        for key in keys {
            if has_failed {
                self.count(*key, now);
            }
            if let Some(window) = self.windows.get_mut(key) {
                window.checking = window.checking.saturating_sub(1);
                if !window.is_needed(*key, now) {
                    self.windows.remove(key);
                }
            }
        }
    }

    /// # Errors
    /// `rate_limited` if as much was counted for one of these keys as is allowed.
    fn check(&self, keys: &[Key], now: Instant) -> Result<()> {
        match keys.iter().filter_map(|key| self.wait(*key, now)).max() {
            Some(retry_after) => Err(Error::RateLimited { retry_after }),
            None => Ok(()),
        }
    }

    /// Seconds until one more is allowed; `None` if it is allowed now.
    fn wait(&self, key: Key, now: Instant) -> Option<u64> {
        let (most, period) = key.limit();
        let window = self.windows.get(&key)?;
        let oldest = *window.counted.iter().rev().nth(most - 1)?;
        let left = (oldest + period).checked_duration_since(now)?;
        // Rounded up: earlier would be refused again.
        (!left.is_zero()).then(|| left.as_millis().div_ceil(1000) as u64)
    }

    /// Whether one more is allowed, even if all that are being checked fail.
    fn has_room(&self, key: Key, now: Instant) -> bool {
        let (most, period) = key.limit();
        self.windows.get(&key).is_none_or(|window| {
            let counted = window.counted.iter().filter(|at| **at + period > now);
            counted.count() + window.checking < most
        })
    }

    /// Counts a mail, if one more is allowed.
    fn count_mail(&mut self, to: Key, now: Instant) -> bool {
        let may_be_sent = self.wait(to, now).is_none();
        if may_be_sent {
            self.count(to, now);
        }
        may_be_sent
    }

    fn count(&mut self, key: Key, now: Instant) {
        let most = key.limit().0;
        let counted = &mut self.window(key, now).counted;
        counted.push_back(now);
        if counted.len() > most {
            counted.pop_front();
        }
    }

    fn window(&mut self, key: Key, now: Instant) -> &mut Window {
        if !self.windows.contains_key(&key) {
            self.make_room(now);
        }
        self.windows.entry(key).or_default()
    }

    /// Keeps the number of windows bounded: closed ones go first, then those that would end first.
    fn make_room(&mut self, now: Instant) {
        if self.windows.len() < MAX_WINDOWS {
            return;
        }
        self.windows
            .retain(|key, window| window.is_needed(*key, now));
        if self.windows.len() >= MAX_WINDOWS {
            let windows = self.windows.iter();
            let mut ends: Vec<_> = windows.map(|(key, window)| window.ends(*key)).collect();
            ends.sort_unstable();
            let median = ends[ends.len() / 2];
            self.windows
                .retain(|key, window| window.checking > 0 || window.ends(*key) > median);
        }
    }
}

impl Window {
    /// When the last that was counted no longer counts; `None` if nothing was.
    fn ends(&self, key: Key) -> Option<Instant> {
        self.counted.back().map(|last| *last + key.limit().1)
    }

    fn is_needed(&self, key: Key, now: Instant) -> bool {
        self.checking > 0 || self.ends(key).is_some_and(|ends| ends > now)
    }
}

/// What an attempt counts for.
fn keys(account: &str, client: Option<IpAddr>) -> [Key; 2] {
    let client = client.unwrap_or(UNKNOWN);
    [
        Key::Account(digest(account), network(client)),
        Key::Address(single(client)),
    ]
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
mod tests;
