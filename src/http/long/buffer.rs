//! What was read of a long response and not taken by its client: a little in memory, the rest in a file.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use futures_util::Stream;
use futures_util::task::AtomicWaker;

use crate::http::disconnect::Disconnect;

/// Bytes in memory per response.
pub(super) const IN_MEMORY: usize = 64 << 10;

/// Between the thread that reads and the connection of the client.
pub(super) struct Buffer {
    flow: Mutex<Flow>,
    taken: Condvar,
    waker: AtomicWaker,
    disconnect: Disconnect,
}

struct Flow {
    pieces: VecDeque<Bytes>,
    /// The size of the pieces.
    in_memory: usize,
    /// What follows the pieces.
    file: Option<Arc<File>>,
    written: u64,
    read: u64,
    end: Option<End>,
    /// When the client last took something.
    taken_at: Instant,
}

/// How a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Everything was read.
    Complete,
    /// Reading failed. The connection is cut, so that no client takes a part for the whole.
    Failed,
    /// The client is gone.
    Abandoned,
}

impl Buffer {
    pub(super) fn new(first: Bytes, disconnect: Disconnect) -> Self {
        Self {
            flow: Mutex::new(Flow {
                in_memory: first.len(),
                pieces: VecDeque::from([first]),
                file: None,
                written: 0,
                read: 0,
                end: None,
                taken_at: Instant::now(),
            }),
            taken: Condvar::new(),
            waker: AtomicWaker::new(),
            disconnect,
        }
    }

    /// Adds a piece. Waits at most `patience` for the client, and subtracts from it how long that was. Returns the piece if
    /// it has to go into the file.
    ///
    /// # Errors
    /// If the client is gone, or the response was given up.
    pub(super) fn push(&self, piece: Bytes, patience: &mut Duration) -> io::Result<Option<Bytes>> {
        let mut flow = self.flow();
        while flow.must_wait(piece.len()) && !patience.is_zero() {
            let began = Instant::now();
            let waited = self.taken.wait_timeout(flow, *patience);
            flow = waited.unwrap_or_else(PoisonError::into_inner).0;
            *patience = patience.saturating_sub(began.elapsed());
        }
        flow.check()?;
        if flow.file.is_some() || flow.must_wait(piece.len()) {
            return Ok(Some(piece));
        }
        flow.in_memory += piece.len();
        flow.pieces.push_back(piece);
        drop(flow);
        self.waker.wake();
        Ok(None)
    }

    /// Adds a piece to the file, which is created for the first one.
    ///
    /// # Errors
    /// Those of the file. If the client is gone, or the response was given up.
    pub(super) fn append(
        &self,
        piece: &[u8],
        create: impl FnOnce() -> io::Result<File>,
    ) -> io::Result<()> {
        let (file, end) = {
            let flow = self.flow();
            (flow.file.clone(), flow.written)
        };
        let file = file.map_or_else(|| create().map(Arc::new), Ok)?;
        // Without the lock, because the disk may be slow and the other side is a worker thread.
        file.write_all_at(piece, end)?;
        let mut flow = self.flow();
        flow.check()?;
        flow.file = Some(file);
        flow.written = end + piece.len() as u64;
        drop(flow);
        self.waker.wake();
        Ok(())
    }

    /// Ends the response, if it has not ended yet.
    pub(super) fn end(&self, end: End) {
        let mut flow = self.flow();
        flow.end.get_or_insert(end);
        if flow.end != Some(End::Complete) {
            flow.pieces = VecDeque::new();
            flow.file = None;
        }
        drop(flow);
        self.taken.notify_all();
        self.waker.wake();
    }

    /// Ends the response, although its client may still take it.
    pub(super) fn give_up(&self) {
        let mut flow = self.flow();
        flow.end = Some(End::Failed);
        drop(flow);
        self.end(End::Failed);
        self.disconnect.now();
    }

    /// Whether the client is gone.
    pub(super) fn is_abandoned(&self) -> bool {
        self.flow().end == Some(End::Abandoned)
    }

    pub(super) fn taken_at(&self) -> Instant {
        self.flow().taken_at
    }

    fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.waker.register(cx.waker());
        let mut flow = self.flow();
        flow.taken_at = Instant::now();
        if let Some(piece) = flow.pieces.pop_front() {
            flow.in_memory -= piece.len();
            drop(flow);
            self.taken.notify_all();
            return Poll::Ready(Some(Ok(piece)));
        }
        match (&flow.file, flow.end) {
            (Some(file), _) if flow.read < flow.written => {
                let (file, at) = (Arc::clone(file), flow.read);
                let length = (flow.written - at).min(IN_MEMORY as u64);
                flow.read += length;
                drop(flow);
                let mut piece = vec![0; length as usize];
                let read = file.read_exact_at(&mut piece, at);
                Poll::Ready(Some(read.map(|()| piece.into())))
            }
            (_, None) => Poll::Pending,
            (_, Some(End::Complete)) => Poll::Ready(None),
            (_, Some(_)) => Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
        }
    }

    fn flow(&self) -> MutexGuard<'_, Flow> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flow {
    /// Whether more bytes have to wait for the client, or go into the file.
    fn must_wait(&self, bytes: usize) -> bool {
        self.file.is_none() && self.end.is_none() && self.in_memory + bytes > IN_MEMORY
    }

    fn check(&self) -> io::Result<()> {
        match self.end {
            None => Ok(()),
            Some(_) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

/// The body of a long response.
pub(in crate::http) struct LongBody(pub(super) Arc<Buffer>);

impl Stream for LongBody {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(cx)
    }
}

impl Drop for LongBody {
    fn drop(&mut self) {
        self.0.end(End::Abandoned);
    }
}
