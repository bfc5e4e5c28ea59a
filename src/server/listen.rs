//! The HTTP server: its listener, its workers and its timeouts.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, HttpServer, web};

use crate::error::failure::{Failure, refuse};
use crate::error::{Error, Result};
use crate::http::cors::cors;
use crate::http::covers::CoverReads;
use crate::http::observe::observe;
use crate::http::routes::{Routes, pages, unknown};
use crate::http::state::State;

/// Blocking threads per worker, for long reads. Their connections are few, so more would only wait.
const BLOCKING_THREADS: usize = 2;
/// How long a connection may take to send a request's head, or say nothing between two requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection that is to be closed may take to send what is left of its request.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Binds an address.
///
/// # Errors
/// Says why the address cannot be bound.
pub fn listen(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|cause| {
        refuse(format!(
            "cannot listen on {address}: {cause}; choose another address with --listen"
        ))
    })
}

/// Starts the workers, which share the state and the routes.
pub(super) fn start_workers(
    state: Arc<State>,
    routes: Routes,
    listener: TcpListener,
) -> Result<Server> {
    let (workers, patience) = (state.settings.workers, state.settings.shutdown_timeout);
    let data = web::Data::from(state);
    let server = HttpServer::new(move || {
        let origins = &data.settings.cors_origins;
        App::new()
            .app_data(data.clone())
            .app_data(web::Data::new(CoverReads::new()))
            .wrap(Condition::new(!origins.is_empty(), cors(origins)))
            .wrap(from_fn(observe))
            .service(routes.for_worker())
            .service(pages())
            .default_service(web::to(unknown))
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
