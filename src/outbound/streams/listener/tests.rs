//! Tests of the queue.

use super::*;
use crate::model::credentials::Credential;
use crate::model::ids::{TokenId, UserId, WorkspaceId};
use crate::model::scopes::Scopes;
use crate::model::time::Timestamp;

fn listener() -> Listener {
    let caller = Caller {
        credential: Credential::Token {
            id: TokenId::new(),
            expires_at: Timestamp::now(),
            last_used_at: None,
        },
        workspace_id: WorkspaceId::new(),
        user_id: UserId::new(),
        scopes: Scopes::ALL,
        api_calls: None,
    };
    let standing = Standing::default();
    let listener = Listener::new(caller, standing, EventFilter::default(), Box::new(|| {}));
    listener.go_live();
    listener
}

/// Takes everything that waits. The last item is `None` if more may come.
fn taken(listener: &Listener) -> (usize, Option<Next>) {
    let cx = Context::from_waker(std::task::Waker::noop());
    let mut lines = 0;
    loop {
        match listener.poll_next(&cx) {
            Poll::Ready(Next::Line(_)) => lines += 1,
            Poll::Ready(other) => return (lines, Some(other)),
            Poll::Pending => return (lines, None),
        }
    }
}

fn line(bytes: usize) -> Line {
    Line {
        sequence: 1,
        is_event: true,
        text: vec![b'x'; bytes].into(),
    }
}

#[test]
fn at_most_256_messages_and_one_mebibyte_wait() {
    for (bytes, expected) in [(10, MAX_LINES), (MAX_BYTES / 4, 4), (2 * MAX_BYTES, 1)] {
        let listener = listener();
        for _ in 0..300 {
            listener.push(&line(bytes));
        }
        let (lines, next) = taken(&listener);
        assert_eq!(lines, expected);
        assert!(matches!(next, Some(Next::Behind)));
        listener.go_live();
        listener.push(&line(bytes));
        assert!(matches!(taken(&listener), (1, None)));
    }
}

#[test]
fn a_client_that_is_behind_and_takes_nothing_is_stuck() {
    let listener = listener();
    let late = || Instant::now() + PATIENCE + Duration::from_secs(1);
    assert!(!listener.is_stuck(late()));
    for _ in 0..=MAX_LINES {
        listener.push(&line(1));
    }
    assert!(!listener.is_stuck(Instant::now()));
    assert!(listener.is_stuck(late()));
    listener.catches_up(true);
    assert!(!listener.is_stuck(late()));
    listener.catches_up(false);
    assert!(listener.is_stuck(late()));
}

#[test]
fn a_heartbeat_comes_every_twenty_seconds() {
    let listener = listener();
    let start = Instant::now();
    let mut beats = 0;
    for second in 0..=100 {
        listener.beat(7, start + Duration::from_secs(second));
        beats += taken(&listener).0;
    }
    assert_eq!(beats, 5);
}

#[test]
fn nothing_is_sent_after_the_end() {
    let listener = listener();
    listener.push(&line(1));
    listener.end();
    listener.go_live();
    listener.push(&line(1));
    assert!(matches!(taken(&listener), (0, Some(Next::End))));
}
