//! Opens and views of cards, counted in memory and written down together: a card that many people open at once would
//! otherwise be a write each. What a crash takes is the count of the last second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::app;
use crate::model::ids::RecipientId;
use crate::model::recipients::Reads;
use crate::store::Db;

/// Recipients in one transaction, so that a flood of opens does not hold up other changes.
const BATCH: usize = 1_000;

/// What recipients did and is not written down yet.
pub(crate) struct Tally {
    db: Arc<Db>,
    reads: Mutex<HashMap<RecipientId, Reads>>,
}

impl Tally {
    pub(super) fn new(db: Arc<Db>) -> Self {
        Self {
            db,
            reads: Mutex::default(),
        }
    }

    /// Notes what a recipient did. Call it for recipients that exist alone: memory is held for each.
    pub(super) fn note(&self, id: RecipientId, what: impl FnOnce(&mut Reads)) {
        what(self.reads().entry(id).or_default());
    }

    /// Writes down what was counted since the last time. What cannot be written is tried again with the next.
    pub(crate) fn flush(&self) {
        let reads: Vec<_> = self.reads().drain().collect();
        for batch in reads.chunks(BATCH) {
            let rows = batch.to_vec();
            let written = self
                .db
                .write_and_wait(move |tx| app::recipients::count(tx, &rows));
            if let Err(error) = written {
                tracing::warn!(%error, "failed to write opens and views");
                let mut reads = self.reads();
                for (id, earlier) in batch {
                    reads.entry(*id).or_default().after(*earlier);
                }
            }
        }
    }

    fn reads(&self) -> MutexGuard<'_, HashMap<RecipientId, Reads>> {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
