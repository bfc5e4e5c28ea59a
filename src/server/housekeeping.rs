//! Regular work beside the requests.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;

use crate::app::{self, idempotency};
use crate::error::Result;
use crate::http::state::State;
use crate::model::time::Timestamp;
use crate::store::{self, Tx};

/// The bytes of a block that mimalloc counts as large.
const LARGE_BLOCK: usize = 4 << 20;

/// Saves counters every second, checkpoints the database every five seconds, and deletes old rows every minute.
pub(super) async fn run(state: Arc<State>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for tick in 0_u64.. {
        ticks.tick().await;
        let state = Arc::clone(&state);
        let done = web::block(move || {
            state.quotas.flush();
            state.tally.flush();
            if tick % 5 == 4 {
                if let Err(error) = state.db.checkpoint() {
                    tracing::warn!(%error, "failed to checkpoint the write-ahead log");
                }
                return_memory();
            }
            if tick % 60 == 0 {
                delete_old(&state);
            }
        });
        if done.await.is_err() {
            tracing::warn!("a round of housekeeping failed");
        }
    }
}

/// Lets the allocator return freed memory to the system. mimalloc does that when a large block is allocated, and an idle server
/// allocates none. The start alone frees megabytes.
fn return_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(LARGE_BLOCK)));
}

fn delete_old(state: &State) {
    let now = Timestamp::now();
    state.forget_old(now);
    let before = |days: u16| now.plus_days(-i64::from(days));
    let records = now.plus_millis(-idempotency::LIFE);
    delete_batches(state, "idempotency records", move |tx| {
        store::idempotency::delete_old(tx, records)
    });
    let events = before(state.settings.event_days);
    delete_batches(state, "events", move |tx| {
        app::events::delete_old(tx, events)
    });
    delete_batches(state, "sessions", move |tx| {
        store::sessions::delete_ended(tx, now)
    });
    delete_batches(state, "sign-in links", move |tx| {
        store::sign_in_links::delete_expired(tx, now)
    });
    delete_batches(state, "invitations", move |tx| {
        app::invitations::delete_expired(tx, now)
    });
    let kept = before(state.settings.keep_days);
    delete_batches(state, "mails", move |tx| store::mails::delete_old(tx, kept));
    delete_batches(state, "webhook deliveries", move |tx| {
        store::deliveries::delete_old(tx, kept)
    });
    let cards = before(state.settings.card_days);
    delete_batches(state, "recipients", move |tx| {
        app::recipients::delete_old(tx, cards)
    });
    delete_batches(state, "ids of deleted recipients", move |tx| {
        store::recipients::delete_old_ids(tx, cards)
    });
}

/// Deletes in batches, so that other changes run between two of them.
fn delete_batches(
    state: &State,
    what: &str,
    batch: impl Fn(&Tx<'_>) -> Result<usize> + Clone + Send + 'static,
) {
    loop {
        match state.db.write_and_wait(batch.clone()) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => return tracing::warn!(%error, "old {what} could not be deleted"),
        }
    }
}
