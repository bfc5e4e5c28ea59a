//! Metrics of the outbox.

use prometheus::{IntCounter, IntGauge};

use crate::error::{Error, Result};

/// Counts of mails.
pub struct MailMetrics {
    /// Mails that were accepted.
    pub sent: IntCounter,
    /// Mails that were given up.
    pub failed: IntCounter,
    /// Attempts after which a mail is tried again.
    pub retried: IntCounter,
    /// Mails that wait.
    pub queued: IntGauge,
}

impl MailMetrics {
    pub(super) fn new() -> Result<Self> {
        Self::create().map_err(|cause| Error::internal("creating the mail metrics", cause))
    }

    fn create() -> Result<Self, prometheus::Error> {
        Ok(Self {
            sent: IntCounter::new(
                "tackboard_mails_sent_total",
                "Mails accepted by the mail server",
            )?,
            failed: IntCounter::new(
                "tackboard_mails_failed_total",
                "Mails that failed permanently",
            )?,
            retried: IntCounter::new(
                "tackboard_mails_retried_total",
                "Failed attempts that will be retried",
            )?,
            queued: IntGauge::new("tackboard_mails_queued", "Mails in the queue")?,
        })
    }
}
