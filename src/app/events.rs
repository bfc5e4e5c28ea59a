//! Reading the journal, and its retention.

use crate::error::{Error, Result};
use crate::model::events::{EventPage, EventRequest, Start};
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
            if since < journal.oldest - 1 || since > journal.latest {
                return Err(Error::EventsExpired {
                    oldest: journal.oldest,
                    latest: journal.latest,
                });
            }
            let (found, examined) = events::after(conn, workspace, &journal, filter, since, limit)?;
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
