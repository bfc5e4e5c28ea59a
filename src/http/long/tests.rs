//! Tests of what waits for a client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write as _;
use std::sync::Arc;

use actix_web::rt::System;
use futures_util::StreamExt as _;
use tokio::sync::oneshot;

use super::*;
use crate::error::{Error, Outage, Result};
use crate::http::disconnect::Disconnect;

const MEGABYTE: usize = 1 << 20;

/// Writes a response of zeros, with this result at the end.
fn written(spools: &Arc<Spools>, bytes: usize, result: Result<()>) -> Result<Start> {
    let (start, mut started) = oneshot::channel();
    let mut sink = Sink::new(start, Arc::clone(spools), Disconnect::default());
    let zeros = sink.write_all(&vec![b'0'; bytes]);
    let rest = zeros.map_err(|cause| Error::internal("", cause));
    sink.end(rest.and(result));
    started.try_recv().unwrap()
}

/// Reads a body; `None` if it is cut.
fn read(start: Start) -> Option<usize> {
    match start {
        Start::Whole(bytes) => Some(bytes.len()),
        Start::Long(mut body) => System::new().block_on(async {
            let mut length = 0;
            while let Some(piece) = body.next().await {
                length += piece.ok()?.len();
            }
            Some(length)
        }),
    }
}

#[test]
fn everything_arrives_whatever_its_length() {
    let folder = tempfile::tempdir().unwrap();
    let spools = Arc::new(Spools::new(folder.path()));
    for bytes in [0, 1, 65_535, 65_536, 65_537, 200_000, 3 * MEGABYTE] {
        let start = written(&spools, bytes, Ok(())).unwrap();
        assert_eq!(matches!(start, Start::Whole(_)), bytes < 65_536);
        assert_eq!(read(start), Some(bytes));
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn an_error_is_returned_before_the_first_byte_and_cuts_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let spools = Arc::new(Spools::new(folder.path()));
    let busy = || Err(Error::Unavailable(Outage::DatabaseBusy));
    assert!(written(&spools, 1_000, busy()).is_err());
    for bytes in [100_000, MEGABYTE] {
        assert_eq!(read(written(&spools, bytes, busy()).unwrap()), None);
    }
}

#[test]
fn without_room_the_response_that_waits_longest_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let spools = Arc::new(Spools::with_limit(folder.path(), 3 * MEGABYTE as u64));
    let starts: Vec<_> = (0..4)
        .map(|_| written(&spools, MEGABYTE, Ok(())).unwrap())
        .collect();
    let lengths: Vec<_> = starts.into_iter().map(read).collect();
    assert_eq!(
        lengths,
        [None, Some(MEGABYTE), Some(MEGABYTE), Some(MEGABYTE)]
    );
    // A response that does not fit at all is cut itself.
    assert_eq!(read(written(&spools, 4 * MEGABYTE, Ok(())).unwrap()), None);
}

#[test]
fn a_response_whose_client_is_gone_is_not_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let spools = Arc::new(Spools::new(folder.path()));
    let (start, started) = oneshot::channel();
    let mut sink = Sink::new(start, spools, Disconnect::default());
    assert!(sink.is_wanted());
    drop(started);
    assert!(!sink.is_wanted());
    assert!(sink.write_all(&vec![b'0'; MEGABYTE]).is_err());
}
