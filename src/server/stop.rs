//! How the server stops.

use std::sync::Arc;

use actix_web::dev::ServerHandle;

use crate::http::state::State;

/// Stops a server. The steps, in this order: [`announce`](Stop::announce), [`close`](Stop::close); then
/// [`Server::run`](super::Server::run) saves the counters, closes the database and returns.
#[derive(Clone)]
pub struct Stop {
    state: Arc<State>,
    server: ServerHandle,
}

impl Stop {
    pub(super) fn new(state: Arc<State>, server: ServerHandle) -> Self {
        Self { state, server }
    }

    /// From now on, new requests get 503 `shutting_down`, and no delivery begins. Event streams end.
    pub fn announce(&self) {
        self.state.stop();
        self.state.outbox.stop();
        self.state.streams.stop();
        self.state.webhook_sender.stop();
    }

    /// Closes the listener and the connections; running requests have the shutdown timeout to finish.
    pub fn close(&self) {
        drop(self.server.stop(true));
    }

    /// Saves the counters and closes the database at once, while requests still run.
    pub fn settle(&self) {
        settle(&self.state);
    }
}

/// Saves what is counted in memory and closes the database.
pub(super) fn settle(state: &State) {
    state.quotas.settle();
    state.tally.flush();
    state.db.close();
}
