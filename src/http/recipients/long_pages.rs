//! Pages that take longer to make than other requests can be held up.

use std::sync::Arc;

use actix_web::web;
use tokio::sync::Semaphore;

use super::pages::Page;
use crate::error::{Error, Result};

/// A worker's long pages. They are made on its threads that may block, one at a time, so that whoever asks for pages of the
/// costliest kind leaves a thread to lists.
#[derive(Clone)]
pub(crate) struct LongPages(Arc<Semaphore>);

impl LongPages {
    /// Those of a new worker.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }

    /// Makes a page when its turn comes.
    pub(super) async fn make(
        &self,
        page: impl FnOnce() -> Result<Page> + Send + 'static,
    ) -> Result<Page> {
        let turn = Arc::clone(&self.0).acquire_owned().await;
        let turn = turn.map_err(|cause| Error::internal("no page is made any more", cause))?;
        // A page that is begun is made to its end, also if its client goes; so the turn goes with it.
        let make = move || {
            let page = page();
            drop(turn);
            page
        };
        let made = web::block(make).await;
        made.map_err(|cause| Error::internal("a page was lost", cause))?
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use actix_web::rt::System;
    use actix_web::web;
    use futures_util::FutureExt as _;

    use super::LongPages;
    use crate::error::Error;

    #[test]
    fn a_list_passes_the_pages_that_wait() {
        System::new().block_on(a_list_among_pages());
    }

    async fn a_list_among_pages() {
        let pages = LongPages::new();
        let (go_on, wait) = mpsc::channel::<()>();
        let first = pages.make(move || {
            let _ = wait.recv();
            Err(Error::bug("first"))
        });
        let mut first = Box::pin(first);
        assert!((&mut first).now_or_never().is_none());
        let (began, begun) = mpsc::channel::<()>();
        let second = pages.make(move || {
            drop(began);
            Err(Error::bug("second"))
        });
        let mut second = Box::pin(second);
        assert!((&mut second).now_or_never().is_none());
        assert!(web::block(|| "a list").await.is_ok());
        // The client of the first has gone, its page is still being made.
        drop(first);
        assert!((&mut second).now_or_never().is_none());
        assert_eq!(begun.try_recv(), Err(mpsc::TryRecvError::Empty));
        assert_eq!(pages.0.available_permits(), 0);
        drop(go_on);
        assert!(second.await.is_err());
        assert_eq!(begun.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    }
}
