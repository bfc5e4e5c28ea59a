//! Hashing passwords, which takes much time and memory: on threads of its own, few at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prometheus::{IntCounter, IntGauge};
use tokio::sync::{Semaphore, oneshot};

use crate::error::{Error, Outage, Result};
use crate::model::passwords::{Password, PasswordHash};

/// Hashes that are computed at once, at most. Each takes 19 MiB of memory.
const MAX_RUNNING: usize = 4;
/// Hashes that wait for their turn.
const WAITING: usize = 64;
/// How much lower the priority of a thread that hashes is, as for `nice`. Otherwise other requests wait for its time slice.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Computes hashes, a bounded number at once.
pub struct Hasher {
    permits: Arc<Semaphore>,
    /// Hashes that may run.
    running: usize,
    accepted: Arc<Accepted>,
    computed: IntCounter,
}

/// The hashes that wait or run.
struct Accepted {
    count: AtomicUsize,
    shown: IntGauge,
}

impl Hasher {
    /// Creates a hasher with nothing to do. It leaves a core to other requests, if there is more than one.
    ///
    /// # Errors
    /// Only if its metrics cannot be created.
    pub fn new() -> Result<Self, prometheus::Error> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let running = (cores - 1).clamp(1, MAX_RUNNING);
        let shown = IntGauge::new(
            "tackboard_password_hashes_pending",
            "Password hashes that wait or are computed",
        )?;
        Ok(Self {
            permits: Arc::new(Semaphore::new(running)),
            running,
            accepted: Arc::new(Accepted {
                count: AtomicUsize::default(),
                shown,
            }),
            computed: IntCounter::new(
                "tackboard_password_hashes_total",
                "Password hashes that were computed",
            )?,
        })
    }

    /// The number of hashes that were computed since the start.
    pub const fn computed(&self) -> &IntCounter {
        &self.computed
    }

    /// The number of hashes that wait or are computed.
    pub fn pending(&self) -> &IntGauge {
        &self.accepted.shown
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// `service_unavailable` if too many hashes wait.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash> {
        let hash = self.run(self.queue()?, move || password.hash()).await?;
        hash.map_err(|cause| Error::internal("no hash of a password", cause))
    }

    /// Takes a place in the queue.
    ///
    /// # Errors
    /// `service_unavailable` if too many hashes wait.
    pub fn queue(&self) -> Result<Place> {
        Place::take(&self.accepted, self.running + WAITING)
    }

    /// Runs what computes a hash, when it is its turn. It is dropped without being run if the caller is gone before.
    ///
    /// # Errors
    /// Only if no thread can be started.
    pub async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|cause| Error::internal("no turn for a hash", cause))?;
        self.computed.inc();
        // Both are held by the thread: the hash is computed to its end even if the client is gone.
        let (hashed, result) = oneshot::channel();
        let thread = std::thread::Builder::new().name("hash".to_owned());
        let started = thread.spawn(move || {
            lower_priority();
            let value = work();
            drop((permit, place));
            // The client may be gone.
            drop(hashed.send(value));
        });
        started.map_err(|cause| Error::internal("no thread for a hash", cause))?;
        result
            .await
            .map_err(|cause| Error::internal("a hash was lost", cause))
    }
}

/// Lowers the priority of this thread. Threads of other systems do not have one of their own.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(cause) = rustix::process::nice(NICENESS) {
        tracing::debug!(%cause, "the priority of a hash stays as it is");
    }
}

/// A place among the hashes that wait or run.
pub struct Place(Arc<Accepted>);

impl Place {
    fn take(accepted: &Arc<Accepted>, most: usize) -> Result<Self> {
        let before = accepted.count.fetch_add(1, Ordering::Relaxed);
        accepted.shown.inc();
        let place = Self(Arc::clone(accepted));
        match before < most {
            true => Ok(place),
            false => Err(Error::Unavailable(Outage::Overloaded)),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
        self.0.shown.dec();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, RwLock};

    use futures_util::FutureExt as _;
    use futures_util::future::join_all;
    use tokio::runtime::Builder;

    use super::{Hasher, MAX_RUNNING, WAITING};

    #[test]
    fn few_run_at_once_some_wait_and_the_rest_is_refused() {
        let runtime = Builder::new_current_thread().build();
        runtime.unwrap_or_else(|_| unreachable!()).block_on(async {
            let hasher = Hasher::new().unwrap_or_else(|_| unreachable!());
            let accepted = hasher.running + WAITING;
            let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            // Nothing ends before everything has begun or been refused.
            let gate = Arc::new(RwLock::new(()));
            let closed = gate.write();
            let calls = (0..500).map(|_| {
                let (running, most) = (Arc::clone(&running), Arc::clone(&most));
                let gate = Arc::clone(&gate);
                let work = move || {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    drop(gate.read());
                    running.fetch_sub(1, Ordering::SeqCst);
                };
                async { hasher.run(hasher.queue()?, work).await }
            });
            let mut all = pin!(join_all(calls));
            assert!(all.as_mut().now_or_never().is_none());
            assert_eq!(hasher.pending().get(), accepted as i64);
            drop(closed);
            let done = all.await;
            assert_eq!(done.iter().filter(|one| one.is_ok()).count(), accepted);
            assert!(most.load(Ordering::SeqCst) <= hasher.running && hasher.running <= MAX_RUNNING);
            let computed = hasher.computed().get();
            assert_eq!((hasher.pending().get(), computed), (0, accepted as u64));
        });
    }
}
