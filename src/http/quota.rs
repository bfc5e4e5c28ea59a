//! The monthly quota, counted in memory and leased from the database in blocks.
//!
//! A call is counted at once, so exactly `limit` of them pass however many arrive together. The database is told ahead:
//! its figure is always at least what was answered, because an answer waits until its call lies within the lease. So a
//! read costs no write, a crash counts at most a block too many, and never a call too few.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::header::HeaderValue;
use tokio::sync::watch;

use crate::error::{Error, Result};
use crate::model::credentials::Caller;
use crate::model::ids::WorkspaceId;
use crate::model::time::{Month, Timestamp};
use crate::store::quota::{Metric, raise, set, used};
use crate::store::{Conn, Db};

/// Calls that are leased at a time.
const BLOCK: u64 = 100;
/// How long a lease may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a response may wait for its call to be within the lease.
const RESPONSE_PATIENCE: Duration = Duration::from_millis(250);

/// This month's calls of every workspace that has made one since the start.
pub(crate) struct Quotas {
    db: Arc<Db>,
    counters: Mutex<HashMap<(WorkspaceId, Month), Arc<Counter>>>,
}

struct Counter {
    workspace: WorkspaceId,
    month: Month,
    count: Mutex<Count>,
    lease: watch::Sender<Lease>,
    /// When the next month begins, as text.
    reset: HeaderValue,
}

struct Count {
    used: u64,
    renewing: bool,
}

#[derive(Clone, Copy)]
struct Lease {
    /// What the database says was used.
    upto: u64,
    /// Whether the database could not be written the last time, or not soon enough. Then no response waits for it.
    is_late: bool,
}

/// A counted call.
#[derive(Clone)]
pub(super) struct Counted {
    counter: Arc<Counter>,
    number: u64,
    limit: Option<u64>,
}

/// What the headers tell.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    /// Calls a month.
    pub limit: u64,
    /// Calls left.
    pub remaining: u64,
    /// When the next month begins.
    pub reset: HeaderValue,
}

impl Quotas {
    pub(super) fn new(db: Arc<Db>) -> Self {
        Self {
            db,
            counters: Mutex::default(),
        }
    }

    /// Counts a call, or refuses it: then nothing is counted. `read` is a read transaction that is open anyway.
    ///
    /// # Errors
    /// `quota_exceeded`.
    pub(super) fn count(
        &self,
        caller: &Caller,
        now: Timestamp,
        read: Option<&Conn>,
    ) -> Result<Counted> {
        let counter = self.counter(caller.workspace_id, Month::of(now), read)?;
        let mut count = lock(&counter.count);
        if let Some(limit) = caller.api_calls.filter(|limit| count.used >= *limit) {
            let reset = counter.month.end();
            return Err(Error::QuotaExceeded {
                resource: None,
                limit,
                used: count.used,
                reset,
                retry_after: now.seconds_until(reset).max(1),
            });
        }
        count.used += 1;
        let number = count.used;
        let lease = counter.lease.borrow().upto;
        if let Some(limit) = caller.api_calls
            && number + BLOCK / 2 > lease
            && lease < limit
            && !std::mem::replace(&mut count.renewing, true)
        {
            actix_web::rt::spawn(renew(Arc::clone(&self.db), Arc::clone(&counter), limit));
        }
        drop(count);
        Ok(Counted {
            counter,
            number,
            limit: caller.api_calls,
        })
    }

    /// What was counted this month, without counting.
    ///
    /// # Errors
    /// Database errors only.
    pub(crate) fn used(&self, workspace: WorkspaceId, month: Month) -> Result<u64> {
        Ok(lock(&self.counter(workspace, month, None)?.count).used)
    }

    fn counter(
        &self,
        workspace: WorkspaceId,
        month: Month,
        read: Option<&Conn>,
    ) -> Result<Arc<Counter>> {
        if let Some(counter) = lock(&self.counters).get(&(workspace, month)) {
            return Ok(Arc::clone(counter));
        }
        let used = |conn: &Conn| used(conn, workspace, Metric::ApiCalls, month);
        let used = match read {
            Some(conn) => used(conn)?,
            None => self.db.read(used)?,
        };
        let mut counters = lock(&self.counters);
        let counter = counters.entry((workspace, month)).or_insert_with(|| {
            let count = Mutex::new(Count {
                used,
                renewing: false,
            });
            Arc::new(Counter {
                workspace,
                month,
                count,
                lease: watch::Sender::new(Lease {
                    upto: used,
                    is_late: false,
                }),
                reset: time_header(month.end()),
            })
        });
        Ok(Arc::clone(counter))
    }

