//! Closes a connection from outside of it, also while it waits for a client that does not read.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Context;

use futures_util::task::AtomicWaker;

/// The switch of one connection. Copies share it.
#[derive(Clone, Default)]
pub(crate) struct Disconnect(Arc<Switch>);

#[derive(Default)]
struct Switch {
    is_on: AtomicBool,
    ends_with_client: AtomicBool,
    waker: AtomicWaker,
}

impl Disconnect {
    /// Closes the connection if its client does not read what was written.
    pub(super) fn now(&self) {
        self.0.is_on.store(true, Ordering::SeqCst);
        self.0.waker.wake();
    }

    /// Closes the connection as soon as the client closes its side. A quiet stream would notice it only at its next write.
    pub(super) fn with_client(&self) {
        self.0.ends_with_client.store(true, Ordering::Relaxed);
    }

    /// Returns an error if the connection is to be closed. Otherwise the task is woken when it is.
    pub(crate) fn check(&self, cx: &Context<'_>) -> io::Result<()> {
        self.0.waker.register(cx.waker());
        match self.0.is_on.load(Ordering::SeqCst) {
            true => Err(io::ErrorKind::ConnectionAborted.into()),
            false => Ok(()),
        }
    }

    /// Returns an error if the connection is to be closed because the client has closed its side.
    pub(crate) fn check_closed_by_client(&self) -> io::Result<()> {
        match self.0.ends_with_client.load(Ordering::Relaxed) {
            true => Err(io::ErrorKind::ConnectionAborted.into()),
            false => Ok(()),
        }
    }
}
