//! `tackboard serve`: makes what is missing, then answers requests until it is told to stop.

use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, FromArgMatches as _};
use tokio::signal::unix::{SignalKind, signal};

use super::common::Common;
use super::{log, output};
use crate::app::sample::{self, FirstCredentials};
use crate::config::{Given, Settings};
use crate::error::Error;
use crate::error::failure::{Failure, refuse};
use crate::outbound::mail::Mailer;
use crate::server::{Server, Stop, listen};
use crate::store::data_dir::DataDir;
use crate::store::{Db, Tx, migrate};

/// How long clients that are connected are told that the server stops, before it hangs up.
const FAREWELL: Duration = Duration::from_millis(300);

#[derive(Args, Clone, Debug, Default)]
pub(super) struct Options {
    #[command(flatten)]
    given: Given,
    /// On an empty data folder, make the schema alone: no workspace, no credentials
    #[arg(long, help_heading = "Server")]
    no_sample: bool,
}

impl Options {
    /// These options, which stood before `serve`, and over them those that stand behind it. Behind it, only what was
    /// typed counts: the environment was read for the options before it, and must not win over a flag.
    pub(super) fn with(mut self, mut behind: ArgMatches) -> Result<Self, clap::Error> {
        let ids: Vec<_> = behind.ids().map(ToString::to_string).collect();
        for id in ids {
            if behind.value_source(&id) != Some(ValueSource::CommandLine) {
                let _ = behind.try_clear_id(&id);
            }
        }
        self.update_from_arg_matches_mut(&mut behind)?;
        Ok(self)
    }
}

pub(super) fn run(common: &Common, options: Options) -> Result<(), Failure> {
    let settings = common.settings(options.given)?;
    log::start(&settings)?;
    let data_dir = common.data_dir();
    data_dir.create()?;
    let _lock = data_dir.lock()?;
    // Before the database is made: whatever is shown only once must not be lost to an address that is taken, or to mail
    // settings that cannot be used.
    let listener = listen(&settings.listen)?;
    let address = listener
        .local_addr()
        .map_err(|cause| Error::internal("the listener has no address", cause))?;
    let origin = settings.origin(address);
    Mailer::new(&settings, &origin).map_err(refuse)?;
    prepare(&data_dir, &origin, options.no_sample)?;
    let db = Db::open(&data_dir.database(), settings.durability, settings.workers)?;
    let system = actix_web::rt::System::new();
    let address = format!("http://{address}");
    system.block_on(serve(listener, settings, db, &address))
}

/// Brings the database up to date, and fills it if it is new.
fn prepare(data_dir: &DataDir, origin: &str, no_sample: bool) -> Result<(), Failure> {
    // The schema and what stands in it are one transaction: a folder never has the one without the other. And the first
    // credentials are shown before it is committed: a start that is cut off shows some that never worked, but loses none.
    let fill = |tx: &Tx<'_>| match no_sample {
        true => Ok(()),
        false => show_once(&sample::create(tx, origin)?, origin, data_dir),
    };
    let (migrated, _) = migrate::migrate_and_fill(&data_dir.database(), fill)?;
    if let Some(copy) = &migrated.copy {
        tracing::info!(from = migrated.from, to = migrate::VERSION, copy = %copy.display(), "the database was migrated");
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
        .map_err(|cause| Error::internal("the server was lost", cause))?;
    stopping.abort();
    tracing::info!("stopped");
    Ok(ended?)
}

/// Waits for SIGTERM or SIGINT, then stops the server gracefully; a second signal ends the process without waiting for
/// what still runs. Answered writes are on disk either way.
fn on_signal(stop: Stop) -> Result<actix_web::rt::task::JoinHandle<()>, Failure> {
    let failed = |cause| Error::internal("signals cannot be caught", cause);
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
        tokio::time::sleep(FAREWELL).await;
        stop.close();
        next().await;
        tracing::warn!("stopping at once");
        // On a thread that may block: the writer is waited for.
        std::thread::spawn(move || {
            stop.settle();
            std::process::exit(0);
        });
    }))
}

/// Shows the first credentials on the terminal, or writes them where only the owner can read them.
fn show_once(first: &FirstCredentials, origin: &str, data_dir: &DataDir) -> Result<(), Failure> {
    let FirstCredentials {
        token,
        integration_key: key,
        workspace_id: workspace,
    } = first;
    let token = token.expose();
    let text = format!(
        "Your first API token (all scopes, for a year):  {token}\n\
         Your integration key:                           {key}\n\
         Both are shown only this once. Try:\n\n  \
         curl -H 'Authorization: Bearer {token}' {origin}/v1/boards\n\n\
         and, as an automation that sends cards does:\n\n  \
         curl -X POST -H 'Authorization: Bearer {key}' '{origin}/api/integration/cards?workspace={workspace}'\n"
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
    .map_err(|cause| refuse(format!("{} cannot be written: {cause}", path.display())))?;
    tracing::info!(path = %path.display(), "the first credentials are in this file; read it, then delete it");
    Ok(())
}
