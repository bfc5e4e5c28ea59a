//! What one webhook delivers next, and how much of it at once.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::attempt::Ended;
use super::client::KeptConnections;
use crate::model::deliveries::{Claim, DeliveryCause, DueDelivery, Outcome};
use crate::model::ids::{DeliveryId, WebhookId, WorkspaceId};
use crate::model::webhooks::{Recovery, Webhook, WebhookProgress};

/// How many deliveries of a webhook are in flight.
const MAX_IN_FLIGHT: usize = 8;
/// How many deliveries of a webhook are in flight while all of them fail: a first attempt and a repeated one. So an
/// endpoint that never responds holds few connections, and is used fully again after the first success.
const MAX_IN_FLIGHT_FAILING: usize = 2;
/// After this many failures in a row, an endpoint counts as failing.
const FAILING: u32 = MAX_IN_FLIGHT as u32;
/// How long a failing endpoint rests after each failure, so that one which refuses at once does not keep the server busy. It
/// doubles with every [`FAILING`] further failures.
const REST: Duration = Duration::from_millis(250);
/// How often it doubles: up to two seconds.
const MAX_DOUBLINGS: u32 = 3;
/// For how many deliveries rows are made before they are attempted.
pub(super) const MAX_AHEAD: usize = 64;
/// With fewer waiting deliveries, more are read.
const MIN_AHEAD: usize = MAX_AHEAD / 2;
/// How many events without deliveries are examined before the cursor is stored.
const MAX_UNSTORED: i64 = 1_000;
/// The cursor of a webhook that has to be read again.
const UNKNOWN: i64 = -1;
/// How long examined events without deliveries are not stored. Examining them again after a crash does no harm.
const STORE_INTERVAL: Duration = Duration::from_secs(1);

/// The deliveries of one webhook.
pub(super) struct WebhookQueue {
    pub(super) workspace: WorkspaceId,
    pub(super) connections: Arc<KeptConnections>,
    /// The webhook as it was read last.
    pub(super) webhook: Webhook,
    /// The newest sequence of the journal.
    pub(super) latest: i64,
    /// The last sequence that was examined.
    pub(super) examined: i64,
    /// The cursor in the database.
    pub(super) stored: i64,
    stored_at: Instant,
    /// Events that are delivered again.
    pub(super) recovery: Option<Recovery>,
    /// First attempts, in the order of their events.
    first: VecDeque<DueDelivery>,
    /// Retries, redeliveries and recoveries.
    again: VecDeque<DueDelivery>,
    /// The deliveries that are in memory: waiting, in flight or not yet recorded.
    pub(super) claimed: HashSet<DeliveryId>,
    first_in_flight: usize,
    again_in_flight: usize,
    failures: u32,
    /// Whether the database may have due deliveries that are not in memory.
    pub(super) may_have_due: bool,
    /// Whether rows are being made for it.
    is_claiming: bool,
    /// Whether it was read while rows were being made.
    has_missed_update: bool,
    /// Whether it waits for its turn to start an attempt.
    pub(super) has_turn: bool,
    /// Whether it waits for its turn to read more.
    pub(super) is_listed: bool,
}

/// Which limit an attempt counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first attempt for an event.
    First,
    /// A retry, a redelivery or a recovery.
    Again,
    /// A test, which runs at once.
    Test,
}

/// The place of an attempt among those of its webhook.
pub(super) struct Place {
    pub(super) kind: Kind,
    pub(super) connections: Arc<KeptConnections>,
}

impl WebhookQueue {
    /// The queue of a webhook. `left_over` are deliveries that an earlier process made.
    pub(super) fn new(progress: WebhookProgress, left_over: Vec<DueDelivery>) -> Self {
        Self {
            workspace: progress.workspace_id,
            connections: Arc::default(),
            webhook: progress.webhook,
            latest: progress.latest,
            examined: progress.cursor,
            stored: progress.cursor,
            stored_at: Instant::now(),
            recovery: progress.recovery,
            claimed: left_over.iter().map(|delivery| delivery.id).collect(),
            first: left_over.into(),
            again: VecDeque::new(),
            first_in_flight: 0,
            again_in_flight: 0,
            failures: 0,
            may_have_due: false,
            is_claiming: false,
            has_missed_update: false,
            has_turn: false,
            is_listed: false,
        }
    }

    /// Takes over what was read from the database. What a running claim changes may have been read before or after it.
    pub(super) fn update(&mut self, progress: WebhookProgress) {
        self.latest = progress.latest;
        if self.is_claiming {
            self.has_missed_update = true;
            return;
        }
        if self.stored != progress.cursor {
            self.stored = progress.cursor;
            self.examined = progress.cursor;
        }
        self.recovery = progress.recovery;
        self.webhook = progress.webhook;
        if !self.webhook.is_active {
            self.forget_range();
        }
    }

    /// Examines no more events until the webhook is read again.
    fn forget_range(&mut self) {
        self.stored = UNKNOWN;
        self.latest = self.examined;
        self.recovery = None;
    }

    /// Whether it has enough events to deliver for now.
    pub(super) fn is_full(&self) -> bool {
        self.first.len() >= MIN_AHEAD
    }

    /// Whether more is to be read for it.
    pub(super) fn is_hungry(&self) -> bool {
        self.wants_due() || self.wants_events() || self.wants_recovery()
    }

    /// Whether due deliveries are to be read for it.
    pub(super) fn wants_due(&self) -> bool {
        self.may_have_due && self.again.len() < MIN_AHEAD
    }

    /// Whether new events are to be examined for it.
    pub(super) fn wants_events(&self) -> bool {
        !self.is_claiming && self.examined < self.latest && self.first.len() < MIN_AHEAD
    }

