//! The task that reads new events and passes them on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::hub::EventStreams;
use super::line::Line;
use super::listener::Listener;
use crate::app;
use crate::error::{Error, Result};
use crate::model::events::{Event, EventFilter};
use crate::model::ids::WorkspaceId;
use crate::store::commits::{Announced, Commits};
use crate::store::{Conn, Db};

/// Events per read.
const PAGE: u32 = 64;
/// Credentials that one read verifies.
const CREDENTIALS: usize = 100;
/// How often credentials are verified. A stream ends at most twice this time after its credential.
const TICK: Duration = Duration::from_secs(1);

/// Passes events on until the database is closed. A commit that recorded events wakes it if somebody listens.
pub async fn run(streams: Arc<EventStreams>, db: Arc<Db>) {
    let mut commits = db.commits(Announced::Events);
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut reader = Reader {
        streams,
        db,
        foreign: commits.borrow().foreign,
        failed: Vec::new(),
    };
    loop {
        tokio::select! {
            _ = commits.changed(), if reader.streams.are_open() => {}
            () = reader.streams.wanted() => {}
            _ = ticks.tick() => reader.tick().await,
        }
        if commits.has_changed().is_err() {
            return;
        }
        reader.look(&mut commits).await;
    }
}

struct Reader {
    streams: Arc<EventStreams>,
    db: Arc<Db>,
    /// The commits of other processes that were seen.
    foreign: u64,
    /// Workspaces whose events could not be read. They are tried again at the next tick.
    failed: Vec<WorkspaceId>,
}

/// New events of a workspace.
struct Page {
    events: Vec<(Event, Line)>,
    /// The last sequence that was read.
    examined: i64,
    /// Whether there are no more.
    is_last: bool,
}

impl Reader {
    /// Passes on what was committed since the last look.
    async fn look(&mut self, commits: &mut watch::Receiver<Commits>) {
        let foreign = commits.borrow_and_update().foreign;
        let is_foreign = std::mem::replace(&mut self.foreign, foreign) != foreign;
        self.streams.mark(self.db.take_recorded(), is_foreign);
        while let Some((workspace, position)) = self.streams.next_due() {
            match self.read(workspace, position) {
                Ok(page) => {
                    self.streams.deliver(workspace, &page.events, page.examined);
                    if !page.is_last {
                        self.streams.mark([workspace].into(), false);
                    }
                }
                Err(Error::Missing { .. }) => self.streams.end(workspace),
                Err(error) => {
                    tracing::warn!(%error, "new events could not be read");
                    self.failed.push(workspace);
                }
            }
            tokio::task::yield_now().await;
        }
    }

    /// Reads the next events of a workspace and serializes each once.
    fn read(&self, workspace: WorkspaceId, position: i64) -> Result<Page> {
        let (all, range) = (EventFilter::default(), (position, i64::MAX));
        let read = |conn: &Conn| app::events::following(conn, workspace, &all, range, PAGE);
        let found = self.db.read(read)?;
        let lines = found.events.into_iter().map(|event| {
            let line = Line::event(&event)?;
            Ok((event, line))
        });
        Ok(Page {
            events: lines.collect::<Result<_>>()?,
            examined: found.examined,
            is_last: found.examined >= found.journal.latest,
        })
    }

    /// The regular work: heartbeats, clients that do not read, credentials, and reads that failed.
    async fn tick(&mut self) {
        let mut by_credential: HashMap<Uuid, Vec<Arc<Listener>>> = HashMap::new();
        for listener in self.streams.attend(Instant::now()) {
            let credential = listener.caller.credential.id();
            by_credential.entry(credential).or_default().push(listener);
        }
        let credentials: Vec<_> = by_credential.into_values().collect();
        for some in credentials.chunks(CREDENTIALS) {
            if let Err(error) = self.verify(some) {
                tracing::warn!(%error, "credentials of event streams could not be verified");
            }
            tokio::task::yield_now().await;
        }
        self.streams.mark(self.failed.drain(..).collect(), false);
    }

    /// Ends the streams whose credential was revoked, has expired or can do something else than when they began.
    fn verify(&self, credentials: &[Vec<Arc<Listener>>]) -> Result<()> {
        self.db.read(|conn| {
            for listeners in credentials {
                let Some(first) = listeners.first() else {
                    continue;
                };
                let standing = match app::credentials::standing(conn, &first.caller) {
                    Ok(standing) => Some(standing),
                    // The credential was refused. Other errors say nothing about it.
                    Err(error) if error.code().status() < 500 => None,
                    Err(error) => return Err(error),
                };
                let changed = listeners
                    .iter()
                    .filter(|listener| standing.as_ref() != Some(&listener.standing));
                changed.for_each(|listener| listener.end());
            }
            Ok(())
        })
    }
}
