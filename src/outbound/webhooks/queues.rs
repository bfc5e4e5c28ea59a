//! The queues of all webhooks that have something to deliver.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::attempt::Ended;
use super::queue::{Kind, MAX_AHEAD, Place, WebhookQueue};
use super::turns::Turns;
use super::writes::Writes;
use crate::error::Result;
use crate::model::deliveries::{Claim, DeliveryCause, DueDelivery};
use crate::model::ids::{DeliveryId, WebhookId};
use crate::model::time::Timestamp;
use crate::model::webhooks::{EventHead, WebhookProgress};
use crate::store::{Conn, Db, deliveries, events, webhooks};

/// Webhooks that one read returns.
const PAGE: usize = 500;
/// Events that are examined for a webhook in one turn.
const WINDOW: i64 = 2_000;
/// Events that are read for a webhook in one turn.
const MAX_HEADS: usize = 256;
/// For how long webhooks are filled before running attempts get their turn.
const FILL_TIME: Duration = Duration::from_millis(3);

/// The queues, and whose turn it is.
#[derive(Default)]
pub(super) struct Queues {
    by_webhook: HashMap<WebhookId, WebhookQueue>,
    /// Webhooks that can start an attempt.
    turns: Turns,
    /// Webhooks for which more is to be read.
    hungry: Turns,
}

impl Queues {
    /// Finds the webhooks whose cursor is behind the journal. Returns whether there are webhooks.
    ///
    /// # Errors
    /// Database errors only.
    pub(super) fn find_events(&mut self, db: &Db) -> Result<bool> {
        let mut last = None;
        loop {
            // Those whose queue is full are behind at each look. Reading them would hold up the others.
            let is_full = |id| self.by_webhook.get(&id).is_some_and(WebhookQueue::is_full);
            let found = db.read(|conn| webhooks::with_work(conn, last, PAGE, is_full))?;
            let is_last = found.len() < PAGE;
            if found.is_empty() && last.is_none() {
                return db.read(webhooks::are_there);
            }
            last = found.last().map(|one| (one.workspace_id, one.webhook_id));
            for work in found {
                match (work.progress, self.by_webhook.get_mut(&work.webhook_id)) {
                    (Some(progress), _) => self.update(db, progress)?,
                    (None, Some(queue)) => queue.latest = work.latest,
                    (None, None) => {}
                }
            }
            if is_last {
                return Ok(true);
            }
        }
    }

    /// Finds the webhooks with due deliveries. Returns when the next delivery is due.
    ///
    /// # Errors
    /// Database errors only.
    pub(super) fn find_due(&mut self, db: &Db) -> Result<Option<Timestamp>> {
        let now = Timestamp::now();
        let (found, next_due) = db.read(|conn| {
            let found = deliveries::webhooks_with_due(conn, now)?;
            Ok((found, deliveries::next_due(conn, now)?))
        })?;
        for (workspace, webhook) in found {
            if !self.by_webhook.contains_key(&webhook) {
                let progress = db.read(|conn| webhooks::progress(conn, workspace, webhook))?;
                if let Some(progress) = progress {
                    self.update(db, progress)?;
                }
            }
            if let Some(queue) = self.by_webhook.get_mut(&webhook) {
                queue.may_have_due = true;
                self.list(webhook);
            }
        }
        Ok(next_due)
    }

    fn update(&mut self, db: &Db, progress: WebhookProgress) -> Result<()> {
        let (workspace, id) = (progress.workspace_id, progress.webhook.id);
        match self.by_webhook.entry(id) {
            Entry::Occupied(mut queue) => queue.get_mut().update(progress),
            Entry::Vacant(place) => {
                let left_over =
                    db.read(|conn| deliveries::left_over(conn, workspace, id, 2 * MAX_AHEAD))?;
                place.insert(WebhookQueue::new(progress, left_over));
            }
        }
        self.list(id);
        Ok(())
    }

    /// Lets a webhook wait for its turns, if there is something to do for it.
    fn list(&mut self, id: WebhookId) {
        if let Some(queue) = self.by_webhook.get_mut(&id) {
            if !queue.has_turn && queue.can_start() {
                queue.has_turn = true;
                self.turns.add(queue.workspace, id);
            }
            if !queue.is_listed && queue.is_hungry() {
                queue.is_listed = true;
                self.hungry.add(queue.workspace, id);
            }
        }
    }

    /// Whether more is to be read for some webhook.
    pub(super) fn are_hungry(&self) -> bool {
        !self.hungry.is_empty()
    }

    /// Reads due deliveries and plans claims of events, webhook by webhook, for a short time.
    ///
    /// # Errors
    /// Database errors only.
    pub(super) fn fill(&mut self, db: &Db, writes: &mut Writes) -> Result<()> {
        let end = Instant::now() + FILL_TIME;
        while Instant::now() < end
            && let Some(id) = self.hungry.next()
        {
            let Some(queue) = self.by_webhook.get_mut(&id) else {
                continue;
            };
            queue.is_listed = false;
            let filled = db.read(|conn| fill(conn, queue));
            if let Ok(Some(claim)) = &filled {
                queue.claim_started(claim);
                writes.add_claim(claim.clone());
            }
            self.list(id);
            filled?;
        }
        Ok(())
    }

