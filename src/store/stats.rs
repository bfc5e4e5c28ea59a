//! Metrics of the writer.

use prometheus::{Histogram, HistogramOpts, IntCounter, IntGauge};

/// Metrics of the writer, for `/metrics`.
pub struct Stats {
    /// Jobs in the queue.
    pub queue_depth: IntGauge,
    /// Jobs per transaction.
    pub batch_size: Histogram,
    /// Time that reads had to wait while the write-ahead log was emptied.
    pub log_pause: Histogram,
    /// Reads that were ended because the write-ahead log had grown too large.
    pub log_reads_ended: IntCounter,
}

impl Stats {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        let sizes = vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
        let batch_size =
            HistogramOpts::new("tackboard_writer_batch_size", "Changes per transaction")
                .buckets(sizes);
        let pauses = vec![0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5];
        let log_pause = HistogramOpts::new(
            "tackboard_write_ahead_log_pause_seconds",
            "Time for which reads waited while the write-ahead log was emptied",
        )
        .buckets(pauses);
        Ok(Self {
            queue_depth: IntGauge::new(
                "tackboard_writer_queue_depth",
                "Changes in the writer's queue",
            )?,
            batch_size: Histogram::with_opts(batch_size)?,
            log_pause: Histogram::with_opts(log_pause)?,
            log_reads_ended: IntCounter::new(
                "tackboard_write_ahead_log_reads_ended_total",
                "Reads that were ended so that the write-ahead log could be emptied",
            )?,
        })
    }
}
