//! One stream: what it missed, then what happens.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;

use super::hub::EventStreams;
use super::line::Line;
use super::listener::{Listener, Next};
use crate::app::events::{self, Following};
use crate::error::{Error, Result};
use crate::store::Db;

/// Missed events per read.
const PAGE: u32 = 32;
/// Distances up to this are read on the thread of the connection.
const SHORT: i64 = 100;
/// A client that is further behind must read the objects again.
const MAX_BEHIND: i64 = 10_000;

/// An open stream. Dropping it closes it.
pub struct EventStream {
    streams: Arc<EventStreams>,
    db: Arc<Db>,
    listener: Arc<Listener>,
    /// The sequence up to which everything was read.
    position: i64,
    /// Missed events that were read and not sent yet.
    missed: VecDeque<Line>,
    /// How far the journal was ahead when it was last read.
    distance: i64,
    phase: Phase,
}

enum Phase {
    /// Nothing was sent yet. The id is sent at once to a client that starts now.
    Opening { id: Option<i64> },
    /// Reads the journal, to this sequence if the stream has joined the live events.
    CatchingUp { until: Option<i64> },
    /// Receives live events.
    Live,
}

impl EventStream {
    pub(super) fn new(
        streams: Arc<EventStreams>,
        db: Arc<Db>,
        listener: Arc<Listener>,
        since: Option<i64>,
        latest: i64,
    ) -> Self {
        let position = since.unwrap_or(latest);
        Self {
            streams,
            db,
            listener,
            position,
            missed: VecDeque::new(),
            distance: latest - position,
            phase: Phase::Opening {
                id: since.is_none().then_some(latest),
            },
        }
    }

    /// Returns the next bytes of the stream; `None` at its end.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(line) = self.missed.pop_front() {
                return Some(self.send(line));
            }
            match self.phase {
                Phase::Opening { id } => {
                    self.phase = Phase::CatchingUp { until: None };
                    return Some(Line::opening(id));
                }
                Phase::CatchingUp { until: Some(end) } if self.position >= end => {
                    self.phase = Phase::Live;
                }
                Phase::CatchingUp { until } => {
                    if self.listener.has_ended() {
                        return None;
                    }
                    if let Err(error) = self.catch_up(until).await {
                        // The client connects again and continues where it is.
                        tracing::warn!(%error, "missed events could not be read");
                        return None;
                    }
                }
                Phase::Live => match poll_fn(|cx| self.listener.poll_next(cx)).await {
                    Next::Line(line) if line.is_event && line.sequence <= self.position => {}
                    Next::Line(line) if line.sequence < self.position => {}
                    Next::Line(line) => {
                        self.position = line.sequence;
                        return Some(self.send(line));
                    }
                    Next::Behind => self.phase = Phase::CatchingUp { until: None },
                    Next::End => return None,
                },
            }
        }
    }

    fn send(&self, line: Line) -> Bytes {
        if line.is_event {
            self.streams.metrics().sent.inc();
        }
        self.listener.catches_up(false);
        line.text
    }

    /// Reads some of what the client has missed. Joins the live events when there is little left.
    async fn catch_up(&mut self, until: Option<i64>) -> Result<()> {
        self.listener.catches_up(true);
        let found = self.read(until.unwrap_or(i64::MAX)).await;
        self.listener.catches_up(false);
        let found = found?;
        let latest = found.journal.latest;
        if until.is_none() {
            let is_too_far = latest.saturating_sub(self.position) > MAX_BEHIND;
            if is_too_far || !found.journal.has_all_after(self.position) {
                self.position = self.streams.join(&self.listener, latest).max(latest);
                self.phase = Phase::Live;
                self.missed
                    .push_back(Line::reset(&found.journal, self.position));
                return Ok(());
            }
        }
        self.position = found.examined;
        self.distance = latest - found.examined;
        if until.is_none() && self.distance <= i64::from(PAGE) {
            let until = Some(self.streams.join(&self.listener, latest));
            self.phase = Phase::CatchingUp { until };
        }
        for event in &found.events {
            self.missed.push_back(Line::event(event)?);
        }
        Ok(())
    }

    async fn read(&self, until: i64) -> Result<Following> {
        let (workspace, range) = (self.listener.caller.workspace_id, (self.position, until));
        if self.distance <= SHORT {
            let filter = &self.listener.filter;
            return self
                .db
                .read(|conn| events::following(conn, workspace, filter, range, PAGE));
        }
        let (db, listener) = (Arc::clone(&self.db), Arc::clone(&self.listener));
        let read = move || {
            db.read_slowly(|conn| events::following(conn, workspace, &listener.filter, range, PAGE))
        };
        tokio::task::spawn_blocking(read)
            .await
            .map_err(|cause| Error::internal("a blocking read was lost", cause))?
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.streams.leave(&self.listener);
    }
}
