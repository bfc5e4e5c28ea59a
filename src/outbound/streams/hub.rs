//! The open streams of all workspaces.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;
use uuid::Uuid;

use super::line::Line;
use super::listener::Listener;
use super::metrics::StreamMetrics;
use super::stream::EventStream;
use crate::app;
use crate::error::{Error, Outage, Result};
use crate::model::credentials::Caller;
use crate::model::events::{Event, EventFilter, EventType};
use crate::model::ids::WorkspaceId;
use crate::store::Db;

/// Maximum number of streams per credential.
const MAX_PER_CREDENTIAL: usize = 100;

/// A request for a stream.
pub struct StreamRequest {
    /// Who listens.
    pub caller: Caller,
    /// Which events it wants.
    pub filter: EventFilter,
    /// The sequence after which to start; `None` starts now.
    pub since: Option<i64>,
    /// Closes the connection, also while it waits for a client that does not read.
    pub disconnect: Box<dyn Fn() + Send + Sync>,
}

/// The open streams of the server.
pub struct EventStreams {
    max: usize,
    state: Mutex<State>,
    wanted: Notify,
    metrics: StreamMetrics,
}

#[derive(Default)]
struct State {
    channels: HashMap<WorkspaceId, Channel>,
    /// The workspaces that may have events which were not passed on yet.
    due: HashSet<WorkspaceId>,
    open: usize,
    by_credential: HashMap<Uuid, usize>,
    is_stopped: bool,
}

/// The listeners of one workspace.
#[derive(Default)]
struct Channel {
    /// The sequence of the last event that was passed on.
    position: i64,
    listeners: Vec<Arc<Listener>>,
}

impl EventStreams {
    /// Creates the streams of a server, of which at most `max` can be open. [`run`](super::run) passes events on.
    ///
    /// # Errors
    /// Only if the metrics cannot be created.
    pub fn new(max: usize) -> Result<Self> {
        Ok(Self {
            max,
            state: Mutex::default(),
            wanted: Notify::new(),
            metrics: StreamMetrics::new()?,
        })
    }

    /// The metrics.
    pub fn metrics(&self) -> &StreamMetrics {
        &self.metrics
    }

    /// Opens a stream.
    ///
    /// # Errors
    /// `service_unavailable` if there are too many, or the server is stopping.
    pub fn open(self: &Arc<Self>, db: &Arc<Db>, request: StreamRequest) -> Result<EventStream> {
        let StreamRequest {
            caller,
            filter,
            since,
            disconnect,
        } = request;
        let workspace = caller.workspace_id;
        let (standing, journal) = db.read(|conn| {
            let standing = app::credentials::standing(conn, &caller)?;
            Ok((standing, app::events::journal(conn, workspace)?))
        })?;
        let listener = Arc::new(Listener::new(caller, standing, filter, disconnect));
        self.admit(&listener)?;
        let (hub, db) = (Arc::clone(self), Arc::clone(db));
        Ok(EventStream::new(hub, db, listener, since, journal.latest))
    }

    fn admit(&self, listener: &Arc<Listener>) -> Result<()> {
        let mut state = self.state();
        if state.is_stopped {
            return Err(Error::Unavailable(Outage::ShuttingDown));
        }
        let credential = listener.caller.credential.id();
        let of_credential = state.by_credential.get(&credential).copied();
        if state.open >= self.max || of_credential >= Some(MAX_PER_CREDENTIAL) {
            return Err(Error::Unavailable(Outage::Overloaded));
        }
        state.open += 1;
        *state.by_credential.entry(credential).or_default() += 1;
        let channel = state.channels.entry(listener.caller.workspace_id);
        channel.or_default().listeners.push(Arc::clone(listener));
        drop(state);
        self.metrics.open.inc();
        Ok(())
    }

