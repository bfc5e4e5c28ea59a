//! The server's end of a connection: it cuts clients that do not read, and completes responses of the HTTP library.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::{Sleep, sleep};
use actix_web::web::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::http::admission::Admission;
use crate::http::bare;
use crate::http::disconnect::Disconnect;

/// How long a connection may take to send a request's head, or say nothing between two requests.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A client that takes less than this in the send timeout is cut.
const PROGRESS: usize = 16 << 10;

/// An accepted connection.
pub(super) struct Socket {
    stream: TcpStream,
    progress: Progress,
    exchange: Rc<Exchange>,
    disconnect: Disconnect,
    /// What replaces a response of the HTTP library and is not written yet.
    replacement: Vec<u8>,
    _admission: Admission,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, send_timeout: Duration, admission: Admission) -> Self {
        Self {
            stream,
            progress: Progress {
                timeout: send_timeout,
                taken: 0,
                timer: None,
            },
            exchange: Rc::default(),
            disconnect: Disconnect::default(),
            replacement: Vec::new(),
            _admission: admission,
        }
    }

    /// What its requests and this connection know of each other.
    pub(super) fn exchange(&self) -> Rc<Exchange> {
        Rc::clone(&self.exchange)
    }

    /// What closes it from outside.
    pub(super) fn disconnect(&self) -> Disconnect {
        self.disconnect.clone()
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Ready(written) => {
                let count = written?;
                self.progress.add(count);
                Poll::Ready(Ok(count))
            }
            Poll::Pending => {
                self.disconnect.check(cx)?;
                self.progress.poll_stalled(cx).map(Err)
            }
        }
    }

    fn poll_replacement(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.replacement.is_empty() {
            let bytes = std::mem::take(&mut self.replacement);
            let sent = self.poll_send(cx, &bytes);
            let count = match &sent {
                Poll::Ready(Ok(count)) => *count,
                _ => 0,
            };
            self.replacement = bytes[count..].to_vec();
            ready!(sent)?;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() == before {
            self.disconnect.check_closed_by_client()?;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_replacement(cx))?;
        // What is written while no handler's response is on its way is the library's own.
        if self.exchange.is_over.get()
            && let Some(response) = bare::with_envelope(bytes, HEAD_TIMEOUT.as_secs())
        {
            self.replacement = response;
            return Poll::Ready(Ok(bytes.len()));
        }
        self.poll_send(cx, bytes)
    }

    /// The HTTP library calls this when it has nothing left to write.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_replacement(cx))?;
        self.progress.reset();
        self.exchange.flushed();
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_replacement(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// How fast a client takes its response.
struct Progress {
    timeout: Duration,
    /// Bytes since the timer runs.
    taken: usize,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Progress {
    fn add(&mut self, bytes: usize) {
        self.taken += bytes;
        if self.taken >= PROGRESS {
            self.reset();
        }
    }

    fn reset(&mut self) {
        self.taken = 0;
        self.timer = None;
    }

    /// Waits until the client has had its time, and returns the error that ends the connection.
    fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let timeout = self.timeout;
        let timer = self.timer.get_or_insert_with(|| {
            self.taken = 0;
            Box::pin(sleep(timeout))
        });
        timer
            .as_mut()
            .poll(cx)
            .map(|()| io::Error::from(io::ErrorKind::TimedOut))
    }
}

/// Whether responses of handlers are on their way.
pub(super) struct Exchange {
    running: Cell<usize>,
    is_over: Cell<bool>,
}

impl Default for Exchange {
    fn default() -> Self {
        Self {
            running: Cell::new(0),
            is_over: Cell::new(true),
        }
    }
}

impl Exchange {
    /// A handler begins.
    pub(super) fn begin(self: &Rc<Self>) -> Running {
        self.running.set(self.running.get() + 1);
        self.is_over.set(false);
        Running(Rc::clone(self))
    }

    fn flushed(&self) {
        self.is_over.set(self.running.get() == 0);
    }
}

/// A handler runs, or its response is not written to its end.
pub(super) struct Running(Rc<Exchange>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.set(self.0.running.get() - 1);
    }
}

/// A response's body that keeps its [`Running`] until it is written.
pub(super) struct Tracked<B> {
    /// The body.
    pub(super) body: B,
    /// Set for every connection that this server accepts.
    pub(super) _running: Option<Running>,
}

impl<B: MessageBody + Unpin> MessageBody for Tracked<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_takes_enough_gets_more_time() {
        actix_web::rt::System::new().block_on(async {
            let mut progress = Progress {
                timeout: Duration::from_millis(1),
                taken: 0,
                timer: None,
            };
            let stalled = std::future::poll_fn(|cx| progress.poll_stalled(cx)).await;
            assert_eq!(stalled.kind(), io::ErrorKind::TimedOut);
            progress.add(PROGRESS - 1);
            assert!(progress.timer.is_some());
            progress.add(1);
            assert!(progress.timer.is_none());
        });
    }
}
