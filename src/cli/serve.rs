//! `tackboard serve`: creates or migrates the database, then serves requests until it is stopped.

use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::common::Common;
use super::{log, output, process};
use crate::app::sample::{self, FirstCredentials};
use crate::config::{Given, Settings};
use crate::error::Error;
use crate::error::failure::{Failure, refuse};
use crate::model::time::Timestamp;
use crate::outbound::mail::Mailer;
use crate::server::{Server, Stop, listen};
use crate::store::data_dir::DataDir;
use crate::store::{Db, Tx, installation, migrate};

/// How long connected clients get 503 `shutting_down` before the server closes their connections.
const STOP_NOTICE: Duration = Duration::from_millis(300);

/// Open files per worker: its database connection, and what its runtime uses.
const FILES_PER_WORKER: usize = 16;
/// Open files of the rest of the program.
const OTHER_FILES: usize = 64;

#[derive(Args, Clone, Debug, Default)]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) given: Given,
    /// On the first start, create an empty database: no workspace, no credentials
    #[arg(long, help_heading = "Server")]
    no_sample: bool,
}

pub(super) fn run(common: &Common, options: Options) -> Result<(), Failure> {
    let mut settings = common.settings(options.given)?;
    log::start(&settings)?;
    fit_connections(&mut settings);
    if let Some(smtp) = settings
        .mail
        .smtp
        .as_ref()
        .filter(|smtp| smtp.exposes_login())
    {
        tracing::warn!(host = %smtp.host, "the password for the mail server is sent unencrypted; use smtp://…?tls=required or smtps://");
    }
    let data_dir = common.data_dir();
    data_dir.create()?;
    let _lock = data_dir.lock()?;
    // Before the database is created: the first credentials are shown only once, and must not be lost because the address
    // is in use or the mail settings are invalid.
    let listener = listen(&settings.listen)?;
    let address = listener
        .local_addr()
        .map_err(|cause| Error::internal("the listener has no address", cause))?;
    let origin = settings.origin(address);
    if settings.public_url.is_none() && address.ip().is_unspecified() {
        tracing::warn!(
            origin,
            "links start with this origin, which is a guess; set the right one with --public-url"
        );
    }
    Mailer::new(&settings, &origin).map_err(refuse)?;
    prepare(&data_dir, &origin, options.no_sample)?;
    let db = Db::open(&data_dir.database(), settings.durability, settings.workers)?;
    note_installation(&db, &settings, &origin)?;
    let system = actix_web::rt::System::new();
    let address = format!("http://{address}");
    system.block_on(serve(listener, settings, db, &address))
}

/// Stores the origin for commands that print links, and warns about a proxy that is not trusted.
fn note_installation(db: &Db, settings: &Settings, origin: &str) -> Result<(), Failure> {
    let known = db.read(installation::get)?;
    if known.forwarded_recently(Timestamp::now()).is_some() && settings.trusted_proxies.is_empty() {
        tracing::warn!(
            "requests carried forwarding headers, but no proxy is trusted: all people behind the proxy share one address, \
             so their failed sign-ins are counted together; set --trusted-proxy"
        );
    }
    if known.origin.as_deref() != Some(origin) {
        let origin = origin.to_owned();
        db.write_and_wait(move |tx| installation::set_origin(tx, &origin))?;
    }
    Ok(())
}

/// Lowers the limit of connections to what the operating system allows. The database has to be able to open its files
/// also when every connection is taken.
fn fit_connections(settings: &mut Settings) {
    let reserved = OTHER_FILES + FILES_PER_WORKER * settings.workers;
    let Some(files) = process::raise_file_limit() else {
        return;
    };
    let room = usize::try_from(files).unwrap_or(usize::MAX);
    let room = room.saturating_sub(reserved).max(1);
    if settings.max_connections > room {
        tracing::warn!(
            max_connections = room,
            open_files = files,
            "lowered the limit of connections, because the process can open only this many files"
        );
        settings.max_connections = room;
    }
}

/// Migrates the database, and fills it if it is new.
fn prepare(data_dir: &DataDir, origin: &str, no_sample: bool) -> Result<(), Failure> {
    // The schema and the sample data are one transaction, so a folder never has one without the other. The first
    // credentials are shown before the commit: an interrupted start can show credentials that never worked, but loses none.
    let fill = |tx: &Tx<'_>| match no_sample {
        true => Ok(()),
        false => show_once(&sample::create(tx, origin)?, origin, data_dir),
    };
    let (migrated, _) = migrate::migrate_and_fill(&data_dir.database(), fill)?;
    if migrated.from == 0 && no_sample {
        let folder = data_dir.path().display();
        tracing::info!(
            "created an empty database; create a workspace with `tackboard workspace create --name NAME --data {folder}`"
        );
    }
    if let Some(copy) = &migrated.copy {
        tracing::info!(from = migrated.from, to = migrate::VERSION, copy = %copy.display(), "migrated the database");
    }
    Ok(())
}

async fn serve(
    listener: TcpListener,
    settings: Settings,
    db: Db,
    address: &str,
) -> Result<(), Failure> {
    let server = Server::on(listener, settings, db)?;
    let stopping = on_signal(server.stop())?;
    let running = actix_web::rt::spawn(server.run());
    output::print(&format!("tackboard ready at {address}\n"))?;
    let ended = running
        .await
        .map_err(|cause| Error::internal("the server task failed", cause))?;
    stopping.abort();
    tracing::info!("stopped");
    Ok(ended?)
}

/// Waits for SIGTERM or SIGINT, then stops the server gracefully. A second signal ends the process without waiting for
/// running requests. Acknowledged writes are on disk either way.
fn on_signal(stop: Stop) -> Result<actix_web::rt::task::JoinHandle<()>, Failure> {
    let failed = |cause| Error::internal("cannot handle signals", cause);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut next = async move || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    Ok(actix_web::rt::spawn(async move {
        next().await;
        tracing::info!("stopping");
        stop.announce();
        tokio::time::sleep(STOP_NOTICE).await;
        stop.close();
        next().await;
        tracing::warn!("stopping immediately");
        // On its own thread, because it blocks until the writer has finished.
        std::thread::spawn(move || {
            stop.settle();
            std::process::exit(0);
        });
    }))
}

/// Prints the first credentials on the terminal, or writes them to a file that only the owner can read.
fn show_once(first: &FirstCredentials, origin: &str, data_dir: &DataDir) -> Result<(), Failure> {
    let FirstCredentials {
        token,
        integration_key: key,
        sign_in_code,
        workspace_id: workspace,
    } = first;
    let (token, code) = (token.expose(), sign_in_code.expose());
    let text = format!(
        "Your first API token (all scopes, expires in a year):  {token}\n\
         Your integration key:                                  {key}\n\
         They won't be shown again. Try:\n\n  \
         curl -H 'Authorization: Bearer {token}' {origin}/v1/boards\n\n\
         and list your cards, as an automation would:\n\n  \
         curl -X POST -H 'Authorization: Bearer {key}' '{origin}/api/integration/cards?workspace={workspace}'\n\n\
         Sign in with a browser (the link works once, within 24 hours):\n\n  \
         {origin}/sign-in/{code}\n"
    );
    if std::io::stdout().is_terminal() {
        println!("{text}");
        return Ok(());
    }
    let path = data_dir.first_credentials();
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path);
    file.and_then(|mut file| {
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
    })
    .map_err(|cause| refuse(format!("cannot write {}: {cause}", path.display())))?;
    tracing::info!(path = %path.display(), "wrote the first credentials to this file; read it, then delete it");
    Ok(())
}
