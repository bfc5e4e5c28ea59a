//! The deliveries to webhooks for the rest of the server.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::attempt::Attempts;
use super::connector::Connector;
use super::dispatcher::{Dispatcher, Inputs};
use super::{SCHEDULE, WebhookMetrics};
use crate::config::Settings;
use crate::error::{Error, Outage, Result};
use crate::model::ids::{DeliveryId, WorkspaceId};
use crate::outbound::retry::{QueueSignal, StopSwitch};
use crate::store::Db;
use crate::store::commits::Announced;

/// A request to attempt one delivery at once.
pub(super) struct AttemptRequest {
    pub(super) workspace: WorkspaceId,
    pub(super) delivery: DeliveryId,
    pub(super) done: oneshot::Sender<Result<()>>,
}

/// The deliveries to webhooks for the rest of the server, which can ask for an attempt, stop them and read their metrics.
pub struct WebhookSender {
    stopped: StopSwitch,
    requests: mpsc::UnboundedSender<AttemptRequest>,
    metrics: Arc<WebhookMetrics>,
}

/// What delivers, once it runs.
pub struct WebhookWorker {
    sender: Arc<WebhookSender>,
    requests: mpsc::UnboundedReceiver<AttemptRequest>,
    connector: Connector,
}

impl WebhookSender {
    /// Creates the deliveries to the targets that the settings allow. The worker makes them.
    ///
    /// # Errors
    /// An internal error, never in practice.
    pub fn new(settings: &Settings) -> Result<(Arc<Self>, WebhookWorker)> {
        let connector = Connector::new(settings.webhook_allow.clone()).map_err(Error::bug)?;
        let (sender, receiver) = mpsc::unbounded_channel();
        let sender = Arc::new(Self {
            stopped: StopSwitch::new(),
            requests: sender,
            metrics: Arc::new(WebhookMetrics::new()?),
        });
        let worker = WebhookWorker {
            sender: Arc::clone(&sender),
            requests: receiver,
            connector,
        };
        Ok((sender, worker))
    }

    /// Attempts a delivery that waits, and returns when the result is recorded. Does nothing if it does not wait.
    ///
    /// # Errors
    /// `service_unavailable` if the server stops before that.
    pub async fn attempt(&self, workspace: WorkspaceId, delivery: DeliveryId) -> Result<()> {
        let (done, result) = oneshot::channel();
        let request = AttemptRequest {
            workspace,
            delivery,
            done,
        };
        let stopping = Error::Unavailable(Outage::ShuttingDown);
        if self.requests.send(request).is_err() {
            return Err(stopping);
        }
        result.await.unwrap_or(Err(stopping))
    }

    /// Starts no more attempts.
    pub fn stop(&self) {
        self.stopped.stop();
    }

    /// The metrics.
    pub fn metrics(&self) -> &WebhookMetrics {
        &self.metrics
    }
}

impl WebhookWorker {
    /// Delivers events until the sender is stopped. Running attempts may then finish within the shutdown timeout. Commits
    /// wake the loop.
    pub fn run(self, db: Arc<Db>, settings: &Settings) -> impl Future<Output = ()> + use<> {
        let inputs = Inputs {
            events: QueueSignal::new(db.commits(Announced::Events)),
            deliveries: QueueSignal::new(db.commits(Announced::Deliveries)),
            requests: self.requests,
            stopped: self.sender.stopped.subscribe(),
        };
        let attempts = Arc::new(Attempts {
            db,
            connector: self.connector,
            bodies: Default::default(),
            metrics: Arc::clone(&self.sender.metrics),
            schedule: SCHEDULE.scaled_by(settings.webhook_delay_factor),
        });
        Dispatcher::new(attempts).run(inputs, settings.shutdown_timeout)
    }
}