    /// Lets a listener get all events after the returned sequence. `latest` is a sequence that it has read.
    pub(super) fn join(&self, listener: &Listener, latest: i64) -> i64 {
        let mut state = self.state();
        let workspace = listener.caller.workspace_id;
        let Some(channel) = state.channels.get_mut(&workspace) else {
            return latest;
        };
        // Without live listeners, nobody has read the journal.
        if !channel.listeners.iter().any(|other| other.is_live()) {
            channel.position = channel.position.max(latest);
        }
        listener.go_live();
        let position = channel.position;
        // Events may have been committed while there was no live listener.
        state.due.insert(workspace);
        drop(state);
        self.wanted.notify_one();
        position
    }

    /// Removes a listener.
    pub(super) fn leave(&self, listener: &Arc<Listener>) {
        let mut state = self.state();
        state.open -= 1;
        if let Entry::Occupied(mut count) =
            state.by_credential.entry(listener.caller.credential.id())
        {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        if let Entry::Occupied(mut channel) = state.channels.entry(listener.caller.workspace_id) {
            let listeners = &mut channel.get_mut().listeners;
            listeners.retain(|other| !Arc::ptr_eq(other, listener));
            if listeners.is_empty() {
                channel.remove();
            }
        }
        drop(state);
        self.metrics.open.dec();
    }

    /// Ends all streams, and opens no more.
    pub fn stop(&self) {
        let mut state = self.state();
        state.is_stopped = true;
        state.channels.values().for_each(Channel::end);
    }

    /// Whether there are any streams.
    pub(super) fn are_open(&self) -> bool {
        self.state().open > 0
    }

    /// Waits until a listener has joined.
    pub(super) async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// Marks workspaces that may have new events: these, or all of them.
    pub(super) fn mark(&self, workspaces: HashSet<WorkspaceId>, all: bool) {
        let mut state = self.state();
        let State { channels, due, .. } = &mut *state;
        match all {
            true => due.extend(channels.keys()),
            false => due.extend(
                workspaces
                    .into_iter()
                    .filter(|id| channels.contains_key(id)),
            ),
        }
    }

    /// Takes a marked workspace with live listeners, and the sequence after which to read.
    pub(super) fn next_due(&self) -> Option<(WorkspaceId, i64)> {
        let mut state = self.state();
        let State { channels, due, .. } = &mut *state;
        while let Some(workspace) = due.iter().next().copied() {
            due.remove(&workspace);
            if let Some(channel) = channels.get(&workspace)
                && channel.listeners.iter().any(|listener| listener.is_live())
            {
                return Some((workspace, channel.position));
            }
        }
        None
    }

    /// Passes on events of a workspace, of which all up to the sequence `examined` were read.
    pub(super) fn deliver(&self, workspace: WorkspaceId, events: &[(Event, Line)], examined: i64) {
        let mut state = self.state();
        let Some(channel) = state.channels.get_mut(&workspace) else {
            return;
        };
        let position = channel.position;
        for (event, line) in events.iter().filter(|(event, _)| event.sequence > position) {
            let kind = EventType::parse(&event.kind);
            for listener in &channel.listeners {
                listener.offer(event, kind, line);
            }
        }
        channel.position = position.max(examined);
    }

    /// Ends the streams of a workspace.
    pub(super) fn end(&self, workspace: WorkspaceId) {
        if let Some(channel) = self.state().channels.get(&workspace) {
            channel.end();
        }
    }

    /// Sends heartbeats and ends the streams of clients that do not read. Returns the listeners that remain.
    pub(super) fn attend(&self, now: Instant) -> Vec<Arc<Listener>> {
        let mut remaining = Vec::new();
        for channel in self.state().channels.values() {
            for listener in &channel.listeners {
                if listener.is_stuck(now) {
                    listener.end();
                    self.metrics.dropped.inc();
                } else if !listener.has_ended() {
                    listener.beat(channel.position, now);
                    remaining.push(Arc::clone(listener));
                }
            }
        }
        remaining
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Channel {
    fn end(&self) {
        self.listeners.iter().for_each(|listener| listener.end());
    }
}
