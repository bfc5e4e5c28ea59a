//! Reading the journal, and its retention.

use crate::error::{Error, Result};
use crate::model::events::{Event, EventFilter, EventPage, EventRequest, Journal, Start};
use crate::model::ids::WorkspaceId;
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, events, workspaces};

/// Returns events of the workspace.
///
/// # Errors
/// `events_expired` if events after the start were deleted, or if the start is in the future.
pub fn list(conn: &Conn, workspace: WorkspaceId, request: &EventRequest) -> Result<EventPage> {
    let journal = events::journal(conn, workspace)?;
    let (filter, limit) = (&request.filter, request.limit);
    let page = match request.start {
        Start::After(since) => {
            if !journal.has_all_after(since) {
                return Err(Error::EventsExpired {
                    oldest: journal.oldest,
                    latest: journal.latest,
                });
            }
            let (found, examined) =
                events::after(conn, workspace, journal.latest, filter, since, limit)?;
            EventPage::oldest_first(&journal, found, examined)
        }
        Start::Newest => {
            let newest = journal.latest + 1;
            let (found, next) = events::before(conn, workspace, &journal, filter, newest, limit)?;
            EventPage::newest_first(&journal, found, next)
        }
        Start::Before(sequence) => {
            let start = sequence.min(journal.latest + 1);
            let (found, next) = events::before(conn, workspace, &journal, filter, start, limit)?;
            EventPage::newest_first(&journal, found, next)
        }
    };
    Ok(page)
}

/// Returns the state of the workspace's journal.
///
/// # Errors
/// `workspace_not_found`.
pub fn journal(conn: &Conn, workspace: WorkspaceId) -> Result<Journal> {
    events::journal(conn, workspace)
}

/// A part of the journal.
#[derive(Debug)]
pub struct Following {
    /// The journal at that time.
    pub journal: Journal,
    /// The events, oldest first.
    pub events: Vec<Event>,
    /// The last sequence that was read.
    pub examined: i64,
}

/// Returns at most `limit` events after `since`, up to and including the sequence `until`.
///
/// # Errors
/// `workspace_not_found`.
pub fn following(
    conn: &Conn,
    workspace: WorkspaceId,
    filter: &EventFilter,
    (since, until): (i64, i64),
    limit: u32,
) -> Result<Following> {
    let journal = events::journal(conn, workspace)?;
    let end = journal.latest.min(until);
    let (events, examined) = match since < end {
        true => events::after(conn, workspace, end, filter, since, limit)?,
        false => (Vec::new(), since),
    };
    Ok(Following {
        journal,
        events,
        examined,
    })
}

/// Deletes some of the events that are older than `before`, and returns how many were deleted.
///
/// # Errors
/// Database errors only.
pub fn delete_old(tx: &Tx<'_>, before: Timestamp) -> Result<usize> {
    for workspace in workspaces::list(tx)? {
        let deleted = events::delete_old(tx, workspace.id, before)?;
        if deleted > 0 {
            return Ok(deleted);
        }
    }
    Ok(0)
}
