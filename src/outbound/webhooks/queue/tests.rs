//! Which delivery of a webhook is next.

use uuid::Uuid;

use super::*;
use crate::model::deliveries::{AttemptResult, Attempted, Content};
use crate::model::time::Timestamp;
use crate::model::webhooks::{Payload, RecoveryScope};

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn progress(cursor: i64, latest: i64) -> WebhookProgress {
    WebhookProgress {
        workspace_id: WorkspaceId::new(),
        webhook: Webhook {
            id: WebhookId::new(),
            name: "Test".to_owned(),
            url: "https://a.example".to_owned(),
            events: vec!["*".to_owned()],
            board_id: None,
            payload: Payload::Full,
            is_active: true,
            disabled_reason: None,
            disabled_at: None,
            created_at: NOW,
            updated_at: NOW,
        },
        cursor,
        latest,
        failing_since: None,
        recovery: None,
    }
}

fn delivery(sequence: i64, attempts: u32) -> DueDelivery {
    DueDelivery {
        id: DeliveryId::new(),
        workspace_id: WorkspaceId::new(),
        webhook_id: WebhookId::new(),
        event_id: Uuid::nil(),
        event: "task.created".to_owned(),
        content: Content::Event(sequence),
        cause: DeliveryCause::Event,
        attempts,
        due_at: NOW,
        created_at: NOW,
    }
}

fn queue(first: usize, again: usize) -> WebhookQueue {
    let mut queue = WebhookQueue::new(progress(0, 0), Vec::new());
    queue.add((0..first).map(|n| delivery(n as i64, 0)).collect());
    queue.add((0..again).map(|n| delivery(n as i64, 1)).collect());
    queue
}

/// Starts all that can start and returns how many of each kind there are.
fn start_all(queue: &mut WebhookQueue) -> (usize, usize) {
    let started: Vec<_> = std::iter::from_fn(|| queue.next()).collect();
    let count = |kind| started.iter().filter(|(_, one)| *one == kind).count();
    (count(Kind::First), count(Kind::Again))
}

/// Ends an attempt and frees its place. Returns for how long the place would have stayed taken.
fn end(queue: &mut WebhookQueue, kind: Kind, outcome: Outcome) -> Duration {
    let result = AttemptResult {
        outcome,
        response_status: None,
        duration_ms: 1,
        error: None,
        response_excerpt: None,
    };
    let (webhook_id, delivery_id) = (queue.id(), DeliveryId::new());
    let rest = queue.ended(&Ended {
        webhook_id,
        delivery_id,
        kind,
        attempted: Some(Attempted {
            workspace_id: queue.workspace,
            webhook_id,
            delivery_id,
            result,
        }),
    });
    queue.vacate(kind);
    rest
}

#[test]
fn retries_never_take_more_than_half_of_the_places() {
    for (first, again, started) in [
        (20, 0, (8, 0)),
        (0, 20, (0, 4)),
        (20, 20, (7, 1)),
        (3, 20, (3, 4)),
        (1, 1, (1, 1)),
        (0, 0, (0, 0)),
    ] {
        assert_eq!(
            start_all(&mut queue(first, again)),
            started,
            "{first} {again}"
        );
    }
    let mut busy = queue(8, 0);
    assert_eq!(start_all(&mut busy), (8, 0));
    busy.add(vec![delivery(9, 1)]);
    busy.add(vec![delivery(10, 0)]);
    assert!(!busy.can_start());
    end(&mut busy, Kind::First, Outcome::Delivered(NOW));
    assert_eq!(
        start_all(&mut busy),
        (0, 1),
        "a retry gets a place among first attempts"
    );
}

#[test]
fn an_endpoint_that_only_fails_gets_two_places_until_it_succeeds() {
    let mut failing = queue(40, 40);
    start_all(&mut failing);
    for _ in 0..7 {
        end(&mut failing, Kind::First, Outcome::RetryAt(NOW));
    }
    end(&mut failing, Kind::Again, Outcome::Failed);
    assert_eq!(start_all(&mut failing), (1, 1));
    end(&mut failing, Kind::First, Outcome::Failed);
    assert_eq!(start_all(&mut failing), (1, 0));
    end(&mut failing, Kind::Again, Outcome::Delivered(NOW));
    assert_eq!(start_all(&mut failing), (6, 1));
}

