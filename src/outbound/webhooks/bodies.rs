//! The bodies of events. The webhooks of a workspace deliver the same events at about the same time, so each body is
//! rendered once for all of them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Bytes;

use crate::error::Result;
use crate::model::ids::WorkspaceId;
use crate::model::time::Timestamp;
use crate::model::webhooks::{Payload, body};
use crate::store::{Conn, events};

/// How long a body is kept. An erased person must not stay in memory.
const LIFETIME: Duration = Duration::from_secs(2);
/// How many bodies are kept.
const MAX_BODIES: usize = 512;

/// The body of one event.
pub(super) struct EventBody {
    /// The JSON text.
    pub(super) json: Bytes,
    /// When the event happened.
    pub(super) happened_at: Timestamp,
}

type Key = (WorkspaceId, i64, Payload);

/// The bodies that were rendered last.
#[derive(Default)]
pub(super) struct BodyCache(Mutex<Cached>);

#[derive(Default)]
struct Cached {
    bodies: HashMap<Key, Arc<EventBody>>,
    oldest_first: VecDeque<(Key, Instant)>,
}

impl BodyCache {
    /// Returns the body of an event; `None` if the event is no longer kept.
    ///
    /// # Errors
    /// Database errors only.
    pub(super) fn get(
        &self,
        conn: &Conn,
        workspace: WorkspaceId,
        sequence: i64,
        payload: Payload,
    ) -> Result<Option<Arc<EventBody>>> {
        let key = (workspace, sequence, payload);
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.forget_old();
        if let Some(found) = cached.bodies.get(&key) {
            return Ok(Some(Arc::clone(found)));
        }
        let Some(event) = events::get(conn, workspace, sequence)? else {
            return Ok(None);
        };
        let rendered = Arc::new(EventBody {
            json: Bytes::from(body(&event, workspace, payload)?),
            happened_at: event.timestamp,
        });
        cached.bodies.insert(key, Arc::clone(&rendered));
        cached.oldest_first.push_back((key, Instant::now()));
        Ok(Some(rendered))
    }

    /// Forgets the bodies that are too old.
    pub(super) fn forget_old(&self) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.forget_old();
    }
}

impl Cached {
    fn forget_old(&mut self) {
        while let Some((key, since)) = self.oldest_first.front() {
            if since.elapsed() < LIFETIME && self.oldest_first.len() < MAX_BODIES {
                return;
            }
            self.bodies.remove(key);
            self.oldest_first.pop_front();
        }
    }
}
