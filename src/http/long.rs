//! Long responses: they are sent while they are read, and memory does not grow with their length.
//!
//! The thread that reads writes into a [`Sink`]. A response that fits into the sink is sent as a whole. A longer one becomes a
//! [`LongBody`]: what the client does not take at once goes into a temporary file. So no read waits for a client, and its
//! transaction does not hold back the write-ahead log.

mod array;
mod buffer;
mod sink;
mod spool;

pub(super) use self::buffer::LongBody;
pub(super) use self::sink::{Sink, Start};
pub(crate) use self::spool::Spools;

#[cfg(test)]
mod tests;
