//! Lists of tasks: filters, sort orders and cursors.

mod filter;
mod query;
mod sort;

pub use self::filter::{Archived, BucketFilter, Buckets, LaneFilter, TaskFilter};
pub use self::query::{Assignee, TaskList, TaskListEntry, TaskQuery, TaskRead, WorkspaceFilter};
pub use self::sort::{Sort, SortColumn, SortValue};