#[test]
fn an_endpoint_rests_longer_the_more_it_fails() {
    let mut failing = queue(40, 40);
    let mut fail = || end(&mut failing, Kind::First, Outcome::Failed).as_millis();
    let rests: Vec<_> = (1..=100).map(|_| fail()).collect();
    assert_eq!(rests[..7], [0; 7]);
    for (from, rest) in [(7, 250), (15, 500), (23, 1_000), (31, 2_000), (92, 2_000)] {
        assert_eq!(rests[from..from + 8], [rest; 8], "{from}");
    }
    let rest = end(&mut failing, Kind::First, Outcome::Delivered(NOW));
    assert!(rest.is_zero());
    let rest = end(&mut failing, Kind::First, Outcome::Failed);
    assert!(rest.is_zero());
}

#[test]
fn first_attempts_start_in_the_order_of_their_events() {
    let left_over = vec![delivery(1, 0), delivery(2, 0)];
    let mut queue = WebhookQueue::new(progress(2, 4), left_over);
    queue.add(vec![delivery(3, 0), delivery(4, 0)]);
    let order: Vec<_> = std::iter::from_fn(|| queue.next())
        .map(|(delivery, _)| delivery.content)
        .collect();
    assert_eq!(order, [1, 2, 3, 4].map(Content::Event));
}

#[test]
fn due_deliveries_in_memory_are_not_added_again() {
    let mut queue = queue(0, 0);
    let due = delivery(1, 1);
    queue.add_due(vec![due.clone()]);
    queue.add_due(vec![due.clone()]);
    assert!(queue.next().is_some_and(|(next, _)| next == due));
    queue.add_due(vec![due.clone()]);
    assert!(queue.next().is_none(), "it is in flight");
    queue.release(due.id);
    queue.add_due(vec![due]);
    assert!(queue.next().is_some());
}

#[test]
fn a_failed_claim_stops_examining_until_the_webhook_is_read_again() {
    let mut queue = WebhookQueue::new(progress(5, 9), Vec::new());
    assert!(queue.wants_events());
    let claim = Claim {
        workspace_id: queue.workspace,
        webhook: queue.webhook.clone(),
        cause: DeliveryCause::Event,
        after: 5,
        until: 9,
        events: Vec::new(),
    };
    queue.claim_started(&claim);
    assert!(!queue.is_hungry());
    assert!(queue.claim_ended(&claim, None), "it must be read again");
    assert!(!queue.is_hungry());
    queue.update(progress(7, 9));
    assert_eq!((queue.stored, queue.examined), (7, 7));
    assert!(queue.wants_events());
}

#[test]
fn what_is_read_during_a_claim_is_read_again_after_it() {
    let mut queue = WebhookQueue::new(progress(5, 9), Vec::new());
    let claim = Claim {
        workspace_id: queue.workspace,
        webhook: queue.webhook.clone(),
        cause: DeliveryCause::Event,
        after: 5,
        until: 9,
        events: Vec::new(),
    };
    queue.examined = 9;
    queue.claim_started(&claim);
    queue.update(progress(5, 12));
    assert_eq!(queue.examined, 9, "the old cursor is not taken over");
    assert!(queue.claim_ended(&claim, Some(Vec::new())));
    assert_eq!((queue.stored, queue.latest), (9, 12));
}

#[test]
fn a_recovery_ends_at_its_last_event() {
    let mut queue = WebhookQueue::new(progress(9, 9), Vec::new());
    let recovery = Recovery {
        cursor: 2,
        until: 6,
        only: RecoveryScope::All,
    };
    queue.update(WebhookProgress {
        recovery: Some(recovery),
        ..progress(9, 9)
    });
    let mut claim = Claim {
        workspace_id: queue.workspace,
        webhook: queue.webhook.clone(),
        cause: DeliveryCause::Recovery,
        after: 2,
        until: 4,
        events: Vec::new(),
    };
    queue.claim_started(&claim);
    assert!(!queue.claim_ended(&claim, Some(vec![delivery(3, 0)])));
    assert_eq!(queue.recovery.map(|range| range.cursor), Some(4));
    claim.until = 6;
    queue.claim_started(&claim);
    queue.claim_ended(&claim, Some(Vec::new()));
    assert_eq!(queue.recovery, None);
}