    /// Writes down what was counted beyond the leases: the calls of plans without a limit, and those that were made while
    /// the database could not be written.
    pub(crate) fn flush(&self) {
        for counter in self.all() {
            let used = lock(&counter.count).used;
            if used <= counter.lease.borrow().upto {
                continue;
            }
            let (workspace, month) = (counter.workspace, counter.month);
            match self
                .db
                .write_and_wait(move |tx| raise(tx, workspace, Metric::ApiCalls, month, used))
            {
                Ok(()) => counter.lease.send_modify(|lease| lease.raise(used)),
                Err(error) => tracing::warn!(%error, "failed to write the month's call count"),
            }
        }
    }

    /// Writes down exactly what was counted, giving back what was leased and not used. For the end, when nothing is
    /// counted any more.
    pub(crate) fn settle(&self) {
        for counter in self.all() {
            let (workspace, month, used) =
                (counter.workspace, counter.month, lock(&counter.count).used);
            if let Err(error) = self
                .db
                .write_and_wait(move |tx| set(tx, workspace, Metric::ApiCalls, month, used))
            {
                tracing::warn!(%error, "failed to write the month's call count");
            }
        }
    }

    fn all(&self) -> Vec<Arc<Counter>> {
        lock(&self.counters).values().cloned().collect()
    }

    /// Forgets months that are over, and so never come back but by a clock that jumps; then they are read again.
    pub(super) fn forget_old(&self, now: Timestamp) {
        let month = Month::of(now);
        lock(&self.counters)
            .retain(|(_, of), counter| *of == month || Arc::strong_count(counter) > 1);
    }
}

impl Counted {
    /// What the headers tell after this call; `None` on a plan without a limit.
    pub(super) fn standing(&self) -> Option<Standing> {
        let limit = self.limit?;
        Some(Standing {
            limit,
            remaining: limit.saturating_sub(self.number),
            reset: self.counter.reset.clone(),
        })
    }

    /// Waits until the call is within the lease. If the database cannot be written soon enough (a full disk, another
    /// process that holds the lock), the response is sent all the same: the call was made, and the count in memory holds.
    pub(super) async fn on_the_books(&self) {
        let is_settled = |lease: &Lease| lease.upto >= self.number || lease.is_late;
        let lease = &self.counter.lease;
        if self.limit.is_none() || is_settled(&lease.borrow()) {
            return;
        }
        let mut changes = lease.subscribe();
        let settled = changes.wait_for(is_settled);
        if tokio::time::timeout(RESPONSE_PATIENCE, settled)
            .await
            .is_err()
        {
            tracing::warn!("the month's call count cannot be written; calls are counted in memory");
            lease.send_modify(|lease| lease.is_late |= lease.upto < self.number);
        }
    }
}

impl Lease {
    /// The database has been written.
    fn raise(&mut self, upto: u64) {
        self.upto = self.upto.max(upto);
        self.is_late = false;
    }
}

/// Leases another block, and goes on while calls come faster than leases.
async fn renew(db: Arc<Db>, counter: Arc<Counter>, limit: u64) {
    loop {
        let used = lock(&counter.count).used;
        // A lease beyond the limit would only be calls that nobody can make.
        let upto = (used + BLOCK).min(limit).max(used);
        let (workspace, month) = (counter.workspace, counter.month);
        let write =
            move |tx: &crate::store::Tx<'_>| raise(tx, workspace, Metric::ApiCalls, month, upto);
        let written = db.write(Instant::now() + PATIENCE, write).await;
        counter.lease.send_modify(|lease| match &written {
            Ok(()) => lease.raise(upto),
            Err(_) => lease.is_late = true,
        });
        if let Err(error) = &written {
            tracing::warn!(%error, "failed to lease a block of calls");
        }
        let mut count = lock(&counter.count);
        if written.is_err() || count.used <= upto {
            count.renewing = false;
            return;
        }
    }
}

/// A time as the value of a header.
pub(super) fn time_header(time: Timestamp) -> HeaderValue {
    // The text of a time has only digits and punctuation.
    HeaderValue::from_str(&time.to_string()).unwrap_or(HeaderValue::from_static(""))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
