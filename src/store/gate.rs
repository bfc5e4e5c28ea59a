//! The gate that every read passes. The writer closes it for a moment, so that no read is running while the write-ahead
//! log starts again from its beginning.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The bit of the state that is set while no read may begin.
const CLOSED: u32 = 1 << 31;

/// Counts the running reads and lets new ones begin, or not.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// The number of running reads, and `CLOSED`. A read that begins changes only this.
    state: AtomicU32,
    /// How often running reads were told to end.
    evictions: AtomicU64,
    /// Held while `CLOSED` changes, and by whoever waits for a change.
    lock: Mutex<()>,
    changed: Condvar,
}

/// A running read. Dropping it ends the read.
#[derive(Debug)]
pub(super) struct Reading {
    gate: Arc<Gate>,
    evictions: u64,
}

/// A closed gate. Dropping it opens the gate.
#[derive(Debug)]
pub(super) struct Closed<'g>(&'g Gate);

impl Gate {
    /// Begins a read; `None` if the gate stays closed for too long.
    pub(super) fn enter(self: &Arc<Self>, patience: Duration) -> Option<Reading> {
        if self.state.fetch_add(1, Ordering::SeqCst) & CLOSED != 0 {
            self.leave();
            self.wait_for_opening(patience)?;
        }
        Some(Reading {
            gate: Arc::clone(self),
            evictions: self.evictions.load(Ordering::SeqCst),
        })
    }

    /// Lets no new read begin.
    pub(super) fn close(&self) -> Closed<'_> {
        let _lock = self.lock();
        self.state.fetch_or(CLOSED, Ordering::SeqCst);
        Closed(self)
    }

    fn wait_for_opening(&self, patience: Duration) -> Option<()> {
        let is_closed = |(): &mut ()| self.state.load(Ordering::SeqCst) & CLOSED != 0;
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), patience, is_closed);
        let (_lock, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return None;
        }
        self.state.fetch_add(1, Ordering::SeqCst);
        Some(())
    }

    fn leave(&self) {
        if self.state.fetch_sub(1, Ordering::SeqCst) == CLOSED | 1 {
            let _lock = self.lock();
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    /// Returns whether the read has to end now. Called while its statements run.
    pub(super) fn is_evicted(&self) -> impl Fn() -> bool + Send + use<> {
        let (gate, evictions) = (Arc::clone(&self.gate), self.evictions);
        move || gate.evictions.load(Ordering::Relaxed) != evictions
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.gate.leave();
    }
}

impl Closed<'_> {
    /// Tells the running reads to end; returns how many there are.
    pub(super) fn evict(&self) -> u32 {
        self.0.evictions.fetch_add(1, Ordering::SeqCst);
        self.0.state.load(Ordering::SeqCst) & !CLOSED
    }

    /// Waits until no read is running. Returns whether that is so.
    pub(super) fn wait_for_reads(&self, patience: Duration) -> bool {
        let are_running = |(): &mut ()| self.0.state.load(Ordering::SeqCst) != CLOSED;
        let gate = self.0;
        let waited = gate
            .changed
            .wait_timeout_while(gate.lock(), patience, are_running);
        let (_lock, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        let _lock = self.0.lock();
        self.0.state.fetch_and(!CLOSED, Ordering::SeqCst);
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::*;

    const LONG: Duration = Duration::from_secs(20);
    const SHORT: Duration = Duration::from_millis(20);

    #[test]
    fn a_closed_gate_lets_no_read_begin_and_waits_for_those_that_run() {
        let gate = Arc::new(Gate::default());
        let running = gate.enter(LONG).unwrap();
        let closed = gate.close();
        assert!(!closed.wait_for_reads(SHORT));
        assert!(gate.enter(SHORT).is_none());
        std::thread::scope(|scope| {
            let late = scope.spawn(|| gate.enter(LONG).is_some());
            drop(running);
            assert!(closed.wait_for_reads(LONG));
            drop(closed);
            assert!(late.join().unwrap());
        });
        assert_eq!(gate.state.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn only_reads_that_run_are_told_to_end() {
        let gate = Arc::new(Gate::default());
        let running = gate.enter(LONG).unwrap();
        let closed = gate.close();
        assert!(!running.is_evicted()());
        assert_eq!(closed.evict(), 1);
        assert!(running.is_evicted()());
        drop(closed);
        assert!(!gate.enter(LONG).unwrap().is_evicted()());
    }

    #[test]
    fn no_read_runs_behind_a_closed_gate_however_many_come() {
        let gate = Arc::new(Gate::default());
        let inside = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2_000 {
                        let _reading = gate.enter(LONG).unwrap();
                        inside.fetch_add(1, Ordering::SeqCst);
                        std::hint::spin_loop();
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
            for _ in 0..200 {
                let closed = gate.close();
                assert!(closed.wait_for_reads(LONG));
                assert_eq!(inside.load(Ordering::SeqCst), 0);
            }
        });
    }
}
