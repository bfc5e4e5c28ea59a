//! The metrics at `/metrics`, in Prometheus' text format.

use std::time::Duration;

use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use crate::app::passwords::Hasher;
use crate::outbound::mail::MailMetrics;
use crate::outbound::streams::StreamMetrics;
use crate::outbound::webhooks::WebhookMetrics;
use crate::store::{self, Db};

/// The server's metrics.
pub(crate) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    database_bytes: IntGauge,
    log_bytes: IntGauge,
    mails_queued: IntGauge,
    deliveries_queued: IntGauge,
}

impl Metrics {
    pub(super) fn new(
        db: &Db,
        mails: &MailMetrics,
        streams: &StreamMetrics,
        webhooks: &WebhookMetrics,
        passwords: &Hasher,
    ) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new(
                "tackboard_http_requests_total",
                "Requests by method, route and status",
            ),
            &["method", "route", "status"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new(
                "tackboard_http_request_seconds",
                "Time from the request head to the response",
            )
            .buckets(vec![
                0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
            ]),
            &["method", "route"],
        )?;
        let database_bytes = IntGauge::new(
            "tackboard_database_bytes",
            "Size of the database file and its write-ahead log",
        )?;
        let log_bytes = IntGauge::new(
            "tackboard_write_ahead_log_bytes",
            "Size of the write-ahead log",
        )?;
        let started = IntGauge::new("tackboard_start_time_seconds", "Start time of the server")?;
        started.set(crate::model::time::Timestamp::now().millis() / 1000);
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(database_bytes.clone()))?;
        registry.register(Box::new(log_bytes.clone()))?;
        registry.register(Box::new(started))?;
        registry.register(Box::new(db.stats().queue_depth.clone()))?;
        registry.register(Box::new(db.stats().batch_size.clone()))?;
        registry.register(Box::new(db.stats().log_pause.clone()))?;
        registry.register(Box::new(db.stats().log_reads_ended.clone()))?;
        registry.register(Box::new(streams.open.clone()))?;
        let counters = [
            &mails.sent,
            &mails.failed,
            &mails.retried,
            &streams.dropped,
            &streams.sent,
        ];
        for counter in counters {
            registry.register(Box::new(counter.clone()))?;
        }
        registry.register(Box::new(mails.queued.clone()))?;
        webhooks.register(&registry)?;
        registry.register(Box::new(passwords.computed().clone()))?;
        registry.register(Box::new(passwords.pending().clone()))?;
        Ok(Self {
            registry,
            requests,
            seconds,
            database_bytes,
            log_bytes,
            mails_queued: mails.queued.clone(),
            deliveries_queued: webhooks.queued.clone(),
        })
    }

    pub(super) fn count(&self, method: &str, route: &str, status: u16, took: Duration) {
        let mut digits = [0; 3];
        self.requests
            .with_label_values(&[method, route, status_text(status, &mut digits)])
            .inc();
        self.seconds
            .with_label_values(&[method, route])
            .observe(took.as_secs_f64());
    }

    /// Renders all metrics as text.
    pub(super) fn text(&self, db: &Db) -> Result<String, prometheus::Error> {
        let file = std::fs::metadata(db.path()).map_or(0, |file| file.len());
        let log = db.log_size();
        let bytes = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        self.database_bytes.set(bytes(file + log));
        self.log_bytes.set(bytes(log));
        for (waiting, gauge) in [
            (db.read(store::mails::queued), &self.mails_queued),
            (db.read(store::deliveries::pending), &self.deliveries_queued),
        ] {
            if let Ok(waiting) = waiting {
                gauge.set(i64::try_from(waiting).unwrap_or(i64::MAX));
            }
        }
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Returns the three digits of a status, without a heap allocation per request.
fn status_text(status: u16, digits: &mut [u8; 3]) -> &str {
    for (at, power) in [100, 10, 1].into_iter().enumerate() {
        digits[at] = b'0' + (status / power % 10) as u8;
    }
    str::from_utf8(digits).unwrap_or("000")
}