    /// Whether old events are to be examined for it.
    pub(super) fn wants_recovery(&self) -> bool {
        !self.is_claiming && self.recovery.is_some() && self.again.len() < MIN_AHEAD
    }

    /// How many first attempts there is room for.
    pub(super) fn room_for_first(&self) -> usize {
        MAX_AHEAD.saturating_sub(self.first.len())
    }

    /// How many other attempts there is room for.
    pub(super) fn room_for_again(&self) -> usize {
        MAX_AHEAD.saturating_sub(self.again.len())
    }

    /// Whether the cursor is to be stored although no event needs a delivery.
    pub(super) fn is_cursor_due(&self) -> bool {
        self.examined - self.stored >= MAX_UNSTORED
            || (self.examined > self.stored && self.stored_at.elapsed() >= STORE_INTERVAL)
    }

    /// Notes that a claim is being written.
    pub(super) fn claim_started(&mut self, claim: &Claim) {
        self.is_claiming = true;
        self.claimed.extend(claim.events.iter().map(|(id, _)| *id));
    }

    /// Takes over the deliveries of a claim; `None` means that it has failed. Returns whether the webhook has to be read
    /// again.
    pub(super) fn claim_ended(&mut self, claim: &Claim, made: Option<Vec<DueDelivery>>) -> bool {
        self.is_claiming = false;
        for (id, _) in &claim.events {
            self.claimed.remove(id);
        }
        let has_missed_update = std::mem::take(&mut self.has_missed_update);
        let Some(made) = made else {
            self.forget_range();
            return true;
        };
        if claim.cause == DeliveryCause::Recovery {
            let rest = |range: Recovery| Recovery {
                cursor: claim.until,
                ..range
            };
            let is_left = |range: &Recovery| range.cursor < range.until;
            self.recovery = self.recovery.map(rest).filter(is_left);
        } else {
            self.stored = claim.until;
            self.stored_at = Instant::now();
        }
        self.add(made);
        has_missed_update
    }

    /// Adds deliveries that are to be attempted.
    fn add(&mut self, deliveries: Vec<DueDelivery>) {
        for delivery in deliveries {
            self.claimed.insert(delivery.id);
            match (delivery.cause, delivery.attempts) {
                (DeliveryCause::Event, 0) => self.first.push_back(delivery),
                _ => self.again.push_back(delivery),
            }
        }
    }

    /// Adds due deliveries that are not in memory.
    pub(super) fn add_due(&mut self, due: Vec<DueDelivery>) {
        for delivery in due {
            if self.claimed.insert(delivery.id) {
                self.again.push_back(delivery);
            }
        }
    }

    /// Whether an attempt can start.
    pub(super) fn can_start(&self) -> bool {
        self.next_kind().is_some()
    }

    /// Takes the delivery that is attempted next.
    pub(super) fn next(&mut self) -> Option<(DueDelivery, Kind)> {
        let kind = self.next_kind()?;
        let delivery = match kind {
            Kind::First => self.first.pop_front()?,
            Kind::Again | Kind::Test => self.again.pop_front()?,
        };
        self.count(kind, 1);
        Some((delivery, kind))
    }

    fn is_failing(&self) -> bool {
        self.failures >= FAILING
    }

    /// How long the endpoint rests after a failure.
    fn rest(&self) -> Duration {
        match self.failures.checked_sub(FAILING) {
            Some(more) => REST * (1 << (more / FAILING).min(MAX_DOUBLINGS)),
            None => Duration::ZERO,
        }
    }

    /// A retry never holds up a first attempt: at most half of those in flight are retries. But one of them always gets
    /// a place.
    fn next_kind(&self) -> Option<Kind> {
        let most = match self.is_failing() {
            true => MAX_IN_FLIGHT_FAILING,
            false => MAX_IN_FLIGHT,
        };
        if self.in_flight() >= most {
            return None;
        }
        let can_repeat = !self.again.is_empty() && self.again_in_flight < most / 2;
        match self.first.is_empty() {
            false if !can_repeat || self.again_in_flight > 0 => Some(Kind::First),
            _ => can_repeat.then_some(Kind::Again),
        }
    }

    fn in_flight(&self) -> usize {
        self.first_in_flight + self.again_in_flight
    }

    fn count(&mut self, kind: Kind, change: isize) {
        let counter = match kind {
            Kind::First => &mut self.first_in_flight,
            Kind::Again => &mut self.again_in_flight,
            Kind::Test => return,
        };
        *counter = counter.saturating_add_signed(change);
    }

    /// Notes the result of an attempt. Returns for how long its place stays taken.
    pub(super) fn ended(&mut self, ended: &Ended) -> Duration {
        match ended.attempted.as_ref().map(|done| done.result.outcome) {
            Some(Outcome::Delivered(_)) => self.failures = 0,
            Some(_) => {
                self.failures = self.failures.saturating_add(1);
                return self.rest();
            }
            None => self.release(ended.delivery_id),
        }
        Duration::ZERO
    }

    /// Frees the place of an attempt.
    pub(super) fn vacate(&mut self, kind: Kind) {
        self.count(kind, -1);
    }

    /// Notes that a delivery is in the database as it is in memory.
    pub(super) fn release(&mut self, delivery: DeliveryId) {
        self.claimed.remove(&delivery);
    }

    /// Whether nothing of it has to stay in memory.
    pub(super) fn is_idle(&self) -> bool {
        self.claimed.is_empty()
            && self.in_flight() == 0
            && !self.is_claiming
            && !self.is_hungry()
            && !self.has_turn
            && !self.is_listed
    }

    /// The webhook.
    pub(super) const fn id(&self) -> WebhookId {
        self.webhook.id
    }
}

#[cfg(test)]
mod tests;
