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

/// The buckets of tasks that a list shows, one bit each. Tasks of the same status, and alike in having assignees, a lane,
/// an archive date and a due date, share a bucket: the column `task.bucket`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buckets(i64);

/// What a list says about the buckets of its tasks. `None` matches both tasks that have it and tasks that do not.
#[derive(Clone, Copy, Debug, Default)]
pub struct BucketFilter<'s> {
    /// The statuses; all of them if it is empty.
    pub statuses: &'s [Status],
    /// Whether there are assignees.
    pub is_assigned: Option<bool>,
    /// Whether there is a lane.
    pub is_in_lane: Option<bool>,
    /// Whether there is a due date.
    pub is_due: Option<bool>,
    /// Whether there is an archive date.
    pub archived: Archived,
}

impl Buckets {
    /// The number of all buckets.
    pub const COUNT: u32 = 48;

    /// The buckets that match.
    pub fn of(filter: BucketFilter<'_>) -> Self {
        let matches = |bucket: &u32| {
            let status = Status::from_number(i64::from(bucket % 3));
            let is = |wanted: Option<bool>, bit: u32| wanted.is_none_or(|is| is == (bit % 2 == 1));
            (filter.statuses.is_empty() || status.is_some_and(|is| filter.statuses.contains(&is)))
                && is(filter.is_assigned, bucket / 3)
                && is(filter.is_in_lane, bucket / 6)
                && is(filter.archived.wanted(), bucket / 12)
                && is(filter.is_due, bucket / 24)
        };
        let buckets = (0..Self::COUNT).filter(matches);
        Self(buckets.fold(0, |mask, bucket| mask | 1 << bucket))
    }

    /// The bits.
    pub const fn mask(self) -> i64 {
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
        Buckets::of(BucketFilter {
            statuses: self.status.as_slice(),
            is_in_lane,
            archived: self.archived,
            ..BucketFilter::default()
        })
    }

    /// Whether a page can take long, because the filter reads rows that it does not show.
    pub fn reads_rows(&self) -> bool {
        self.lane_id().is_some() || self.q.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{Archived, BucketFilter, Buckets};
    use crate::model::tasks::Status;

    #[test]
    fn a_bucket_matches_its_own_filter_only() {
        let all = Buckets::of(BucketFilter {
            archived: Archived::Any,
            ..BucketFilter::default()
        });
        assert_eq!(all.mask(), (1 << Buckets::COUNT) - 1);
        let one = Buckets::of(BucketFilter {
            statuses: &[Status::Done],
            is_assigned: Some(true),
            is_in_lane: Some(false),
            is_due: Some(true),
            archived: Archived::True,
        });
        assert_eq!(one.mask(), 1 << (2 + 3 + 12 + 24));
        let open = Buckets::of(BucketFilter {
            statuses: &[Status::Open, Status::Done],
            is_in_lane: Some(true),
            is_due: Some(false),
            ..BucketFilter::default()
        });
        assert_eq!(open.mask(), 1 << 6 | 1 << 8 | 1 << 9 | 1 << 11);
    }
}
