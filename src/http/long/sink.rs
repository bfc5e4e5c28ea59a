//! Where the thread that reads writes a response.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::web::Bytes;
use serde::Serialize;
use tokio::sync::oneshot;

use super::array::Rows;
use super::buffer::{Buffer, End, IN_MEMORY, LongBody};
use super::spool::Spools;
use crate::error::{Error, Result};
use crate::http::disconnect::Disconnect;

/// Bytes of a long response that are passed on at a time. Twice this waits for the client at most.
const PIECE: usize = IN_MEMORY / 2;
/// How long a read may wait for its client in all. Then the rest goes into a file.
const PATIENCE: Duration = Duration::from_millis(250);

/// How a response begins.
pub(in crate::http) enum Start {
    /// All of it.
    Whole(Vec<u8>),
    /// The first bytes of it.
    Long(LongBody),
}

/// Where a response is written while it is read.
pub(in crate::http) struct Sink {
    bytes: Vec<u8>,
    stage: Stage,
    patience: Duration,
    spools: Arc<Spools>,
    disconnect: Disconnect,
    /// Why rows could not be read.
    failure: Arc<Mutex<Option<Error>>>,
}

enum Stage {
    /// Nothing was sent. An error still has its status.
    Collecting(oneshot::Sender<Result<Start>>),
    Sending(Arc<Buffer>),
    Ended,
}

impl Sink {
    pub(in crate::http) fn new(
        start: oneshot::Sender<Result<Start>>,
        spools: Arc<Spools>,
        disconnect: Disconnect,
    ) -> Self {
        Self {
            bytes: Vec::new(),
            stage: Stage::Collecting(start),
            patience: PATIENCE,
            spools,
            disconnect,
            failure: Arc::default(),
        }
    }

    /// Whether the client still waits for the response.
    pub(in crate::http) fn is_wanted(&self) -> bool {
        match &self.stage {
            Stage::Collecting(start) => !start.is_closed(),
            _ => true,
        }
    }

    /// Rows that are read while they are written with [`Sink::json`].
    pub(in crate::http) fn rows<T, F>(&self, read: F) -> Rows<T, F>
    where
        F: Fn(&mut dyn FnMut(&T) -> Result<()>) -> Result<()>,
    {
        Rows::new(read, Arc::clone(&self.failure))
    }

    /// Writes a value.
    ///
    /// # Errors
    /// Those of the rows in it; an internal error if the client is gone.
    pub(in crate::http) fn json(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut *self, value).map_err(|cause| {
            let failure = self
                .failure
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            failure.unwrap_or_else(|| Error::internal("a response could not be written", cause))
        })
    }

    /// Writes text.
    ///
    /// # Errors
    /// An internal error if the client is gone.
    pub(in crate::http) fn text(&mut self, text: &str) -> Result<()> {
        io::Write::write_all(self, text.as_bytes())
            .map_err(|cause| Error::internal("a response could not be written", cause))
    }

    /// Ends the response.
    pub(in crate::http) fn end(mut self, written: Result<()>) {
        match (std::mem::replace(&mut self.stage, Stage::Ended), written) {
            (Stage::Collecting(start), written) => {
                let whole = written.map(|()| Start::Whole(std::mem::take(&mut self.bytes)));
                // Without a receiver, the client is gone.
                let _ = start.send(whole);
            }
            (Stage::Sending(buffer), Ok(())) => {
                let rest = std::mem::take(&mut self.bytes).into();
                let is_complete = self.push(&buffer, rest).is_ok();
                buffer.end(if is_complete {
                    End::Complete
                } else {
                    End::Failed
                });
            }
            (Stage::Sending(buffer), Err(error)) => {
                if !buffer.is_abandoned() {
                    tracing::warn!(%error, "cut a response, because the rest of it could not be read");
                }
                buffer.give_up();
            }
            (Stage::Ended, _) => {}
        }
    }

    /// Adds a piece to what waits for the client, or to its file.
    fn push(&mut self, buffer: &Arc<Buffer>, piece: Bytes) -> io::Result<()> {
        match buffer.push(piece, &mut self.patience)? {
            None => Ok(()),
            Some(piece) => {
                self.spools.reserve(buffer, piece.len())?;
                buffer.append(&piece, || self.spools.create())
            }
        }
    }

    /// Passes on what was written.
    fn pass_on(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.bytes, Vec::with_capacity(PIECE)).into();
        match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::Collecting(start) => {
                let buffer = Arc::new(Buffer::new(piece, self.disconnect.clone()));
                self.stage = Stage::Sending(Arc::clone(&buffer));
                let sent = start.send(Ok(Start::Long(LongBody(buffer))));
                sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
            }
            Stage::Sending(buffer) => {
                let pushed = self.push(&buffer, piece);
                self.stage = Stage::Sending(buffer);
                pushed
            }
            Stage::Ended => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let limit = match self.stage {
            Stage::Collecting(_) => IN_MEMORY,
            _ => PIECE,
        };
        let count = bytes.len().min(limit - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..count]);
        if self.bytes.len() == limit {
            self.pass_on()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Sink {
    /// The read has panicked.
    fn drop(&mut self) {
        if let Stage::Sending(buffer) = &self.stage {
            buffer.give_up();
        }
    }
}
