//! The queue between the reader of the journal and one client.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::task::AtomicWaker;

use super::line::Line;
use crate::app::credentials::Standing;
use crate::model::credentials::Caller;
use crate::model::events::{Event, EventFilter, EventType};

/// Maximum number of messages that wait for a client.
const MAX_LINES: usize = 256;
/// Maximum bytes that wait for a client.
const MAX_BYTES: usize = 1 << 20;
/// The time between two heartbeats.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How long a client that is behind may take nothing.
const PATIENCE: Duration = Duration::from_secs(5);

/// One client of the event stream.
pub(super) struct Listener {
    /// Who listens.
    pub(super) caller: Caller,
    /// What the credential could do when the stream began.
    pub(super) standing: Standing,
    /// Which events it wants.
    pub(super) filter: EventFilter,
    queue: Mutex<Queue>,
    waker: AtomicWaker,
    /// Closes the connection of a client that does not read.
    disconnect: Box<dyn Fn() + Send + Sync>,
}

struct Queue {
    lines: VecDeque<Line>,
    bytes: usize,
    state: State,
    next_heartbeat: Instant,
    /// When the client last took something.
    active: Instant,
    /// Whether the client waits for a read of the journal.
    is_reading: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It reads the journal itself and gets no events.
    CatchingUp,
    /// It gets events.
    Live,
    /// Its queue was full. It empties the queue, then it reads the journal itself.
    Behind,
    /// Nothing more is sent.
    Ended,
}

/// What a client gets from its queue.
pub(super) enum Next {
    /// A message.
    Line(Line),
    /// Nothing: it must read the journal itself.
    Behind,
    /// The end of the stream.
    End,
}

impl Listener {
    pub(super) fn new(
        caller: Caller,
        standing: Standing,
        filter: EventFilter,
        disconnect: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self {
            caller,
            standing,
            filter,
            queue: Mutex::new(Queue {
                lines: VecDeque::new(),
                bytes: 0,
                state: State::CatchingUp,
                next_heartbeat: Instant::now() + HEARTBEAT,
                active: Instant::now(),
                is_reading: false,
            }),
            waker: AtomicWaker::new(),
            disconnect,
        }
    }

    pub(super) fn is_live(&self) -> bool {
        self.queue().state == State::Live
    }

    pub(super) fn has_ended(&self) -> bool {
        self.queue().state == State::Ended
    }

    /// Gets events from now on.
    pub(super) fn go_live(&self) {
        let mut queue = self.queue();
        if queue.state != State::Ended {
            queue.state = State::Live;
        }
    }

    /// Queues an event that the filter matches. `kind` is the parsed type of the event.
    pub(super) fn offer(&self, event: &Event, kind: Option<EventType>, line: &Line) {
        if self.filter.matches(event, kind) {
            self.push(line);
        }
    }

    /// Queues a heartbeat if it is time for one.
    pub(super) fn beat(&self, latest: i64, now: Instant) {
        let mut queue = self.queue();
        if queue.state == State::Live && queue.next_heartbeat <= now {
            queue.next_heartbeat = now + HEARTBEAT;
            drop(queue);
            self.push(&Line::heartbeat(latest));
        }
    }

    fn push(&self, line: &Line) {
        let mut queue = self.queue();
        if queue.state != State::Live {
            return;
        }
        let is_full = queue.lines.len() >= MAX_LINES || queue.bytes + line.text.len() > MAX_BYTES;
        match is_full && !queue.lines.is_empty() {
            true => queue.state = State::Behind,
            false => {
                queue.bytes += line.text.len();
                queue.lines.push_back(line.clone());
                drop(queue);
                self.waker.wake();
            }
        }
    }

    /// Takes the next message.
    pub(super) fn poll_next(&self, cx: &Context<'_>) -> Poll<Next> {
        self.waker.register(cx.waker());
        let mut queue = self.queue();
        queue.active = Instant::now();
        if let Some(line) = queue.lines.pop_front() {
            queue.bytes -= line.text.len();
            return Poll::Ready(Next::Line(line));
        }
        match queue.state {
            State::Live => Poll::Pending,
            State::Ended => Poll::Ready(Next::End),
            State::Behind | State::CatchingUp => {
                queue.state = State::CatchingUp;
                Poll::Ready(Next::Behind)
            }
        }
    }

    /// Notes that the client takes missed events, or that it waits for a read of them.
    pub(super) fn catches_up(&self, is_reading: bool) {
        let mut queue = self.queue();
        queue.active = Instant::now();
        queue.is_reading = is_reading;
    }

    /// Whether the client is behind and does not read.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        let queue = self.queue();
        let is_behind = matches!(queue.state, State::Behind | State::CatchingUp);
        let idle = now.saturating_duration_since(queue.active);
        is_behind && !queue.is_reading && idle > PATIENCE
    }

    /// Ends the stream. What still waits is not sent.
    pub(super) fn end(&self) {
        let mut queue = self.queue();
        queue.state = State::Ended;
        queue.lines = VecDeque::new();
        queue.bytes = 0;
        drop(queue);
        self.waker.wake();
        (self.disconnect)();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
