//! The composition root: builds what requests share, starts the workers, the outbox, the event streams and the
//! housekeeping, and stops them in order.

mod housekeeping;
mod listen;
mod socket;
mod stop;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::{Server as Running, ServerHandle};
use actix_web::web;

pub use self::listen::listen;
pub use self::stop::Stop;
use crate::config::Settings;
use crate::contract::Contract;
use crate::error::failure::{Failure, refuse};
use crate::error::{Error, Result};
use crate::http::state::State;
use crate::outbound::mail::{self, AccountMails, Mailer, Outbox, WaitingMails};
use crate::outbound::streams;
use crate::outbound::webhooks::{WebhookSender, WebhookWorker};
use crate::store::Db;

/// A server that is bound to its address.
pub struct Server {
    address: SocketAddr,
    running: Running,
    state: Arc<State>,
    mailer: Arc<Mailer>,
    waiting_mails: WaitingMails,
    webhooks: WebhookWorker,
}

impl Server {
    /// Binds the address and starts the workers; requests are answered once [`Server::run`] is awaited.
    ///
    /// # Errors
    /// Refuses an address that cannot be bound and mail settings that cannot be used.
    pub fn start(settings: Settings, db: Db) -> Result<Self, Failure> {
        let listener = listen(&settings.listen)?;
        Self::on(listener, settings, db)
    }

    /// Starts the workers on a listener that is bound already.
    ///
    /// # Errors
    /// Refuses mail settings that cannot be used.
    pub fn on(listener: TcpListener, settings: Settings, db: Db) -> Result<Self, Failure> {
        build_contract()?;
        let address = listener
            .local_addr()
            .map_err(|cause| Error::internal("the listener has no address", cause))?;
        let (account_mails, waiting_mails) = AccountMails::new();
        let (webhook_sender, webhooks) = WebhookSender::new(&settings)?;
        let state = Arc::new(State::new(
            Arc::new(db),
            settings,
            address,
            Arc::new(Outbox::new()?),
            webhook_sender,
            account_mails,
        )?);
        let mailer = Mailer::new(&state.settings, &state.origin).map_err(refuse)?;
        let running = listen::start_workers(Arc::clone(&state), listener)?;
        Ok(Self {
            address,
            running,
            state,
            mailer: Arc::new(mailer),
            waiting_mails,
            webhooks,
        })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stops it, step by step.
    pub fn stop(&self) -> Stop {
        Stop::new(Arc::clone(&self.state), self.running.handle())
    }

    /// The handle that stops it without a notice to clients.
    pub fn handle(&self) -> ServerHandle {
        self.running.handle()
    }

    /// Serves requests until it is stopped, then saves what is counted in memory and closes the database.
    ///
    /// # Errors
    /// When the server fails as a whole.
    pub async fn run(self) -> Result<()> {
        let housekeeping = actix_web::rt::spawn(housekeeping::run(Arc::clone(&self.state)));
        let mails = actix_web::rt::spawn(mail::run(
            Arc::clone(&self.state.outbox),
            Arc::clone(&self.state.db),
            Arc::clone(&self.mailer),
            &self.state.settings,
        ));
        let account_mails = actix_web::rt::spawn(mail::run_account_mails(
            self.waiting_mails,
            Arc::clone(&self.state.db),
            self.mailer,
            &self.state.outbox,
            &self.state.settings,
        ));
        let events = actix_web::rt::spawn(streams::run(
            Arc::clone(&self.state.streams),
            Arc::clone(&self.state.db),
        ));
        let db = Arc::clone(&self.state.db);
        let webhooks = actix_web::rt::spawn(self.webhooks.run(db, &self.state.settings));
        let ended = self
            .running
            .await
            .map_err(|cause| Error::internal("the server failed", cause));
        housekeeping.abort();
        events.abort();
        let state = self.state;
        state.outbox.stop();
        state.webhook_sender.stop();
        let all = [
            ("mail", mails.await),
            ("mail about accounts", account_mails.await),
            ("webhooks", webhooks.await),
        ];
        for (what, ended) in all {
            if let Err(error) = ended {
                tracing::error!(%error, "the deliveries of {what} failed");
            }
        }
        let closed = web::block(move || stop::settle(&state));
        closed
            .await
            .map_err(|cause| Error::internal("closing the database", cause))?;
        ended
    }
}

/// Builds the contract in the background, so that the first request does not wait for it.
fn build_contract() -> Result<()> {
    std::thread::Builder::new()
        .name("contract".to_owned())
        .spawn(|| {
            if let Err(why) = Contract::get() {
                tracing::error!("invalid contract: {why}");
            }
        })
        .map(drop)
        .map_err(|cause| Error::internal("starting a thread", cause))
}
