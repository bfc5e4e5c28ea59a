//! Reads of whole covers. They leave a worker's other blocking thread to lists and search.

use std::sync::Arc;

use actix_web::web;
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Limits a worker to one cover read at a time. Covers are public, and a worker has only two blocking threads.
#[derive(Clone)]
pub(crate) struct CoverReads(Arc<Semaphore>);

impl CoverReads {
    /// Allows one read at a time.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }

    /// Runs a read on a blocking thread when its turn comes.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = Arc::clone(&self.0).acquire_owned().await;
        let turn = turn.map_err(|cause| Error::internal("covers are no longer read", cause))?;
        // A read continues when its client disconnects, so the read itself holds the turn.
        let read = move || {
            let result = read();
            drop(turn);
            result
        };
        let result = web::block(read).await;
        result.map_err(|cause| Error::internal("a blocking read was lost", cause))?
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use actix_web::rt::System;
    use actix_web::web;
    use futures_util::FutureExt as _;

    use super::CoverReads;
    use crate::error::Error;

    #[test]
    fn a_list_does_not_wait_for_covers() {
        System::new().block_on(read_a_list_among_covers());
    }

    async fn read_a_list_among_covers() {
        let reads = CoverReads::new();
        let (go_on, wait) = mpsc::channel::<()>();
        let first = reads.run::<()>(move || {
            let _ = wait.recv();
            Err(Error::bug("first"))
        });
        let mut first = Box::pin(first);
        assert!((&mut first).now_or_never().is_none());
        let (began, begun) = mpsc::channel::<()>();
        let second = reads.run::<()>(move || {
            drop(began);
            Err(Error::bug("second"))
        });
        let mut second = Box::pin(second);
        assert!((&mut second).now_or_never().is_none());
        assert!(web::block(|| "a list").await.is_ok());
        // The client of the first read disconnects; the read continues.
        drop(first);
        assert!((&mut second).now_or_never().is_none());
        assert_eq!(begun.try_recv(), Err(mpsc::TryRecvError::Empty));
        assert_eq!(reads.0.available_permits(), 0);
        drop(go_on);
        assert!(second.await.is_err());
        assert_eq!(begun.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    }
}
