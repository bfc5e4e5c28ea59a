//! Reads from the database which mails are due.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Result;
use crate::model::ids::WorkspaceId;
use crate::model::mails::Mail;
use crate::model::time::Timestamp;
use crate::outbound::retry::{RoundRobin, sleep_until};
use crate::store::{Conn, Db, mails};

/// The waiting mails of all workspaces.
pub(super) struct MailQueue {
    db: Arc<Db>,
    longest_delay: Duration,
    turns: RoundRobin<WorkspaceId>,
}

impl MailQueue {
    /// The queue in a database. No mail waits longer than `longest_delay` for its next attempt.
    pub(super) fn new(db: Arc<Db>, longest_delay: Duration) -> Self {
        Self {
            db,
            longest_delay,
            turns: RoundRobin::new(),
        }
    }

    /// At most `count` mails that are due and not claimed, and how long to sleep after that. When more are due,
    /// workspaces take turns.
    pub(super) fn due(
        &mut self,
        count: usize,
        claimed: &HashSet<i64>,
    ) -> Result<(Vec<Mail>, Duration)> {
        let now = Timestamp::now();
        let db = Arc::clone(&self.db);
        db.read(|conn: &Conn| {
            // Claimed mails are still due in the database.
            let limit = count + claimed.len();
            let unclaimed = |mails: Vec<Mail>| {
                let mails = mails.into_iter();
                mails.filter(|mail| !claimed.contains(&mail.seq)).collect()
            };
            let start = Timestamp::from_millis(i64::MIN);
            let mut due: Vec<Mail> = unclaimed(mails::due(conn, start, now, limit + 1)?);
            if due.len() > count {
                let last = self.turns.last();
                due = unclaimed(mails::due_by_workspace(conn, last, now, limit)?);
                due = self.turns.pick(due, count, |mail| mail.workspace_id);
            } else {
                due.extend(unclaimed(self.beyond(conn, now, limit)?));
                due.truncate(count);
            }
            Ok((due, sleep_until(mails::next_due(conn, now)?, now)))
        })
    }

    /// Mails that are due later than any delay allows. The clock was set back since they were put off, and waiting for
    /// it could take forever.
    fn beyond(&self, conn: &Conn, now: Timestamp, limit: usize) -> Result<Vec<Mail>> {
        let longest = i64::try_from(self.longest_delay.as_millis()).unwrap_or(i64::MAX);
        let beyond = now.plus_millis(longest.saturating_add(1));
        mails::due(conn, beyond, Timestamp::from_millis(i64::MAX), limit)
    }
}
