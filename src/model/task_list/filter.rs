//! Filters of task lists.

use serde::{Deserialize, Deserializer};

use crate::model::ids::LaneId;
use crate::model::tasks::Status;

/// Which tasks a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Archived {
    /// Tasks that are not archived.
    #[default]
    False,
    /// Only archived tasks.
    True,
    /// All tasks.
    Any,
}

impl Archived {
    /// Whether archived tasks are shown; `None` if it does not matter.
    pub const fn wanted(self) -> Option<bool> {
        match self {
            Archived::False => Some(false),
            Archived::True => Some(true),
            Archived::Any => None,
        }
    }
}

/// A filter by lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneFilter {
    /// Tasks in no lane.
    None,
    /// Tasks in this lane.
    In(LaneId),
}

impl<'de> Deserialize<'de> for LaneFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "none" {
            return Ok(LaneFilter::None);
        }
        text.parse()
            .map(LaneFilter::In)
            .map_err(|_| serde::de::Error::custom("a lane id or \"none\""))
    }
}

/// The buckets of tasks that a list shows, one bit each. Tasks of the same status, and alike in having assignees, a lane
/// and an archive date, share a bucket: the column `task.bucket`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buckets(u32);

impl Buckets {
    /// The number of all buckets.
    pub const COUNT: u32 = 24;

    /// The buckets that match: `None` matches both tasks that have assignees (or a lane) and tasks that do not.
    pub fn of(
        statuses: &[Status],
        is_assigned: Option<bool>,
        is_in_lane: Option<bool>,
        archived: Archived,
    ) -> Self {
        let matches = |bucket: &u32| {
            let status = Status::from_number(i64::from(bucket % 3));
            let is = |wanted: Option<bool>, bit: u32| wanted.is_none_or(|is| is == (bit % 2 == 1));
            (statuses.is_empty() || status.is_some_and(|status| statuses.contains(&status)))
                && is(is_assigned, bucket / 3)
                && is(is_in_lane, bucket / 6)
                && is(archived.wanted(), bucket / 12)
        };
        let buckets = (0..Self::COUNT).filter(matches);
        Self(buckets.fold(0, |mask, bucket| mask | 1 << bucket))
    }

    /// The bits.
    pub const fn mask(self) -> u32 {
        self.0
    }

    /// The numbers of the buckets, as a JSON array.
    pub fn json(self) -> String {
        let numbers = (0..Self::COUNT).filter(|bucket| self.0 >> bucket & 1 == 1);
        let numbers: Vec<_> = numbers.map(|bucket| bucket.to_string()).collect();
        format!("[{}]", numbers.join(","))
    }
}

/// The filters of a project's task list.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct TaskFilter {
    /// Only tasks with this status.
    status: Option<Status>,
    /// Only tasks in this lane.
    lane: Option<LaneFilter>,
    /// Only tasks whose label contains this text. ASCII letters match in either case.
    pub q: Option<String>,
    /// Archived tasks, or others, or both.
    #[serde(default)]
    archived: Archived,
}

impl TaskFilter {
    /// The lane that tasks must be in.
    pub fn lane_id(&self) -> Option<LaneId> {
        match self.lane {
            Some(LaneFilter::In(lane)) => Some(lane),
            _ => None,
        }
    }

    /// The buckets that match.
    pub fn buckets(&self) -> Buckets {
        let is_in_lane = self.lane.map(|lane| lane != LaneFilter::None);
        Buckets::of(self.status.as_slice(), None, is_in_lane, self.archived)
    }

    /// Whether a page can take long, because the filter reads rows that it does not show.
    pub fn reads_rows(&self) -> bool {
        self.lane_id().is_some() || self.q.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{Archived, Buckets};
    use crate::model::tasks::Status;

    #[test]
    fn a_bucket_matches_its_own_filter_only() {
        let all = Buckets::of(&[], None, None, Archived::Any);
        assert_eq!(all.mask(), (1 << Buckets::COUNT) - 1);
        let one = Buckets::of(&[Status::Done], Some(true), Some(false), Archived::True);
        assert_eq!(one.mask(), 1 << (2 + 3 + 12));
        let open = Buckets::of(
            &[Status::Open, Status::Done],
            None,
            Some(true),
            Archived::False,
        );
        assert_eq!(open.mask(), 1 << 6 | 1 << 8 | 1 << 9 | 1 << 11);
    }
}
