//! Metrics of the event streams.

use prometheus::{IntCounter, IntGauge};

use crate::error::{Error, Result};

/// Counts of streams and their events.
pub struct StreamMetrics {
    /// Open streams.
    pub open: IntGauge,
    /// Streams that were closed because their client did not read.
    pub dropped: IntCounter,
    /// Events passed on, once per listener.
    pub sent: IntCounter,
}

impl StreamMetrics {
    pub(super) fn new() -> Result<Self> {
        Self::create().map_err(|cause| Error::internal("creating the stream metrics", cause))
    }

    fn create() -> Result<Self, prometheus::Error> {
        Ok(Self {
            open: IntGauge::new("tackboard_event_streams", "Open event streams")?,
            dropped: IntCounter::new(
                "tackboard_event_streams_dropped_total",
                "Event streams closed because their client did not read",
            )?,
            sent: IntCounter::new(
                "tackboard_event_streams_sent_total",
                "Events sent to event streams, counted once per stream",
            )?,
        })
    }
}
