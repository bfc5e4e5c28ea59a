//! Live event streams. One task reads new events of the journal, once for all listeners, and passes them on.
//!
//! A listener begins by reading what it has missed from the journal itself. Then it joins the live events, without a gap
//! and without a repeat. If more events arrive than may wait for it, it reads the journal itself again.

mod hub;
mod line;
mod listener;
mod metrics;
mod reader;
mod stream;

pub use self::hub::{EventStreams, StreamRequest};
pub use self::metrics::StreamMetrics;
pub use self::reader::run;
pub use self::stream::EventStream;
