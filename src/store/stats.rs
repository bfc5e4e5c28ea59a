//! Metrics of the writer.

use prometheus::{Histogram, HistogramOpts, IntGauge};

/// Metrics of the writer, for `/metrics`.
pub struct Stats {
    /// Jobs in the queue.
    pub queue_depth: IntGauge,
    /// Jobs per transaction.
    pub batch_size: Histogram,
}

impl Stats {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        let sizes = vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
        let batch_size =
            HistogramOpts::new("tackboard_writer_batch_size", "Changes per transaction")
                .buckets(sizes);
        Ok(Self {
            queue_depth: IntGauge::new(
                "tackboard_writer_queue_depth",
                "Changes in the writer's queue",
            )?,
            batch_size: Histogram::with_opts(batch_size)?,
        })
    }
}