    /// Takes the delivery whose turn it is.
    pub(super) fn next(&mut self) -> Option<(DueDelivery, Place)> {
        while let Some(id) = self.turns.next() {
            let Some(queue) = self.by_webhook.get_mut(&id) else {
                continue;
            };
            queue.has_turn = false;
            if let Some((delivery, kind)) = queue.next() {
                let place = Place {
                    kind,
                    connections: Arc::clone(&queue.connections),
                };
                self.list(id);
                return Some((delivery, place));
            }
        }
        None
    }

    /// The place of a test, which runs whatever else is in flight.
    pub(super) fn place_of_test(&self, id: WebhookId) -> Place {
        let queue = self.by_webhook.get(&id);
        Place {
            kind: Kind::Test,
            connections: queue.map_or_else(Arc::default, |queue| Arc::clone(&queue.connections)),
        }
    }

    /// Notes the result of an attempt. Returns for how long its place stays taken.
    pub(super) fn ended(&mut self, ended: &Ended) -> Duration {
        let queue = self.by_webhook.get_mut(&ended.webhook_id);
        queue.map_or(Duration::ZERO, |queue| queue.ended(ended))
    }

    /// Frees the place of an attempt.
    pub(super) fn vacate(&mut self, webhook: WebhookId, kind: Kind) {
        if let Some(queue) = self.by_webhook.get_mut(&webhook) {
            queue.vacate(kind);
            self.list(webhook);
        }
    }

    /// Notes that the result of an attempt was recorded.
    pub(super) fn recorded(&mut self, webhook: WebhookId, delivery: DeliveryId) {
        if let Some(queue) = self.by_webhook.get_mut(&webhook) {
            queue.release(delivery);
        }
    }

    /// Takes over the deliveries of a claim; `None` means that it has failed. Returns whether the webhook has to be read
    /// again.
    pub(super) fn claimed(&mut self, claim: &Claim, made: Option<Vec<DueDelivery>>) -> bool {
        let id = claim.webhook.id;
        let Some(queue) = self.by_webhook.get_mut(&id) else {
            return false;
        };
        let must_read = queue.claim_ended(claim, made);
        self.list(id);
        must_read
    }

    /// Closes unused connections and forgets webhooks that have nothing to deliver.
    pub(super) fn tidy(&mut self) {
        self.by_webhook
            .retain(|_, queue| queue.connections.close_idle() || !queue.is_idle());
    }
}

/// Reads more for a webhook: due deliveries first, then events, then old events. Returns the claim of events.
fn fill(conn: &Conn, queue: &mut WebhookQueue) -> Result<Option<Claim>> {
    let (workspace, id) = (queue.workspace, queue.id());
    if queue.wants_due() {
        // Those in memory are still due in the database.
        let limit = queue.room_for_again() + queue.claimed.len();
        let due = deliveries::due(conn, workspace, id, Timestamp::now(), limit)?;
        queue.may_have_due = due.len() == limit;
        queue.add_due(due);
    }
    if queue.wants_events() {
        let range = (queue.examined, queue.latest);
        let (wanted, until) = wanted(conn, queue, range, queue.room_for_first())?;
        queue.examined = until;
        if !wanted.is_empty() || queue.is_cursor_due() {
            return Ok(Some(claim(
                queue,
                DeliveryCause::Event,
                (queue.stored, until),
                wanted,
            )));
        }
    }
    if let Some(range) = queue.recovery.filter(|_| queue.wants_recovery()) {
        let old = (range.cursor, range.until);
        let (wanted, until) = wanted(conn, queue, old, queue.room_for_again())?;
        return Ok(Some(claim(
            queue,
            DeliveryCause::Recovery,
            (range.cursor, until),
            wanted,
        )));
    }
    Ok(None)
}

/// Returns the first events of a range that the webhook wants, and the last sequence that was examined.
fn wanted(
    conn: &Conn,
    queue: &WebhookQueue,
    (after, end): (i64, i64),
    room: usize,
) -> Result<(Vec<EventHead>, i64)> {
    let mut examined = end.min(after.saturating_add(WINDOW));
    let heads = events::heads(conn, queue.workspace, after, examined, MAX_HEADS)?;
    if let Some(last) = heads.last().filter(|_| heads.len() == MAX_HEADS) {
        examined = last.sequence;
    }
    let wants = |head: &EventHead| queue.webhook.wants(head);
    let mut wanted: Vec<_> = heads.into_iter().filter(wants).take(room + 1).collect();
    if wanted.len() > room {
        wanted.truncate(room);
        examined = wanted.last().map_or(after, |last| last.sequence);
    }
    Ok((wanted, examined))
}

fn claim(
    queue: &WebhookQueue,
    cause: DeliveryCause,
    (after, until): (i64, i64),
    wanted: Vec<EventHead>,
) -> Claim {
    let events = wanted.into_iter().map(|event| (DeliveryId::new(), event));
    Claim {
        workspace_id: queue.workspace,
        webhook: queue.webhook.clone(),
        cause,
        after,
        until,
        events: events.collect(),
    }
}
