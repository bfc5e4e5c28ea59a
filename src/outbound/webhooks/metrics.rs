//! Metrics of webhooks.

use prometheus::{Histogram, HistogramOpts, IntCounter, IntGauge, Registry};

use crate::error::{Error, Result};

/// Counts of deliveries to webhooks.
pub struct WebhookMetrics {
    /// Deliveries that were accepted.
    pub delivered: IntCounter,
    /// Deliveries that were given up.
    pub failed: IntCounter,
    /// Attempts after which a delivery is tried again.
    pub retried: IntCounter,
    /// Events over a monthly limit.
    pub skipped: IntCounter,
    /// Deliveries that wait for an attempt.
    pub queued: IntGauge,
    /// Attempts that run.
    pub running: IntGauge,
    /// Time from an event to the response, for first attempts that were accepted.
    pub latency: Histogram,
}

impl WebhookMetrics {
    pub(super) fn new() -> Result<Self> {
        Self::create().map_err(|cause| Error::internal("creating the webhook metrics", cause))
    }

    /// Adds them to a registry.
    ///
    /// # Errors
    /// If names are used twice.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        for counter in [&self.delivered, &self.failed, &self.retried, &self.skipped] {
            registry.register(Box::new(counter.clone()))?;
        }
        for gauge in [&self.queued, &self.running] {
            registry.register(Box::new(gauge.clone()))?;
        }
        registry.register(Box::new(self.latency.clone()))
    }

    fn create() -> Result<Self, prometheus::Error> {
        let counter = |name: &str, help: &str| {
            IntCounter::new(format!("tackboard_webhook_deliveries_{name}_total"), help)
        };
        let gauge = |name: &str, help: &str| {
            IntGauge::new(format!("tackboard_webhook_deliveries_{name}"), help)
        };
        let latency = HistogramOpts::new(
            "tackboard_webhook_latency_seconds",
            "Time from a change to the endpoint's response, for deliveries accepted at the first attempt",
        );
        Ok(Self {
            delivered: counter("delivered", "Deliveries accepted by endpoints")?,
            failed: counter("failed", "Deliveries that failed permanently")?,
            retried: counter("retried", "Failed attempts that will be retried")?,
            skipped: counter("skipped", "Deliveries over a monthly limit")?,
            queued: gauge("queued", "Deliveries that wait for an attempt")?,
            running: gauge("running", "Attempts in progress")?,
            latency: Histogram::with_opts(latency.buckets(vec![
                0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0,
                600.0, 3_600.0,
            ]))?,
        })
    }
}
