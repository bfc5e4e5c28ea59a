//! The HTTP server: its listener, its workers and its timeouts.

use std::future::ready;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol, Request, Response};
use actix_service::{
    IntoServiceFactory as _, ServiceFactoryExt as _, apply_fn_factory, map_config,
};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, Server, Service as _, ServiceFactory, fn_service};
use actix_web::middleware::{Condition, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};

use super::socket::{Exchange, HEAD_TIMEOUT, Socket, Tracked};
use crate::error::failure::{Failure, refuse};
use crate::error::{Error, Result};
use crate::http::bare;
use crate::http::cors::cors;
use crate::http::covers::CoverReads;
use crate::http::observe::observe;
use crate::http::routes::{api, pages, unknown};
use crate::http::state::State;

/// A connection as the HTTP library takes it.
type Accepted = (Socket, Protocol, Option<SocketAddr>);

/// Blocking threads per worker, for long reads. Their connections are few, so more would only wait.
const BLOCKING_THREADS: usize = 2;
/// How long a connection that is to be closed may take to send what is left of its request.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Binds an address.
///
/// # Errors
/// Says why the address cannot be bound.
pub fn listen(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|cause| {
        if cause.kind() == ErrorKind::InvalidInput || address.starts_with(':') {
            let port = address
                .trim_start_matches(':')
                .parse()
                .unwrap_or(8080_u16);
            return refuse(format!(
                "cannot listen on {address:?}: it must be an address and a port; for example, --listen 127.0.0.1:{port}"
            ));
        }
        refuse(format!(
            "cannot listen on {address}: {cause}; choose another address with --listen"
        ))
    })
}

/// Starts the workers, which share the state.
pub(super) fn start_workers(state: Arc<State>, listener: TcpListener) -> Result<Server> {
    let settings = &state.settings;
    let builder = Server::build()
        .workers(settings.workers)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        // Connections have their own limit, which answers instead of letting clients wait.
        .max_concurrent_connections(settings.max_connections.saturating_add(1_000))
        .shutdown_timeout(settings.shutdown_timeout.as_secs_f64().ceil() as u64)
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let worker = move || {
        let (state, stopping) = (Arc::clone(&state), stopping.clone());
        let service = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_TIMEOUT)
            .client_disconnect_timeout(DISCONNECT_TIMEOUT)
            .on_connect_ext(|socket: &Socket, data| {
                data.insert(socket.exchange());
                data.insert(socket.disconnect());
            })
            .finish(app(Arc::clone(&state)));
        fn_service(move |stream| ready(accept(&state, stream))).and_then(service)
    };
    Ok(builder
        .listen("http", listener, worker)
        .map_err(|cause| Error::internal("the server cannot listen", cause))?
        .run())
}

/// Takes a connection, or refuses it with a response if there are too many.
fn accept(state: &State, stream: TcpStream) -> Result<Accepted, DispatchError> {
    let peer = stream.peer_addr().map_err(DispatchError::Io)?;
    match state.connections.admit(&state.settings, peer.ip()) {
        Ok(place) => {
            // Events must not wait for the client's acknowledgment of the previous ones.
            stream.set_nodelay(true).map_err(DispatchError::Io)?;
            let socket = Socket::new(stream, state.settings.send_timeout, place);
            Ok((socket, Protocol::Http1, Some(peer)))
        }
        Err(error) => {
            refuse_connection(stream, &error).map_err(DispatchError::Io)?;
            Err(DispatchError::Io(ErrorKind::ConnectionRefused.into()))
        }
    }
}

/// Sends an error and closes the connection, without waiting for the client.
fn refuse_connection(stream: TcpStream, error: &Error) -> std::io::Result<()> {
    let mut stream = stream.into_std()?;
    // With unread bytes, closing resets the connection before the client has the response.
    let _ = stream.read(&mut [0; 8192]);
    stream.write_all(&bare::refusal(error))
}

/// The routes of one worker, with their middleware.
fn app(
    state: Arc<State>,
) -> impl ServiceFactory<
    Request,
    Config = (),
    Response = Response<impl MessageBody + 'static>,
    Error = Response<BoxBody>,
    InitError = (),
    Service: 'static,
    Future: 'static,
> + 'static {
    let data = web::Data::from(state);
    let origins = &data.settings.cors_origins;
    let app = App::new()
        .app_data(data.clone())
        .app_data(web::Data::new(CoverReads::new()))
        .wrap(Condition::new(!origins.is_empty(), cors(origins)))
        .wrap(from_fn(observe))
        .service(api())
        .service(pages())
        .default_service(web::to(unknown))
        .into_factory();
    let app = map_config(app, |()| AppConfig::default());
    apply_fn_factory(app, |request: Request, app| {
        let exchange = request.conn_data::<Rc<Exchange>>();
        let running = exchange.map(Exchange::begin);
        let response = app.call(request);
        async move {
            let response: Response<_> = response.await?.into();
            Ok(response.map_body(|_, body| Tracked {
                body,
                _running: running,
            }))
        }
    })
    .map_err(|error: actix_web::Error| error.error_response().into())
}
