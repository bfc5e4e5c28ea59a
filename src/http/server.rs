//! The server: from settings to a running process and back.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::{Server as Running, ServerHandle};
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, HttpServer, web};

use super::contract::Contract;
use super::observe::{
    X_RATELIMIT_LIMIT, X_RATELIMIT_REMAINING, X_RATELIMIT_RESET, X_REQUEST_ID, observe,
};
use super::recipients::LongPages;
use super::reply::IDEMPOTENT_REPLAYED;
use super::routes;
use super::state::State;
use crate::app::idempotency;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::model::time::Timestamp;
use crate::outbound::{Post, outbox};
use crate::store::{self, Db, Tx};

/// Threads a worker for reads that may block. Their connections are few, so more would only wait.
const BLOCKING_THREADS: usize = 2;
/// How long a connection may take to send a request's head, or say nothing between two requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection that is to be closed may take to send what is left of its request.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// A server that is bound to its address.
pub struct Server {
    address: SocketAddr,
    running: Running,
    state: Arc<State>,
    post: Post,
}

impl Server {
    /// Binds the address and starts the workers; requests are answered once [`Server::run`] is awaited.
    ///
    /// # Errors
    /// `conflict` if the address cannot be had or the mail settings cannot be used, with what to do; an internal error if
    /// the contract is broken.
    pub fn start(settings: Settings, db: Db) -> Result<Self> {
        let listener = listen(&settings.listen)?;
        Self::on(listener, settings, db)
    }

    /// Starts the workers on a listener that is bound already.
    ///
    /// # Errors
    /// `conflict` if the mail settings cannot be used; an internal error if the contract is broken.
    pub fn on(listener: TcpListener, settings: Settings, db: Db) -> Result<Self> {
        let contract = Contract::load().map_err(broken)?;
        routes::table(&contract).map_err(broken)?;
        let address = listener
            .local_addr()
            .map_err(|cause| Error::internal("the listener has no address", cause))?;
        let text = contract.text().to_owned();
        let state = Arc::new(State::new(Arc::new(db), settings, address, text)?);
        let post = Post::new(&state.settings, &state.origin).map_err(refuse)?;
        let running = build(Arc::clone(&state), contract, listener)?;
        Ok(Self {
            address,
            running,
            state,
            post,
        })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What requests share: tests look at it, the signal handler tells it to stop.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }

    /// The handle to stop it with.
    pub fn handle(&self) -> ServerHandle {
        self.running.handle()
    }

    /// Answers requests until it is stopped, then writes down what is left and closes the database.
    ///
    /// # Errors
    /// When the server fails as a whole.
    pub async fn run(self) -> Result<()> {
        let housekeeping = actix_web::rt::spawn(keep_house(Arc::clone(&self.state)));
        let mails = actix_web::rt::spawn(outbox::run(
            Arc::clone(&self.state.outbox),
            Arc::clone(&self.state.db),
            self.post,
            &self.state.settings,
        ));
        let ended = self
            .running
            .await
            .map_err(|cause| Error::internal("the server failed", cause));
        housekeeping.abort();
        let state = self.state;
        state.outbox.stop();
        if let Err(error) = mails.await {
            tracing::error!(%error, "the outbox was lost");
        }
        let closed = web::block(move || state.settle());
        closed
            .await
            .map_err(|cause| Error::internal("closing the database", cause))?;
        ended
    }
}

fn broken(why: String) -> Error {
    Error::bug(format!("the contract is broken: {why}"))
}

/// Binds an address.
///
/// # Errors
/// `conflict` if it cannot be had, with what to do.
pub fn listen(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|cause| {
        refuse(format!(
            "cannot listen on {address}: {cause}; choose another address with --listen"
        ))
    })
}

fn refuse(message: String) -> Error {
    Error::Conflict {
        message,
        fields: Default::default(),
    }
}

fn build(state: Arc<State>, contract: Arc<Contract>, listener: TcpListener) -> Result<Running> {
    let (workers, patience) = (state.settings.workers, state.settings.shutdown_timeout);
    let data = web::Data::from(state);
    let server = HttpServer::new(move || {
        // That there is a table was seen before the first worker began.
        let table = routes::table(&contract).unwrap_or_default();
        let origins = &data.settings.cors_origins;
        App::new()
            .app_data(data.clone())
            .app_data(web::Data::new(LongPages::new()))
            .wrap(Condition::new(!origins.is_empty(), cors(origins)))
            .wrap(from_fn(observe))
            .service(table)
            .service(routes::pages())
            .default_service(web::to(routes::unknown))
    });
    let server = server
        .workers(workers)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .shutdown_timeout(patience.as_secs_f64().ceil() as u64)
        .disable_signals()
        .listen(listener);
    Ok(server
        .map_err(|cause| Error::internal("the server cannot listen", cause))?
        .run())
}

fn cors(origins: &[String]) -> Cors {
    let open = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "idempotency-key",
            "if-match",
            "if-none-match",
            "x-request-id",
        ])
        .expose_headers([
            X_RATELIMIT_LIMIT,
            X_RATELIMIT_REMAINING,
            X_RATELIMIT_RESET,
            X_REQUEST_ID,
            IDEMPOTENT_REPLAYED,
            actix_web::http::header::ETAG,
            actix_web::http::header::RETRY_AFTER,
        ])
        .max_age(3600);
    origins.iter().fold(open, |open, origin| {
        if origin == "*" {
            open.allow_any_origin()
        } else {
            open.allowed_origin(origin)
        }
    })
}

/// What has to be done now and then: write down counts, fold the log into the file, forget what is old.
async fn keep_house(state: Arc<State>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for tick in 0_u64.. {
        ticks.tick().await;
        let state = Arc::clone(&state);
        let done = web::block(move || {
            state.quotas.flush();
            state.tally.flush();
            if tick % 5 == 4
                && let Err(error) = state.db.checkpoint()
            {
                tracing::warn!(%error, "a checkpoint failed");
            }
            if tick % 60 == 0 {
                forget_old(&state);
            }
        });
        if done.await.is_err() {
            tracing::warn!("a round of housekeeping was lost");
        }
    }
}

fn forget_old(state: &State) {
    let now = Timestamp::now();
    state.forget_old(now);
    let before = |days: u16| now.plus_days(-i64::from(days));
    let records = now.plus_millis(-idempotency::LIFE);
    forget(state, "idempotency records", move |tx| {
        store::idempotency::forget(tx, records)
    });
    let mails = before(state.settings.keep_days);
    forget(state, "mails", move |tx| store::mails::forget(tx, mails));
    let cards = before(state.settings.card_days);
    forget(state, "recipients", move |tx| {
        store::recipients::forget(tx, cards)
    });
    forget(state, "ids of recipients who are gone", move |tx| {
        store::recipients::forget_gone(tx, cards)
    });
}

/// Forgets batch by batch, so that other changes have their turn between two.
fn forget(
    state: &State,
    what: &str,
    some: impl Fn(&Tx<'_>) -> Result<usize> + Clone + Send + 'static,
) {
    loop {
        match state.db.write_and_wait(some.clone()) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => return tracing::warn!(%error, "old {what} could not be forgotten"),
        }
    }
}
